"""Who is about to do something: two people with the same question before them are told.

Kept in Redis alone, and advisory: what keeps a thing from being done twice is the row.
"""

import json
import logging
from uuid import UUID

from redis.exceptions import RedisError

from dialogs.bus import bus
from staff.models import User

log = logging.getLogger(__name__)

TURN_SECONDS = 120


def take(action_id: UUID, user: User, *, over: bool = False) -> str:
    """Take the turn, or return the name of the colleague who has it. `over` takes it from them."""
    mine = json.dumps([user.pk, user.name])
    try:
        if over or bus().set(_key(action_id), mine, nx=True, ex=TURN_SECONDS):
            bus().set(_key(action_id), mine, ex=TURN_SECONDS)
            return ""
        held = bus().get(_key(action_id))
    except RedisError as exc:
        log.warning("Who is about to do what is not known: %s", exc)
        return ""
    pk, name = json.loads(held) if held else (user.pk, "")
    return "" if pk == user.pk else str(name)


def leave(action_id: UUID, user: User) -> None:
    """Give up the turn, if one has it."""
    try:
        held = bus().get(_key(action_id))
        if held and json.loads(held)[0] == user.pk:
            bus().delete(_key(action_id))
    except RedisError as exc:
        log.warning("Who is about to do what is not known: %s", exc)


def _key(action_id: UUID) -> str:
    return f"dialogs.answering:{action_id}"
