"""Not too many calls at once: Altinn Events names no limit, and we do not look for one."""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.conf import settings

T = TypeVar("T")


def paced(things: Iterable[T]) -> Iterator[T]:
    """Give one thing at a time, with a pause before each but the first."""
    pause = 60 / settings.SUBSCRIPTIONS_PER_MINUTE
    for number, thing in enumerate(things):
        if number:
            time.sleep(pause)
        yield thing
