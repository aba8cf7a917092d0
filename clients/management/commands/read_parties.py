"""Read Altinn's lists of parties now, instead of at the next quarter of an hour."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from altinn.errors import AltinnError
from clients import actions, connect, trouble
from clients.coverage import unregistered_parties
from clients.management.commands import _asking
from clients.models import SystemUser


class Command(BaseCommand):
    help = (
        "Ask Dialogporten which parties each system user may read for, and bring the portal's "
        "registrations in step. Marks nothing as seen. Fails if one of them could not be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--system-user", metavar="NAME", help="only this one (default: all that are in use)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        system_users = _asking.system_users_named(options["system_user"])
        well = [self._read(system_user) for system_user in system_users]
        if not all(well):
            raise CommandError(f"{well.count(False)} of {len(well)} could not be read.")
        if left := unregistered_parties().count():
            self.stdout.write(f"{left} not registered as clients. See adopt_parties.")

    def _read(self, system_user: SystemUser) -> bool:
        try:
            with connect.end_user(system_user) as api:
                listed = api.parties()
        except (AltinnError, connect.NotConfigured, ValueError) as exc:
            trouble.note(system_user, exc, now=timezone.now())
            self.stderr.write(f"{system_user.name}: {getattr(exc, 'advice', '') or exc}")
            return False
        result = actions.keep_in_step(system_user, listed, now=timezone.now())
        readable = sum(unit.is_readable for unit in result.units.values())
        self.stdout.write(
            f"{system_user.name}: {readable} readable, {result.found} of them new, "
            f"{result.lost} lost, {result.clients_added} registered as clients."
        )
        return True
