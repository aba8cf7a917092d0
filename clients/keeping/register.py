"""Bring a client in step with what Enhetsregisteret says of it: its name, its units, its end.

What the register says is written down as a snapshot and shown; a client is never archived by it,
and a name that the firm has chosen itself stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from altinn.enhetsregisteret import ACCOUNTANT, Enhetsregisteret, Unit
from altinn.errors import NotThere
from altinn.identifiers import party_urn
from clients.keeping.states import firm_numbers
from clients.models import Client, ClientRegisterState, Party
from staff import audit

NOT_HEARD_OF = timedelta(days=30)

REGISTER_CHANGED = "client register changed"
UNIT_ADDED = "client unit added"
UNIT_LEFT = "client unit left"
UNIT_ENDED = "client unit ended"


@dataclass(frozen=True)
class Seen:
    """What the register said of one client. `unit` is None when it knows no such number."""

    unit: Unit | None
    sub_units: Sequence[Unit] = ()
    # Those we held below the client that are not there any more, as they are now.
    elsewhere: Sequence[Unit] = ()
    role_held: bool | None = None


def due(*, now: datetime, most: int) -> list[Client]:
    """Return the clients to read: those with news first, then those not heard of for long."""
    unread = Q(register_state=None) | Q(register_state__read_at=None)
    old = Q(register_state__read_at__lt=now - NOT_HEARD_OF)
    clients = Client.objects.active().filter(unread | old, orgnr__isnull=False)
    oldest = F("register_state__read_at").asc(nulls_first=True)
    return list(clients.order_by(oldest, "pk")[:most])


def read(register: Enhetsregisteret, clients: Sequence[Client], *, now: datetime) -> int:
    """Ask about these clients, and take in each answer by itself; return how many.

    Raises:
        AltinnError: the register cannot now; those not yet read stay due.
    """
    if not clients:
        return 0
    numbers = [client.orgnr for client in clients if client.orgnr]
    units = register.units(numbers)
    firm = firm_numbers()
    ours = {one.orgnr for number in firm for one in register.clients_of(number)} if firm else None
    for client in clients:
        take_in(client, _seen(register, client, units, ours, firm), now=now)
    return len(clients)


def _seen(
    register: Enhetsregisteret,
    client: Client,
    units: dict[str, Unit],
    ours: set[str] | None,
    firm: frozenset[str],
) -> Seen:
    orgnr = client.orgnr or ""
    unit = units.get(orgnr)
    if unit is None:
        return Seen(None)
    sub_units = register.subunits(orgnr)
    listed = {one.orgnr for one in sub_units}
    held = client.parties.filter(kind=Party.Kind.SUB, is_deleted=False).exclude(orgnr__in=listed)
    elsewhere = [_unit(register, number) for number in held.values_list("orgnr", flat=True)]
    role_held = None if ours is None or orgnr in firm else orgnr in ours
    if role_held is False and _held_before(client):
        # The list of all clients says no: ask the client's own page before anybody is alarmed.
        roles = register.roles(orgnr)
        role_held = any(
            one.code == ACCOUNTANT and one.orgnr in firm and not one.is_ended for one in roles
        )
    return Seen(unit, sub_units, [one for one in elsewhere if one], role_held)


def _unit(register: Enhetsregisteret, orgnr: str) -> Unit | None:
    try:
        return register.unit(orgnr)
    except NotThere:
        return None


def _held_before(client: Client) -> bool:
    return ClientRegisterState.objects.filter(client=client, role_held=True).exists()


def take_in(client: Client, seen: Seen, *, now: datetime) -> None:
    """Write down what the register said, and follow it."""
    with transaction.atomic():
        client = Client.objects.select_for_update(of=("self",), no_key=True).get(pk=client.pk)
        state, is_new = ClientRegisterState.objects.get_or_create(client=client)
        before, former_name = _facts(state), state.name
        _fill(state, seen, now=now)
        state.save()
        if not is_new and before["read"]:
            changed = _changed(before, _facts(state))
            if changed:
                _record(client, REGISTER_CHANGED, now=now, **changed)
        if seen.unit is None:
            return
        _follow_name(client, seen.unit, former_name, now=now)
        for unit in seen.sub_units:
            _place(unit, client, now=now)
        for unit in seen.elsewhere:
            _leave(unit, client, now=now)


def _fill(state: ClientRegisterState, seen: Seen, *, now: datetime) -> None:
    state.is_known, state.read_at = seen.unit is not None, now
    if seen.unit is None:
        return
    unit = seen.unit
    state.is_removed = unit.is_removed
    if not unit.is_removed:
        state.name, state.form = unit.name, unit.form
        state.is_bankrupt = unit.is_bankrupt
        state.is_dissolving = unit.is_dissolving or unit.is_forced_dissolving
        state.vat_registered = unit.is_vat_registered
    state.deleted_on = unit.deleted_on
    if seen.role_held is None:
        return
    if seen.role_held:
        state.role_ended_at = None
    elif state.role_held:
        state.role_ended_at = now
    state.role_held = seen.role_held


def _facts(state: ClientRegisterState) -> dict[str, Any]:
    return {
        "read": state.read_at is not None or bool(state.name),
        "name": state.name,
        "form": state.form,
        "is_bankrupt": state.is_bankrupt,
        "is_dissolving": state.is_dissolving,
        "is_deleted": state.is_deleted,
        "vat_registered": state.vat_registered,
        "role_held": state.role_held,
    }


def _changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return what differs, but for what was read for the first time."""
    return {
        name: [before[name], after[name]]
        for name in after
        if name != "read" and before[name] is not None and before[name] != after[name]
    }


