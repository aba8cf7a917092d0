"""Opening a dialog, and showing all of it."""
