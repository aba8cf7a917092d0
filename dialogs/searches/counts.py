"""How many dialogs each search in the menu lists, for one reader.

Fetched after the page, and kept in Redis for a short while; without Redis they are counted anew.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from datetime import datetime

from redis.exceptions import RedisError

from dialogs.bus import bus
from dialogs.inbox import listing
from dialogs.inbox.filters import Filters
from dialogs.inbox.listing import MOST_COUNTED, Query, Scope
from dialogs.inbox.sight import Sight

KEPT_SECONDS = 30
MOST_SECONDS = 3  # for all together; those that are left over get no count


def counts_of(lists: Mapping[str, Filters], sight: Sight, *, now: datetime) -> dict[str, int]:
    """Return the number of dialogs by key, up to MOST_COUNTED + 1; not what takes too long."""
    place = _place(lists, sight)
    kept = _kept(place)
    if kept is not None:
        return kept
    counted = _counted(lists, sight, now=now)
    _keep(place, counted)
    return counted


def written(count: int) -> str:
    """«37», or «1000+»."""
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)


def _counted(lists: Mapping[str, Filters], sight: Sight, *, now: datetime) -> dict[str, int]:
    until = time.monotonic() + MOST_SECONDS
    counted = {}
    for key, filters in lists.items():
        if time.monotonic() > until:
            break
        count = _count(Scope.of(sight, filters, now=now))
        if count is not None:
            counted[key] = count
    return counted


def _count(scope: Scope) -> int | None:
    if scope.clients == []:
        return 0
    rows = listing.run(*Query(scope).capped_count(), is_search=True)
    return None if rows is None else int(rows[0][2])


def _place(lists: Mapping[str, Filters], sight: Sight) -> str:
    asked = json.dumps([(key, filters.as_query()) for key, filters in lists.items()])
    digest = hashlib.sha256(asked.encode()).hexdigest()[:16]
    return f"searches:counts:{sight.user.pk}:{digest}"


def _kept(place: str) -> dict[str, int] | None:
    try:
        found = bus().get(place)
    except RedisError:
        return None
    return json.loads(found) if found else None


def _keep(place: str, counted: dict[str, int]) -> None:
    try:
        bus().set(place, json.dumps(counted), ex=KEPT_SECONDS)
    except RedisError:
        return
