"""Hear from Enhetsregisteret which companies have changed, and note which clients to read again.

The feeds are of the whole country. A place in a feed and what was noted up to it are committed
together, so that nothing is skipped however a run ends.

Source: the register's documentation of `oppdateringer/enheter`, `underenheter` and `roller`, read
2026-08.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Q

from altinn.enhetsregisteret import Enhetsregisteret, RoleChange, UnitChange
from altinn.errors import NotThere
from clients.models import Client, ClientRegisterState, Party, RegisterCursor

Feed = RegisterCursor.Feed
AT_ONCE = 1000
FIRST_LOOK = timedelta(days=1)
RUN_SECONDS = 60
MOST_NEW = 100  # sub-units met for the first time, each asked about once


def follow(register: Enhetsregisteret, *, now: datetime) -> int:
    """Read on in all three feeds; return how many clients are to be read again.

    Raises:
        AltinnError: the register cannot now; the next run goes on from the same place.
    """
    until = time.monotonic() + RUN_SECONDS
    count = 0
    for feed in Feed:
        cursor = RegisterCursor.objects.filter(pk=feed).first() or RegisterCursor(
            feed=feed, after_id="", read_at=now - FIRST_LOOK
        )
        for changes in _in_batches(_changes(register, cursor)):
            count += _take_in(register, cursor, changes, now=now)
            if time.monotonic() > until:
                return count
        cursor.read_at = now
        cursor.save()
    return count


def _in_batches(
    changes: Iterator[UnitChange | RoleChange],
) -> Iterator[list[UnitChange | RoleChange]]:
    while batch := list(islice(changes, AT_ONCE)):
        yield batch


def _changes(
    register: Enhetsregisteret, cursor: RegisterCursor
) -> Iterator[UnitChange | RoleChange]:
    since = None if cursor.after_id else cursor.read_at
    if cursor.feed == Feed.ROLES:
        return iter(register.role_changes(after_id=cursor.after_id or None, since=since))
    after_id = int(cursor.after_id) if cursor.after_id else None
    sub_units = cursor.feed == Feed.SUB_UNITS
    return iter(register.unit_changes(after_id=after_id, since=since, sub_units=sub_units))


def _take_in(
    register: Enhetsregisteret,
    cursor: RegisterCursor,
    changes: Sequence[UnitChange | RoleChange],
    *,
    now: datetime,
) -> int:
    numbers = {one.orgnr for one in changes}
    if cursor.feed == Feed.SUB_UNITS:
        numbers |= _owners_of_new(register, changes)
    with transaction.atomic():
        count = note_to_read(numbers, now=now)
        cursor.after_id, cursor.read_at = str(changes[-1].id), now
        cursor.save()
    return count


def _owners_of_new(
    register: Enhetsregisteret, changes: Iterable[UnitChange | RoleChange]
) -> set[str]:
    """Return the main units of sub-units that have just been founded: one may be a client's."""
    new = [one.orgnr for one in changes if isinstance(one, UnitChange) and one.kind == "Ny"]
    owners = set()
    for orgnr in new[:MOST_NEW]:
        try:
            owners.add(register.unit(orgnr).parent_orgnr or "")
        except NotThere:
            continue
    return owners


def note_to_read(numbers: Iterable[str], *, now: datetime) -> int:
    """Let the clients with these numbers, or sub-units with them, be read again soon."""
    wanted = list(numbers)
    under = Party.objects.filter(orgnr__in=wanted, client__isnull=False).values("client")
    clients = Client.objects.active().filter(
        Q(orgnr__in=wanted) | Q(pk__in=under), orgnr__isnull=False, added_at__lte=now
    )
    return ClientRegisterState.objects.filter(client__in=clients).update(read_at=None)
