"""A vendor's requests to change what a standard system user may; an agent cannot be changed.

Source: Altinn/altinn-authentication ad4f6f36, the change request controller; read 2026-07.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from sandbox import ids, packages, rights
from sandbox.access_requests import (
    add,
    check,
    confirm_url,
    getter_by_ref,
    lister,
    own_request,
    read_packages,
    read_rights,
    redirect_url,
    refreshed,
)
from sandbox.auth_problems import malformed, object_of, refuse, vendor
from sandbox.clock import written
from sandbox.model import Json, SystemUser
from sandbox.problems import json_response
from sandbox.registers import AccessRequest
from sandbox.system_register import own_system, written_rights
from sandbox.system_users import READ, WRITE, find, system_of

if TYPE_CHECKING:
    from sandbox.state import Sandbox


def shown(box: "Sandbox", one: AccessRequest) -> Json:
    return {
        "id": one.id,
        "externalRef": one.external_ref,
        "systemId": one.system,
        "systemUserId": one.user,
        "partyOrgNo": one.party,
        "requiredRights": written_rights(one.rights),
        "unwantedRights": written_rights(one.unwanted_rights),
        "requiredAccessPackages": packages.urns(one.packages),
        "unwantedAccessPackages": packages.urns(one.unwanted_packages),
        "status": one.status,
        "redirectUrl": one.redirect_url,
        "confirmUrl": confirm_url(box, one),
        "created": written(one.created),
        "timedOut": one.status == "Timedout",
    }


def ask(box: "Sandbox", request: Request) -> Response:
    """Take a change under the vendor's own correlation id, unless nothing would change."""
    who = vendor(box, request, [WRITE])
    body = object_of(request)
    correlation = request.args.get("correlation-id", "").lower()
    if not ids.is_uuid(correlation):
        raise malformed(request, "The correlation-id field is required.")
    with box.world.lock:
        kept = box.world.registers.requests.get(correlation)
        if kept:
            own_request(box, "change", correlation, who.consumer)
            if refreshed(box, kept).status != "New":
                raise refuse(61)
            return json_response(shown(box, kept))
        user = _user(box, request)
        system = own_system(box, system_of(user, who.consumer), who.consumer)
        if user.kind != "standard":
            raise refuse(36)
        asked = read_packages(request, body.get("requiredaccesspackages"))
        single = read_rights(request, body.get("requiredrights"))
        if asked or single:
            check(system, "standard", asked, single)
        unwanted = read_packages(request, body.get("unwantedaccesspackages"))
        unwanted_single = read_rights(request, body.get("unwantedrights"))
        changes = (
            set(asked) - set(user.packages), set(single) - set(user.rights),
            set(unwanted).intersection(user.packages),
            set(unwanted_single).intersection(user.rights),
        )  # fmt: skip
        fields: Json = {
            "id": correlation, "kind": "change", "system": system.id, "party": user.owner,
            "external_ref": user.external_ref, "user": user.id, "packages": asked,
            "rights": single, "unwanted_packages": unwanted, "unwanted_rights": unwanted_single,
            "redirect_url": redirect_url(system, body.get("redirecturl")),
        }  # fmt: skip
        if not any(changes):
            fields |= {"number": 0, "status": "NoChangeNeeded", "created": box.clock.now()}
            return json_response(shown(box, AccessRequest(**fields)))
        return json_response(shown(box, add(box, **fields)), 201)


def _user(box: "Sandbox", request: Request) -> SystemUser:
    """Find the system user by its id, or by the three the older form has."""
    query = request.args
    user = box.world.users.get(query.get("system-user-id", "").lower())
    if user is None and "orgno" in query:
        ref = query.get("external-ref") or query["orgno"]
        user = find(box.world, query.get("system-id", ""), query["orgno"], ref)
    if user is None or user.is_deleted:
        raise refuse(15)
    return user


def get(box: "Sandbox", request: Request, key: str) -> Response:
    who = vendor(box, request, [READ, WRITE])
    with box.world.lock:
        return json_response(shown(box, own_request(box, "change", key, who.consumer)))


def delete(box: "Sandbox", request: Request, key: str) -> Response:
    who = vendor(box, request, [WRITE])
    with box.world.lock:
        del box.world.registers.requests[own_request(box, "change", key, who.consumer).id]
    return Response(status=202)


def approve(box: "Sandbox", one: AccessRequest) -> None:
    if refreshed(box, one).status != "New":
        raise refuse(13)
    user = box.world.users[one.user]
    user.packages = sorted({*user.packages, *one.packages} - set(one.unwanted_packages))
    user.rights = sorted({*user.rights, *one.rights} - set(one.unwanted_rights))
    rights.refresh(box.world, user)
    one.status = "Accepted"


_BASE = "/authentication/api/v1/systemuser/changerequest/vendor"
_OPERATION = "systemuser-changes"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("POST", _BASE, _OPERATION, ask),
    ("GET", f"{_BASE}/<key>", _OPERATION, get),
    ("DELETE", f"{_BASE}/<key>", _OPERATION, delete),
    ("GET", f"{_BASE}/byexternalref/<system>/<orgnr>/<ref>", _OPERATION,
     getter_by_ref("change", shown)),
    ("GET", f"{_BASE}/bysystem/<system>", _OPERATION, lister("change", shown)),
]  # fmt: skip
