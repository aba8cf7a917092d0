"""Raise what is found wrong and clear what no longer is: the same facts give the same alarms.

A check says which signs it found among everything it looked at. What it could not look at, because
Altinn did not answer, it leaves out: an alarm is cleared by an answer, never by silence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from clients.models import Alarm
from staff import audit
from staff.models import User

Kind = Alarm.Kind

# So many new ones at once are not so many mistakes of clients: one alarm for all of them.
MANY_AT_LEAST = 10
MANY_SHARE = 0.02  # of everything looked at
TOGETHER = frozenset(
    {
        Kind.REVOKED,
        Kind.FAILING,
        Kind.ACCESS_LOST,
        Kind.PACKAGE_LOST,
        Kind.ROLE_ENDED,
        Kind.SUBSCRIPTIONS,
        Kind.SILENT,
    }
)
MOST_NAMED = 2000  # clients that an alarm about many remembers
_LOCK = 5_501_009  # one check at a time settles its alarms


@dataclass(frozen=True)
class Sign:
    """Something that a check found wrong."""

    subject: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    client_id: int | None = None
    system_user_id: int | None = None


def of_client(pk: int, **facts: Any) -> Sign:
    return Sign(f"client {pk}", facts, client_id=pk)


def of_system_user(pk: int, **facts: Any) -> Sign:
    return Sign(f"system user {pk}", facts, system_user_id=pk)


@dataclass(frozen=True)
class Settled:
    """What a check changed."""

    raised: int = 0
    cleared: int = 0


def settle(
    kind: str,
    signs: Iterable[Sign],
    *,
    looked_at: int,
    now: datetime,
    among: Q | None = None,
    part: str = "",
) -> Settled:
    """Bring the open alarms of a kind in line with the signs found.

    `among` narrows which open alarms this check could have found again, where it looked at a part
    of the firm only; `part` then tells its own alarm about many from those of other parts.
    """
    found = {sign.subject: sign for sign in signs}
    with transaction.atomic():
        _one_at_a_time()
        is_open = Alarm.objects.open().filter(among or Q(), kind=kind)
        held = {alarm.subject: alarm for alarm in is_open}
        new = [sign for subject, sign in found.items() if subject not in held]
        are_many = kind in TOGETHER and len(new) >= max(MANY_AT_LEAST, looked_at * MANY_SHARE)
        many = _about_many(kind, new, part=part) if are_many else None
        raised = _raise(kind, [] if are_many else new, now=now)
        raised += _keep_many(f"{kind} {part}".strip(), many, now=now)
        still = [alarm for subject, alarm in held.items() if subject in found]
        _see_again(still, found, now=now)
        gone = [alarm.pk for subject, alarm in held.items() if subject not in found]
        cleared = is_open.filter(pk__in=gone).update(cleared_at=now)
    return Settled(raised, cleared)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _raise(kind: str, signs: Sequence[Sign], *, now: datetime) -> int:
    alarms = [
        Alarm(
            kind=kind,
            subject=sign.subject,
            client_id=sign.client_id,
            system_user_id=sign.system_user_id,
            facts=dict(sign.facts),
            raised_at=now,
            last_seen_at=now,
        )
        for sign in signs
    ]
    return len(Alarm.objects.bulk_create(alarms, batch_size=1000))


def _see_again(alarms: Sequence[Alarm], found: Mapping[str, Sign], *, now: datetime) -> None:
    """Note that these are still so. What has become worse is new to whoever had seen it."""
    different = []
    for alarm in alarms:
        facts = dict(found[alarm.subject].facts)
        if facts.get("within") != alarm.facts.get("within"):
            alarm.seen_by = alarm.seen_at = None
        if facts != alarm.facts:
            alarm.facts = facts
            different.append(alarm)
    Alarm.objects.bulk_update(different, ["facts", "seen_by", "seen_at"], batch_size=1000)
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in alarms]).update(last_seen_at=now)


def _about_many(kind: str, signs: Sequence[Sign], *, part: str) -> Sign:
    clients = [sign.client_id for sign in signs if sign.client_id is not None]
    facts = {"kind": kind, "count": len(signs), "clients": clients[:MOST_NAMED]}
    return Sign(f"{kind} {part}".strip(), facts)


def _keep_many(subject: str, sign: Sign | None, *, now: datetime) -> int:
    """Raise, renew or clear the one alarm about many of a kind."""
    held = Alarm.objects.open().filter(kind=Kind.MANY, subject=subject).first()
    if sign is None:
        if held:
            Alarm.objects.filter(pk=held.pk).update(cleared_at=now)
        return 0
    if held:
        _see_again([held], {subject: sign}, now=now)
        return 0
    return _raise(Kind.MANY, [sign], now=now)


def see(alarm: Alarm, *, actor: User, now: datetime) -> None:
    """Say that somebody sees to it. It stays open until the facts change, and counts no longer."""
    with transaction.atomic():
        unseen = Alarm.objects.filter(pk=alarm.pk, seen_at=None)
        if unseen.update(seen_by=actor, seen_at=now):
            about = f"alarm {alarm.pk}"
            audit.record(
                actor=actor, act="alarm seen", about=about, now=now, kind=alarm.kind,
                subject=alarm.subject,
            )  # fmt: skip
