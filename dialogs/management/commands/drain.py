"""Take in pushed events and read what they point at, without Celery or Redis."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections

from dialogs.tasks import drain_once


class Command(BaseCommand):
    help = (
        "Take in waiting events and read again what they point at. Needs no Redis: run it with "
        "--every beside the workers, and nothing waits for a bell that does not ring."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--every", type=float, metavar="SECONDS", help="keep on, with this pause; default: once"
        )

    def handle(self, *args: Any, every: float | None, **options: Any) -> None:
        while True:
            try:
                while drain_once():
                    pass
            except Error as exc:
                if every is None:
                    raise
                self.stderr.write(f"The database does not answer, trying again: {exc}")
            close_old_connections()
            if every is None:
                return
            time.sleep(every)