def _follow_name(client: Client, unit: Unit, former_name: str, *, now: datetime) -> None:
    """Give the client its new name, unless the firm calls it something else."""
    if unit.is_removed or not unit.name:
        return
    main = client.parties.filter(kind=Party.Kind.MAIN, orgnr=client.orgnr)
    main.update(name=unit.name, is_deleted=unit.is_deleted)
    had_that_name = former_name and client.name.casefold() == former_name.casefold()
    if had_that_name and client.name.casefold() != unit.name.casefold():
        _record(client, "client changed", now=now, name=[client.name, unit.name])
        client.name = unit.name
        client.save(update_fields=["name"])


def _place(unit: Unit, client: Client, *, now: datetime) -> None:
    """Let a sub-unit be the client's, wherever it was before."""
    party, is_new = Party.objects.get_or_create(
        urn=party_urn(unit.orgnr),
        defaults={
            "client": client,
            "kind": Party.Kind.SUB,
            "orgnr": unit.orgnr,
            "name": unit.name,
            "parent_orgnr": client.orgnr or "",
        },
    )
    if is_new:
        _record(client, UNIT_ADDED, now=now, unit=unit.name)
        return
    former = party.client
    Party.objects.filter(pk=party.pk).update(
        client=client,
        kind=Party.Kind.SUB,
        name=unit.name,
        is_deleted=False,
        parent_orgnr=client.orgnr or "",
    )
    if former != client:
        # Neither client's log names the other: not everybody sees both.
        if former:
            _record(former, UNIT_LEFT, now=now, unit=unit.name)
        _record(client, UNIT_ADDED, now=now, unit=unit.name)


def _leave(unit: Unit, client: Client, *, now: datetime) -> None:
    """Follow a sub-unit that is not the client's any more: it has ended, or has a new owner."""
    party = client.parties.filter(orgnr=unit.orgnr, kind=Party.Kind.SUB)
    if unit.is_deleted or unit.is_removed:
        if party.filter(is_deleted=False).update(is_deleted=True):
            _record(client, UNIT_ENDED, now=now, unit=unit.name or unit.orgnr)
        return
    if not unit.parent_orgnr or unit.parent_orgnr == client.orgnr:
        return
    owner = Client.objects.filter(orgnr=unit.parent_orgnr).first()
    if party.update(client=owner, name=unit.name, parent_orgnr=unit.parent_orgnr):
        _record(client, UNIT_LEFT, now=now, unit=unit.name)
        if owner:
            _record(owner, UNIT_ADDED, now=now, unit=unit.name)


def _record(client: Client, act: str, *, now: datetime, **detail: Any) -> None:
    audit.record(actor=None, act=act, about=f"client {client.pk}", now=now, **detail)
