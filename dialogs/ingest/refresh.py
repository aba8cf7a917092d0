"""Read again what events pointed at, by search: it has no side effects and marks nothing as seen.

Many needs share one call (100 parties by 20 services). A dialog we were told about that is not
in the answer is looked for more closely before anything is concluded: an update may be silent or
back-dated, and an empty answer may mean that access was lost.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby, islice
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from altinn.dialogporten import EndUser, Search
from altinn.errors import AltinnError, Refused, TooBroad, TryLater
from clients import connect, trouble
from clients.models import Access, SystemUser
from dialogs.ingest.events import next_moment
from dialogs.ingest.store import mark_gone, store
from dialogs.models import Dialog, RefreshNeed

log = logging.getLogger(__name__)

BATCH = 400
LEASE = timedelta(seconds=60)
OVERLAP = timedelta(minutes=10)
PAGE = 1000
MOST_PARTIES, MOST_RESOURCES = 100, 20  # per search; also the server's limits
# A dialog told about but not listed may become visible later: a new right takes 15 minutes.
MISS_WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1))
LONGEST_WAIT = timedelta(minutes=15)

_CLAIM = """
UPDATE dialogs_refreshneed SET lease_until_at = %(lease)s, attempts = attempts + 1
WHERE id IN (
  SELECT id FROM dialogs_refreshneed
  WHERE due_at <= %(now)s AND (lease_until_at IS NULL OR lease_until_at < %(now)s)
  ORDER BY due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
RETURNING id
"""


@dataclass(frozen=True)
class Bundle:
    """Needs that one search serves."""

    needs: list[RefreshNeed]

    @property
    def parties(self) -> tuple[str, ...]:
        return tuple(sorted({need.access.party.urn for need in self.needs}))

    @property
    def resources(self) -> tuple[str, ...]:
        return tuple(sorted({need.resource for need in self.needs}))

    @property
    def accesses(self) -> list[Access]:
        return list({need.access_id: need.access for need in self.needs}.values())


def claim(*, now: datetime, batch: int = BATCH) -> list[RefreshNeed]:
    """Take due needs for a while. Attempts are counted before the work, and committed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "lease": now + LEASE, "batch": batch})
        keys = [row[0] for row in cursor.fetchall()]
    needs = RefreshNeed.objects.filter(pk__in=keys)
    return list(needs.select_related("access__system_user", "access__party"))


def bundles(needs: Iterable[RefreshNeed]) -> Iterator[Bundle]:
    """Group one system user's needs so that each search stays within the server's limits."""
    ordered = sorted(needs, key=lambda need: (need.resource, need.access.party.urn))
    by_resource = [list(group) for _, group in groupby(ordered, key=lambda need: need.resource)]
    groups = iter(by_resource)
    while some := list(islice(groups, MOST_RESOURCES)):
        flat = sorted((n for group in some for n in group), key=lambda n: n.access.party.urn)
        by_party = iter(
            [list(group) for _, group in groupby(flat, key=lambda n: n.access.party.urn)]
        )
        while part := list(islice(by_party, MOST_PARTIES)):
            yield Bundle([need for group in part for need in group])


def refresh(*, now: datetime, batch: int = BATCH) -> int:
    """Claim due needs, read them again and settle them; return how many were claimed.

    What Altinn cannot answer now stays, to be tried after the wait it asks for.
    """
    needs = sorted(claim(now=now, batch=batch), key=lambda need: need.access.system_user_id)
    for system_user, mine in groupby(needs, key=lambda need: need.access.system_user):
        _refresh_for(system_user, list(mine), now=now)
    return len(needs)


def _refresh_for(system_user: SystemUser, needs: list[RefreshNeed], *, now: datetime) -> None:
    waiting = list(bundles(needs))
    try:
        with connect.end_user(system_user) as api:
            while waiting:
                bundle = waiting.pop()
                try:
                    _read(api, bundle, now=now)
                except TooBroad:
                    if len(bundle.needs) == 1:
                        raise
                    half = len(bundle.needs) // 2
                    waiting += [Bundle(bundle.needs[:half]), Bundle(bundle.needs[half:])]
                except (TryLater, Refused):
                    waiting.append(bundle)
                    raise
                except AltinnError as exc:
                    _postpone(bundle.needs, exc, now=now)
    except (AltinnError, connect.NotConfigured) as exc:
        trouble.note(system_user, exc, now=now)
        _postpone([need for bundle in waiting for need in bundle.needs], exc, now=now)
    else:
        trouble.clear(system_user)


