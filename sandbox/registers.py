"""What is registered of companies and people beside their post: Enhetsregisteret's side, what
clients have given the firm in Altinn, the vendors' systems, and who may decide for a company.

Times are stamps (see `clock`); days are written as ISO dates.
"""

import random
from typing import TYPE_CHECKING

import msgspec

from sandbox import ids, names, packages

if TYPE_CHECKING:
    from sandbox.model import Party
    from sandbox.world import World

ACCOUNTANT, AUDITOR = "REGN", "REVI"
_FIRST_UPDATE = 21_000_000
_PLACES = (
    ("5003", "BERGEN", "4601"),
    ("7010", "TRONDHEIM", "5001"),
    ("9008", "TROMSØ", "5501"),
    ("4006", "STAVANGER", "1103"),
    ("6002", "ÅLESUND", "1508"),
    ("0150", "OSLO", "0301"),
)


class Unit(msgspec.Struct, kw_only=True):
    """A company or a sub-unit as Enhetsregisteret knows it."""

    orgnr: str
    name: str
    form: str
    parent: str = ""  # the main unit's number
    deleted_on: str = ""
    is_removed: bool = False  # for legal reasons: 410
    is_bankrupt: bool = False
    is_dissolving: bool = False
    is_forced: bool = False  # dissolved by force
    has_vat: bool = True
    employees: int = 0
    email: str = ""
    phone: str = ""
    place: tuple[str, str, str] = _PLACES[0]  # post code, town, municipality's number

    @property
    def is_there(self) -> bool:
        return not (self.deleted_on or self.is_removed)


class Role(msgspec.Struct, kw_only=True):
    """Somebody's role in a company: another company's (`holder`), or a person's."""

    code: str
    holder: str = ""
    person: str = ""
    born_on: str = ""
    has_left: bool = False
    is_struck: bool = False  # avregistrert


class Update(msgspec.Struct, kw_only=True):
    """An entry of Enhetsregisteret's feeds."""

    id: int
    at: int
    orgnr: str
    kind: str  # Ny, Endring, Sletting, Fjernet; or `roller`
    is_sub_unit: bool = False


class Human(msgspec.Struct, kw_only=True):
    """Somebody who can log in with ID-porten, and what they may do for the firm."""

    pid: str
    name: str
    uuid: str
    user_id: int
    title: str
    packages: list[str] = []  # `klientadministrator`, `tilgangsstyrer`

    def shown(self) -> dict[str, object]:
        return {"pid": self.pid, "name": self.name, "title": self.title, "packages": self.packages}


class System(msgspec.Struct, kw_only=True):
    """A vendor's system in Altinn's system register. `shown` is the body it was registered with."""

    id: str
    internal_id: str
    vendor: str
    names: dict[str, str]
    descriptions: dict[str, str]
    rights: list[str] = []  # resource ids
    packages: list[str] = []  # names, without the URN's beginning
    client_ids: list[str] = []
    is_visible: bool = False
    redirect_urls: list[str] = []
    is_deleted: bool = False
    changes: list[dict[str, object]] = []


class AccessRequest(msgspec.Struct, kw_only=True):
    """A vendor's request for a system user, or for a change of one."""

    id: str
    number: int
    kind: str  # standard, agent or change
    system: str
    party: str  # organisation number
    external_ref: str
    packages: list[str] = []
    rights: list[str] = []
    unwanted_packages: list[str] = []
    unwanted_rights: list[str] = []
    user: str = ""  # of a change: the system user's id
    title: str = ""
    redirect_url: str | None = None
    status: str = "New"
    is_escalated: bool = False
    created: int = 0


class Registers(msgspec.Struct, kw_only=True):
    units: dict[str, Unit] = {}
    roles: dict[str, list[Role]] = {}  # in a company, by its number
    updates: list[Update] = []
    given: dict[str, set[str]] = {}  # by client: packages the firm holds for it
    barred: set[str] = set()  # clients whose services' access lists leave the firm out
    people: dict[str, Human] = {}
    systems: dict[str, System] = {}
    requests: dict[str, AccessRequest] = {}
    last_request: int = 0
    faults: list[dict[str, str]] = []  # what clients of the world `onboarding` lack

    def note(self, orgnr: str, kind: str, at: int, *, is_sub_unit: bool = False) -> None:
        """Tell of a change in Enhetsregisteret's feeds."""
        number = _FIRST_UPDATE + len(self.updates) + 1
        self.updates.append(
            Update(id=number, at=at, orgnr=orgnr, kind=kind, is_sub_unit=is_sub_unit)
        )


def fill(world: "World") -> None:
    """Register every company of a world that is not yet, with the firm as its accountant."""
    dice = random.Random(f"registers/{world.name}/{world.seed}")
    firm = world.parties[world.firm]
    found = world.registers
    for party in world.parties.values():
        if not party.orgnr or party.orgnr in found.units:
            continue
        parent = world.parties[party.parent].orgnr if party.parent else ""
        found.units[party.orgnr] = _unit(party, parent, dice)
        if parent:
            continue
        found.roles[party.orgnr] = [_manager(dice)]
        if party is not firm:
            found.roles[party.orgnr].append(Role(code=ACCOUNTANT, holder=firm.orgnr))
            found.given[party.orgnr] = set(packages.USUAL)
    if not found.people:
        _hire(world, dice)


def _unit(party: "Party", parent: str, dice: random.Random) -> Unit:
    word = "".join(letter for letter in party.name.lower() if letter.isascii() and letter.isalpha())
    return Unit(
        orgnr=party.orgnr,
        name=party.name.upper(),
        form=party.form,
        parent=parent,
        deleted_on="2026-03-31" if party.is_deleted else "",
        has_vat=party.form not in ("ESEK", "STI", "FLI"),
        employees=dice.randrange(1, 60) if party.has_employees else 0,
        email=f"post@{word}.example" if dice.random() < 0.8 else "",
        phone=f"5{dice.randrange(10**7):07d}" if dice.random() < 0.7 else "",
        place=dice.choice(_PLACES),
    )


def _manager(dice: random.Random) -> Role:
    born = f"{1950 + dice.randrange(50)}-{1 + dice.randrange(12):02d}-{1 + dice.randrange(28):02d}"
    return Role(code="DAGL", person=names.person(dice), born_on=born)


def _hire(world: "World", dice: random.Random) -> None:
    """Give the firm a manager, a client administrator, and somebody who may do neither."""
    for position, (title, allowed) in enumerate(
        (
            ("Daglig leder, kan godkjenne og er klientadministrator",
             ["tilgangsstyrer", "klientadministrator"]),
            ("Klientadministrator", ["klientadministrator"]),
            ("Medarbeider uten rettigheter", []),
        )
    ):  # fmt: skip
        pid = ids.identity_number(3 + position, 4, 1971 + 5 * position)
        world.registers.people[pid] = Human(
            pid=pid, name=names.person(dice), uuid=ids.uuid4(dice),
            user_id=20_000_001 + position, title=title, packages=list(allowed),
        )  # fmt: skip
