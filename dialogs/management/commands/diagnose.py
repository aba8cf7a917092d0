"""Say on which rung the way to a client's dialogs stops: the same as the page, for support."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clients.management.commands import _asking
from clients.models import Client
from dialogs.health.ladder import Diagnosis, Ladder, State, diagnose

UNKNOWN = 2
MARKS = {State.OK: "ok", State.STOPPED: "STOP", State.NOT_REACHED: "-"}


class Command(BaseCommand):
    help = (
        "Try each rung from token to dialogs for one client and print where it stops, in the "
        "page's own words. Marks nothing as seen. Exit code 0: all is well, 1: it stops somewhere, "
        "2: there is no such client."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("orgnr", help="the client's organisation number")

    def handle(self, *args: Any, **options: Any) -> None:
        client = Client.objects.filter(orgnr=_asking.orgnr_in(options["orgnr"])).first()
        if client is None:
            msg = "No client has that number. See list_registrations."
            raise CommandError(msg, returncode=UNKNOWN)
        found = diagnose(client)
        for ladder in found.ladders:
            self._show(ladder)
        self._sum_up(found)

    def _show(self, ladder: Ladder) -> None:
        self.stdout.write(f"{ladder.system_user.name}:")
        for rung in ladder.rungs:
            found = f" {rung.found}" if rung.found else ""
            self.stdout.write(f"  {MARKS[rung.state]:>4}  {rung.label}: {rung.asked}{found}")

    def _sum_up(self, found: Diagnosis) -> None:
        said = f"{found.text} {found.next_step}"
        if not found.is_well:
            raise CommandError(said, returncode=1)
        self.stdout.write(said)
