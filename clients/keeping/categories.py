"""Which kinds of a client's mail only some may read.

What is decided here is kept and shown. The lists do not ask it yet: see `CategoryRestriction`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from clients.models import Category, Client
from staff import audit
from staff.models import User
from staff.rules import sees_every_client

CHANGED = "client categories changed"


def those_who_see(client: Client) -> QuerySet[User]:
    """Return everybody who sees a client for what they are themselves, by name."""
    own = Q(pk=client.responsible_id) | Q(clients=client)
    own |= Q(pk__in=client.area_responsibles.values("user"))
    if client.team_id:
        own |= Q(teams=client.team_id)
    seeing = User.objects.filter(sees_every_client() | own, is_active=True)
    return User.objects.filter(pk__in=seeing.values("pk")).order_by(
        "first_name", "last_name", "email"
    )


def readers_at(client: Client) -> dict[Category, list[User] | None]:
    """Return, for each category, who may read it at a client; None: whoever sees the client."""
    restrictions = client.category_restrictions.prefetch_related("readers")
    found = {one.category_id: sorted(one.readers.all(), key=str) for one in restrictions}
    return {category: found.get(category.pk) for category in Category.objects.all()}


def set_readers(
    client: Client,
    wanted: Mapping[Category, Iterable[User] | None],
    *,
    actor: User,
    now: datetime,
) -> bool:
    """Say who may read each category at a client; return whether anything was different."""
    with transaction.atomic():
        client = Client.objects.select_for_update(of=("self",), no_key=True).get(pk=client.pk)
        changed = {}
        held = {one.category_id: one for one in client.category_restrictions.all()}
        for category, users in wanted.items():
            former = held.get(category.pk)
            before = sorted(one.pk for one in former.readers.all()) if former else None
            after = None if users is None else sorted(user.pk for user in users)
            if before == after:
                continue
            changed[category.name] = [before, after]
            if after is None and former:
                former.delete()
            elif after is not None:
                one = former or client.category_restrictions.create(category=category)
                one.readers.set(after)
        if changed:
            about = f"client {client.pk}"
            audit.record(actor=actor, act=CHANGED, about=about, now=now, categories=changed)
    return bool(changed)