def _read(api: EndUser, bundle: Bundle, *, now: datetime) -> None:
    """Read what changed; then, need by need, what we were told about and did not find."""
    search = Search(
        party=bundle.parties,
        service_resource=bundle.resources,
        updated_after=min(need.since_at for need in bundle.needs) - OVERLAP,
        order_by="updatedAt_asc,id_asc",
        limit=PAGE,
    )
    found = _store_all(api, search, bundle.accesses, now=now)
    for need in bundle.needs:
        missing = set(need.dialog_ids) - found
        if not missing or not (missing := _look_closer(api, need, missing, now=now)):
            _settled(need)
        else:
            _missed(need, missing, now=now)


def _store_all(api: EndUser, search: Search, accesses: list[Access], *, now: datetime) -> set[UUID]:
    found: set[UUID] = set()
    for page in api.pages(search):
        for _raw, why in page.unreadable:
            log.error("A dialog in a search answer could not be read: %s", why)
        store(page.items, accesses=accesses, read_at=now, now=now)
        found |= {one.item.id for one in page.items}
    return found


def _look_closer(
    api: EndUser, need: RefreshNeed, missing: set[UUID], *, now: datetime
) -> set[UUID]:
    """Look for dialogs that a search by change did not show; return those still unknown to us.

    One we hold is found by when it was created; if not, Altinn no longer lists it. One we do not
    hold may be back-dated, so the whole service of the party is read.
    """
    one_service = Search(
        party=(need.access.party.urn,),
        service_resource=(need.resource,),
        order_by="createdAt_asc,id_asc",
        limit=PAGE,
    )
    held = Dialog.objects.filter(pk__in=missing)
    span = held.aggregate(first=Min("created_at"), last=Max("created_at"))
    known = set(held.values_list("pk", flat=True))
    if known:
        search = replace(one_service, created_after=span["first"], created_before=span["last"])
        found = _store_all(api, search, [need.access], now=now)
        if (lost := known - found) and _still_listed(api, need.access):
            mark_gone(lost, access=need.access, read_at=now, now=now)
    unknown = missing - known
    if unknown:
        unknown -= _store_all(api, one_service, [need.access], now=now)
    return unknown


def _still_listed(api: EndUser, access: Access) -> bool:
    """Tell whether Altinn still lists the party: else «not found» means «no access»."""
    urn = access.party.urn
    return any(
        urn == unit.party and not unit.has_only_access_to_sub_parties
        for party in api.parties()
        for unit in (party, *party.sub_parties)
    )


def _settled(need: RefreshNeed) -> None:
    """Remove the need, unless more events came while we read: then it is due again."""
    deleted, _ = RefreshNeed.objects.filter(pk=need.pk, version=need.version).delete()
    if not deleted:
        wait = timedelta(seconds=settings.COALESCE_SECONDS)
        due_at = next_moment(timezone.now(), wait)
        RefreshNeed.objects.filter(pk=need.pk).update(
            due_at=due_at, lease_until_at=None, attempts=0
        )


def _missed(need: RefreshNeed, missing: set[UUID], *, now: datetime) -> None:
    if need.misses >= len(MISS_WAITS):
        _settled(need)  # the poll finds it if it ever becomes visible
        return
    same = RefreshNeed.objects.filter(pk=need.pk, version=need.version)
    postponed = same.update(
        dialog_ids=list(missing),
        misses=need.misses + 1,
        due_at=now + MISS_WAITS[need.misses],
        lease_until_at=None,
        attempts=0,
    )
    if not postponed:
        RefreshNeed.objects.filter(pk=need.pk).update(lease_until_at=None)


def _postpone(needs: list[RefreshNeed], exc: Exception, *, now: datetime) -> None:
    for need in needs:
        wait = timedelta(seconds=min(5 * 2**need.attempts, LONGEST_WAIT.total_seconds()))
        if isinstance(exc, TryLater) and exc.wait_seconds is not None:
            wait = min(timedelta(seconds=exc.wait_seconds), LONGEST_WAIT)
        need.due_at, need.lease_until_at, need.error = now + wait, None, str(exc)[:500]
    RefreshNeed.objects.bulk_update(needs, ["due_at", "lease_until_at", "error"])
