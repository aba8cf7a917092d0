"""Give subscriptions a new address without a gap: another key for the code, or another host.

The new one is made beside the old one, and the old one is removed when the new one has been
validated for more than an hour: so long may Altinn go on with what it remembers. Meanwhile every
event comes twice, and `(source, id)` makes the two the same.

Source: altinn-events d7232ac8, one hour's cache of subscriptions by resource; read 2026-08.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q

from altinn.errors import NotThere, Refused, TokenRefused
from altinn.events import PollOnly, Subscriptions
from clients.keeping.pace import paced
from clients.models import Subscription, address_mark
from clients.subscribing import LOOKS, ask_for, current

State = Subscription.State
OVERLAP = timedelta(minutes=75)


def to_begin(system_user_id: int, *, most: int) -> Sequence[Subscription]:
    """Return those in use at an address that is not the present one, and not under way yet."""
    mark = address_mark()
    stale_next = Q(next_altinn_id__isnull=False) & ~Q(next_address=mark)
    old = Q(next_altinn_id=None) & ~Q(address__in=["", mark])
    found = Subscription.objects.filter(
        current(), old | stale_next, state=State.VALIDATED, access__system_user=system_user_id
    )
    return list(found.select_related("access__party").order_by("pk")[:most])


def begin(api: Subscriptions, old: Sequence[Subscription], *, now: datetime) -> int:
    """Make the new ones beside the old; return how many.

    Raises:
        AltinnError: Altinn cannot now. The same again is done another time.
    """
    count = 0
    for subscription in paced(old):
        mine = Subscription.objects.filter(pk=subscription.pk)
        if subscription.next_altinn_id:
            # The address has changed once more since: nobody waits for that one any longer.
            remove(api, subscription.next_altinn_id)
            mine.update(next_altinn_id=None, next_address="", next_validated_at=None)
        try:
            altinn_id = ask_for(api, subscription)
        except PollOnly:
            continue  # the old one still works: the nightly comparison sees what becomes of it
        mine.update(
            next_altinn_id=altinn_id,
            next_address=address_mark(),
            next_validated_at=None,
            check_at=now + LOOKS[0],
            checks=0,
        )
        count += 1
    return count


def to_finish(system_user_id: int, *, now: datetime, most: int) -> Sequence[Subscription]:
    """Return those whose new one has worked for long enough."""
    found = Subscription.objects.filter(
        next_altinn_id__isnull=False,
        next_address=address_mark(),
        next_validated_at__lte=now - OVERLAP,
        access__system_user=system_user_id,
    )
    return list(found.order_by("next_validated_at")[:most])


def finish(api: Subscriptions, ready: Sequence[Subscription], *, now: datetime) -> int:
    """Remove the old ones; the new ones take their place. Return how many.

    Raises:
        AltinnError: Altinn cannot now. What is removed already is found to be gone the next time.
    """
    for subscription in paced(ready):
        if subscription.altinn_id not in {None, subscription.next_altinn_id}:
            remove(api, subscription.altinn_id or 0)
        take_over(subscription, now=now)
    return len(ready)


def take_over(subscription: Subscription, *, now: datetime) -> None:
    """Let the new one be the only one."""
    mine = Subscription.objects.filter(
        pk=subscription.pk, next_altinn_id=subscription.next_altinn_id
    )
    mine.update(
        altinn_id=F("next_altinn_id"),
        address=F("next_address"),
        validated_at=F("next_validated_at"),
        next_altinn_id=None,
        next_address="",
        next_validated_at=None,
        renewed_at=now,
    )


def remove(api: Subscriptions, altinn_id: int) -> None:
    """Remove one at Altinn; gone already, or a former system user's, is as good."""
    try:
        api.delete(altinn_id)
    except TokenRefused:
        raise
    except NotThere:
        return
    except Refused as exc:
        if exc.status != 403:
            raise
