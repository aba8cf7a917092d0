"""Altinn's, Maskinporten's and Dialogporten's APIs as typed Python.

Knows nothing of Django, Celery or our own tables. Errors are in `altinn.errors`, and are named
by what the caller can do about them.
"""
