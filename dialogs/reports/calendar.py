"""Deadlines by day, for a month or a week: how many, and in a week which."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Window
from django.db.models.functions import RowNumber, TruncDate
from django.utils import timezone

from dialogs.inbox.filters import Filters
from dialogs.models import DialogQuerySet
from dialogs.reports.scope import address, counted, due, seen_by
from dialogs.working_days import is_working_day
from staff.models import User

MOST_LISTED = 15  # dialogs of a day; the rest are in the day's own list


@dataclass(frozen=True)
class Day:
    on: date
    total: int
    filters: Filters
    today: date
    is_outside: bool = False  # of the month

    @property
    def href(self) -> str:
        return address(self.filters)

    @property
    def is_late(self) -> bool:
        return self.on < self.today

    @property
    def is_today(self) -> bool:
        return self.on == self.today

    @property
    def is_free(self) -> bool:
        return not is_working_day(self.on)


def month_of(user: User, within: Filters, first: date, *, now: datetime) -> list[list[Day]]:
    """Return the weeks of a month, Mondays first, whole ones: by one statement."""
    begins = first - timedelta(days=first.weekday())
    last = next_month(first) - timedelta(days=1)
    ends = last + timedelta(days=6 - last.weekday())
    days = _days(user, within, begins, ends, now=now)
    shown = [replace(day, is_outside=day.on.month != first.month) for day in days]
    return [shown[start : start + 7] for start in range(0, len(shown), 7)]


def week_of(user: User, within: Filters, monday: date, *, now: datetime) -> list[Day]:
    """Return the seven days of a week."""
    return list(_days(user, within, monday, monday + timedelta(days=6), now=now))


def listed_in(user: User, within: Filters, monday: date, *, now: datetime) -> list[UUID]:
    """Return the first dialogs of each day in a week, soonest first."""
    place = Window(
        RowNumber(), partition_by=TruncDate("deadline_at"), order_by=("deadline_at", "pk")
    )
    found = _due(user, within, monday, monday + timedelta(days=6), now=now)
    first = found.annotate(place=place).filter(place__lte=MOST_LISTED)
    return list(first.order_by("deadline_at", "pk").values_list("pk", flat=True))


def next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _days(user: User, within: Filters, first: date, last: date, *, now: datetime) -> Iterator[Day]:
    days = _due(user, within, first, last, now=now).annotate(on=TruncDate("deadline_at"))
    totals = dict(days.values("on").annotate(n=Count("pk")).values_list("on", "n"))
    scope = seen_by(user, within)
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        filters = replace(scope, due_from=on, due_to=on)
        yield Day(on, totals.get(on, 0), filters, timezone.localdate(now))


def _due(user: User, within: Filters, first: date, last: date, *, now: datetime) -> DialogQuerySet:
    dialogs = counted(user, seen_by(user, within), now=now)
    return due(dialogs, since=first, before=last + timedelta(days=1))
