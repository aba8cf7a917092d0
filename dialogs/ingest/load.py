"""Read whole parties: when a client is new, and every night to be sure.

Nightly reading finds what no event or poll can: silent updates, back-dated dialogs, restored ones,
changed labels, and dialogs that are no longer listed.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from altinn.dialogporten import EndUser, Page, Search
from altinn.errors import TooBroad
from clients.models import Access
from dialogs.ingest.store import mark_gone, store
from dialogs.models import Dialog

log = logging.getLogger(__name__)

PAGE = 1000
PARTIES_AT_ONCE = 50  # so that one task ends well within its time
FIRST_DIALOG_AT = datetime(2010, 1, 1, tzinfo=UTC)  # migrated dialogs are older than Dialogporten
SMALLEST_WINDOW = timedelta(hours=1)


def read_in_full(
    api: EndUser, accesses: Sequence[Access], *, now: datetime, page_size: int = PAGE
) -> int:
    """Read every dialog that Altinn lists for these accesses; return how many there were.

    What we hold and Altinn no longer lists is marked as gone, but only for a party it still lists
    something for, or still names among its parties: an empty answer may mean «no access».
    """
    listed: dict[str, set[UUID]] = {access.party.urn: set() for access in accesses}
    latest: datetime | None = None
    for page in _pages(api, tuple(listed), page_size=page_size):
        for _raw, why in page.unreadable:
            log.error("A dialog in a search answer could not be read: %s", why)
        store(page.items, accesses=accesses, read_at=now, now=now)
        for one in page.items:
            listed.setdefault(one.item.party.lower(), set()).add(one.item.id)
            latest = max(latest or one.item.updated_at, one.item.updated_at)
    _mark_unlisted(api, accesses, listed, now=now)
    keys = [access.pk for access in accesses]
    Access.objects.filter(pk__in=keys).update(reconciled_at=now)
    Access.objects.filter(pk__in=keys, loaded_at=None).update(
        loaded_at=now, polled_until_at=latest or now
    )
    return sum(len(ids) for ids in listed.values())


def _pages(api: EndUser, parties: tuple[str, ...], *, page_size: int) -> Iterator[Page]:
    """Walk every page, by creation: that key never moves, so nothing is skipped or repeated.

    When Altinn finds a search too broad, the parties are halved, then the time.
    """
    whole = Search(party=parties, order_by="createdAt_asc,id_asc", limit=page_size)
    try:
        yield from api.pages(whole)
    except TooBroad:
        if len(parties) > 1:
            half = len(parties) // 2
            yield from _pages(api, parties[:half], page_size=page_size)
            yield from _pages(api, parties[half:], page_size=page_size)
        else:
            yield from _windows(api, whole, FIRST_DIALOG_AT, datetime.now(UTC))


def _windows(api: EndUser, search: Search, start: datetime, end: datetime) -> Iterator[Page]:
    window = replace(search, content_updated_after=start, content_updated_before=end)
    try:
        yield from api.pages(window)
    except TooBroad:
        if end - start < SMALLEST_WINDOW:
            raise
        middle = start + (end - start) / 2
        yield from _windows(api, search, start, middle)
        yield from _windows(api, search, middle, end)


def _mark_unlisted(
    api: EndUser, accesses: Sequence[Access], listed: dict[str, set[UUID]], *, now: datetime
) -> None:
    named: set[str] | None = None
    for access in accesses:
        ids = listed[access.party.urn]
        held = Dialog.objects.filter(access=access, gone_at=None, read_at__lte=now)
        lost = set(held.values_list("pk", flat=True)) - ids
        if not lost:
            continue
        if not ids:
            named = _parties_named(api) if named is None else named
            if access.party.urn not in named:
                continue
        mark_gone(lost, access=access, read_at=now, now=now)


def _parties_named(api: EndUser) -> set[str]:
    """Return the parties Altinn lets us read, sub-units included."""
    return {
        unit.party
        for party in api.parties()
        for unit in (party, *party.sub_parties)
        if not unit.has_only_access_to_sub_parties
    }
