"""Altinn's system register, where a vendor writes down its system, and what it may ask for.

Source: Altinn/altinn-authentication ad4f6f36, the system register's controller; read 2026-07.
"""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from sandbox import packages
from sandbox.auth_problems import body_of, invalid, object_of, refuse, vendor
from sandbox.clock import DAY, written
from sandbox.model import Json
from sandbox.problems import Refused, json_response
from sandbox.registers import System
from sandbox.system_reading import (
    PATH,
    RESOURCE,
    Errors,
    read_packages,
    read_rights,
    read_system,
)

if TYPE_CHECKING:
    from sandbox.state import Sandbox
    from sandbox.world import World

SCOPE = "altinn:authentication/systemregister.write"
_DONE = {"success": True}


def own_system(box: "Sandbox", key: str, orgnr: str) -> System:
    """Find a vendor's own system; somebody else's is as unknown as none."""
    found = box.world.registers.systems.get(key)
    if found is None or found.vendor != orgnr or found.is_deleted:
        raise refuse(11)
    return found


def create(box: "Sandbox", request: Request) -> Response:
    who = vendor(box, request, [SCOPE])
    body = object_of(request)
    with box.world.lock:
        asked, errors = read_system(box, request, body, who.consumer)
        if asked.id in box.world.registers.systems:
            errors.append((2, f"{PATH}systemid"))
        if errors:
            raise invalid(*errors)
        box.world.registers.systems[asked.id] = asked
        _note(box, asked, "create", shown(asked))
    return json_response(asked.internal_id)


def mine(box: "Sandbox", request: Request) -> Response:
    who = vendor(box, request, [SCOPE])
    with box.world.lock:
        found = [
            {
                "systemId": one.id,
                "systemVendorOrgNumber": one.vendor,
                "systemVendorOrgName": "",
                "name": one.names,
                "description": one.descriptions,
                "rights": written_rights(one.rights),
                "accessPackages": packages.urns(one.packages),
                "isVisible": one.is_visible,
            }
            for one in box.world.registers.systems.values()
            if one.vendor == who.consumer and not one.is_deleted
        ]
    return json_response(found)


def read(box: "Sandbox", request: Request, key: str) -> Response:
    who = vendor(box, request, [SCOPE])
    with box.world.lock:
        return json_response(shown(own_system(box, key, who.consumer)))


def update(box: "Sandbox", request: Request, key: str) -> Response:
    who = vendor(box, request, [SCOPE])
    body = object_of(request)
    with box.world.lock:
        kept = _to_change(box, key, who.consumer)
        asked, errors = read_system(box, request, body, who.consumer, kept)
        if str(body.get("id", "")) != key:
            errors.append((12, f"{PATH}systemid"))
        if errors:
            raise invalid(*errors)
        asked.internal_id, asked.changes = kept.internal_id, kept.changes
        box.world.registers.systems[key] = asked
        _note(box, asked, "update", shown(asked))
    return json_response(_DONE)


def set_rights(box: "Sandbox", request: Request, key: str) -> Response:
    who = vendor(box, request, [SCOPE])
    body = body_of(request)
    with box.world.lock:
        kept = _to_change(box, key, who.consumer)
        errors: Errors = []
        rights = read_rights(box, request, body, errors)
        if errors:
            raise invalid(*errors)
        kept.rights = rights
        _note(box, kept, "rightsupdate", written_rights(rights))
    return json_response(_DONE)


def set_packages(box: "Sandbox", request: Request, key: str) -> Response:
    who = vendor(box, request, [SCOPE])
    body = body_of(request)
    with box.world.lock:
        kept = _to_change(box, key, who.consumer)
        errors: Errors = []
        found = read_packages(request, body, errors, is_visible=kept.is_visible)
        if errors:
            raise invalid(*errors)
        kept.packages = found
        _note(box, kept, "accesspackageupdate", packages.urns(found))
    return json_response(_DONE)


def delete(box: "Sandbox", request: Request, key: str) -> Response:
    who = vendor(box, request, [SCOPE])
    with box.world.lock:
        kept = own_system(box, key, who.consumer)
        kept.is_deleted = True
        _note(box, kept, "delete", {})
    return json_response(_DONE)


def changes(box: "Sandbox", request: Request, key: str) -> Response:
    who = vendor(box, request, [SCOPE])
    with box.world.lock:
        found = box.world.registers.systems.get(key)
        if found is None or found.vendor != who.consumer:
            raise refuse(11)
        return json_response(found.changes)


def _to_change(box: "Sandbox", key: str, orgnr: str) -> System:
    found = box.world.registers.systems.get(key)
    if found and found.vendor == orgnr and found.is_deleted:
        raise Refused(json_response("Cannot update a system marked as deleted.", 400))
    return own_system(box, key, orgnr)


def _note(box: "Sandbox", one: System, kind: str, data: object) -> None:
    one.changes.append(
        {
            "changeType": kind,
            "changeDate": written(box.clock.now()),
            "changedByOrgNumber": one.vendor,
            "clientId": None,
            "changedData": data,
        }
    )


def written_rights(rights: list[str]) -> list[Json]:
    return [{"resource": [{"id": RESOURCE, "value": right}]} for right in rights]


def shown(one: System) -> Json:
    return {
        "id": one.id,
        "vendor": {"authority": "iso6523-actorid-upis", "ID": f"0192:{one.vendor}"},
        "name": one.names,
        "description": one.descriptions,
        "rights": written_rights(one.rights),
        "accessPackages": packages.urns(one.packages),
        "softDeleted": one.is_deleted,
        "clientId": one.client_ids,
        "allowedRedirectUrls": one.redirect_urls,
        "isVisible": one.is_visible,
    }


def adopt(world: "World", client_id: str) -> None:
    """Let the system users a world was made with belong to a system that is registered."""
    users = [user for user in world.users.values() if not user.packages and not user.rights]
    if not users:
        return
    key = f"{world.vendor}_portal"
    kept = world.registers.systems.setdefault(
        key,
        System(
            id=key, internal_id=str(uuid.uuid5(uuid.NAMESPACE_URL, key)), vendor=world.vendor,
            names={"nb": "Portal", "nn": "Portal", "en": "Portal"},
            descriptions={"nb": "Innboks", "nn": "Innboks", "en": "Inbox"},
            packages=[*packages.ACCOUNTANTS, *packages.ORDINARY],
        ),
    )  # fmt: skip
    kept.client_ids = [client_id]
    for user in users:
        user.created = user.created or world.anchor - 200 * DAY


_BASE = "/authentication/api/v1/systemregister/vendor"
_OPERATION = "systemregister"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("POST", _BASE, _OPERATION, create),
    ("GET", _BASE, _OPERATION, mine),
    ("GET", f"{_BASE}/<key>", _OPERATION, read),
    ("PUT", f"{_BASE}/<key>", _OPERATION, update),
    ("DELETE", f"{_BASE}/<key>", _OPERATION, delete),
    ("PUT", f"{_BASE}/<key>/rights", _OPERATION, set_rights),
    ("PUT", f"{_BASE}/<key>/accesspackages", _OPERATION, set_packages),
    ("GET", f"{_BASE}/<key>/changelog", _OPERATION, changes),
]
