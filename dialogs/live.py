"""Tell open pages that something changed, through Redis. A nicety: nothing depends on it."""

import json
import logging
from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from django.db import transaction
from redis.exceptions import RedisError

from dialogs.bus import bus

log = logging.getLogger(__name__)

CHANNEL = "dialogs.live"
MOST_IDS = 500  # in one message; a page that hears of more is told to look again


class Told(Protocol):
    """What a message needs to know of a changed dialog."""

    @property
    def dialog_id(self) -> UUID: ...
    @property
    def client_id(self) -> int: ...
    @property
    def is_new(self) -> bool: ...


def tell(changes: Iterable[Told]) -> None:
    """Announce added and changed dialogs once the transaction has committed."""
    rows = [[str(one.dialog_id), one.client_id, one.is_new] for one in changes]
    if rows:
        transaction.on_commit(lambda: _publish(rows))


def _publish(rows: list[list[object]]) -> None:
    try:
        for start in range(0, len(rows), MOST_IDS):
            bus().publish(CHANNEL, json.dumps(rows[start : start + MOST_IDS]))
    except RedisError as exc:
        log.warning("Open pages were not told of %d changes: %s", len(rows), exc)


def tell_person(user_id: int) -> None:
    """Have somebody's open pages ask anew, once committed, whether and what they may hear."""
    transaction.on_commit(lambda: _publish_person(user_id))


def _publish_person(user_id: int) -> None:
    try:
        bus().publish(CHANNEL, json.dumps({"person": user_id}))
    except RedisError as exc:
        log.warning("A person's open pages were not told: %s", exc)
