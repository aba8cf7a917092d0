"""How many days the finished took, in SQL: by the calendar in Oslo, and their median."""

from datetime import date, timedelta

_KNOWN_DAYS = 400
# The days whose beginnings are known, to put first in a statement with what `known_days` returns.
MIDNIGHTS = """
midnights AS MATERIALIZED (
  SELECT array_agg(day AT TIME ZONE 'Europe/Oslo' ORDER BY day) AS days
  FROM generate_series(%s::date::timestamp, %s::date::timestamp, interval '1 day') day)
"""
# Of a dialog, from the service owner's last word until it was done: by a moment's place among the
# midnights, as to ask for its date takes three times as long.
DAYS_TAKEN = """
greatest(0, CASE WHEN content_updated_at >= (SELECT days[1] FROM midnights)
  THEN width_bucket(done_at, (SELECT days FROM midnights))
    - width_bucket(content_updated_at, (SELECT days FROM midnights))
  ELSE (done_at AT TIME ZONE 'Europe/Oslo')::date
    - (content_updated_at AT TIME ZONE 'Europe/Oslo')::date END)
"""
_MEDIANS = """
SELECT key, (min(days) FILTER (WHERE so_far * 2 >= total))::int AS median, total::int
FROM (
  SELECT key, days, sum(n) OVER (PARTITION BY key ORDER BY days) AS so_far,
    sum(n) OVER (PARTITION BY key) AS total
  FROM (SELECT {key} AS key, {days} AS days, count(*) AS n
    FROM done WHERE {only} GROUP BY 1, 2) counted) added
GROUP BY key, total
"""


def known_days(today: date) -> list[date]:
    """Return the first and the last of the days that are known."""
    return [today - timedelta(days=_KNOWN_DAYS), today]


def medians_sql(key: str, *, days: str, only: str = "true") -> str:
    """Return SQL for the median and the number of some rows of `done`, by a key.

    It is found among how many took so many days: to sort them all takes longer.
    """
    return _MEDIANS.format(key=key, days=days, only=only)
