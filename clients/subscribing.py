"""Ask Altinn Events to tell us about the services our clients' dialogs belong to.

One subscription per party and service, made when the first dialog of that service is seen: a
subscription without a party is refused for system users. A service whose policy does not allow it
is remembered as such and read by polling.

Source: altinn-events d7232ac8, subscription authorization; read 2026-08.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from altinn.errors import Misunderstood, Refused
from altinn.events import Subscriptions
from clients.models import Subscription

State = Subscription.State
PATIENCE = timedelta(minutes=15)  # Altinn checks a new address for about ten minutes


def create_wanted(api: Subscriptions, wanted: Sequence[Subscription]) -> int:
    """Create these at Altinn; return how many it took.

    Raises:
        TryLater: Altinn cannot now; those not yet created stay wanted.
    """
    count = 0
    for subscription in wanted:
        try:
            created = api.create(
                end_point=subscription.end_point,
                resource=subscription.resource,
                subject=subscription.access.party.urn,
            )
        except (Refused, Misunderstood):
            subscription.state = State.REFUSED
            subscription.save(update_fields=["state"])
            continue
        mine = Subscription.objects.filter(pk=subscription.pk)
        mine.update(altinn_id=created.id)
        # Altinn may have checked the address, and we marked it, before its answer reached us.
        mine.filter(state=State.WANTED).update(state=State.CREATED)
        count += 1
    return count


def wanted_for(system_user_id: int, *, now: datetime, most: int) -> Sequence[Subscription]:
    """Return the oldest wishes of a system user that still has the access."""
    wishes = Subscription.objects.filter(
        state=State.WANTED,
        wanted_at__lte=now,
        access__system_user=system_user_id,
        access__lost_at=None,
    )
    return list(wishes.select_related("access__party").order_by("wanted_at")[:most])


def want_missing_again(api: Subscriptions, system_user_id: int, *, now: datetime) -> int:
    """Compare with Altinn's own list: want again what is not there or was never validated.

    Altinn gives up checking an address without a word; asking again makes it check anew.
    """
    at_altinn = {one.id: one.validated for one in api.all()}
    ours = Subscription.objects.filter(
        access__system_user=system_user_id, state__in=[State.CREATED, State.VALIDATED]
    )
    known = dict(ours.values_list("pk", "altinn_id"))
    missing = [pk for pk, altinn_id in known.items() if altinn_id not in at_altinn]
    unchecked = [pk for pk, altinn_id in known.items() if at_altinn.get(altinn_id or 0) is False]
    late = Q(pk__in=missing) | Q(pk__in=unchecked, wanted_at__lt=now - PATIENCE)
    return ours.filter(late).update(state=State.WANTED, wanted_at=now)
