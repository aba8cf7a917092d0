"""The world `onboarding`: a firm that has nothing yet, and a list of clients, 18 of them odd.

The firm has no system and no system user; the vendor has a client at Maskinporten. `FAULTS` says
what each of the odd ones lacks, and what a portal should make of it.
"""

import random
from collections.abc import Callable

import msgspec

from sandbox import ids, packages, registers
from sandbox.clock import DAY, SECOND
from sandbox.letters import compose
from sandbox.model import Party
from sandbox.registers import ACCOUNTANT, AUDITOR, Role, Unit
from sandbox.templates import LEVEL_FOUR, POLL_ONLY, Template, all_templates
from sandbox.world import World

CLIENTS = 200
NOT_COMPANIES = 2  # of the list: a sub-unit's number, and a number nobody has
SILENT_DAYS = 52
_OTHER_FIRM = "Strandkanten Regnskap AS"


class Fault(msgspec.Struct, frozen=True):
    key: str
    why: str
    conclusion: str


FAULTS = [
    Fault("no-role", "has another accountant, and has given the firm nothing", "no-role"),
    Fault("auditor-only", "the firm is its auditor, not its accountant", "no-role"),
    Fault("role-ended", "the firm's role as accountant ended some days ago", "no-role"),
    Fault("bankrupt", "is bankrupt; Altinn would still let it be added", "ended"),
    Fault("deleted", "was deleted; the role is struck out", "ended"),
    Fault("removed", "was removed from the register for legal reasons: 410", "ended"),
    Fault("forced-dissolution", "is being dissolved by force; Altinn would let it be added",
          "ended"),
    Fault("package-missing", "the role is registered, but Altinn has given the firm no package",
          "package-missing"),
    Fault("signature-missing", "has not given regnskapsforer-med-signeringsrettighet",
          "package-missing"),
    Fault("post-missing", "has given the accountant's packages, but neither of those for mail",
          "partly"),
    Fault("level-four", "only has dialogs of services that want level 4", "partly"),
    Fault("access-list", "is available, but adding it is refused: AUTH-00069", "package-missing"),
    Fault("unknown-to-altinn", "is in Enhetsregisteret with the role, but Altinn has no such party",
          "package-missing"),
    Fault("person-client", "is a sole trader; the owner's own dialogs are out of reach", "partly"),
    Fault("sub-unit", "is a sub-unit's number: the main unit is the client", "not-a-client"),
    Fault("unknown-number", "is a number nobody has: 404 everywhere", "not-a-client"),
    Fault("poll-only", "only has services that refuse subscriptions: 403", "sees-all"),
    Fault("silent", f"used to get three dialogs a month, and none for {SILENT_DAYS} days",
          "sees-all"),
]  # fmt: skip


def prepare(world: World) -> None:
    """Register the companies, take from the odd ones what they lack, and write the list."""
    registers.fill(world)
    dice = random.Random(f"onboarding/{world.seed}")
    mains = [party for party in world.parties.values()
             if party.orgnr and not party.parent and party.urn != world.firm]  # fmt: skip
    traders = [party for party in mains if party.form == "ENK"]
    others = [party for party in mains if party.form == "AS" and party.urn not in world.sub_units]
    dice.shuffle(others)
    world.registers.units[_other_firm(world)] = Unit(
        orgnr=_other_firm(world), name=_OTHER_FIRM.upper(), form="AS"
    )
    chosen: dict[str, str] = {}
    for fault in FAULTS:
        match fault.key:
            case "person-client":
                party = dice.choice(traders or others)
            case "sub-unit":
                party = dice.choice(next(iter(world.sub_units.values())))
            case "unknown-number":
                chosen[fault.key] = _free_number(world, dice)
                continue
            case _:
                party = others.pop()
        chosen[fault.key] = party.orgnr
        _TAKE.get(fault.key, _nothing)(world, party)
    world.registers.faults = _listed(world, mains, chosen)


def _listed(world: World, mains: list[Party], chosen: dict[str, str]) -> list[dict[str, str]]:
    by_orgnr = {orgnr: key for key, orgnr in chosen.items()}
    told = {fault.key: fault for fault in FAULTS}
    orgnrs = [party.orgnr for party in mains]
    orgnrs += [chosen["sub-unit"], chosen["unknown-number"]]
    rows = []
    for orgnr in orgnrs:
        unit = world.registers.units.get(orgnr)
        fault = told.get(by_orgnr.get(orgnr, ""))
        rows.append(
            {
                "orgnr": orgnr,
                "name": unit.name if unit else "",
                "fault": fault.key if fault else "",
                "why": fault.why if fault else "",
                "conclusion": fault.conclusion if fault else "sees-all",
            }
        )
    return rows


def _other_firm(world: World) -> str:
    return next(found for serial in range(31_999_900, 31_999_999) if (found := ids.orgnr(serial))
                and ids.ORGANIZATION + found not in world.parties)  # fmt: skip


def _free_number(world: World, dice: random.Random) -> str:
    taken = world.registers.units
    return next(number for number in ids.orgnrs(dice, 20) if number not in taken)


