"""Register clients, and keep their parties in step with Altinn's own list."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from altinn.dialogporten import AuthorizedParty
from altinn.identifiers import orgnr_of, party_urn
from clients.models import Access, Client, Party, SystemUser
from staff import audit
from staff.models import User


def register_client(
    *, orgnr: str, name: str, actor: User | None, now: datetime, responsible: User | None = None
) -> Client:
    """Add a client by its organisation number. Its dialogs come once Altinn lists its party.

    Raises:
        ValidationError: the number is not valid, or the client exists.
    """
    client = Client(orgnr=orgnr, name=name, responsible=responsible, added_at=now)
    client.full_clean()
    with transaction.atomic():
        client.save()
        party, is_new = Party.objects.get_or_create(
            urn=party_urn(orgnr),
            defaults={"client": client, "kind": Party.Kind.MAIN, "orgnr": orgnr, "name": name},
        )
        if not is_new:
            party.client = client
            party.save(update_fields=["client"])
        audit.record(actor=actor, act="client added", about=f"client {client.pk}", now=now)
    return client


def adopt_parties(parties: Iterable[Party], *, actor: User | None, now: datetime) -> int:
    """Make clients of parties that Altinn lists and nobody has registered; return how many."""
    count = 0
    with transaction.atomic():
        for party in parties:
            if party.client_id is not None or party.kind != Party.Kind.MAIN:
                continue
            party.client = Client.objects.create(
                orgnr=party.orgnr or None, name=party.name, added_at=now
            )
            party.save(update_fields=["client"])
            audit.record(
                actor=actor, act="client added", about=f"client {party.client.pk}", now=now
            )
            count += 1
    return count


@dataclass
class InStep:
    """What one reading of Altinn's list of parties changed."""

    found: int = 0
    lost: int = 0
    clients_added: int = 0
    units: dict[str, "_Unit"] = field(default_factory=dict)


@dataclass(frozen=True)
class _Unit:
    """A party as Altinn lists it, and the main unit it belongs under."""

    listed: AuthorizedParty
    main_urn: str

    @property
    def kind(self) -> str:
        return Party.Kind.MAIN if self.listed.party == self.main_urn else Party.Kind.SUB

    @property
    def is_readable(self) -> bool:
        return not self.listed.has_only_access_to_sub_parties


def _units(listed: Iterable[AuthorizedParty]) -> dict[str, _Unit]:
    """Flatten Altinn's list: main units and, under each, its sub-units."""
    return {
        unit.party: _Unit(unit, main.party) for main in listed for unit in (main, *main.sub_parties)
    }


def keep_in_step(
    system_user: SystemUser, listed: Iterable[AuthorizedParty], *, now: datetime
) -> InStep:
    """Bring our parties and accesses in line with what Altinn lists for a system user.

    A sub-unit follows its main unit's client. Access that is gone is marked, never deleted; when
    it comes back, the party is read in full again.
    """
    result = InStep(units=_units(listed))
    with transaction.atomic():
        parties = _save_parties(result.units)
        if system_user.adds_clients:
            unregistered = [party for party in parties.values() if party.client_id is None]
            result.clients_added = adopt_parties(unregistered, actor=None, now=now)
        _follow_main_units(parties, result.units)
        readable = {urn for urn, unit in result.units.items() if unit.is_readable}
        result.found = _save_accesses(system_user, [parties[urn] for urn in readable], now=now)
        gone = system_user.accesses.filter(lost_at=None).exclude(party__urn__in=readable)
        result.lost = gone.update(lost_at=now)
        system_user.parties_read_at = now
        system_user.save(update_fields=["parties_read_at"])
    return result


def _save_parties(units: dict[str, _Unit]) -> dict[str, Party]:
    Party.objects.bulk_create(
        [
            Party(
                urn=urn,
                kind=unit.kind,
                orgnr=orgnr_of(urn) or "",
                name=unit.listed.name,
                is_deleted=unit.listed.is_deleted,
            )
            for urn, unit in sorted(units.items())
        ],
        update_conflicts=True,
        unique_fields=["urn"],
        update_fields=["kind", "name", "is_deleted"],
    )
    return {party.urn: party for party in Party.objects.filter(urn__in=units)}


def _follow_main_units(parties: dict[str, Party], units: dict[str, _Unit]) -> None:
    moved = []
    for urn, unit in units.items():
        main = parties[unit.main_urn]
        party = parties[urn]
        if party is not main and party.client_id != main.client_id:
            party.client_id = main.client_id
            moved.append(party)
    Party.objects.bulk_update(moved, ["client"])


def _save_accesses(system_user: SystemUser, parties: list[Party], *, now: datetime) -> int:
    """Add what is new and revive what had been lost; return how many of either."""
    keys = [party.pk for party in parties]
    held = set(system_user.accesses.filter(party__in=keys).values_list("party_id", flat=True))
    new = [
        Access(system_user=system_user, party=p, found_at=now) for p in parties if p.pk not in held
    ]
    Access.objects.bulk_create(new, ignore_conflicts=True)
    back = system_user.accesses.filter(Q(party__in=keys), lost_at__isnull=False)
    return len(new) + back.update(lost_at=None, loaded_at=None)
