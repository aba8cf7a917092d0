"""Ask Altinn Events to tell us about the services our clients' dialogs belong to.

One subscription per party and service, made when the first dialog of that service is seen, or
beforehand for the services on the firm's own list: a subscription without a party is refused for
system users. A service whose policy does not allow it is remembered as such, read by polling, and
asked again after some weeks.

Source: altinn-events d7232ac8, subscription authorization and validation; read 2026-08.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from altinn.errors import Misunderstood, NotThere, Refused, TokenRefused
from altinn.events import BadAddress, PollOnly, Subscriptions
from clients.keeping.pace import paced
from clients.models import Subscription, address_mark

State = Subscription.State
LEASE = timedelta(minutes=5)  # longer than one run
ASK_AGAIN = timedelta(weeks=4)
ENOUGH_REFUSALS = 3  # by so many parties' worth of 403 a service is poll-only for the system user
MOST_SINGLY = 25  # beyond this the one long list is cheaper
# Altinn pushes its check at once and again for some ten minutes, then gives up without a word;
# asking for the same subscription once more makes it check anew.
LOOKS = (timedelta(seconds=15), timedelta(seconds=45), timedelta(minutes=4), timedelta(minutes=10))
ASKS = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))

_WANT_WATCHED = """
INSERT INTO clients_subscription (id, access_id, resource, state, wanted_at)
SELECT gen_random_uuid(), a.id, w.resource, 'WANTED', %(now)s
FROM clients_access a
JOIN clients_systemuser u ON u.id = a.system_user_id AND u.is_active
JOIN clients_party p ON p.id = a.party_id
JOIN clients_client c ON c.id = p.client_id AND c.archived_at IS NULL
CROSS JOIN clients_watchedservice w
WHERE a.lost_at IS NULL
ORDER BY a.id, w.resource
ON CONFLICT (access_id, resource) DO NOTHING
"""


def current() -> Q:
    """Those of an access that is in use: the client is not archived, and Altinn lists the party."""
    return Q(
        access__lost_at=None,
        access__system_user__is_active=True,
        access__party__client__isnull=False,
        access__party__client__archived_at=None,
    )


def want_watched(*, now: datetime) -> int:
    """Want the services on the firm's list at every party that is read; return how many are new."""
    with connection.cursor() as cursor:
        cursor.execute(_WANT_WATCHED, {"now": now})
        return int(cursor.rowcount)


def want_again(*, now: datetime) -> int:
    """Want what was stopped and is in use again, and ask anew what was refused weeks ago."""
    ours = Subscription.objects.filter(current())
    stopped = ours.filter(state=State.STOPPED)
    refused = ours.filter(state=State.REFUSED)
    # Of before refusals were dated.
    refused.filter(refused_at=None).update(refused_at=now)
    old = refused.filter(refused_at__lt=now - ASK_AGAIN)
    return sum(rows.update(state=State.WANTED, wanted_at=now) for rows in (stopped, old))


def claim_wanted(system_user_id: int, *, now: datetime, most: int) -> Sequence[Subscription]:
    """Take the oldest wishes of a system user for a while, so that no other worker asks too."""
    wishes = Subscription.objects.filter(
        current(), state=State.WANTED, wanted_at__lte=now, access__system_user=system_user_id
    )
    with transaction.atomic():
        free = wishes.select_for_update(of=("self",), skip_locked=True)
        taken = list(free.select_related("access__party").order_by("wanted_at", "pk")[:most])
        keys = [one.pk for one in taken]
        Subscription.objects.filter(pk__in=keys).update(wanted_at=now + LEASE)
    return taken


def create_wanted(api: Subscriptions, wanted: Sequence[Subscription], *, now: datetime) -> int:
    """Create these at Altinn; return how many it took.

    A refusal that is not the service's own, such as of our token or our address, ends the run:
    the others stay wanted.

    Raises:
        AltinnError: Altinn cannot now, or it is us it will not hear.
    """
    refusals = _refusals(wanted, now=now)
    count = 0
    for subscription in paced(one for one in wanted if refusals[one.resource] < ENOUGH_REFUSALS):
        try:
            altinn_id = ask_for(api, subscription)
        except (PollOnly, Misunderstood) as exc:
            if isinstance(exc, BadAddress):
                raise
            refusals[subscription.resource] += 1
            _refuse([subscription], now=now)
            continue
        refusals[subscription.resource] = -len(wanted)  # it may, after all
        mine = Subscription.objects.filter(pk=subscription.pk)
        mine.update(
            altinn_id=altinn_id,
            address=address_mark(),
            wanted_at=now,
            check_at=now + LOOKS[0],
            checks=0,
        )
        # Altinn may have checked the address, and we marked it, before its answer reached us.
        mine.filter(state=State.WANTED).update(state=State.CREATED)
        count += 1
    hopeless = [one for one in wanted if refusals[one.resource] >= ENOUGH_REFUSALS]
    _refuse(hopeless, now=now)
    return count