def _nothing(world: World, party: Party) -> None:
    """Leave the register as it is; what is odd about this one is elsewhere."""


def _no_role(world: World, party: Party) -> None:
    world.registers.roles[party.orgnr][1] = Role(code=ACCOUNTANT, holder=_other_firm(world))
    world.registers.given[party.orgnr] = set()


def _auditor_only(world: World, party: Party) -> None:
    firm = world.parties[world.firm].orgnr
    held = world.registers.roles[party.orgnr]
    held[1:] = [Role(code=AUDITOR, holder=firm),
                Role(code=ACCOUNTANT, holder=_other_firm(world))]  # fmt: skip
    world.registers.given[party.orgnr] = {"ansvarlig-revisor", "revisormedarbeider"}


def _role_ended(world: World, party: Party) -> None:
    world.registers.roles[party.orgnr][1].has_left = True
    world.registers.given[party.orgnr] = set()
    world.registers.note(party.orgnr, "roller", world.anchor - 4 * DAY)


def _bankrupt(world: World, party: Party) -> None:
    world.registers.units[party.orgnr].is_bankrupt = True


def _deleted(world: World, party: Party) -> None:
    party.is_deleted = True
    world.registers.units[party.orgnr].deleted_on = "2026-09-30"
    world.registers.roles[party.orgnr][1].is_struck = True
    world.registers.given[party.orgnr] = set()


def _removed(world: World, party: Party) -> None:
    party.is_deleted = True
    unit = world.registers.units[party.orgnr]
    unit.deleted_on, unit.is_removed = "2025-12-31", True
    world.registers.roles[party.orgnr] = []
    world.registers.given[party.orgnr] = set()


def _forced(world: World, party: Party) -> None:
    world.registers.units[party.orgnr].is_forced = True


def _packages_missing(world: World, party: Party) -> None:
    world.registers.given[party.orgnr] = set()


def _signature_missing(world: World, party: Party) -> None:
    world.registers.given[party.orgnr] -= {"regnskapsforer-med-signeringsrettighet"}


def _post_missing(world: World, party: Party) -> None:
    world.registers.given[party.orgnr] -= set(packages.POST)


def _barred(world: World, party: Party) -> None:
    world.registers.barred.add(party.orgnr)


def _unknown(world: World, party: Party) -> None:
    del world.parties[party.urn]


def _weightless(world: World, party: Party) -> None:
    party.weight = 0  # its dialogs are made by `post`


def _person(world: World, party: Party) -> None:
    """Let a sole trader have an owner, who is a party of their own."""
    held = world.registers.roles[party.orgnr]
    number = ids.identity_number(11, 2, 1969)
    held[0] = Role(code="INNH", person=held[0].person, born_on="1969-02-11")
    world.add_party(
        Party(
            urn=ids.PERSON + number, orgnr="", name=held[0].person, kind="Person",
            party_id=50_000_002, uuid=ids.uuid7_of(0, number), form="",
            date_of_birth="1969-02-11", has_employees=False, weight=0,
        )
    )  # fmt: skip


_TAKE: dict[str, Callable[[World, Party], None]] = {
    "no-role": _no_role,
    "auditor-only": _auditor_only,
    "role-ended": _role_ended,
    "bankrupt": _bankrupt,
    "deleted": _deleted,
    "removed": _removed,
    "forced-dissolution": _forced,
    "package-missing": _packages_missing,
    "signature-missing": _signature_missing,
    "post-missing": _post_missing,
    "level-four": _weightless,
    "access-list": _barred,
    "unknown-to-altinn": _unknown,
    "person-client": _person,
    "poll-only": _weightless,
    "silent": _weightless,
}


def post(world: World) -> None:
    """Give those whose post is what is odd about them their dialogs."""
    templates = list(all_templates().values())
    found = {row["fault"]: row["orgnr"] for row in world.registers.faults}
    high = [one for one in templates if one.resource in LEVEL_FOUR]
    refusing = [one for one in templates
                if one.resource in POLL_ONLY and one.category == "skatt"]  # fmt: skip
    usual = [one for one in templates if one.party_level == "main" and one.category == "mva"]
    _send(world, found["level-four"], high, [5, 19, 40])
    _send(world, found["poll-only"], refusing, [8, 30])
    _send(world, found["silent"], usual, [SILENT_DAYS + 10 * step for step in range(30)])
    person = next(party for party in world.parties.values() if party.kind == "Person")
    tax = [one for one in templates if one.key == "skattekort-endret"]
    for age in (6, 60):
        _one(world, person, tax[0], age)


def _send(world: World, orgnr: str, among: list[Template], ages: list[int]) -> None:
    party = world.parties[ids.ORGANIZATION + orgnr]
    for place, age in enumerate(ages):
        _one(world, party, among[place % len(among)], age)


def _one(world: World, party: Party, template: Template, age: int) -> None:
    created = world.anchor - age * DAY + 9 * 3600 * SECOND + world.dice.randrange(SECOND)
    world.add(compose(world, template, party, created=created, now=world.anchor, dice=world.dice))
