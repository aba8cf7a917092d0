"""Days from and to, both within, as moments in Norway."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def begins(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def ends(day: date) -> datetime:
    """Return the moment after the day's last."""
    return begins(day + timedelta(days=1))


def last_month(today: date) -> tuple[date, date]:
    """Return the first and the last day of the month before this one."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last
