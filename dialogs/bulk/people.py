"""Whom many dialogs can be given to. Which clients each may see is settled dialog by dialog."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialogs.bulk import words
from dialogs.counters import workloads
from dialogs.inbox.deadlines import short_date
from dialogs.inbox.norwegian import sort_key
from staff.models import Absence, User
from staff.rules import workers


@dataclass(frozen=True)
class Person:
    value: str
    name: str
    about: str  # «12 åpne, borte til 3. jan. → Ola Berg»


def people(*, me: User, today: date) -> list[Person]:
    """Return everybody who works here, oneself first; three statements."""
    has_open = workloads(me)
    away = {one.user_id: one for one in Absence.objects.on(today).select_related("substitute")}
    everybody = sorted(workers(), key=lambda one: sort_key(one.name))
    everybody.sort(key=lambda one: one.pk != me.pk)
    own = _("meg")
    return [
        Person(
            str(one.pk),
            f"{one.name} ({own})" if one.pk == me.pk else one.name,
            ", ".join(_about(has_open.get(one.pk, 0), away.get(one.pk), today=today)),
        )
        for one in everybody
    ]


def _about(count: int, absence: Absence | None, *, today: date) -> Iterator[str]:
    is_open = ngettext("%(n)s åpen", "%(n)s åpne", count) % {"n": words.number(count)}
    yield is_open if count else _("ingen åpne")
    if absence:
        until = _("borte til %(day)s") % {"day": short_date(absence.to_on, today=today)}
        yield f"{until} → {absence.substitute}" if absence.substitute else until
