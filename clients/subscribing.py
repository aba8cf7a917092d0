"""Ask Altinn Events to tell us about the services our clients' dialogs belong to.

One subscription per party and service, made when the first dialog of that service is seen: a
subscription without a party is refused for system users. A service whose policy does not allow it
is remembered as such and read by polling.

Source: altinn-events d7232ac8, subscription authorization; read 2026-08.
"""

from collections.abc import Sequence
from datetime import datetime

from altinn.errors import Misunderstood, Refused
from altinn.events import Subscriptions
from clients.models import Subscription


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
            subscription.state = Subscription.State.REFUSED
            subscription.save(update_fields=["state"])
            continue
        mine = Subscription.objects.filter(pk=subscription.pk)
        mine.update(altinn_id=created.id)
        # Altinn may have checked the address, and we marked it, before its answer reached us.
        mine.filter(state=Subscription.State.WANTED).update(state=Subscription.State.CREATED)
        count += 1
    return count


def wanted_for(system_user_id: int, *, now: datetime, most: int) -> Sequence[Subscription]:
    """Return the oldest wishes of a system user that still has the access."""
    wishes = Subscription.objects.filter(
        state=Subscription.State.WANTED,
        wanted_at__lte=now,
        access__system_user=system_user_id,
        access__lost_at=None,
    )
    return list(wishes.select_related("access__party").order_by("wanted_at")[:most])
