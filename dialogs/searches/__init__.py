"""Saved searches, the command menu, and how somebody likes to work."""
