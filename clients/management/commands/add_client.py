"""Register a client by its organisation number, or bring what we say of it up to date."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from clients import actions
from clients.management.commands import _asking
from clients.models import Client, Party
from staff.models import Team, User


class Command(BaseCommand):
    help = (
        "Register a client. Run again with the same number, it changes the name and what else is "
        "given, and leaves the rest as it is. Dialogs come once Altinn lists the client for a "
        "system user."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("orgnr", help="the main unit's organisation number; spaces are fine")
        parser.add_argument("name", help="what the firm calls the client")
        parser.add_argument("--responsible", metavar="EMAIL", help="who gets its new dialogs")
        parser.add_argument(
            "--member",
            metavar="EMAIL",
            action="append",
            default=[],
            help="somebody else who works for it; may be repeated",
        )
        parser.add_argument("--team", metavar="NAME", help="its team; made if there is none yet")
        parser.add_argument(
            "--firm", action="store_true", help="this is the accounting firm itself"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        orgnr = _asking.orgnr_in(options["orgnr"])
        name = options["name"].strip()
        if not name:
            raise CommandError("The name is empty.")
        responsible = options["responsible"] and _asking.staff_user(options["responsible"])
        members = [_asking.staff_user(email) for email in options["member"]]
        team = options["team"] and _asking.team_named(options["team"])
        firm = Client.objects.filter(is_firm=True).exclude(orgnr=orgnr).first()
        if options["firm"] and firm:
            raise CommandError(f"{firm.name} is registered as the firm itself already.")
        if client := Client.objects.filter(orgnr=orgnr).first():
            self._change(client, name, responsible, members, team, is_firm=options["firm"])
            return
        _check_not_a_sub_unit(orgnr)
        try:
            actions.register_client(
                orgnr=orgnr,
                name=name,
                responsible=responsible or None,
                members=members,
                team=team or None,
                is_firm=options["firm"],
                actor=None,
                now=timezone.now(),
            )
        except ValidationError as exc:
            raise _asking.refused(exc) from None
        self.stdout.write(f"Registered {name} ({orgnr}).")

    def _change(
        self,
        client: Client,
        name: str,
        responsible: User | None,
        members: list[User],
        team: Team | None,
        *,
        is_firm: bool,
    ) -> None:
        try:
            changed = actions.change_client(
                client,
                name=name,
                responsible=responsible or client.responsible,
                team=team or client.team,
                members={*client.members.all(), *members},
                is_firm=is_firm or client.is_firm,
                actor=None,
                now=timezone.now(),
            )
        except ValidationError as exc:
            raise _asking.refused(exc) from None
        what = "Changed" if changed else "Nothing to change for"
        self.stdout.write(f"{what} {name} ({client.orgnr}), which was registered already.")
        if client.archived_at:
            self.stdout.write("It is archived, and is not read. Bring it back on its page.")


def _check_not_a_sub_unit(orgnr: str) -> None:
    sub_unit = Party.objects.filter(orgnr=orgnr, kind=Party.Kind.SUB).first()
    if sub_unit:
        msg = f"{sub_unit.name} is a sub-unit: it follows its main unit. Register that instead."
        raise CommandError(msg)