def ask_for(api: Subscriptions, subscription: Subscription) -> int:
    """Ask Altinn for it at our present address; the same again only makes Altinn check anew."""
    created = api.create(
        end_point=subscription.end_point,
        resource=subscription.resource,
        subject=subscription.access.party.urn,
    )
    return created.id


def _refusals(wanted: Sequence[Subscription], *, now: datetime) -> Counter[str]:
    """Count what was refused lately of these services, where nothing was ever allowed."""
    if not wanted:
        return Counter()
    same = Subscription.objects.filter(
        access__system_user=wanted[0].access.system_user_id,
        resource__in={one.resource for one in wanted},
    )
    refused = same.filter(state=State.REFUSED, refused_at__gt=now - ASK_AGAIN)
    allowed = same.filter(state__in=[State.CREATED, State.VALIDATED]).values_list("resource")
    found = Counter(refused.values_list("resource", flat=True))
    for (resource,) in allowed.distinct():
        found[resource] = -len(wanted)
    return found


def _refuse(subscriptions: Iterable[Subscription], *, now: datetime) -> None:
    rows = Subscription.objects.filter(pk__in=[one.pk for one in subscriptions])
    rows.filter(state=State.WANTED).update(state=State.REFUSED, refused_at=now, check_at=None)


def to_check(system_user_id: int, *, now: datetime, most: int) -> list[Subscription]:
    """Return those of which we do not know yet that Altinn has validated them."""
    due = Subscription.objects.filter(current(), check_at__lte=now)
    due = due.filter(_unsure(), access__system_user=system_user_id)
    return list(due.select_related("access__party").order_by("check_at")[:most])


def _unsure() -> Q:
    renewing = Q(next_altinn_id__isnull=False, next_validated_at=None)
    return renewing | Q(state=State.CREATED)


def follow_up(api: Subscriptions, due: Sequence[Subscription], *, now: datetime) -> None:
    """See whether Altinn has validated these; let it check anew those that it gave up.

    Raises:
        AltinnError: Altinn cannot now; they are looked at again.
    """
    if len(due) > MOST_SINGLY:
        known = {one.id: one.validated for one in api.all()}
    else:
        known = {one: _is_validated(api, one) for one in _ids(due)}
    for subscription in due:
        altinn_id = subscription.next_altinn_id or subscription.altinn_id
        if altinn_id is not None and known.get(altinn_id):
            _validated(subscription, now=now)
        else:
            _look_later(api, subscription, now=now)


def _ids(due: Sequence[Subscription]) -> Iterable[int]:
    found = (one.next_altinn_id or one.altinn_id for one in due)
    return paced(altinn_id for altinn_id in found if altinn_id is not None)


def _is_validated(api: Subscriptions, altinn_id: int) -> bool:
    try:
        return api.get(altinn_id).validated
    except TokenRefused:
        raise
    except (NotThere, Refused):
        return False  # asking once more makes it anew


def _validated(subscription: Subscription, *, now: datetime) -> None:
    mine = Subscription.objects.filter(pk=subscription.pk)
    if subscription.next_altinn_id:
        mine.filter(next_altinn_id=subscription.next_altinn_id).update(
            next_validated_at=now, check_at=None
        )
        return
    mine.filter(state=State.CREATED).update(state=State.VALIDATED, validated_at=now, check_at=None)


def _look_later(api: Subscriptions, subscription: Subscription, *, now: datetime) -> None:
    """Look again soon; when Altinn has stopped trying, ask once more, ever more seldom."""
    checks = subscription.checks + 1
    waits = (*LOOKS, *ASKS)
    wait = waits[min(checks, len(waits) - 1)]
    values: dict[str, object] = {"check_at": now + wait, "checks": min(checks, 1000)}
    is_renewing = subscription.next_altinn_id is not None
    if checks >= len(LOOKS):
        try:
            altinn_id = ask_for(api, subscription)
        except PollOnly:
            values = {"check_at": None}  # the rest is for the nightly comparison
        else:
            names = ("next_altinn_id", "next_address") if is_renewing else ("altinn_id", "address")
            values |= dict(zip(names, (altinn_id, address_mark()), strict=True))
    Subscription.objects.filter(pk=subscription.pk).update(**values)


def counts_of(system_user_id: int) -> dict[str, int]:
    """Return how many subscriptions a system user has in each state, and how many are renewed."""
    ours: QuerySet[Subscription] = Subscription.objects.filter(access__system_user=system_user_id)
    found = Counter(ours.values_list("state", flat=True))
    renewing = ours.filter(next_altinn_id__isnull=False).count()
    old = ours.exclude(address__in=["", address_mark()])
    in_use = old.filter(state__in=[State.CREATED, State.VALIDATED])
    return {**found, "renewing": renewing, "old": in_use.count()}
