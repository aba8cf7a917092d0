"""Turn accepted pushes into needs: which service of which party to read again.

Events are hints and may come twice, late and in any order; a thousand about one service of one
party become one row in RefreshNeed. Claims are leases, so a killed worker's events come back.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from altinn.errors import Misunderstood
from altinn.events import CloudEvent, read_event
from clients.models import Access, Subscription
from dialogs.models import Dialog, InboundEvent

log = logging.getLogger(__name__)

BATCH = 500
LEASE = timedelta(seconds=30)
MOST_ATTEMPTS = 5
SEEN_WAIT = timedelta(seconds=30)  # read marks are not urgent, and come in pairs

_CLAIM = """
UPDATE dialogs_inboundevent SET lease_until_at = %(lease)s, attempts = attempts + 1
WHERE id IN (
  SELECT id FROM dialogs_inboundevent
  WHERE state IN (0, 2) AND next_at <= %(now)s
    AND (lease_until_at IS NULL OR lease_until_at < %(now)s)
  ORDER BY next_at, id LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
RETURNING id, subscription_id, body, attempts, received_at
"""

_NEED = """
INSERT INTO dialogs_refreshneed AS n (
  access_id, resource, version, since_at, dialog_ids, misses, due_at, attempts, error)
SELECT access_id, resource, 1, since_at, string_to_array(dialog_ids, ',')::uuid[], 0, due_at, 0, ''
FROM unnest(%(access_id)s::bigint[], %(resource)s::text[], %(since_at)s::timestamptz[],
  %(dialog_ids)s::text[], %(due_at)s::timestamptz[])
  AS t (access_id, resource, since_at, dialog_ids, due_at)
ORDER BY access_id, resource
ON CONFLICT (access_id, resource) DO UPDATE SET
  version = n.version + 1,
  since_at = LEAST(n.since_at, excluded.since_at),
  dialog_ids = ARRAY(SELECT DISTINCT unnest(n.dialog_ids || excluded.dialog_ids)),
  due_at = LEAST(n.due_at, excluded.due_at),
  misses = 0
"""


@dataclass
class Need:
    """What the events of one batch ask to be read for one access and service."""

    since_at: datetime
    due_at: datetime
    dialog_ids: set[UUID] = field(default_factory=set)


@dataclass
class Outcome:
    """How the claimed events ended, by id."""

    done: list[int] = field(default_factory=list)
    ignored: dict[int, str] = field(default_factory=dict)
    poison: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Claimed:
    pk: int
    subscription_id: UUID
    body: bytes
    attempts: int
    received_at: datetime


def claim(*, now: datetime, batch: int = BATCH) -> list[Claimed]:
    """Take waiting events for a while. Attempts are counted before the work, and committed."""
    values: dict[str, Any] = {"now": now, "lease": now + LEASE, "batch": batch}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        return [
            Claimed(pk, subscription, bytes(body), attempts, received_at)
            for pk, subscription, body, attempts, received_at in cursor.fetchall()
        ]


def take_in(*, now: datetime, batch: int = BATCH) -> int:
    """Claim a batch of events, note what they ask for, and settle them; return how many.

    The need and the event's outcome are committed together.
    """
    claimed = claim(now=now, batch=batch)
    if not claimed:
        return 0
    outcome = Outcome()
    events = _read(claimed, outcome)
    needs = _needs(events, outcome, now=now)
    with transaction.atomic():
        ask(needs)
        _settle(outcome, now=now)
        _note_subscriptions(claimed, events, now=now)
    return len(claimed)


def _read(claimed: Iterable[Claimed], outcome: Outcome) -> dict[int, CloudEvent]:
    events = {}
    for one in claimed:
        if one.attempts > MOST_ATTEMPTS:
            outcome.poison[one.pk] = f"Given up after {MOST_ATTEMPTS} attempts"
            continue
        try:
            events[one.pk] = read_event(one.body)
        except Misunderstood as exc:
            outcome.poison[one.pk] = str(exc)[:500]
    return events


def _needs(
    events: dict[int, CloudEvent], outcome: Outcome, *, now: datetime
) -> dict[tuple[int, str], Need]:
    parties = {event.party for event in events.values() if event.party}
    accesses: dict[str, list[int]] = {}
    for pk, urn in (
        Access.objects.current().filter(party__urn__in=parties).values_list("pk", "party__urn")
    ):
        accesses.setdefault(urn, []).append(pk)
    deleted = {e.dialog_id for e in events.values() if e.dialog_id and _is_deletion(e)}
    held = set(Dialog.objects.filter(pk__in=deleted).values_list("pk", flat=True))
    needs: dict[tuple[int, str], Need] = {}
    for pk, event in events.items():
        if why := _why_not(event, accesses, held):
            outcome.ignored[pk] = why
            continue
        outcome.done.append(pk)
        wait = SEEN_WAIT if event.is_seen else timedelta(seconds=settings.COALESCE_SECONDS)
        since_at, due_at = min(event.at or now, now), next_moment(now, wait)
        for access in accesses[event.party or ""]:
            key = (access, event.service_resource or "")
            need = needs.setdefault(key, Need(since_at, due_at))
            need.since_at = min(need.since_at, since_at)
            need.due_at = min(need.due_at, due_at)
            if event.dialog_id:
                need.dialog_ids.add(event.dialog_id)
    return needs


def next_moment(now: datetime, wait: timedelta) -> datetime:
    """Return the next beat of a clock that beats every `wait`.

    Needs that wait for the same beat are read together: in a storm about many services that is
    one search and not one each.
    """
    if not wait:
        return now
    return now + wait - (now - datetime.min.replace(tzinfo=now.tzinfo)) % wait


def _is_deletion(event: CloudEvent) -> bool:
    return event.type.startswith("dialogporten.dialog.deleted.")


def _why_not(event: CloudEvent, accesses: dict[str, list[int]], held: set[UUID]) -> str:
    """Return why an event asks for nothing, or an empty text."""
    if event.is_validation:
        return "Altinn checked that the address answers"
    if not event.is_about_dialog:
        return f"Not about a dialog: {event.type}"
    if event.party not in accesses:
        return "About a party that is not a client of ours"
    if not event.service_resource:
        return "Names no service"
    if _is_deletion(event) and event.dialog_id not in held:
        return "Deleted before it reached us"
    return ""


def ask(needs: dict[tuple[int, str], Need]) -> None:
    """Add needs, or widen those that already wait. Ordered by key, so that nobody deadlocks."""
    if not needs:
        return
    columns: dict[str, Any] = {
        "access_id": [access for access, _ in needs],
        "resource": [resource for _, resource in needs],
        "since_at": [need.since_at for need in needs.values()],
        "dialog_ids": [",".join(map(str, need.dialog_ids)) for need in needs.values()],
        "due_at": [need.due_at for need in needs.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEED, columns)


def _settle(outcome: Outcome, *, now: datetime) -> None:
    State = InboundEvent.State
    done = InboundEvent.objects.filter(pk__in=outcome.done)
    done.update(state=State.DONE, settled_at=now, lease_until_at=None)
    for state, reasons in ((State.IGNORED, outcome.ignored), (State.POISON, outcome.poison)):
        for reason in sorted(set(reasons.values())):
            pks = [pk for pk, why in reasons.items() if why == reason]
            InboundEvent.objects.filter(pk__in=pks).update(
                state=state, settled_at=now, lease_until_at=None, error=reason
            )
    if outcome.poison:
        log.error("%d pushed events could not be read; they are kept", len(outcome.poison))


def _note_subscriptions(
    claimed: Iterable[Claimed], events: dict[int, CloudEvent], *, now: datetime
) -> None:
    """Note which subscriptions work: Altinn's check marks one as validated."""
    behind = {one.pk: one.subscription_id for one in claimed}
    checked = {behind[pk] for pk, event in events.items() if event.is_validation}
    if checked:
        State = Subscription.State
        asked_for = [State.WANTED, State.CREATED, State.VALIDATED]
        Subscription.objects.filter(pk__in=checked, state__in=asked_for).update(
            state=State.VALIDATED, validated_at=now
        )
    heard = {behind[pk] for pk, event in events.items() if not event.is_validation}
    lately = Q(last_event_at=None) | Q(last_event_at__lt=now - timedelta(minutes=5))
    Subscription.objects.filter(lately, pk__in=heard).update(last_event_at=now)
