"""Register clients, and keep their parties in step with Altinn's own list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from altinn.dialogporten import AuthorizedParty
from altinn.identifiers import orgnr_of, party_urn
from clients.models import Access, AreaResponsible, Client, Party, ServiceArea, SystemUser
from staff import audit
from staff.models import Team, User


def check_unregistered(orgnr: str) -> None:
    """Refuse a number that is a client's already, or a sub-unit's; the text names the client.

    Raises:
        ValidationError: with the code `taken`, `archived` or `sub_unit`, and the client's name.
    """
    if client := Client.objects.filter(orgnr=orgnr).first():
        if client.archived_at is None:
            taken = _("%(name)s er allerede registrert med dette nummeret.")
            raise ValidationError(taken, code="taken", params={"name": client.name})
        archived = _("%(name)s har dette nummeret og er arkivert. Hent klienten tilbake i stedet.")
        raise ValidationError(archived, code="archived", params={"name": client.name})
    party = Party.objects.filter(orgnr=orgnr).select_related("client").first()
    if party and party.client:
        sub = _("Nummeret er en underenhet som allerede hører til %(name)s.")
        raise ValidationError(sub, code="sub_unit", params={"name": party.client.name})
    if party and party.kind == Party.Kind.SUB:
        sub = _("%(name)s er en underenhet. Registrer hovedenheten, så følger underenhetene med.")
        raise ValidationError(sub, code="sub_unit", params={"name": party.name})


def register_client(
    *,
    orgnr: str,
    name: str,
    actor: User | None,
    now: datetime,
    responsible: User | None = None,
    team: Team | None = None,
    members: Iterable[User] = (),
    is_firm: bool = False,
) -> Client:
    """Add a client by its organisation number. Its dialogs come once Altinn lists its party.

    Raises:
        ValidationError: the number is not valid, or the client exists.
    """
    check_unregistered(orgnr)
    client = Client(
        orgnr=orgnr, name=name, responsible=responsible, team=team, is_firm=is_firm, added_at=now
    )
    client.full_clean()
    with transaction.atomic():
        client.save()
        client.members.set(members)
        party, is_new = Party.objects.get_or_create(
            urn=party_urn(orgnr),
            defaults={"client": client, "kind": Party.Kind.MAIN, "orgnr": orgnr, "name": name},
        )
        if not is_new:
            party.client = client
            party.save(update_fields=["client"])
        audit.record(actor=actor, act="client added", about=f"client {client.pk}", now=now)
    return client


def change_client(
    client: Client,
    *,
    name: str,
    responsible: User | None,
    team: Team | None,
    members: Iterable[User],
    is_firm: bool,
    actor: User | None,
    now: datetime,
) -> bool:
    """Change what we say of a client; its number stays. Return whether anything was different.

    Raises:
        ValidationError: another client is the firm itself.
    """
    with transaction.atomic():
        client = Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
        before = _facts_of(client)
        client.name, client.responsible, client.team = name, responsible, team
        client.is_firm = is_firm
        client.full_clean()
        client.save(update_fields=["name", "responsible", "team", "is_firm"])
        client.members.set(members)
        changed = _changed(before, _facts_of(client))
        if changed:
            about = f"client {client.pk}"
            audit.record(actor=actor, act="client changed", about=about, now=now, **changed)
    return bool(changed)


def _facts_of(client: Client) -> dict[str, Any]:
    return {
        "name": client.name,
        "responsible": client.responsible_id,
        "team": client.team_id,
        "members": sorted(client.members.values_list("pk", flat=True)),
        "is_firm": client.is_firm,
    }


def _changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return what differs, as {name: [before, after]}: the audit log's detail."""
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}


def set_area_responsibles(
    client: Client, wanted: Mapping[ServiceArea, User | None], *, actor: User | None, now: datetime
) -> Client:
    """Say who gets a client's new dialogs of some areas; return the client, locked."""
    with transaction.atomic():
        client = Client.objects.select_for_update(of=("self",), no_key=True).get(pk=client.pk)
        before = dict(client.area_responsibles.values_list("area", "user"))
        changed = {}
        for area, user in wanted.items():
            former, new = before.get(area.pk), user.pk if user else None
            if former == new:
                continue
            changed[area.name] = [former, new]
            if user:
                AreaResponsible.objects.update_or_create(
                    client=client, area=area, defaults={"user": user}
                )
            else:
                client.area_responsibles.filter(area=area).delete()
        if changed:
            about = f"client {client.pk}"
            audit.record(
                actor=actor, act="client areas changed", about=about, now=now, areas=changed
            )
    return client


