"""Doing something at an authority, once, and proving it."""
