"""Quiet hours: by the clock in Norway, over night, over the weekend, and when the clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.outgoing.quiet import Quiet

OSLO = ZoneInfo("Europe/Oslo")
NIGHT = Quiet(time(20), time(7))
NOON = Quiet(time(11, 30), time(12, 30))
FREE = Quiet(on_free_days=True)


def oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (Quiet(), "2026-11-28 03:00", "2026-11-28 03:00"),
        (NIGHT, "2026-11-25 19:59", "2026-11-25 19:59"),
        (NIGHT, "2026-11-25 20:00", "2026-11-26 07:00"),
        (NIGHT, "2026-11-26 06:59", "2026-11-26 07:00"),
        (NIGHT, "2026-11-26 07:00", "2026-11-26 07:00"),
        (NOON, "2026-11-25 12:00", "2026-11-25 12:30"),
        (NOON, "2026-11-25 12:30", "2026-11-25 12:30"),
        (FREE, "2026-11-28 12:00", "2026-11-30 00:00"),  # a Saturday
        (FREE, "2026-04-02 12:00", "2026-04-07 00:00"),  # all of Easter
        (Quiet(time(20), time(7), on_free_days=True), "2026-11-27 21:00", "2026-11-30 07:00"),
        (Quiet(time(22), time(2, 30)), "2026-03-28 23:00", "2026-03-29 03:30"),  # is skipped
        (Quiet(time(22), time(7)), "2026-10-24 23:00", "2026-10-25 07:00"),
    ],
)
def test_what_is_quiet_ends_by_the_clock(quiet: Quiet, now: str, until: str) -> None:
    assert quiet.until(oslo(now)) == oslo(until)


CLOCKS = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)


@given(begins=CLOCKS, ends=CLOCKS, free=st.booleans(), now=MOMENTS)
def test_it_ends_and_then_it_is_not_quiet(
    begins: time, ends: time, *, free: bool, now: datetime
) -> None:
    quiet = Quiet(begins, ends, on_free_days=free)

    until = quiet.until(now)

    assert now <= until < now + timedelta(days=12)
    assert quiet.until(until) == until
    if until > now:
        assert quiet.until(until - timedelta(seconds=1)) == until
