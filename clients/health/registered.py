"""What our own tables tell of the clients: access gone, and what Enhetsregisteret says of them."""

from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, OuterRef, Q

from clients.health.alarms import Kind, of_client, of_system_user, settle
from clients.models import (
    Access,
    Alarm,
    Client,
    ClientRegisterState,
    GrantedPackages,
    Subscription,
    SystemUser,
)

State = Subscription.State
VALIDATED_WITHIN = timedelta(hours=3)  # Altinn checks an address for some minutes; we ask thrice


def check(*, now: datetime) -> None:
    """Raise or clear what the tables say. Calls nobody."""
    _access_lost(now=now)
    _register(now=now)
    _subscriptions(now=now)


def _access_lost(*, now: datetime) -> None:
    """Clients that somebody read for us, and nobody does any more.

    Those of a system user that is revoked are not told of one by one: that alarm is theirs too.
    """
    revoked = Alarm.objects.open().filter(kind=Kind.REVOKED).values("system_user")
    theirs = Access.objects.filter(
        party__client=OuterRef("pk"), system_user__in=SystemUser.objects.usable()
    ).exclude(system_user__in=revoked)
    clients = Client.objects.active()
    lost = clients.filter(Exists(theirs), ~Exists(theirs.filter(lost_at=None)))
    packages = _packages_gone()
    rows = lost.annotate(gone_at=Max("parties__accesses__lost_at"))
    signs = [
        of_client(pk, lost_at=gone_at.isoformat(), packages=packages.get(orgnr or "", []))
        for pk, orgnr, gone_at in rows.values_list("pk", "orgnr", "gone_at")
    ]
    settle(Kind.ACCESS_LOST, signs, looked_at=clients.count(), now=now)


def _packages_gone() -> dict[str, list[str]]:
    """What was held for those that are not listed any more."""
    gone = GrantedPackages.objects.filter(packages=[], system_user__is_active=True)
    found: dict[str, list[str]] = {}
    for orgnr, lost in gone.exclude(lost=[]).values_list("orgnr", "lost"):
        found[orgnr] = sorted({*found.get(orgnr, []), *lost})
    return found


def _register(*, now: datetime) -> None:
    states = ClientRegisterState.objects.filter(
        client__archived_at=None, is_known=True, read_at__isnull=False
    )
    count = states.count()
    gone = Q(deleted_on__isnull=False) | Q(is_removed=True)
    ended = states.filter(gone)
    settle(
        Kind.DELETED,
        [
            of_client(pk, on=on.isoformat() if on else None)
            for pk, on in ended.values_list("client", "deleted_on")
        ],
        looked_at=count,
        now=now,
    )
    failing = states.exclude(gone).filter(Q(is_bankrupt=True) | Q(is_dissolving=True))
    settle(
        Kind.BANKRUPT,
        [
            of_client(pk, is_bankrupt=is_bankrupt)
            for pk, is_bankrupt in failing.values_list("client", "is_bankrupt")
        ],
        looked_at=count,
        now=now,
    )
    left = states.exclude(gone).filter(role_held=False, role_ended_at__isnull=False)
    settle(
        Kind.ROLE_ENDED,
        [
            of_client(pk, ended_at=ended_at.isoformat())
            for pk, ended_at in left.values_list("client", "role_ended_at")
            if ended_at
        ],
        looked_at=count,
        now=now,
    )


def _subscriptions(*, now: datetime) -> None:
    """Subscriptions that were asked for hours ago and do not work: dialogs then come late."""
    late = Q(state__in=[State.WANTED, State.CREATED], wanted_at__lt=now - VALIDATED_WITHIN)
    current = Access.objects.current().filter(pk=OuterRef("access"))
    waiting = Subscription.objects.filter(late, Exists(current))
    counted = waiting.values("access__system_user").annotate(total=Count("pk"))
    in_use = SystemUser.objects.usable().count()
    signs = [of_system_user(one["access__system_user"], count=one["total"]) for one in counted]
    settle(Kind.SUBSCRIPTIONS, signs, looked_at=in_use, now=now)
