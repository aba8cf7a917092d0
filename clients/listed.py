"""The clients that somebody looks for, for the page and for the file."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.db.models.functions import Lower

from clients.forms import NOBODY, without_spaces
from clients.masking import called
from clients.models import Access, Client, ClientQuerySet, Party
from staff.models import User


def wanted_clients(user: User, wanted: Mapping[str, Any]) -> ClientQuerySet:
    """Return those a person may see and that fit with what the form says, by name."""
    clients = _matching(Client.objects.visible_to(user), wanted.get("q", ""), user=user)
    clients = clients.filter(archived_at__isnull=wanted.get("vis") != "arkiverte")
    if responsible := wanted.get("ansvarlig"):
        clients = clients.filter(responsible=None if responsible == NOBODY else responsible)
    return clients.select_related("responsible").order_by(Lower("name"), "pk")


def with_parties(clients: ClientQuerySet) -> ClientQuerySet:
    """Fetch parties and accesses along: two queries, however many clients."""
    accesses = Access.objects.select_related("system_user").order_by("pk")
    return clients.prefetch_related(
        Prefetch("parties", Party.objects.order_by("kind", Lower("name"), "pk")),
        Prefetch("parties__accesses", accesses),
    )


def _matching(clients: ClientQuerySet, words: str, *, user: User) -> ClientQuerySet:
    """Keep clients whose name, number, or sub-unit's number it is."""
    if not words:
        return clients
    digits = without_spaces(words)
    if not digits.isdigit():
        return clients.filter(called(words, user=user))
    numbered = Party.objects.filter(client=OuterRef("pk"), orgnr__startswith=digits)
    named = called(words, user=user) | Q(orgnr__startswith=digits)
    return clients.filter(named | Exists(numbered))
