"""Compare our subscriptions with Altinn's own list, each way. Nightly, and when one has vanished.

What Altinn has lost is wanted again: all of it, when the firm has approved a new system user, who
owns none of the old one's. What nobody needs any more is removed, and of the rest only what pushes
to us with a code of ours: others of the firm's systems may use the same system user.

Source: altinn-events d7232ac8: consumer `/systemuser/<uuid>`, one list without pages; read 2026-08.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from altinn.errors import NotThere, Refused, TokenRefused
from altinn.events import Subscription as Listed
from altinn.events import Subscriptions
from altinn.problems import iso_date
from clients.keeping.pace import paced
from clients.keeping.renewing import remove, take_over
from clients.models import Subscription, SystemUser, address_mark
from clients.subscribing import LOOKS, current
from staff import audit

State = Subscription.State
PATH = "/altinn/hendelser/"
SETTLED = timedelta(hours=1)  # younger ones may be in the making elsewhere
UNUSED = timedelta(days=1)  # a client that is archived or lost by mistake keeps them so long
MOST_REMOVED = 300

REMOVED = "subscriptions removed"
MADE_ANEW = "subscriptions made anew"


@dataclass
class Compared:
    """What one comparison found and did."""

    listed: int = 0
    missing: int = 0  # wanted again
    stopped: int = 0  # of clients that are not read
    orphans: list[int] = field(default_factory=list)  # Altinn's ids, removed
    is_new_owner: bool = False


def reconcile(api: Subscriptions, system_user: SystemUser, *, now: datetime) -> Compared:
    """Bring Altinn's list and ours together.

    Raises:
        AltinnError: Altinn cannot now; what was not done is done the next time.
    """
    listed = {one.id: one for one in api.all()}
    found = Compared(listed=len(listed))
    ours = Subscription.objects.filter(access__system_user=system_user)
    held = list(ours.filter(state__in=[State.CREATED, State.VALIDATED]))
    _look_at_each(held, listed, found, now=now)
    known = {one.altinn_id for one in held} | {one.next_altinn_id for one in held}
    if found.missing and not known & set(listed):
        found.is_new_owner = True
        ours.filter(current(), state=State.REFUSED).update(state=State.WANTED, wanted_at=now)
        _record(system_user, MADE_ANEW, now=now, count=found.missing)
    found.stopped = _stop_unused(api, ours, now=now)
    found.orphans = _remove_orphans(api, listed.values(), now=now)
    if found.stopped or found.orphans:
        detail = {"stopped": found.stopped, "orphans": found.orphans}
        _record(system_user, REMOVED, now=now, **detail)
    return found


def _look_at_each(
    held: Iterable[Subscription], listed: dict[int, Listed], found: Compared, *, now: datetime
) -> None:
    for one in held:
        mine = Subscription.objects.filter(pk=one.pk)
        there, after = listed.get(one.altinn_id or 0), listed.get(one.next_altinn_id or 0)
        if one.next_altinn_id and after is None:
            mine.update(next_altinn_id=None, next_address="", next_validated_at=None)
        if there is None and after is not None:
            take_over(one, now=now)
            there = after
        if there is None:
            found.missing += 1
            mine.update(state=State.WANTED, wanted_at=now, altinn_id=None, check_at=None)
            continue
        if there is not after:
            _note_address(one, there)
        if there.validated and one.state == State.CREATED:
            mine.update(state=State.VALIDATED, validated_at=now, check_at=None)
        elif not there.validated and one.state == State.VALIDATED:
            mine.update(state=State.CREATED, check_at=now + LOOKS[0], checks=0)


def _note_address(one: Subscription, there: Listed) -> None:
    """Learn with which key and for which host Altinn's address was made."""
    mark = address_mark()
    if there.end_point == one.end_point:
        learnt = mark
    else:
        learnt = "earlier" if one.address in {"", mark} else one.address
    if learnt != one.address:
        Subscription.objects.filter(pk=one.pk).update(address=learnt)


def _stop_unused(api: Subscriptions, ours: QuerySet[Subscription], *, now: datetime) -> int:
    """Remove those of clients that have been archived, or parties lost, for a while."""
    ago = now - UNUSED
    unused = Q(access__lost_at__lt=ago) | Q(access__party__client__archived_at__lt=ago)
    unused |= Q(access__party__client=None, wanted_at__lt=ago)
    rows = ours.filter(unused).exclude(state=State.STOPPED)
    count = 0
    for one in paced(rows.order_by("pk")[:MOST_REMOVED]):
        for altinn_id in filter(None, (one.altinn_id, one.next_altinn_id)):
            remove(api, altinn_id)
        count += Subscription.objects.filter(pk=one.pk).update(
            state=State.STOPPED,
            altinn_id=None,
            next_altinn_id=None,
            next_address="",
            next_validated_at=None,
            check_at=None,
        )
    return count


def _remove_orphans(api: Subscriptions, listed: Collection[Listed], *, now: datetime) -> list[int]:
    """Remove what pushes to us and that we do not know of; return Altinn's ids."""
    ours = {one.id for one in listed if one.end_point.startswith(f"{settings.WEBHOOK_URL}{PATH}")}
    known = Subscription.objects.filter(Q(altinn_id__in=ours) | Q(next_altinn_id__in=ours))
    for pair in known.values_list("altinn_id", "next_altinn_id"):
        ours -= set(pair)
    orphans = sorted(one.id for one in listed if one.id in ours and _is_settled(one, now=now))
    removed = []
    for altinn_id in paced(orphans[:MOST_REMOVED]):
        remove(api, altinn_id)
        removed.append(altinn_id)
    return removed


def _is_settled(one: Listed, *, now: datetime) -> bool:
    created = iso_date(one.created) if one.created else None
    return created is None or created < now - SETTLED


def has_vanished(api: Subscriptions, system_user: SystemUser) -> bool:
    """Tell whether one that should be there is not: the system user may be another one now."""
    working = Subscription.objects.filter(state=State.VALIDATED, altinn_id__isnull=False)
    one = working.filter(current(), access__system_user=system_user).order_by("?").first()
    if one is None or one.altinn_id is None:
        return False
    try:
        api.get(one.altinn_id)
    except TokenRefused:
        raise
    except (NotThere, Refused):
        return True
    return False


def _record(system_user: SystemUser, act: str, *, now: datetime, **detail: object) -> None:
    audit.record(actor=None, act=act, about=f"system user {system_user.pk}", now=now, **detail)
