"""Working days in Norway: not Saturdays, Sundays or public holidays."""

from datetime import date, timedelta
from functools import cache

import holidays

SATURDAY = 5
_DAY = timedelta(days=1)


@cache
def holidays_of(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("NO", years=year))


def is_working_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in holidays_of(day.year)


def working_days_before(day: date, count: int) -> date:
    """Return the working day that lies `count` working days before a day.

    With 0: the day itself, or the last working day before it.
    """
    while not is_working_day(day):
        day -= _DAY
    for _ in range(count):
        day -= _DAY
        while not is_working_day(day):
            day -= _DAY
    return day


def next_working_day(day: date) -> date:
    """Return the first working day after a day."""
    day += _DAY
    while not is_working_day(day):
        day += _DAY
    return day
