"""Reads and checks what a vendor writes in the system register; errors are gathered, not raised."""

import ipaddress
import re
import uuid
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from sandbox import ids, packages
from sandbox.auth_problems import malformed
from sandbox.model import Json
from sandbox.problems import Refused
from sandbox.registers import System

if TYPE_CHECKING:
    from sandbox.state import Sandbox
    from sandbox.world import World

RESOURCE = "urn:altinn:resource"
PATH = "/registersystemrequest/"

Errors = list[tuple[int, str]]


def read_system(
    box: "Sandbox", request: Request, body: Json, orgnr: str, kept: System | None = None
) -> tuple[System, Errors]:
    """Read and check what a vendor registers; errors are gathered, not raised."""
    errors: Errors = []
    key = str(body.get("id", ""))
    told = body.get("vendor")
    named = str(told.get("id", "")) if isinstance(told, dict) else ""
    prefix, _, number = named.partition(":")
    if prefix != "0192" or not ids.is_orgnr(number):
        errors.append((0, f"{PATH}vendor/id"))
    elif number != orgnr:
        raise Refused(Response(status=403))
    if re.search(r"\s", key):
        errors.append((13, f"{PATH}systemid"))
    elif not key.startswith(f"{orgnr}_") or len(key) <= len(orgnr) + 1:
        errors.append((1, f"{PATH}systemid"))
    is_visible = bool(body.get("isvisible"))
    found = System(
        id=key,
        internal_id=str(uuid.UUID(ids.uuid4(box.dice))),
        vendor=orgnr,
        names=_texts(request, body.get("name")),
        descriptions=_texts(request, body.get("description")),
        rights=read_rights(box, request, body.get("rights") or [], errors),
        packages=read_packages(request, body.get("accesspackages") or [], errors,
                           is_visible=is_visible),
        client_ids=_client_ids(box.world, body.get("clientid") or [], kept, errors),
        is_visible=is_visible,
        redirect_urls=_redirect_urls(box, body.get("allowedredirecturls") or [], errors),
    )  # fmt: skip
    return found, errors


def _texts(request: Request, value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not value:
        raise malformed(request, "The Name and Description fields are required.")
    return {str(code): str(text) for code, text in value.items()}


def read_rights(box: "Sandbox", request: Request, value: object, errors: Errors) -> list[str]:
    if not isinstance(value, list):
        raise malformed(request, "The JSON value could not be converted.")
    found: list[str] = []
    known = {urn.rsplit(":", 1)[1] for urn in box.world.services}
    for right in value:
        named = right.get("resource") if isinstance(right, dict) else None
        if not isinstance(named, list) or len(named) != 1 or named[0].get("id") != RESOURCE:
            errors.append((9, f"{PATH}rights/resource"))
            continue
        found.append(str(named[0].get("value")))
        if found[-1] not in known:
            errors.append((3, f"{PATH}rights/resource"))
    if len(set(found)) < len(found):
        errors.append((6, f"{PATH}rights/resource"))
    return found


def read_packages(
    request: Request, value: object, errors: Errors, *, is_visible: bool
) -> list[str]:  # fmt: skip
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise malformed(request, "The JSON value could not be converted.")
    told = [str(one.get("urn", "")) for one in value]
    found = [packages.name_of(one) for one in told]
    if any(not one.lower().startswith(packages.URN) for one in told) or set(found) - set(
        packages.KNOWN
    ):
        errors.append((8, f"{PATH}accesspackages"))
    if len(set(found)) < len(found):
        errors.append((7, f"{PATH}accesspackages"))
    if is_visible and packages.CLIENT_TYPE.intersection(found):
        errors.append((18, f"{PATH}isvisible"))
    return found


def _client_ids(
    world: "World", value: list[object], kept: System | None, errors: Errors
) -> list[str]:
    found = [str(one) for one in value]
    taken = {
        one
        for system in world.registers.systems.values()
        if system is not kept and not system.is_deleted
        for one in system.client_ids
    }
    if len(set(found)) < len(found):
        errors.append((11, f"{PATH}clientid"))
    if taken.intersection(found):
        errors.append((4, f"{PATH}clientid"))
    return found


def _redirect_urls(box: "Sandbox", value: list[object], errors: Errors) -> list[str]:
    found = [str(one) for one in value]
    if not all(_is_redirect_url(box, url) for url in found):
        errors.append((5, f"{PATH}allowedredirecturls"))
    return found


def _is_redirect_url(box: "Sandbox", url: str) -> bool:
    """Take https, as Altinn does, and http to this machine or a host allowed at the start."""
    try:
        parsed = urlsplit(url)
        host = parsed.hostname or ""
    except ValueError:
        return False
    if parsed.scheme == "https":
        return "." in host
    return parsed.scheme == "http" and is_near(box, host)


def is_near(box: "Sandbox", host: str) -> bool:
    """Tell whether a host is this machine, or one that the sandbox was told of."""
    if host == "localhost" or host in box.push_hosts:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
