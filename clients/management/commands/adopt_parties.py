"""Make clients of the parties that Altinn lists and nobody has registered."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from clients import actions
from clients.coverage import unregistered_parties
from clients.management.commands import _asking
from clients.models import Party


class Command(BaseCommand):
    help = (
        "Register parties that read_parties found. Run it again as often as you like: what is "
        "registered is left as it is. Sub-units follow at the next reading."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("orgnr", nargs="*", help="main units; spaces within quotes are fine")
        parser.add_argument("--all", action="store_true", help="all that are listed")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["orgnr"]) == options["all"]:
            raise CommandError("Give organisation numbers, or --all.")
        parties = unregistered_parties()
        if options["orgnr"]:
            parties = _main_units({_asking.orgnr_in(text) for text in options["orgnr"]})
        count = actions.adopt_parties(parties, actor=None, now=timezone.now())
        self.stdout.write(f"Registered {count} as clients.")


def _main_units(wanted: set[str]) -> QuerySet[Party]:
    parties = Party.objects.filter(kind=Party.Kind.MAIN, orgnr__in=wanted)
    if unknown := wanted - set(parties.values_list("orgnr", flat=True)):
        numbers = ", ".join(sorted(unknown))
        msg = f"Altinn does not list {numbers} as a main unit. Nothing was registered."
        raise CommandError(msg)
    return parties
