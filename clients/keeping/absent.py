"""Who is away today, and whom to ask instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from clients.models import Client
from staff.models import Absence, User


@dataclass(frozen=True)
class Away:
    """Somebody who is away, until when, and who stands in at this client."""

    until_on: date
    substitute: User | None


def away_at(client: Client, people: Iterable[User | None], *, today: date) -> dict[int, Away]:
    """Return those of some people who are away today, by key.

    The one they have named stands in; else the client's own substitute, if that one is here.
    """
    keys = {user.pk for user in people if user}
    if not keys:
        return {}
    own = client.substitute
    absences = Absence.objects.on(today).select_related("substitute")
    found = {one.user_id: one for one in absences}
    if own and (own.pk in found or not own.is_active):
        own = None
    away = {}
    for key in keys & set(found):
        named = found[key].substitute
        away[key] = Away(found[key].to_on, named or (own if own and own.pk != key else None))
    return away
