"""Changing many dialogs at once."""
