"""Register a system user that the firm has approved in Altinn."""

from argparse import BooleanOptionalAction
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clients import actions
from clients.management.commands import _asking
from clients.models import SystemUser


class Command(BaseCommand):
    help = (
        "Register a system user. Owner and external reference say which one it is in Altinn: run "
        "again with the same two, it changes the name and what else is given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the firm calls it, for example Regnskap")
        parser.add_argument(
            "--owner",
            metavar="ORGNR",
            required=True,
            help="the organisation that approved it: the firm, never a client of an agent",
        )
        parser.add_argument(
            "--external-ref",
            metavar="REF",
            default="",
            help="externalRef of the request to Altinn; leave out if it had none",
        )
        parser.add_argument(
            "--kind",
            choices=["agent", "standard"],
            help="agent: for the firm's clients (the default); standard: for the owner itself",
        )
        parser.add_argument(
            "--adds-clients",
            action=BooleanOptionalAction,
            help="register every client Altinn lists for it, without asking",
        )
        parser.add_argument(
            "--active", action=BooleanOptionalAction, help="whether the portal reads with it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        owner_orgnr = _asking.orgnr_in(options["owner"])
        name, external_ref = options["name"].strip(), options["external_ref"].strip()
        if not name:
            raise CommandError("The name is empty.")
        given = {
            "kind": options["kind"] and options["kind"].upper(),
            "adds_clients": options["adds_clients"],
            "is_active": options["active"],
        }
        facts = {"name": name} | {k: value for k, value in given.items() if value is not None}
        same = SystemUser.objects.filter(owner_orgnr=owner_orgnr, external_ref=external_ref)
        now = timezone.now()
        try:
            if system_user := same.first():
                changed = actions.change_system_user(system_user, actor=None, now=now, **facts)
                what = "Changed" if changed else "Nothing to change for"
            else:
                actions.add_system_user(
                    name=name,
                    kind=facts.get("kind", SystemUser.Kind.AGENT),
                    owner_orgnr=owner_orgnr,
                    external_ref=external_ref,
                    adds_clients=facts.get("adds_clients", False),
                    is_active=facts.get("is_active", True),
                    actor=None,
                    now=now,
                )
                what = "Registered"
        except ValidationError as exc:
            raise _asking.refused(exc) from None
        self.stdout.write(f"{what} {name} (owner {owner_orgnr}, reference “{external_ref}”).")
