"""Controls for what happens to companies, requests, system users and people who log in."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from sandbox import access_requests, change_requests, confirming, ids, packages, rights
from sandbox import system_users as users
from sandbox.controls import OPERATION, body_of, wrong
from sandbox.enhetsregisteret import shown as unit_shown
from sandbox.model import Json, Party
from sandbox.orders import listed
from sandbox.problems import json_response
from sandbox.registers import ACCOUNTANT, AUDITOR, Role, Unit

if TYPE_CHECKING:
    from sandbox.state import Sandbox
    from sandbox.world import World

_MARKS = {
    "bankrupt": "is_bankrupt",
    "dissolving": "is_dissolving",
    "forced_dissolution": "is_forced",
    "name": "name",
    "email": "email",
    "phone": "phone",
    "vat": "has_vat",
}


def onboarding(box: "Sandbox", request: Request) -> Response:
    """List the clients that lack something; `?all=1` lists every client the firm has."""
    with box.world.lock:
        rows = box.world.registers.faults
        return json_response(rows if "all" in request.args else [r for r in rows if r["fault"]])


def units(box: "Sandbox", request: Request) -> Response:
    """Let something happen to a company in Enhetsregisteret, or to what it has given the firm."""
    body = body_of(request)
    orgnr = str(body.get("orgnr"))
    world = box.world
    with world.lock:
        unit = world.registers.units.get(orgnr)
        if unit is None:
            raise wrong("there is no such orgnr")
        now = box.clock.now()
        for name, field in _MARKS.items():
            if name in body:
                setattr(unit, field, body[name])
                world.registers.note(orgnr, "Endring", now, is_sub_unit=bool(unit.parent))
        party = world.parties.get(ids.ORGANIZATION + orgnr)
        if party and "name" in body:
            party.name = unit.name
        if "deleted" in body or "removed" in body:
            _end(box, unit, party, body)
        if "sub_unit" in body and party:
            _add_sub_unit(box, party, str(body["sub_unit"]))
        if "moved_to" in body and party:
            _move(box, unit, party, str(body["moved_to"]))
        _change_rights(box, orgnr, body)
        given = sorted(world.registers.given.get(orgnr, ()))
        return json_response({"unit": unit_shown(box, unit), "given": given})


def _end(box: "Sandbox", unit: Unit, party: Party | None, body: Json) -> None:
    is_gone = bool(body.get("deleted") or body.get("removed"))
    unit.deleted_on = "2026-11-01" if is_gone else ""
    unit.is_removed = bool(body.get("removed"))
    if party:
        party.is_deleted = is_gone
    kind = "Fjernet" if unit.is_removed else "Sletting" if is_gone else "Endring"
    box.world.registers.note(unit.orgnr, kind, box.clock.now(), is_sub_unit=bool(unit.parent))


def _add_sub_unit(box: "Sandbox", main: Party, name: str) -> None:
    world = box.world
    taken = world.registers.units
    orgnr = next(one for one in ids.orgnrs(box.dice, 50) if one not in taken)
    unit = Party(
        urn=ids.ORGANIZATION + orgnr, orgnr=orgnr, name=name, form="BEDR", parent=main.urn,
        party_id=52_000_000 + len(world.parties), uuid=ids.uuid4(box.dice),
    )  # fmt: skip
    world.add_party(unit)
    taken[orgnr] = Unit(orgnr=orgnr, name=name.upper(), form="BEDR", parent=main.orgnr)
    world.registers.note(orgnr, "Ny", box.clock.now(), is_sub_unit=True)
    _spread(world, main)


def _move(box: "Sandbox", unit: Unit, party: Party, to: str) -> None:
    """Let a sub-unit get another main unit."""
    world = box.world
    new = world.parties.get(ids.ORGANIZATION + to)
    if new is None or party.parent is None:
        raise wrong("moved_to must be a main unit, and orgnr a sub-unit")
    old = world.parties[party.parent]
    world.sub_units[old.urn].remove(party)
    world.sub_units.setdefault(new.urn, []).append(party)
    party.parent, unit.parent = new.urn, new.orgnr
    world.registers.note(unit.orgnr, "Endring", box.clock.now(), is_sub_unit=True)
    for user in world.users.values():
        if user.system:
            user.parties.discard(party.urn)
            user.by_party.pop(party.urn, None)
    _spread(world, old)
    _spread(world, new)


def _spread(world: "World", main: Party) -> None:
    """Let those that see a main unit see its sub-units, as they are now."""
    rights.refresh_all(world, main.orgnr)
    for user in world.users.values():
        if not user.system and main.urn in user.parties:
            user.parties.update(unit.urn for unit in world.sub_units.get(main.urn, []))


def _change_rights(box: "Sandbox", orgnr: str, body: Json) -> None:
    """Let the firm gain or lose a role, or packages; a role takes its packages with it."""
    registers, firm = box.world.registers, box.world.parties[box.world.firm].orgnr
    given = registers.given.setdefault(orgnr, set())
    for name, code in (("accountant", ACCOUNTANT), ("auditor", AUDITOR)):
        if name not in body:
            continue
        held = registers.roles.setdefault(orgnr, [])
        own = next((one for one in held if (one.code, one.holder) == (code, firm)), None)
        if own is None:
            own = Role(code=code, holder=firm)
            held.append(own)
        own.has_left, own.is_struck = not body[name], False
        with_role = packages.ACCOUNTANTS if code == ACCOUNTANT else packages.OTHERS_CLIENTS
        if body[name]:
            given |= set(with_role)
        else:
            given -= set(with_role)
        registers.note(orgnr, "roller", box.clock.now())
    given |= set(_named(body.get("give")))
    given -= set(_named(body.get("take")))
    if "barred" in body:
        (registers.barred.add if body["barred"] else registers.barred.discard)(orgnr)
    rights.refresh_all(box.world, orgnr)


def _named(value: object) -> Iterable[str]:
    if value == "all":
        return packages.USUAL
    return [packages.name_of(one) for one in listed(value)]


def requests(box: "Sandbox", request: Request) -> Response:
    """List the requests for system users, or decide one: approve, reject, escalate, time-out."""
    registers = box.world.registers
    with box.world.lock:
        if request.method == "POST":
            body = body_of(request)
            one = registers.requests.get(str(body.get("id", "")).lower())
            if one is None:
                raise wrong("there is no such request")
            if body.get("do") == "time-out":
                one.created = box.clock.now() - access_requests.TIMES_OUT_AFTER
            else:
                confirming.decide(box, one, str(body.get("do")))
        found = []
        for one in registers.requests.values():
            access_requests.refreshed(box, one)
            write = change_requests.shown if one.kind == "change" else access_requests.shown
            found.append(write(box, one) | {"kind": one.kind})
    return json_response(found)


def system_users(box: "Sandbox", request: Request) -> Response:
    """Let the customer delete a system user: refused while it has clients, unless forced."""
    body = body_of(request)
    with box.world.lock:
        user = box.world.users.get(str(body.get("id", "")).lower())
        if user is None:
            raise wrong("there is no such system user")
        if body.get("force"):
            user.clients.clear()
        if body.get("do") == "delete":
            users.delete(user)
        elif body.get("do") == "restore":
            user.is_deleted = False
            rights.refresh(box.world, user)
        return json_response(users.shown(user, box.world.vendor)
                             | {"clients": sorted(user.clients)})  # fmt: skip


def idporten(box: "Sandbox", request: Request) -> Response:
    """Register addresses and keys of the client at ID-porten; end sessions; set lifetimes."""
    own = box.idporten
    if request.method == "POST":
        body = body_of(request)
        with box.lock:
            own.redirect_uris.update(listed(body.get("redirect_uris")))
            own.logout_uris.update(listed(body.get("logout_uris")))
            own.token_seconds = int(body.get("token_seconds", own.token_seconds))
            own.session_seconds = int(body.get("session_seconds", own.session_seconds))
            own.is_secret_expired = bool(body.get("secret_expired", own.is_secret_expired))
            if isinstance(jwk := body.get("jwk"), dict):
                if jwk.get("kty") != "RSA" or not jwk.get("kid"):
                    raise wrong("a key must have kty RSA and a kid")
                own.keys[str(jwk["kid"])] = {name: jwk[name] for name in ("kty", "n", "e")}
            if body.get("end_sessions"):
                own.end_sessions()
    return json_response(
        {
            "issuer": own.issuer,
            "client_id": own.client_id,
            "redirect_uris": sorted(own.redirect_uris),
            "logout_uris": sorted(own.logout_uris),
            "kids": sorted(own.keys),
            "token_seconds": own.token_seconds,
            "session_seconds": own.session_seconds,
            "sessions": len(own.refresh_tokens),
        }
    )


_BASE = "/_sandbox"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", f"{_BASE}/onboarding", OPERATION, onboarding),
    ("POST", f"{_BASE}/units", OPERATION, units),
    ("GET", f"{_BASE}/access-requests", OPERATION, requests),
    ("POST", f"{_BASE}/access-requests", OPERATION, requests),
    ("POST", f"{_BASE}/system-users", OPERATION, system_users),
    ("GET", f"{_BASE}/idporten", OPERATION, idporten),
    ("POST", f"{_BASE}/idporten", OPERATION, idporten),
]
