"""Attachments: fetched for the person who presses, shown, zipped, kept in the archive."""
