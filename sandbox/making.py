"""Makes the worlds, the same one each time for a name, a seed and a day."""

import random

from sandbox import edges, hostile, ids, names, onboarding, registers, samples
from sandbox.clock import DAY, SECOND
from sandbox.letters import compose
from sandbox.model import Party, SystemUser
from sandbox.templates import Template, all_templates, services
from sandbox.world import World

PAYROLL = ("lonn", "sykefravaer", "permisjon")  # what the second system user may see
SIZES = {"small": (12, 60), "demo": (150, 6000), "load": (1000, 100_000)}
FIXED = {"services": samples.fill, "hostile": hostile.fill}
WORLDS = (*SIZES, *FIXED, "onboarding")
YEAR = 365
PRESSING = 0.02  # the share that is made to be due about now


def make_world(
    name: str,
    *,
    seed: int,
    base_url: str,
    anchor: int,
    clients: int | None = None,
    dialogs: int | None = None,
) -> World:
    """Make a world relative to the anchor (midnight of a day).

    Raises:
        ValueError: there is no world of that name.
    """
    if name not in WORLDS:
        raise ValueError(f"no world is called {name!r}; there are {', '.join(WORLDS)}")
    world = World(name=name, seed=seed, base_url=base_url, anchor=anchor)
    if name in FIXED:
        FIXED[name](world)
        registers.fill(world)
        return world
    world.services = services()
    if name == "onboarding":
        _fill_onboarding(world, clients or onboarding.CLIENTS, dialogs)
        return world
    client_count = clients or SIZES[name][0]
    units = {"small": 2, "demo": 40}.get(name, client_count // 4)
    _people_the_world(world, client_count, units)
    _appoint(world)
    if name == "small":
        edges.fill(world)
    _fill(world, (dialogs or SIZES[name][1]) - len(world.dialogs))
    registers.fill(world)
    return world


def _fill_onboarding(world: World, client_count: int, dialogs: int | None) -> None:
    """Make a firm without system users; of its clients, some are not companies at all."""
    if client_count < 80:
        raise ValueError("onboarding needs at least 80 clients")
    _people_the_world(world, client_count + 1 - onboarding.NOT_COMPANIES, client_count // 4)
    onboarding.prepare(world)
    _fill(world, dialogs or client_count * (6 if client_count < 1000 else 2))
    onboarding.post(world)


def _party(world: World, dice: random.Random, orgnr: str, name: str, form: str) -> Party:
    party = Party(
        urn=ids.ORGANIZATION + orgnr,
        orgnr=orgnr,
        name=name,
        party_id=51_000_000 + len(world.parties),
        uuid=ids.uuid4(dice),
        form=form,
        has_employees=form not in ("ESEK", "STI", "ENK") or dice.random() < 0.2,
        weight=dice.lognormvariate(0, 0.6),
    )
    world.add_party(party)
    return party


def _people_the_world(world: World, client_count: int, units: int) -> None:
    dice = world.dice
    numbers = ids.orgnrs(dice, client_count + units + 2)
    world.vendor = numbers.pop()
    firm = _party(world, dice, numbers.pop(), names.FIRM, "AS")
    world.firm = firm.urn
    found = names.companies(dice, client_count - 1)
    mains = [_party(world, dice, numbers.pop(), name, form) for name, form in found]
    with_staff = [main for main in mains if main.has_employees]
    for position in range(min(units, len(numbers), len(with_staff) * 3)):
        main = with_staff[position % len(with_staff)]
        place = "" if position < len(with_staff) else f" avd. {position // len(with_staff) + 1}"
        unit = _party(world, dice, numbers.pop(), f"{main.name}{place}", "BEDR")
        unit.parent = main.urn
        unit.weight = main.weight
        world.sub_units.setdefault(main.urn, []).append(unit)


def _appoint(world: World) -> None:
    """Give the firm its two agent system users, and one client a system user of its own."""
    dice = world.dice
    firm_orgnr = world.parties[world.firm].orgnr
    everyone = set(world.parties)
    staffed = {
        urn for urn, party in world.parties.items() if party.has_employees and urn != world.firm
    }
    payroll = {urn for position, urn in enumerate(sorted(staffed)) if position % 3}
    own = next(
        party for party in world.parties.values() if party.urn in world.sub_units
    )  # a client with a sub-unit
    own_parties = {own.urn, *(unit.urn for unit in world.sub_units[own.urn])}
    for owner, ref, kind, name, parties, only in (
        (firm_orgnr, "regnskap", "agent", f"{names.FIRM}: regnskap", everyone, None),
        (firm_orgnr, "lonn", "agent", f"{names.FIRM}: lønn", payroll, PAYROLL),
        (own.orgnr, own.orgnr, "standard", f"{own.name}: innboks", own_parties, None),
    ):
        key = ids.uuid4(dice)
        resources = {
            urn for urn, service in world.services.items() if only and service.category in only
        }
        world.users[key] = SystemUser(
            id=key, owner=owner, external_ref=ref, kind=kind, name=name,
            parties=set(parties), resources=resources or None,
        )  # fmt: skip


class _Deck:
    """Draws templates that suit a party, by their weights."""

    pressing: "_Deck | None" = None  # those that ask for work by a day, less unevenly

    def __init__(self, templates: list[Template]) -> None:
        urgent = [t for t in templates if not t.is_finished and t.days_to_due is not None]
        if urgent and len(urgent) < len(templates):
            self.pressing = _Deck(urgent)
        self.templates = templates
        self.weights: list[float] = []
        total = 0.0
        for template in templates:
            total += template.weight
            self.weights.append(total)

    def draw(self, dice: random.Random) -> Template:
        return dice.choices(self.templates, cum_weights=self.weights)[0]


class Decks:
    """Which templates suit which party: sub-units hear from NAV, the firm of its clients."""

    def __init__(self) -> None:
        everything = list(all_templates().values())
        main = [template for template in everything if template.party_level == "main"]
        self._firm = _Deck([t for t in everything if t.party_level != "sub"])
        self._unit = _Deck([t for t in everything if t.party_level == "sub"])
        self._staffed = _Deck(main)
        self._plain = _Deck([t for t in main if t.category != "lonn"])
        club = {"skattemelding-as-klar", "aksjonaerregister", "skatteoppgjor-as"}
        self._club = _Deck([t for t in main if t.category != "lonn" and t.key not in club])

    def suiting(self, world: World, party: Party) -> _Deck:
        if party.urn == world.firm:
            return self._firm
        if party.parent:
            return self._unit
        if party.has_employees:
            return self._staffed
        return self._club if party.form in ("ESEK", "STI", "FLI", "BRL") else self._plain


def _fill(world: World, count: int) -> None:
    """Spread dialogs over the parties and over a year, most of them done with."""
    dice = world.dice
    decks = Decks()
    parties = [p for p in world.parties.values() if not p.is_deleted and p.weight]
    weights = [party.weight * (0.5 if party.parent else 1.0) for party in parties]
    owners = dice.choices(parties, weights=weights, k=max(0, count))
    if count >= len(parties):
        owners[: len(parties)] = parties  # nobody is left without
    for party in owners:
        deck = decks.suiting(world, party)
        pressing = deck.pressing if dice.random() < PRESSING else None
        template = (pressing or deck).draw(dice)
        age = int(dice.random() ** 1.5 * YEAR) + 1
        if pressing and template.days_to_due is not None:
            age = max(1, template.days_to_due - dice.randrange(-5, 15))
        if template.created_at_offset_days < -YEAR:
            age += YEAR
        created = world.anchor - age * DAY + dice.randrange(6 * 3600, 17 * 3600) * SECOND
        created += dice.randrange(SECOND)
        days_left = (template.days_to_due if template.days_to_due is not None else 25) - age
        settled = 0.2 if pressing or days_left > 0 else 0.985 if days_left < -20 else 0.85
        world.add(
            compose(
                world, template, party,
                created=created, now=world.anchor, dice=dice, settled=settled,
            )
        )  # fmt: skip
