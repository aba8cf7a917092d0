"""Whose work a report is about, and the lists behind its figures."""

from dataclasses import replace
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from dialogs.inbox.filters import MINE, NOBODY, Filters
from dialogs.inbox.sight import clients_asked_for
from dialogs.models import Dialog, DialogQuerySet
from staff.models import User
from staff.rules import may_oversee

WITHOUT_TEAM = "utenteam"


class By(StrEnum):
    FIRM = "firma"
    TEAM = "team"
    RESPONSIBLE = "ansvarlig"
    CLIENT = "klient"
    OWNER = "eier"
    UNASSIGNED = "ufordelt"  # one row: with nobody
    UNLED = "uten-klientansvarlig"  # one row: of clients that nobody answers for


def read(query: QueryDict, user: User) -> Filters:
    """Return what an address narrows a report to; of the inbox's filters, those it understands.

    Who does not lead may ask for themselves, and for no other colleague.
    """
    asked = Filters.read(query)
    responsible = asked.responsible if asked.responsible != MINE else str(user.pk)
    if not may_oversee(user) and responsible not in {str(user.pk), NOBODY}:
        responsible = ""
    return Filters(
        clients=asked.clients,
        client_responsible=asked.client_responsible if may_oversee(user) else "",
        teams=asked.teams,
        responsible=responsible,
        owners=asked.owners,
        marks=tuple(mark for mark in asked.marks if mark == WITHOUT_TEAM),
    )


def seen_by(user: User, within: Filters, *, by: By = By.FIRM) -> Filters:
    """Narrow to what somebody answers for: who does not lead, their own clients and work."""
    if may_oversee(user):
        return within
    own = str(user.pk)
    if by == By.RESPONSIBLE or within.responsible == own:
        marks = tuple(mark for mark in within.marks if mark != "mine")
        return replace(within, responsible=own, marks=marks)
    if "mine" in within.marks:
        return within
    return replace(within, marks=("mine", *within.marks))


def among(within: Filters, by: By, key: str) -> Filters:
    """Narrow a list to one row's share of it; no key is «none»."""
    if by == By.TEAM and not key:
        return replace(within, marks=tuple(dict.fromkeys((*within.marks, WITHOUT_TEAM))))
    narrower: dict[By, dict[str, Any]] = {
        By.FIRM: {},
        By.TEAM: {"teams": (key,)},
        By.RESPONSIBLE: {"responsible": key or NOBODY},
        By.CLIENT: {"clients": (key,)},
        By.OWNER: {"owners": (key,)},
        By.UNASSIGNED: {"responsible": NOBODY},
        By.UNLED: {"client_responsible": NOBODY},
    }
    changes = narrower[by]
    for name in ("teams", "clients"):
        if name in changes:
            changes[name] = tuple(map(int, changes[name]))
    return replace(within, **changes)


def address(filters: Filters) -> str:
    """Return where the list is."""
    query = filters.as_query()
    return f"{_inbox()}?{query}" if query else _inbox()


@cache
def _inbox() -> str:
    return reverse("dialogs:inbox")


def counted(user: User, within: Filters, *, now: datetime) -> DialogQuerySet:
    """Return the dialogs that a report is about, in any folder: to be narrowed by a moment."""
    dialogs = Dialog.objects.visible_to(user).filter(within.condition(user, now=now)).order_by()
    if within.by_client:
        dialogs = dialogs.filter(client__in=clients_asked_for(user, within).values("pk"))
    return dialogs


def due(dialogs: DialogQuerySet, *, before: date, since: date | None = None) -> DialogQuerySet:
    """Keep those in the inbox with a deadline before a day, and not before another."""
    dialogs = dialogs.filter(folder="INBOX", deadline_at__isnull=False)
    if since:
        dialogs = dialogs.filter(deadline_at__gte=begins(since))
    return dialogs.filter(deadline_at__lt=begins(before))


def begins(day: date) -> datetime:
    """Return the moment a day begins in Oslo."""
    return timezone.make_aware(datetime.combine(day, time.min))
