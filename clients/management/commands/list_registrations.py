"""Show what is registered: system users, clients and their parties, and who works here."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Count, Q
from django.db.models.functions import Lower

from clients.coverage import unregistered_parties
from clients.models import Client, Party, SystemUser
from staff.models import User


class Command(BaseCommand):
    help = "List system users, clients with their parties, and staff, one to a line."

    def handle(self, *args: Any, **options: Any) -> None:
        self._system_users()
        self._clients()
        self._staff()

    def _system_users(self) -> None:
        readable = Count("accesses", filter=Q(accesses__lost_at=None))
        counts = dict(SystemUser.objects.annotate(n=readable).values_list("pk", "n"))
        system_users = SystemUser.objects.order_by("name", "pk")
        self.stdout.write(f"System users: {len(system_users)}")
        for one in system_users:
            read = f"{one.parties_read_at:%Y-%m-%d %H:%M %Z}" if one.parties_read_at else "never"
            off = "" if one.is_active else ", off"
            self.stdout.write(
                f"  {one.name}: {one.kind.lower()}, owner {one.owner_orgnr}, reference "
                f"“{one.external_ref}”, {counts[one.pk]} parties, read {read}{off}"
            )
            if one.trouble_since_at:
                self.stdout.write(f"    cannot read since {one.trouble_since_at}: {one.trouble}")

    def _clients(self) -> None:
        clients = Client.objects.select_related("responsible").prefetch_related("parties")
        self.stdout.write(f"Clients: {len(clients)}")
        for client in clients.order_by(Lower("name"), "pk"):
            who = client.responsible.email if client.responsible else "nobody"
            archived = ", archived" if client.archived_at else ""
            self.stdout.write(f"  {_number(client.orgnr)} {client.name}, {who}{archived}")
            for party in sorted(client.parties.all(), key=lambda each: (each.kind, each.name)):
                if party.kind == Party.Kind.SUB:
                    self.stdout.write(f"    {_number(party.orgnr)} {party.name}")
        left = unregistered_parties().order_by(Lower("name"), "pk")
        self.stdout.write(f"Listed by Altinn, not registered: {len(left)}")
        for party in left:
            self.stdout.write(f"  {_number(party.orgnr)} {party.name}")

    def _staff(self) -> None:
        people = User.objects.order_by("email")
        self.stdout.write(f"Staff: {len(people)}")
        for user in people:
            sees = ", sees all clients" if user.may_see_all_clients else ""
            off = "" if user.is_active else ", off"
            self.stdout.write(f"  {user.email}: {user.name}, {user.role.lower()}{sees}{off}")


def _number(orgnr: str | None) -> str:
    """A person's number is never shown."""
    return orgnr or "(person) "
