"""Every list that can be taken out, by the word in its address."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dialogs.exporting import clients, dialogs, figures, told
from dialogs.exporting.table import Table
from staff.models import User
from staff.rules import may_export, may_oversee

# What people have typed is not written down: it may name a person, and the log is kept.
FREE_TEXT = frozenset({"q", "klientnavn"})
LEFT_OUT = frozenset({"side", "etter", "antall", "csrfmiddlewaretoken"})


class Make(Protocol):
    def __call__(self, user: User, query: QueryDict, /, *, now: datetime) -> Table: ...


@dataclass(frozen=True)
class TakenOut:
    """A list: its name, where it is looked at, what is in it, and who may see which of its rows."""

    title: Promise
    page: str  # the name of its address
    make: Make
    seen: Callable[[User, list[str]], int]
    may: Callable[[User], bool] = may_export


LISTS: dict[str, TakenOut] = {
    "innboks": TakenOut(_("Dialoger"), "dialogs:inbox", dialogs.table, dialogs.seen),
    "klienter": TakenOut(_("Klienter"), "clients:list", clients.clients, clients.seen),
    "dekning": TakenOut(
        _("Dekning"), "clients:coverage-clients", clients.coverage, clients.seen, may_oversee
    ),
    "tilgangsvarsler": TakenOut(
        _("Varsler om tilgang"),
        "clients:alarms",
        clients.alarms,
        lambda user, keys: len(keys) if may_oversee(user) else 0,
        may_oversee,
    ),
    "varsler": TakenOut(_("Varsler"), "dialogs:notices", told.notices, told.seen_notices),
    "kvitteringer": TakenOut(
        _("Kvitteringer"), "dialogs:exports", told.receipts, told.seen_receipts
    ),
    "oversikt": TakenOut(_("Oversikt"), "dialogs:overview", figures.standing, figures.seen_sums),
    "uke-for-uke": TakenOut(_("Uke for uke"), "dialogs:overview", figures.weeks, figures.seen_sums),
    "dager-over-frist": TakenOut(
        _("Dager over frist"), "dialogs:overview", figures.ages, figures.seen_sums
    ),
    "oversikt-klienter": TakenOut(
        _("Oversikt over klienter"), "dialogs:overview-clients", figures.clients, clients.seen
    ),
    "fristkalender": TakenOut(
        _("Fristkalender"), "dialogs:overview-deadlines", figures.month, figures.seen_sums
    ),
    "frister-i-uken": TakenOut(
        _("Frister i uken"), "dialogs:overview-deadlines", figures.week, dialogs.seen
    ),
    "sesong": TakenOut(_("Sesong"), "dialogs:overview-season", figures.season, clients.seen),
}


def filters_in(query: str) -> QueryDict:
    """Return the filters of a list's address, without where its page began."""
    found = QueryDict(query.lstrip("?"), mutable=True)
    for name in LEFT_OUT & found.keys():
        del found[name]
    return found


def for_the_log(query: str) -> str:
    """Return the filters as they are written down: «frist=over&q=…»."""
    return "&".join(
        f"{name}={'…' if name in FREE_TEXT else value}"
        for name, values in filters_in(query).lists()
        for value in values
    )
