"""Whom a dialog can be given to, in the order they are likely to be wanted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, FilteredRelation, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialogs.inbox.choices import may_see
from dialogs.inbox.deadlines import short_date
from dialogs.inbox.norwegian import sort_key
from dialogs.models import Dialog
from staff.models import User
from staff.rules import CAN_WORK

_COLUMNS = ("pk", "first_name", "last_name", "email", "may_take", "is_in_team", "absence__to_on")
_SUBSTITUTE = tuple(f"absence__substitute__{name}" for name in ("first_name", "last_name", "email"))


@dataclass(frozen=True)
class Colleague:
    pk: int
    name: str
    may_take: bool  # works here and may see the client
    is_in_team: bool
    away_until_on: date | None
    substitute: str

    @property
    def name_while_away(self) -> str:
        """«Kari Hansen (stedfortreder Ola Berg)»."""
        if not self.substitute:
            return self.name
        who = {"name": self.name, "substitute": self.substitute}
        return _("%(name)s (stedfortreder %(substitute)s)") % who

    def away(self, *, today: date) -> str:
        """«borte til 3. jan. → Ola Berg»."""
        if self.away_until_on is None:
            return ""
        until = _("borte til %(day)s") % {"day": short_date(self.away_until_on, today=today)}
        return f"{until} → {self.substitute}" if self.substitute else until


@dataclass(frozen=True)
class Offer:
    """A colleague to choose, and what is worth knowing before."""

    value: int
    name: str
    about: str  # «12 åpne, borte til 3. jan. → Ola Berg»
    is_chosen: bool


@dataclass(frozen=True)
class Group:
    label: str
    offers: list[Offer]


def colleagues_of(dialog: Dialog, *, also: Iterable[int], today: date) -> dict[int, Colleague]:
    """Return those who may see the dialog's client, and others whose names are needed, by key."""
    may_take = CAN_WORK & may_see(dialog.client_id)
    team = User.teams.through.objects.filter(user=OuterRef("pk"), team=dialog.client.team_id)
    now = Q(absences__from_on__lte=today, absences__to_on__gte=today)
    found = (
        User.objects.annotate(
            may_take=ExpressionWrapper(may_take, BooleanField()),
            is_in_team=Exists(team),
            absence=FilteredRelation("absences", condition=now),
        )
        .filter(Q(may_take=True) | Q(pk__in=set(also)))
        .order_by("absence__to_on")
        .values_list(*_COLUMNS, *_SUBSTITUTE)
    )
    return {row[0]: _colleague(*row) for row in found}


def _colleague(pk: int, *rest: Any) -> Colleague:
    first, last, email, may_take, is_in_team, to_on, *substitute = rest
    stands_in = _name(*substitute) if substitute[-1] else ""
    return Colleague(pk, _name(first, last, email), may_take, is_in_team, to_on, stands_in)


def _name(first: str, last: str, email: str) -> str:
    return f"{first} {last}".strip() or email


def in_groups(
    colleagues: Iterable[Colleague],
    *,
    me: int,
    client_responsible: int | None,
    recent: Sequence[int],
    team: str,
) -> list[tuple[str, list[Colleague]]]:
    """Put each colleague in the first group they belong to."""
    able = sorted((one for one in colleagues if one.may_take), key=lambda one: sort_key(one.name))
    by_key = {one.pk: one for one in able}
    groups: list[tuple[str, list[Colleague]]] = [
        (_("Meg"), [by_key[me]] if me in by_key else []),
        (_("Klientansvarlig"), [one for one in able if one.pk == client_responsible]),
        (_("Sist brukt"), [by_key[key] for key in recent if key in by_key]),
        (_("Team %(name)s") % {"name": team}, [one for one in able if one.is_in_team]),
        (_("Alle"), able),
    ]
    placed: set[int] = set()
    for _label, people in groups:
        people[:] = [one for one in people if one.pk not in placed]
        placed |= {one.pk for one in people}
    return [(label, people) for label, people in groups if people]


def offers(
    groups: Iterable[tuple[str, list[Colleague]]],
    *,
    open_counts: dict[int, int],
    chosen: str,
    today: date,
) -> list[Group]:
    return [
        Group(label, [_offer(one, open_counts.get(one.pk, 0), chosen, today) for one in people])
        for label, people in groups
    ]


def _offer(one: Colleague, count: int, chosen: str, today: date) -> Offer:
    is_open = ngettext("%(n)s åpen", "%(n)s åpne", count) % {"n": count}
    about = [is_open if count else _("ingen åpne"), one.away(today=today)]
    return Offer(one.pk, one.name, ", ".join(filter(None, about)), str(one.pk) == chosen)
