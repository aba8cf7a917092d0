"""The list: what is asked for, found and shown, and how each row speaks."""
