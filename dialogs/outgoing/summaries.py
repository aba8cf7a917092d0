"""When summaries are due, and for whom. Written down once a day or week, whoever asks how often."""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from dialogs.models import Delivery
from dialogs.outgoing.events import DAILY, WEEKLY, Channel
from dialogs.outgoing.wishes import delivery, wishes_of
from dialogs.working_days import is_working_day
from staff.models import Absence, User

DAILY_AT = time(7)
WEEKLY_AT = time(7, 30)
UNTIL = time(12)  # after a morning without workers; later it is no longer news
LEADING = (User.Role.MANAGER, User.Role.ADMIN)


def write_due(*, now: datetime) -> None:
    """Write down the summaries of this morning that are not written yet."""
    local = timezone.localtime(now)
    today, clock = local.date(), local.time()
    if not settings.EMAIL_HOST or not is_working_day(today) or clock >= UNTIL:
        return
    here = User.objects.filter(is_active=True).exclude(
        pk__in=Absence.objects.on(today).values("user")
    )
    if clock >= DAILY_AT:
        _write(here, DAILY, today, now=now)
    if clock >= WEEKLY_AT and _is_first_of_its_week(today):
        _write(here.filter(role__in=LEADING), WEEKLY, today, now=now)


def _is_first_of_its_week(day: date) -> bool:
    """Monday; where that is a holiday, the first working day after it."""
    before = (day - timedelta(days=back) for back in range(1, day.weekday() + 1))
    return is_working_day(day) and not any(map(is_working_day, before))


def _write(users: QuerySet[User], event: str, today: date, *, now: datetime) -> None:
    """Write down one for each who wants it; two workers at once write the same ones once."""
    key = f"{event} {today}"
    written = Delivery.objects.filter(channel=Channel.EMAIL.value, key=key).values("user")
    wishes = wishes_of(users.exclude(pk__in=written).values_list("pk", flat=True))
    Delivery.objects.bulk_create(
        [
            delivery(pk, Channel.EMAIL, event, key=key, wishes=theirs, now=now)
            for pk, theirs in wishes.items()
            if theirs.is_reached(event, Channel.EMAIL)
        ],
        ignore_conflicts=True,
    )
