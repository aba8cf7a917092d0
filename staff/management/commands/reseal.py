"""Seal everything anew with the first of SEALING_KEYS, or say what older keys still seal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from staff import audit
from staff.resealing import reseal


class Command(BaseCommand):
    help = (
        "Seal everything in the database anew with SEALING_KEY. Run it after a new key was set "
        "with the old one in SEALING_KEY_FALLBACKS, and everything was started again; when it has "
        "said that nothing is sealed with an older key, the old one can be destroyed. Safe to "
        "repeat, and while the portal runs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count; change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        only_ask: bool = options["check"]
        found = reseal(only_ask=only_ask)
        for one in found:
            if one.current or one.older or one.unreadable:
                what = "with an older key" if only_ask else "sealed anew"
                self.stdout.write(
                    f"{one.name}: {one.current} with the first key, {one.older} {what}, "
                    f"{one.unreadable} that no key opens"
                )
        older = sum(one.older for one in found)
        unreadable = sum(one.unreadable for one in found)
        if older and not only_ask:
            audit.record(
                actor=None, act="secrets resealed", about="sealing keys", now=timezone.now(),
                sealed_anew=older,
            )  # fmt: skip
        if unreadable:
            raise CommandError(
                f"{unreadable} cannot be opened with any key in SEALING_KEYS, and were left as "
                "they are. If you have the key they were sealed with, add it to "
                "SEALING_KEY_FALLBACKS and run this again."
            )
        if older and only_ask:
            raise CommandError(f"{older} are sealed with an older key. Run reseal without --check.")
        self.stdout.write("Nothing is sealed with an older key.")
