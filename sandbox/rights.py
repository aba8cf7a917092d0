"""What a system user sees follows from what it was approved for and what its clients have given.

A system user of a world that was made with one has its parties written down, and keeps them.
"""

from typing import TYPE_CHECKING

from sandbox import ids, packages
from sandbox.model import SystemUser

if TYPE_CHECKING:
    from sandbox.world import World


def held_for(world: "World", user: SystemUser, orgnr: str) -> set[str]:
    """List those of the system user's packages that it can use for a company."""
    if orgnr == user.owner:
        return set(user.packages) if user.kind == "standard" else set()
    return world.registers.given.get(orgnr, set()).intersection(user.packages)


def is_ready(world: "World", user: SystemUser, orgnr: str) -> bool:
    """Tell whether a company holds all an agent needs, so that it can be added."""
    given = world.registers.given.get(orgnr, set())
    return bool(user.packages) and given.issuperset(user.packages)


def refresh(world: "World", user: SystemUser, urn: str | None = None) -> None:
    """Work out again what a system user sees: of one main unit, or of all."""
    if not user.system:
        return
    if user.kind == "standard":
        mains = {ids.ORGANIZATION + user.owner}
    elif urn is not None:
        mains = {urn}
    else:
        mains = set(user.clients) | {one for one in user.parties if one in world.sub_units}
    for main in mains:
        seen = user.kind == "standard" or main in user.clients
        orgnr = main.removeprefix(ids.ORGANIZATION)
        found = packages.resources_in(held_for(world, user, orgnr), world.services) if seen else (
            frozenset()
        )  # fmt: skip
        found |= {f"urn:altinn:resource:{right}" for right in user.rights} if seen else set()
        for one in (main, *(unit.urn for unit in world.sub_units.get(main, []))):
            if found:
                user.parties.add(one)
                user.by_party[one] = found
            else:
                user.parties.discard(one)
                user.by_party.pop(one, None)


def give(world: "World", user: SystemUser, urn: str, *, is_added: bool) -> None:
    """Add a client to a system user, or remove it."""
    kept = user.clients if user.system else user.parties
    if is_added:
        kept.add(urn)
    else:
        kept.discard(urn)
    refresh(world, user, urn)


def refresh_all(world: "World", orgnr: str) -> None:
    """Let every system user see what a company (or a sub-unit's) now lets it see."""
    urn = ids.ORGANIZATION + orgnr
    party = world.parties.get(urn)
    main = party.parent if party and party.parent else urn
    for user in world.users.values():
        refresh(world, user, main)