def set_substitute(
    client: Client, substitute: User | None, *, actor: User | None, now: datetime
) -> None:
    """Say whom to ask while the responsible is away; they become a member, to see the client."""
    with transaction.atomic():
        client = Client.objects.select_for_update(of=("self",), no_key=True).get(pk=client.pk)
        before = client.substitute_id
        if before == (substitute.pk if substitute else None):
            return
        client.substitute = substitute
        client.save(update_fields=["substitute"])
        if substitute:
            client.members.add(substitute)
        changed = {"substitute": [before, substitute.pk if substitute else None]}
        about = f"client {client.pk}"
        audit.record(actor=actor, act="client changed", about=about, now=now, **changed)


def archive_client(client: Client, *, actor: User | None, now: datetime) -> None:
    """Stop reading a client. What we hold of it stays, and it can be brought back."""
    with transaction.atomic():
        if Client.objects.filter(pk=client.pk, archived_at=None).update(archived_at=now):
            audit.record(actor=actor, act="client archived", about=f"client {client.pk}", now=now)


def unarchive_client(client: Client, *, actor: User | None, now: datetime) -> None:
    """Read a client again: in full, as much may have happened meanwhile."""
    with transaction.atomic():
        archived = Client.objects.filter(pk=client.pk, archived_at__isnull=False)
        if archived.update(archived_at=None):
            Access.objects.filter(party__client=client.pk).update(loaded_at=None)
            about = f"client {client.pk}"
            audit.record(actor=actor, act="client brought back", about=about, now=now)


def adopt_parties(parties: Iterable[Party], *, actor: User | None, now: datetime) -> int:
    """Make clients of parties that Altinn lists and nobody has registered; return how many.

    Safe to repeat, and to do by two people at once. Sub-units follow at the next reading.
    """
    wanted = {party.pk: party for party in parties}
    with transaction.atomic():
        free = Party.objects.filter(pk__in=wanted, client=None, kind=Party.Kind.MAIN)
        ours = [wanted[party.pk] for party in free.select_for_update(of=("self",)).order_by("urn")]
        added = Client.objects.bulk_create(
            [Client(orgnr=p.orgnr or None, name=p.name, added_at=now) for p in ours]
        )
        for party, client in zip(ours, added, strict=True):
            party.client = client
            audit.record(actor=actor, act="client added", about=f"client {client.pk}", now=now)
        Party.objects.bulk_update(ours, ["client"], batch_size=1000)
    return len(ours)


def add_system_user(
    *,
    name: str,
    kind: str,
    owner_orgnr: str,
    external_ref: str,
    adds_clients: bool,
    actor: User | None,
    now: datetime,
    is_active: bool = True,
) -> SystemUser:
    """Register a system user that the firm has approved in Altinn.

    Raises:
        ValidationError: the owner's number is not valid, or the system user is here already.
    """
    system_user = SystemUser(
        name=name,
        kind=kind,
        owner_orgnr=owner_orgnr,
        external_ref=external_ref,
        adds_clients=adds_clients,
        is_active=is_active,
    )
    system_user.full_clean()
    with transaction.atomic():
        system_user.save()
        about = f"system user {system_user.pk}"
        audit.record(actor=actor, act="system user added", about=about, now=now)
    return system_user


def change_system_user(
    system_user: SystemUser, *, actor: User | None, now: datetime, **facts: Any
) -> bool:
    """Change a system user's fields by name; return whether anything was different.

    What was wrong with it is forgotten: the next reading tells how it is now.

    Raises:
        ValidationError: a value is not valid, or another system user is the same one in Altinn.
    """
    with transaction.atomic():
        system_user = SystemUser.objects.select_for_update(of=("self",)).get(pk=system_user.pk)
        before = {name: getattr(system_user, name) for name in facts}
        for name, value in facts.items():
            setattr(system_user, name, value)
        changed = _changed(before, facts)
        if changed:
            system_user.full_clean()
            system_user.trouble, system_user.trouble_since_at = "", None
            system_user.save(update_fields=[*changed, "trouble", "trouble_since_at"])
            about = f"system user {system_user.pk}"
            audit.record(actor=actor, act="system user changed", about=about, now=now, **changed)
    return bool(changed)


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
    """Let sub-units be where their main unit is, but where Enhetsregisteret knows better."""
    moved = []
    for urn, unit in units.items():
        main = parties[unit.main_urn]
        party = parties[urn]
        if party is main or party.parent_orgnr not in {"", main.orgnr}:
            continue
        if party.client_id != main.client_id:
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
