"""Who has a dialog open just now. Kept in Redis alone: without it, nobody is shown.

The caller sees to that only those who may see the client are noted, and only they are told.
"""

import contextlib
import json
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from redis.exceptions import RedisError

from dialogs.bus import bus
from staff.models import User

log = logging.getLogger(__name__)

# A page says that it is there every 15 seconds. Who has not for this long is gone, and a page that
# asks hears of it at its own next turn: within 45 seconds together.
GONE_AFTER_SECONDS = 28
OPEN = "dialogs.open"  # every open page of every dialog, by when it last said so: some hundreds


def stay(dialog_id: UUID, user: User, *, page: str, now: datetime) -> None:
    """Note that somebody has the dialog open, in this page of their browser."""
    with _redis_may_be_away(), bus().pipeline(transaction=False) as pipe:
        pipe.zremrangebyscore(OPEN, "-inf", _limit(now))
        pipe.zadd(OPEN, {_member(dialog_id, user, page): now.timestamp()})
        pipe.expire(OPEN, GONE_AFTER_SECONDS)
        pipe.execute()


def leave(dialog_id: UUID, user: User, *, page: str) -> None:
    """Note that the page was closed or shows something else."""
    with _redis_may_be_away():
        bus().zrem(OPEN, _member(dialog_id, user, page))


def who_looks(dialog_ids: Sequence[UUID], *, now: datetime, but: User) -> dict[UUID, list[str]]:
    """Return the names of those who have the dialogs open, but for one; one command."""
    members: list[bytes] = []
    if dialog_ids:
        with _redis_may_be_away():
            members = cast("list[bytes]", bus().zrangebyscore(OPEN, f"({_limit(now)}", "+inf"))
    found: dict[UUID, list[bytes]] = {}
    wanted = {str(pk).encode(): pk for pk in dialog_ids}
    for member in members:
        key, _space, who = member.partition(b" ")
        if key in wanted:
            found.setdefault(wanted[key], []).append(who)
    return {pk: names for pk, those in found.items() if (names := _names(those, but=but))}


def is_open(dialog_id: UUID, *, now: datetime) -> bool:
    """Tell whether anybody at all has the dialog open; nobody, as far as we know, without Redis."""
    members: list[bytes] = []
    with _redis_may_be_away():
        members = cast("list[bytes]", bus().zrangebyscore(OPEN, f"({_limit(now)}", "+inf"))
    return any(member.startswith(f"{dialog_id} ".encode()) for member in members)


def in_words(names: Sequence[str]) -> str:
    """«Ola Berg ser på denne nå.»"""
    if not names:
        return ""
    first, *others = names
    if not others:
        return _("%(name)s ser på denne nå.") % {"name": first}
    if len(others) == 1:
        both = {"name": first, "other": others[0]}
        return _("%(name)s og %(other)s ser på denne nå.") % both
    more = {"name": first, "n": len(others)}
    said = ngettext(
        "%(name)s og %(n)s til ser på denne nå.",
        "%(name)s og %(n)s til ser på denne nå.",
        len(others),
    )
    return said % more


@contextlib.contextmanager
def _redis_may_be_away() -> Iterator[None]:
    try:
        yield
    except RedisError as exc:
        log.warning("Who looks at which dialog is not known: %s", exc)


def _member(dialog_id: UUID, user: User, page: str) -> str:
    return f"{dialog_id} {json.dumps([user.pk, user.name, page])}"


def _limit(now: datetime) -> float:
    return now.timestamp() - GONE_AFTER_SECONDS


def _names(members: Sequence[bytes], *, but: User) -> list[str]:
    """Return each person once, whatever the number of pages they have open."""
    people = {pk: name for pk, name, _page in map(json.loads, members)}
    return sorted(name for pk, name in people.items() if pk != but.pk)
