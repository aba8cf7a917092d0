"""The sandbox's time: real time unless a control has moved it or changed its pace.

A stamp is whole microseconds since 1970 in UTC, the precision Dialogporten's database keeps. No
two calls to `now` give the same stamp, so that "later than" always has an answer.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from email.utils import formatdate
from functools import lru_cache

SECOND = 1_000_000
DAY = 86_400 * SECOND


class Clock:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self._set(int(time.time() * SECOND), 1.0)

    def _set(self, stamp: int, scale: float) -> None:
        self._start = stamp
        self._real_start = time.monotonic()
        self.scale = scale
        self._last = 0

    def _at(self) -> int:
        return self._start + int((time.monotonic() - self._real_start) * self.scale * SECOND)

    def now(self) -> int:
        with self._lock:
            self._last = max(self._last + 1, self._at())
            return self._last

    def change(
        self,
        *,
        advance_seconds: float | None = None,
        to: int | None = None,
        scale: float | None = None,
    ) -> None:
        """Move the clock, then tell those who wait for a time of day."""
        with self._lock:
            stamp = self._at() if to is None else to
            stamp += int((advance_seconds or 0) * SECOND)
            self._set(stamp, self.scale if scale is None else scale)
        self.tell()

    def reset(self) -> None:
        with self._lock:
            self._set(int(time.time() * SECOND), 1.0)
        self.tell()

    def listen(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def tell(self) -> None:
        for listener in self._listeners:
            listener()

    def real_seconds_until(self, stamp: int) -> float:
        """Say how long to sleep for the stamp to come; a stopped clock gives a minute."""
        with self._lock:
            left = (stamp - self._at()) / SECOND
        if left <= 0:
            return 0.0
        return 60.0 if self.scale <= 0 else left / self.scale


@lru_cache(maxsize=4096)
def _written_day(days: int) -> str:
    return date.fromordinal(days + 719_163).isoformat()


def written(stamp: int) -> str:
    """Write a stamp as Dialogporten does: UTC, seven decimals, Z."""
    days, rest = divmod(stamp, DAY)
    seconds, micros = divmod(rest, SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_written_day(days)}T{hour:02d}:{minute:02d}:{second:02d}.{micros:06d}0Z"


def read(text: str) -> int:
    """Read an ISO 8601 time; without an offset it is UTC.

    Raises:
        ValueError: it is not a time.
    """
    moment = datetime.fromisoformat(text)
    return stamp_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def stamp_of(moment: datetime) -> int:
    whole = moment.astimezone(UTC)
    days = whole.toordinal() - 719_163
    seconds = days * 86_400 + whole.hour * 3600 + whole.minute * 60 + whole.second
    return seconds * SECOND + whole.microsecond


def midnight(day: date) -> int:
    return (day.toordinal() - 719_163) * DAY


def day_of(stamp: int) -> date:
    return date.fromordinal(stamp // DAY + 719_163)


def http_date(stamp: int) -> str:
    return formatdate(stamp / SECOND, usegmt=True)
