"""What came in and what was finished, week by week, and how late the late is."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import DateTimeField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from dialogs.inbox.filters import Filters
from dialogs.inbox.listing import plain_sql
from dialogs.reports.days import DAYS_TAKEN, MIDNIGHTS, known_days, medians_sql
from dialogs.reports.scope import (
    address,
    begins,
    counted,
    due,
    seen_by,
)
from staff.models import User

WEEKS = 8  # whole ones, before this one
PERIOD_WEEKS = 4

# How many days late, from and to; the last has no end.
AGES: tuple[tuple[int, int | None], ...] = ((1, 7), (8, 30), (31, 90), (91, None))

# What came is counted week by week from an index alone; to sort so many into weeks takes ten times
# as long. The few that are done or late are told by their number in an array of moments.
_READ = """
WITH {midnights}, done AS MATERIALIZED ({done})
SELECT 'came', week.number::int, (SELECT count(*)::int FROM ({came}) x)
FROM unnest(%s::timestamptz[], %s::timestamptz[]) WITH ORDINALITY week (begins_at, ends_at, number)
UNION ALL
SELECT 'done', width_bucket(done_at, %s::timestamptz[]), count(*)::int FROM done GROUP BY 2
UNION ALL
SELECT 'days', key, median FROM ({medians}) x
UNION ALL
SELECT 'late', width_bucket(deadline_at, %s::timestamptz[]), count(*)::int
FROM ({late}) x GROUP BY 2
"""


@dataclass(frozen=True)
class Week:
    """What came and what was finished from a Monday on, and the lists of both."""

    begins_on: date
    came: int
    done: int
    came_filters: Filters
    done_filters: Filters

    @property
    def number(self) -> int:
        return self.begins_on.isocalendar().week

    @property
    def ends_on(self) -> date:
        return self.begins_on + timedelta(days=6)

    @property
    def came_href(self) -> str:
        return address(self.came_filters)

    @property
    def done_href(self) -> str:
        return address(self.done_filters)


@dataclass(frozen=True)
class Age:
    """How many are late by so many days, and their list."""

    first: int
    last: int | None
    total: int
    filters: Filters

    @property
    def href(self) -> str:
        return address(self.filters)


@dataclass(frozen=True)
class Compared:
    """The last four whole weeks, and the four before."""

    now: int | None
    before: int | None

    @property
    def change(self) -> int | None:
        return None if self.now is None or self.before is None else self.now - self.before


@dataclass(frozen=True)
class Flow:
    weeks: list[Week]  # the oldest first; the last is this week as far as it has come
    ages: list[Age]
    median_days: Compared

    @property
    def came(self) -> Compared:
        return self._compared([week.came for week in self.weeks])

    @property
    def done(self) -> Compared:
        return self._compared([week.done for week in self.weeks])

    def _compared(self, counts: list[int]) -> Compared:
        whole = counts[:-1]
        return Compared(sum(whole[-PERIOD_WEEKS:]), sum(whole[:PERIOD_WEEKS]))


def flow_of(user: User, *, now: datetime, within: Filters | None = None) -> Flow:
    """Return what came and went, by one statement."""
    today = timezone.localdate(now)
    within = seen_by(user, within or Filters())
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=WEEKS - number) for number in range(WEEKS + 1)]
    # Each day a length of lateness begins with, the latest first; before them all, the last.
    late_days = [today - timedelta(days=last) for _first, last in reversed(AGES) if last]
    found: dict[str, dict[int, int]] = {"came": {}, "done": {}, "days": {}, "late": {}}
    for kind, number, total in _ask(user, within, mondays, late_days, now=now):
        found[kind][number] = total
    weeks = [
        _week(day, found["came"].get(number, 0), found["done"].get(number, 0), within)
        for number, day in enumerate(mondays, start=1)
    ]
    ages = [
        _age(first, last, found["late"].get(len(late_days) - number, 0), within, today=today)
        for number, (first, last) in enumerate(AGES)
    ]
    return Flow(weeks, ages, Compared(found["days"].get(2), found["days"].get(1)))


def _week(day: date, came: int, done: int, within: Filters) -> Week:
    everywhere = replace(within, folder="alle")
    last = day + timedelta(days=6)
    return Week(
        day,
        came,
        done,
        replace(everywhere, came_from=day, came_to=last),
        replace(everywhere, done_from=day, done_to=last),
    )


def _age(first: int, last: int | None, total: int, within: Filters, *, today: date) -> Age:
    due_from = today - timedelta(days=last) if last else None
    due_to = today - timedelta(days=first)
    return Age(first, last, total, replace(within, due_from=due_from, due_to=due_to))


def _ask(
    user: User, within: Filters, mondays: list[date], late_days: list[date], *, now: datetime
) -> list[Any]:
    today = timezone.localdate(now)
    mine = counted(user, within, now=now)
    weeks = [begins(day) for day in mondays]
    ends = [*weeks[1:], begins(mondays[-1] + timedelta(days=7))]
    in_week = {"created_at__gte": _moment("begins_at"), "created_at__lt": _moment("ends_at")}
    came, came_params = plain_sql(mine.filter(**in_week).values("created_at"))
    done, done_params = plain_sql(
        mine.filter(done_at__gte=weeks[0], done_at__lt=ends[-1]).values(
            "done_at", "content_updated_at"
        )
    )
    late, late_params = plain_sql(due(mine, before=today).values("deadline_at"))
    periods = [*weeks[:-1:PERIOD_WEEKS], weeks[-1]]
    late_from = [begins(day) for day in late_days]
    medians = medians_sql("width_bucket(done_at, %s::timestamptz[])", days=DAYS_TAKEN)
    read = _READ.format(midnights=MIDNIGHTS, medians=medians, came=came, done=done, late=late)
    moments = [weeks, ends, weeks, periods, late_from]
    params = [*known_days(today), *done_params, *came_params, *moments, *late_params]
    with connection.cursor() as cursor:
        cursor.execute(read, params)
        return list(cursor.fetchall())


def _moment(name: str) -> RawSQL:
    return RawSQL(f"week.{name}", (), DateTimeField())  # noqa: S611 (our own names)
