"""Read, for a search for clients, what the register and Altinn say. Each step is safe to repeat."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from altinn.authorized import AuthorizedParty
from altinn.enhetsregisteret import ACCOUNTANT, Enhetsregisteret, Role, Unit
from altinn.identifiers import is_orgnr, orgnr_of
from altinn.packages import package_urn
from clients import connect
from clients.models import (
    AddingItem,
    Candidate,
    Client,
    Discovery,
    SystemRegistration,
    SystemUser,
    SystemUserRequest,
)

AT_ONCE = 500
LOOKED_UP_AT_ONCE = 100
_OPEN_REGISTER = "data.brreg.no"
_SOLE_TRADER, _OWNER = "ENK", "INNH"
Names = dict[str, str]  # {organisation number: name}


def read_roles(discovery: Discovery, register: Enhetsregisteret) -> int:
    """Find those the firm has a role for, and those who are clients already; return how many."""
    holders = {one.orgnr: one for one in register.clients_of(discovery.firm_orgnr)}
    names = {orgnr: one.name for orgnr, one in holders.items()}
    clients = Client.objects.active().exclude(orgnr=None)
    names |= {client.orgnr or "": client.name for client in clients}
    with transaction.atomic():
        _note(discovery, names)
        Candidate.objects.exclude(roles=[]).exclude(orgnr__in=holders).update(roles=[])
        found = list(Candidate.objects.filter(orgnr__in=holders))
        for candidate in found:
            candidate.roles = sorted(holders[candidate.orgnr].roles)
        save(found, "roles")
    return len(names)


def save(candidates: list[Candidate], *fields: str) -> None:
    """Save some fields of many: as rows that are there already, ten times as fast as an update."""
    Candidate.objects.bulk_create(
        candidates,
        update_conflicts=True,
        unique_fields=["orgnr"],
        update_fields=fields,
        batch_size=AT_ONCE,
    )


def _note(discovery: Discovery, names: Names) -> None:
    """Have a row for each, found by this search."""
    Candidate.objects.bulk_create(
        [
            Candidate(orgnr=orgnr, name=name[:255] or orgnr, discovery=discovery)
            for orgnr, name in sorted(names.items())
            if is_orgnr(orgnr)
        ],
        update_conflicts=True,
        unique_fields=["orgnr"],
        update_fields=["discovery"],
        batch_size=2000,
    )


def read_sights(discovery: Discovery, system_user: SystemUser) -> None:
    """Read what one system user sees, and with which packages.

    Raises:
        AltinnError: Altinn did not answer, or refused.
        NotConfigured: there is no client at Maskinporten yet.
    """
    with connect.authorized_parties(system_user) as api:
        authorized = api.all(packages=True)
    with connect.end_user(system_user) as dialogporten:
        listed = {orgnr_of(party.party) for party in dialogporten.parties()}
    save_sights(discovery, system_user, authorized, listed)


def save_sights(
    discovery: Discovery,
    system_user: SystemUser,
    authorized: Iterable[AuthorizedParty],
    in_dialogporten: set[str | None],
) -> None:
    """Write down what a system user sees, in the place of what it saw before."""
    key = str(system_user.pk)
    mains = [one for one in authorized if one.orgnr and one.parent_orgnr is None]
    sights: dict[str, dict[str, Any]] = {
        one.orgnr or "": {
            "held": sorted(one.packages),
            "sees": not one.only_hierarchy,
            "listed": one.orgnr in in_dialogporten,
        }
        for one in mains
    }
    with transaction.atomic():
        _note(discovery, {one.orgnr or "": one.name for one in mains})
        blind = Candidate.objects.filter(sights__has_key=key).exclude(orgnr__in=sights)
        changed = list(blind)
        for candidate in changed:
            del candidate.sights[key]
        for candidate in Candidate.objects.filter(orgnr__in=sights):
            candidate.sights[key] = sights[candidate.orgnr]
            changed.append(candidate)
        save(changed, "sights")


def note_delegable(discovery: Discovery, system_users: Iterable[SystemUser]) -> None:
    """Have a row for those that could be added to an agent, too."""
    for system_user in system_users:
        rows = system_user.delegation_snapshots.values_list("orgnr", "name")
        _note(discovery, dict(rows))


def look_up(discovery: Discovery, register: Enhetsregisteret, *, now: datetime) -> Iterator[int]:
    """Look up each candidate of this search, a hundred at a time."""
    old = Q(looked_up_at=None) | Q(looked_up_at__lt=discovery.started_at)
    waiting = Candidate.objects.filter(old, discovery=discovery).order_by("orgnr")
    while found := list(waiting[:LOOKED_UP_AT_ONCE]):
        units = register.units([candidate.orgnr for candidate in found])
        for candidate in found:
            unit = units.get(candidate.orgnr)
            candidate.unit = as_json(unit) if unit else {"is_unknown": not lacks_made_up()}
            candidate.looked_up_at = now
            if unit and unit.name:
                candidate.name = unit.name[:255]
            if _needs_roles(candidate):
                _note_roles(candidate, register.roles(candidate.orgnr), discovery.firm_orgnr)
        save(found, "unit", "looked_up_at", "name", "roles")
        yield len(found)


def lacks_made_up() -> bool:
    """Whether the register is the real one, and Altinn a test: its companies are not there then.

    Source: Digdir's documentation of Tenor's test data, read 2026-08.
    """
    host = urlsplit(settings.ALTINN.enhetsregisteret_url).hostname
    return settings.ALTINN.name != "prod" and host == _OPEN_REGISTER


def _needs_roles(candidate: Candidate) -> bool:
    """Whether to ask who has which role in it: one call each, so only where it tells something."""
    if any(candidate.unit.get(name) for name in ("is_unknown", "is_removed", "is_deleted")):
        return False
    return ACCOUNTANT not in candidate.roles or candidate.unit.get("form") == _SOLE_TRADER


def _note_roles(candidate: Candidate, roles: Sequence[Role], firm: str) -> None:
    """Write down who is its accountant instead of us, and what else we are to it."""
    current = [role for role in roles if not role.is_ended]
    others = [one.name for one in current if one.code == ACCOUNTANT and one.orgnr != firm]
    candidate.roles = sorted({role.code for role in current if role.orgnr == firm})
    candidate.unit |= {
        "accountant": others[0] if others else "",
        "role_ended": any(
            role.is_ended and role.code == ACCOUNTANT and role.orgnr == firm for role in roles
        ),
        "has_owner": any(role.code == _OWNER for role in current),
    }


UNIT_FIELDS = (
    "form", "is_sub_unit", "parent_orgnr", "is_deleted", "is_bankrupt", "is_dissolving",
    "is_forced_dissolving", "is_removed", "email", "phone",
)  # fmt: skip


def as_json(unit: Unit) -> dict[str, Any]:
    """Return what is kept of a unit; `discovery` makes a unit of it again."""
    kept = {name: getattr(unit, name) for name in UNIT_FIELDS}
    return kept | {"deleted_on": unit.deleted_on.isoformat() if unit.deleted_on else ""}


def refusals(system_user: SystemUser) -> dict[str, str]:
    """Return those that Altinn refused to add the last time somebody tried, with its code."""
    tried = AddingItem.objects.filter(run__system_user=system_user, wish=AddingItem.Wish.ADD)
    tried = tried.exclude(tried_at=None).order_by("tried_at")
    last = {
        orgnr: (state, code) for orgnr, state, code in tried.values_list("orgnr", "state", "code")
    }
    return {
        orgnr: code for orgnr, (state, code) in last.items() if state == AddingItem.State.REFUSED
    }


def wanted_packages(system_user: SystemUser) -> frozenset[str]:
    """Return what the system user was made to have for each client, as URNs."""
    asked = system_user.requests.filter(status=SystemUserRequest.Status.ACCEPTED)
    found = [name for request in asked for name in request.packages]
    if not found:
        registered = SystemRegistration.objects.first()
        found = registered.packages if registered and not system_user.requests.exists() else []
    return frozenset(map(package_urn, found))
