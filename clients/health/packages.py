"""Which access packages we hold for each client, compared with what we held before.

Source: altinn-authorization-tmp f7ff53bd (authorizedparties); read 2026-08.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Max, Q

from altinn.authorized import AuthorizedParty
from altinn.packages import PACKAGE
from clients.health.alarms import Kind, Settled, Sign, settle
from clients.models import Client, GrantedPackages, SystemUser, SystemUserRequest

AT_ONCE = 40  # standard system users in one reading, those read longest ago first


def to_read() -> list[SystemUser]:
    """Return the system users whose packages are to be read now: every agent, and some others."""
    in_use = SystemUser.objects.usable().annotate(granted_at=Max("granted__read_at"))
    agents = in_use.filter(kind=SystemUser.Kind.AGENT)
    others = in_use.filter(kind=SystemUser.Kind.STANDARD)
    oldest = others.order_by(F("granted_at").asc(nulls_first=True), "pk")
    return [*agents.order_by("pk"), *oldest[:AT_ONCE]]


def short(package: str) -> str:
    """Return a package's name without what all of them begin with."""
    return package.removeprefix(PACKAGE)


def wanted_of(system_user: SystemUser) -> set[str]:
    """Return the packages that were asked for when it was made; none when we do not know."""
    accepted = SystemUserRequest.objects.filter(
        system_user=system_user, status=SystemUserRequest.Status.ACCEPTED
    )
    return {
        short(one) for packages in accepted.values_list("packages", flat=True) for one in packages
    }


def keep(system_user: SystemUser, listed: Iterable[AuthorizedParty], *, now: datetime) -> None:
    """Store what Altinn lists now, and note what was there before and is not any more.

    What is lost stays so until it is back: a client whose access was taken away whole keeps a row.
    """
    now_held = _main_units(listed)
    wanted = wanted_of(system_user)
    with transaction.atomic():
        before = {
            one.orgnr: one
            for one in GrantedPackages.objects.select_for_update(of=("self",)).filter(
                system_user=system_user
            )
        }
        rows = [
            _row(system_user, orgnr, now_held.get(orgnr), before.get(orgnr), wanted, now=now)
            for orgnr in sorted({*now_held, *before})
        ]
        GrantedPackages.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["system_user", "orgnr"],
            update_fields=["name", "packages", "lost", "missing", "read_at"],
            batch_size=1000,
        )


def _main_units(listed: Iterable[AuthorizedParty]) -> dict[str, AuthorizedParty]:
    return {
        one.orgnr: one
        for one in listed
        if one.orgnr and one.parent_orgnr is None and not one.only_hierarchy
    }


def _row(
    system_user: SystemUser,
    orgnr: str,
    party: AuthorizedParty | None,
    before: GrantedPackages | None,
    wanted: set[str],
    *,
    now: datetime,
) -> GrantedPackages:
    held = {short(one) for one in party.packages} if party else set()
    known = {*before.packages, *before.lost} if before else set()
    return GrantedPackages(
        system_user=system_user,
        orgnr=orgnr,
        name=party.name if party else before.name if before else "",
        packages=sorted(held),
        lost=sorted(known - held),
        missing=sorted((wanted | known) - held) if party else sorted(wanted | known),
        read_at=now,
    )


def check(system_user: SystemUser, *, now: datetime) -> Settled:
    """Raise or clear the alarms about packages that one system user has lost.

    A client that is not listed at all any more has another alarm: see `clients`.
    """
    rows = GrantedPackages.objects.filter(system_user=system_user)
    lost = {one.orgnr: one.lost for one in rows.exclude(lost=[]).exclude(packages=[])}
    clients = Client.objects.active().filter(orgnr__in=lost)
    signs = [
        Sign(
            f"client {pk} by {system_user.pk}",
            {"packages": lost[orgnr or ""]},
            client_id=pk,
            system_user_id=system_user.pk,
        )
        for pk, orgnr in clients.values_list("pk", "orgnr")
    ]
    return settle(
        Kind.PACKAGE_LOST,
        signs,
        looked_at=rows.count(),
        now=now,
        among=Q(system_user=system_user),
        part=str(system_user.pk),
    )


def clear_unused(*, now: datetime) -> None:
    """Clear what is told of system users that are not in use: nobody reads their packages."""
    off = Q(system_user__is_active=False)
    settle(Kind.PACKAGE_LOST, [], looked_at=0, now=now, among=off, part="off")
