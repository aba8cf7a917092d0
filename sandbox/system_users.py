"""System users as their vendor may look them up, and how one comes and goes.

Source: Altinn/altinn-authentication ad4f6f36, the system user's controller; read 2026-07.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from sandbox import packages, rights
from sandbox.auth_problems import refuse, vendor
from sandbox.clock import written
from sandbox.model import Json, SystemUser
from sandbox.problems import json_response
from sandbox.registers import AccessRequest
from sandbox.system_register import SCOPE as REGISTER
from sandbox.system_register import own_system

if TYPE_CHECKING:
    from sandbox.state import Sandbox
    from sandbox.world import World

WRITE = "altinn:authentication/systemuser.request.write"
READ = "altinn:authentication/systemuser.request.read"
PAGE = 20
# What Altinn's own `next` points at is a host that only Altinn reaches; nobody reaches this one.
INTERNAL = "http://internal.platform.altinn.invalid"


def page(request: Request, rows: list[Json]) -> Response:
    """Give a page of rows, and the address of the next as Altinn gives it: not to be followed."""
    start = 0
    token = request.args.get("token", "")
    if token:
        try:
            start = int(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        except (ValueError, binascii.Error):
            return json_response("Invalid token", 400)
    links: Json = {}
    if start + PAGE < len(rows):
        following = base64.urlsafe_b64encode(str(start + PAGE).encode()).decode().rstrip("=")
        links["next"] = f"{INTERNAL}{request.path}?token={following}"
    return json_response({"links": links, "data": rows[start : start + PAGE]})


def shown(user: SystemUser, vendor_orgnr: str) -> Json:
    return {
        "id": user.id,
        "integrationTitle": user.title or user.name,
        "systemId": system_of(user, vendor_orgnr),
        "productName": "",
        "reporteeOrgNo": user.owner,
        "created": written(user.created),
        "isDeleted": user.is_deleted,
        "supplierName": "",
        "supplierOrgno": vendor_orgnr,
        "externalRef": user.external_ref,
        "userType": user.kind,
    }


def system_of(user: SystemUser, vendor_orgnr: str) -> str:
    return user.system or f"{vendor_orgnr}_portal"


def of_system(world: "World", system: str) -> Iterator[SystemUser]:
    for user in world.users.values():
        if system_of(user, world.vendor) == system:
            yield user


def find(world: "World", system: str, orgnr: str, external_ref: str) -> SystemUser | None:
    return next(
        (
            user
            for user in of_system(world, system)
            if (user.owner, user.external_ref) == (orgnr, external_ref) and not user.is_deleted
        ),
        None,
    )


def by_query(box: "Sandbox", request: Request) -> Response:
    who = vendor(box, request, [WRITE])
    query = request.args
    orgnr = query.get("orgno", "")
    with box.world.lock:
        system = own_system(box, query.get("system-id", ""), who.consumer)
        user = find(box.world, system.id, orgnr, query.get("external-ref") or orgnr)
        if user is None:
            raise refuse(15)
        return json_response(shown(user, who.consumer))


def by_system(box: "Sandbox", request: Request, key: str) -> Response:
    who = vendor(box, request, [REGISTER])
    with box.world.lock:
        system = own_system(box, key, who.consumer)
        rows = [shown(user, who.consumer) for user in of_system(box.world, system.id)]
    return page(request, rows)


def make(box: "Sandbox", asked: AccessRequest) -> SystemUser:
    """Make the system user of a request that was approved; it gets the request's id."""
    world = box.world
    names = world.registers.systems[asked.system].names
    user = SystemUser(
        id=asked.id,
        owner=asked.party,
        external_ref=asked.external_ref,
        kind=asked.kind,
        name=asked.title or names.get("nb") or asked.system,
        parties=set(),
        resources=set(),
        system=asked.system,
        packages=list(asked.packages),
        rights=list(asked.rights),
        title=asked.title,
        created=box.clock.now(),
    )
    world.users[user.id] = user
    rights.refresh(world, user)
    return user


def delete(user: SystemUser) -> None:
    """Let the customer delete a system user; an agent's clients must be removed first."""
    if user.clients:
        raise refuse(35)
    user.is_deleted = True


def agent_shown(world: "World", user: SystemUser) -> Json:
    """Write an agent as its firm's client administrator sees it."""
    owner = world.parties[world.firm]
    system = world.registers.systems.get(user.system)
    return shown(user, world.vendor) | {
        "systemInternalId": system.internal_id if system else "",
        "partyId": str(owner.party_id),
        "partyUuId": "",
        "accessPackages": packages.urns(user.packages or packages.ACCOUNTANTS),
    }


_BASE = "/authentication/api/v1/systemuser/vendor"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", f"{_BASE}/byquery", "systemusers", by_query),
    ("GET", f"{_BASE}/bysystem/<key>", "systemusers", by_system),
]
