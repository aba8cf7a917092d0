"""Since when «nytt siden sist» counts: from the last day on which Min dag was looked at.

It counts whole days, as the list does, and keeps still for as long as today lasts.
"""

from datetime import date, datetime, timedelta

from django.utils import timezone

from staff.models import User

AT_FIRST = timedelta(days=7)
AT_MOST = timedelta(days=14)
OFTEN_ENOUGH = timedelta(minutes=5)


def note_visit(user: User, *, now: datetime) -> None:
    """Note that somebody looks at Min dag; the first time in a day, also when they last did."""
    seen_at = user.home_seen_at
    if seen_at is not None and now - seen_at < OFTEN_ENOUGH and _same_day(seen_at, now):
        return
    if seen_at is None or not _same_day(seen_at, now):
        user.home_seen_before_at = seen_at
    user.home_seen_at = now
    user.save(update_fields=["home_seen_at", "home_seen_before_at"])


def new_since(user: User, *, now: datetime) -> date:
    """Return the day to count from: two weeks back at most, one for who is new here."""
    today = timezone.localdate(now)
    if user.home_seen_before_at is None:
        return today - AT_FIRST
    return max(timezone.localdate(user.home_seen_before_at), today - AT_MOST)


def _same_day(one: datetime, other: datetime) -> bool:
    return timezone.localdate(one) == timezone.localdate(other)
