"""Client by term: what authorities asked in each, and who has become silent.

A dialog belongs to the term in which it was made in Altinn. A client is silent in a term that is
over when nothing came in it, though something did in the one before.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.masking import masked_names
from dialogs.inbox.deadlines import short_date
from dialogs.inbox.filters import Filters
from dialogs.inbox.listing import plain_sql
from dialogs.inbox.norwegian import sort_key
from dialogs.reports.scope import address, begins, counted, seen_by
from staff.models import User
from staff.rules import may_oversee

TERMS = 6  # the one that runs, and five before
KINDS: dict[str, tuple[int, str | Promise]] = {  # months, and what they are called
    "termin": (2, gettext_lazy("To måneder")),
    "maned": (1, gettext_lazy("Måned")),
    "kvartal": (3, gettext_lazy("Kvartal")),
    "ar": (12, gettext_lazy("År")),
}

_READ = """
SELECT x.client_id, c.name, width_bucket(x.created_at, %s::timestamptz[]), count(*)::int
FROM ({came}) x JOIN clients_client c ON c.id = x.client_id GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class Term:
    first: date
    last: date
    label: str
    is_over: bool


@dataclass(frozen=True)
class Cell:
    term: Term
    total: int
    is_silent: bool
    filters: Filters

    @property
    def href(self) -> str:
        return address(self.filters)


@dataclass(frozen=True)
class Line:
    """A client, how much came in each term, and the list that the rows narrow."""

    client_id: int
    client: str
    terms: list[Term]
    totals: list[int]
    scope: Filters

    @property
    def is_silent(self) -> bool:
        """Tell whether nothing came in the last term that is over."""
        over = [number for number, term in enumerate(self.terms) if term.is_over]
        return bool(over) and self._is_silent(over[-1])

    @property
    def cells(self) -> list[Cell]:
        return [
            Cell(term, self.totals[number], self._is_silent(number), self._filters(term))
            for number, term in enumerate(self.terms)
        ]

    def _is_silent(self, number: int) -> bool:
        came_before = number > 0 and self.totals[number - 1] > 0
        return self.terms[number].is_over and came_before and not self.totals[number]

    def _filters(self, term: Term) -> Filters:
        return replace(
            self.scope,
            folder="alle",
            clients=(self.client_id,),
            came_from=term.first,
            came_to=term.last,
        )


def terms_of(kind: str, *, today: date) -> list[Term]:
    """Return the terms to show, the oldest first; the last one has today in it."""
    months, _label = KINDS[kind]
    number = (today.year * 12 + today.month - 1) // months
    return [_term(kind, months, one, today) for one in range(number - TERMS + 1, number + 1)]


def lines_of(
    user: User, within: Filters, service: int, terms: list[Term], *, now: datetime
) -> list[Line]:
    """Return every client to whom anything of a service came in these terms, by name."""
    scope = seen_by(user, replace(within, services=(service,)))
    span = (begins(terms[0].first), begins(terms[-1].last + timedelta(days=1)))
    dialogs = counted(user, scope, now=now).filter(created_at__gte=span[0], created_at__lt=span[1])
    came, params = plain_sql(dialogs.values("client_id", "created_at"))
    with connection.cursor() as cursor:
        cursor.execute(_READ.format(came=came), [[begins(term.first) for term in terms], *params])
        rows = cursor.fetchall()
    masked = masked_names((row[0] for row in rows), user=user) if may_oversee(user) else {}
    found: dict[tuple[str, int], list[int]] = {}
    for client_id, real_name, term, total in rows:
        name = masked.get(client_id, real_name)
        found.setdefault((name, client_id), [0] * len(terms))[term - 1] = total
    return [
        Line(client_id, name, terms, found[name, client_id], scope)
        for name, client_id in sorted(found, key=lambda one: (sort_key(one[0]), one[1]))
    ]


def _term(kind: str, months: int, number: int, today: date) -> Term:
    first = _month(number * months)
    last = _month((number + 1) * months) - timedelta(days=1)
    return Term(first, last, _label(kind, first, months), is_over=last < today)


def _month(number: int) -> date:
    """Return the first day of a month, counted from year 0."""
    return date(number // 12, number % 12 + 1, 1)


def _label(kind: str, first: date, months: int) -> str:
    named: dict[str, Any] = {"n": (first.month - 1) // months + 1, "year": first.year}
    if kind == "termin":
        return _("%(n)s. termin %(year)s") % named
    if kind == "kvartal":
        return _("%(n)s. kvartal %(year)s") % named
    if kind == "ar":
        return str(first.year)
    name = short_date(first, today=first).split(" ", 1)[1]
    return f"{name} {first.year}"
