"""When somebody wants to be left in peace. By the clock in Norway, summer and winter."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from dialogs.models import NoticeChoices
from dialogs.working_days import is_working_day

_DAY = timedelta(days=1)
_MOST_STEPS = 20  # more free days in a row there are not


@dataclass(frozen=True)
class Quiet:
    """The hours of the day, and whether free days are quiet as a whole."""

    begins: time | None = None
    ends: time | None = None
    on_free_days: bool = False

    @classmethod
    def of(cls, choices: NoticeChoices | None) -> "Quiet":
        if choices is None:
            return cls()
        return cls(choices.quiet_from, choices.quiet_to, choices.is_quiet_on_free_days)

    def until(self, now: datetime) -> datetime:
        """Return the first moment from `now` on that is not quiet: `now` itself outside them."""
        at = now
        for _step in range(_MOST_STEPS):
            later = self._end_of_stretch(at)
            if later is None:
                return at
            at = later
        return at

    def _end_of_stretch(self, at: datetime) -> datetime | None:
        """Return when what makes `at` quiet is over; None when it is not quiet."""
        local = timezone.localtime(at)
        day, clock = local.date(), local.time()
        if self.on_free_days and not is_working_day(day):
            return _moment(day + _DAY, time.min, after=at)
        if self.begins is None or self.ends is None or self.begins == self.ends:
            return None
        if self.begins < self.ends:
            is_quiet, ends_on = self.begins <= clock < self.ends, day
        else:
            is_quiet = clock >= self.begins or clock < self.ends
            ends_on = day + _DAY if clock >= self.begins else day
        return _moment(ends_on, self.ends, after=at) if is_quiet else None


def _moment(day: date, clock: time, *, after: datetime) -> datetime:
    """Return the moment of a clock in Norway that comes after another.

    In the hour that comes twice in autumn it may be the second; in the hour that is skipped in
    spring it is the one that follows.
    """
    local = datetime.combine(day, clock, tzinfo=timezone.get_default_timezone())
    first = local.astimezone(UTC)
    return first if first > after else local.replace(fold=1).astimezone(UTC)
