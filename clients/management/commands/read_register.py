"""Read clients from Enhetsregisteret now, and tell what it says."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from altinn.errors import AltinnError
from clients import connect
from clients.keeping import feeds, register
from clients.management.commands._asking import orgnr_in
from clients.models import Client, ClientRegisterState


class Command(BaseCommand):
    help = "Read the clients with these numbers from Enhetsregisteret, or those that are due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("orgnr", nargs="*", help="nine digits; none: all that are due")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        numbers = [orgnr_in(text) for text in options["orgnr"]]
        try:
            with connect.enhetsregisteret() as api:
                if numbers:
                    clients = list(Client.objects.active().filter(orgnr__in=numbers))
                else:
                    feeds.follow(api, now=now)
                    clients = register.due(now=now, most=100_000)
                register.read(api, clients, now=now)
        except AltinnError as exc:
            raise CommandError(f"Enhetsregisteret was not read: {exc}") from exc
        known = {client.orgnr for client in clients}
        if strangers := [number for number in numbers if number not in known]:
            raise CommandError(f"No client in use has the number {', '.join(strangers)}.")
        states = ClientRegisterState.objects.filter(client__in=clients).select_related("client")
        for state in states.order_by("client__name"):
            self.stdout.write(f"{state.client.orgnr} {state.client.name}: {_said(state)}")
        self.stdout.write(f"Read: {len(clients)}")


def _said(state: ClientRegisterState) -> str:
    if not state.is_known:
        return "not in the register"
    facts = {
        f"deleted {state.deleted_on or ''}".strip(): state.is_deleted,
        "bankrupt": state.is_bankrupt,
        "dissolving": state.is_dissolving,
        "accountant": state.role_held,
        "accountant no longer": state.role_ended_at,
    }
    return ", ".join([state.form or "?", *(name for name, is_so in facts.items() if is_so)])
