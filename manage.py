#!/usr/bin/env python
"""Django's entry point."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import portal.celery  # noqa: F401 (commands that queue work need the configured app)

    execute_from_command_line(sys.argv)
