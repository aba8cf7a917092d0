"""Whose work a report is about, and the lists behind its figures."""

from dataclasses import replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from clients.access import may_oversee
from dialogs.inbox.filters import NOBODY, Filters
from dialogs.models import DialogQuerySet
from staff.models import User

WITHOUT_TEAM = "utenteam"


class By(StrEnum):
    FIRM = "firma"
    TEAM = "team"
    CLIENT_RESPONSIBLE = "klientansvarlig"
    RESPONSIBLE = "ansvarlig"
    CLIENT = "klient"
    OWNER = "eier"


def read(query: QueryDict) -> Filters:
    """Return what an address narrows a report to; of the inbox's filters, those it understands."""
    asked = Filters.read(query)
    return Filters(
        clients=asked.clients,
        client_responsible=asked.client_responsible,
        teams=asked.teams,
        responsible=asked.responsible,
        owners=asked.owners,
        marks=tuple(mark for mark in asked.marks if mark == WITHOUT_TEAM),
    )


def seen_by(user: User, within: Filters, *, by: By | None = None) -> Filters:
    """Narrow to what somebody answers for: who does not lead, their own clients and work."""
    if may_oversee(user):
        return within
    if by == By.RESPONSIBLE:
        marks = tuple(mark for mark in within.marks if mark != "mine")
        return replace(within, responsible=str(user.pk), marks=marks)
    if "mine" in within.marks:
        return within
    return replace(within, marks=("mine", *within.marks))


def among(within: Filters, by: By, key: Any) -> Filters:
    """Narrow a list to one row's share of it; no key is «none»."""
    if by == By.TEAM:
        if key:
            return replace(within, teams=(int(key),))
        return replace(within, marks=(*within.marks, WITHOUT_TEAM))
    if by == By.CLIENT_RESPONSIBLE:
        return replace(within, client_responsible=str(key or NOBODY))
    if by == By.RESPONSIBLE:
        return replace(within, responsible=str(key or NOBODY))
    if by == By.CLIENT:
        return replace(within, clients=(int(key),))
    if by == By.OWNER:
        return replace(within, owners=(key,))
    return within


def address(filters: Filters) -> str:
    """Return where the list is."""
    query = filters.as_query()
    return reverse("dialogs:inbox") + (f"?{query}" if query else "")


def due_among(dialogs: DialogQuerySet, *, before: date) -> DialogQuerySet:
    """Keep those in the inbox with a deadline before a day."""
    return dialogs.filter(folder="INBOX", deadline_at__isnull=False, deadline_at__lt=begins(before))


def rows_of(user: User, within: Filters, dialogs: DialogQuerySet, *, now: datetime) -> DialogQuerySet:
    """Keep what a report counts of these, but for what it asks of their clients."""
    return dialogs.visible_to(user).filter(within.condition(user, now=now) or Q()).order_by()


def begins(day: date) -> datetime:
    """Return the moment a day begins in Oslo."""
    return timezone.make_aware(datetime.combine(day, time.min))
