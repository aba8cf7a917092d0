"""A vendor's requests for system users: asked, looked up, taken back; and what a human decides.

Source: Altinn/altinn-authentication ad4f6f36, the request system user's controller; read 2026-07.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from sandbox import ids, packages, system_users
from sandbox.auth_problems import malformed, object_of, refuse, vendor
from sandbox.clock import DAY, written
from sandbox.model import Json
from sandbox.problems import json_response
from sandbox.registers import AccessRequest, System
from sandbox.system_reading import RESOURCE
from sandbox.system_register import own_system, written_rights
from sandbox.system_users import READ, WRITE

if TYPE_CHECKING:
    from sandbox.state import Sandbox

TIMES_OUT_AFTER = 180 * DAY
_PAGES = {"standard": "request", "agent": "agentrequest", "change": "changerequest"}
_UNKNOWN = {"standard": 10, "agent": 30, "change": 10}


def refreshed(box: "Sandbox", one: AccessRequest) -> AccessRequest:
    """Let a request that nobody has answered in time be timed out."""
    if one.status == "New" and one.created + TIMES_OUT_AFTER <= box.clock.now():
        one.status = "Timedout"
    return one


def confirm_url(box: "Sandbox", one: AccessRequest) -> str:
    path = f"{box.base_url}/accessmanagement/ui/systemuser/{_PAGES[one.kind]}?id={one.id}"
    return path if one.kind == "change" else f"{path}&DONTCHOOSEREPORTEE=true"


def shown(box: "Sandbox", one: AccessRequest) -> Json:
    body: Json = {
        "id": one.id,
        "integrationTitle": one.title or _title(box, one),
        "externalRef": one.external_ref,
        "systemId": one.system,
        "partyOrgNo": one.party,
        "rights": written_rights(one.rights),
        "accessPackages": packages.urns(one.packages),
        "status": one.status,
        "redirectUrl": one.redirect_url,
        "confirmUrl": confirm_url(box, one),
        "escalated": one.is_escalated,
        "created": written(one.created),
        "timedOut": one.status == "Timedout",
    }
    if one.kind == "agent":
        del body["rights"]
    return {name: value for name, value in body.items() if value is not None}


def _row(box: "Sandbox", one: AccessRequest) -> Json:
    """Write a request as a row of a list, which has no confirm address."""
    row = shown(box, one)
    del row["confirmUrl"]
    return row


def _title(box: "Sandbox", one: AccessRequest) -> str:
    return box.world.registers.systems[one.system].names.get("nb", one.system)


def ask_standard(box: "Sandbox", request: Request) -> Response:
    return _ask(box, request, "standard")


def ask_agent(box: "Sandbox", request: Request) -> Response:
    return _ask(box, request, "agent")


def _ask(box: "Sandbox", request: Request, kind: str) -> Response:
    """Take a request; the same system, party and reference give the one there is (200)."""
    who = vendor(box, request, [WRITE])
    body = object_of(request)
    with box.world.lock:
        system = own_system(box, str(body.get("systemid", "")), who.consumer)
        orgnr = str(body.get("partyorgno", ""))
        if ids.ORGANIZATION + orgnr not in box.world.parties:
            raise refuse(0)
        external_ref = str(body.get("externalref") or orgnr)
        if system_users.find(box.world, system.id, orgnr, external_ref):
            raise refuse(4)
        kept = _find(box, kind, system.id, orgnr, external_ref)
        if kept and kept.status != "Timedout":
            return json_response(shown(box, kept))
        if kept:
            del box.world.registers.requests[kept.id]
        rights = [] if kind == "agent" else read_rights(request, body.get("rights"))
        asked = read_packages(request, body.get("accesspackages"))
        check(system, kind, asked, rights)
        one = add(
            box, kind=kind, system=system.id, party=orgnr, external_ref=external_ref,
            packages=asked, rights=rights, title=str(body.get("integrationtitle") or ""),
            redirect_url=redirect_url(system, body.get("redirecturl")),
        )  # fmt: skip
        return json_response(shown(box, one), 201)


def add(box: "Sandbox", **fields: object) -> AccessRequest:
    """Keep a new request. A change comes with its own id, the vendor's correlation id."""
    registers = box.world.registers
    registers.last_request += 1
    now = box.clock.now()
    more = {"id": ids.uuid4(box.dice), "number": registers.last_request, "created": now} | fields
    one = AccessRequest(**more)  # type: ignore[arg-type]
    registers.requests[one.id] = one
    return one


def _find(
    box: "Sandbox", kind: str, system: str, orgnr: str, external_ref: str
) -> AccessRequest | None:
    triple = (kind, system, orgnr, external_ref)
    found = None
    for one in box.world.registers.requests.values():
        if (one.kind, one.system, one.party, one.external_ref) == triple:
            found = refreshed(box, one)
    return found


def read_packages(request: Request, value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise malformed(request, "The JSON value could not be converted.")
    return [packages.name_of(one.get("urn", "")) for one in value]


def read_rights(request: Request, value: object) -> list[str]:
    found: list[str] = []
    for right in value if isinstance(value, list) else []:
        named = right.get("resource") if isinstance(right, dict) else None
        if not isinstance(named, list) or not named or named[0].get("id") != RESOURCE:
            raise malformed(request, "The JSON value could not be converted.")
        found.append(str(named[0].get("value")))
    return found


def check(system: System, kind: str, asked: list[str], rights: list[str]) -> None:
    """Refuse rights that the system has not registered, or that are not for its kind of user."""
    if kind == "agent" and not asked:
        raise refuse(58)
    if not asked and not rights:
        raise refuse(59)
    if missing := sorted(set(asked) - set(system.packages)):
        raise refuse(63, MissingPackages=", ".join(missing))
    if set(rights) - set(system.rights):
        raise refuse(1)
    forbidden = packages.OWN if kind == "agent" else packages.CLIENT_TYPE
    if wrong := sorted(set(asked).intersection(forbidden)):
        raise refuse(65 if kind == "agent" else 64, NotDelegablePackages=", ".join(wrong))


def redirect_url(system: System, value: object) -> str | None:
    """Take an address that is registered for the system, whatever its query is."""
    if not value:
        return None if value is None else ""
    if not system.redirect_urls:
        raise refuse(26)
    allowed = {_without_query(url) for url in system.redirect_urls}
    if _without_query(str(value)) not in allowed:
        raise refuse(21)
    return str(value)


def _without_query(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", "", url
    return parts.scheme, parts.netloc.lower(), parts.path.rstrip("/")


def own_request(box: "Sandbox", kind: str, key: str, orgnr: str) -> AccessRequest:
    found = box.world.registers.requests.get(key.lower())
    registered = box.world.registers.systems
    if found is None or found.kind != kind or registered[found.system].vendor != orgnr:
        raise refuse(_UNKNOWN[kind])
    return refreshed(box, found)


def getter(kind: str) -> Callable[..., Response]:
    def get(box: "Sandbox", request: Request, key: str) -> Response:
        who = vendor(box, request, [READ, WRITE])
        with box.world.lock:
            return json_response(shown(box, own_request(box, kind, key, who.consumer)))

    return get


def getter_by_ref(kind: str, write: Callable[..., Json] = shown) -> Callable[..., Response]:
    def get(box: "Sandbox", request: Request, system: str, orgnr: str, ref: str) -> Response:
        who = vendor(box, request, [READ, WRITE])
        with box.world.lock:
            own_system(box, system, who.consumer)
            found = _find(box, kind, system, orgnr, ref)
            if found is None:
                raise refuse(_UNKNOWN[kind])
            return json_response(write(box, found))

    return get


def lister(kind: str, write: Callable[..., Json] | None = None) -> Callable[..., Response]:
    def get(box: "Sandbox", request: Request, system: str) -> Response:
        who = vendor(box, request, [READ, WRITE])
        with box.world.lock:
            own_system(box, system, who.consumer)
            rows = [
                write(box, refreshed(box, one)) if write else _row(box, refreshed(box, one))
                for one in box.world.registers.requests.values()
                if (one.kind, one.system) == (kind, system)
            ]
        return system_users.page(request, rows)

    return get


def delete(box: "Sandbox", request: Request, key: str) -> Response:
    """Take a request back, of either kind and whatever became of it."""
    who = vendor(box, request, [WRITE])
    with box.world.lock:
        found = box.world.registers.requests.get(key.lower())
        kind = found.kind if found and found.kind != "change" else "standard"
        del box.world.registers.requests[own_request(box, kind, key, who.consumer).id]
    return Response(status=202)


def _check_is_new(box: "Sandbox", one: AccessRequest) -> None:
    if refreshed(box, one).status != "New":
        raise refuse(13)


def approve(box: "Sandbox", one: AccessRequest) -> None:
    """Let somebody with authority say yes. The system user is there at once."""
    _check_is_new(box, one)
    if system_users.find(box.world, one.system, one.party, one.external_ref):
        raise refuse(4)
    system_users.make(box, one)
    one.status = "Accepted"


def reject(box: "Sandbox", one: AccessRequest) -> None:
    _check_is_new(box, one)
    one.status = "Rejected"


def escalate(box: "Sandbox", one: AccessRequest) -> None:
    """Send it on to the access manager; it is as new as before."""
    _check_is_new(box, one)
    one.is_escalated = True


_BASE = "/authentication/api/v1/systemuser/request/vendor"
_OPERATION = "systemuser-requests"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("POST", _BASE, _OPERATION, ask_standard),
    ("POST", f"{_BASE}/agent", _OPERATION, ask_agent),
    ("GET", f"{_BASE}/<key>", _OPERATION, getter("standard")),
    ("GET", f"{_BASE}/agent/<key>", _OPERATION, getter("agent")),
    ("GET", f"{_BASE}/byexternalref/<system>/<orgnr>/<ref>", _OPERATION,
     getter_by_ref("standard")),
    ("GET", f"{_BASE}/agent/byexternalref/<system>/<orgnr>/<ref>", _OPERATION,
     getter_by_ref("agent")),
    ("GET", f"{_BASE}/bysystem/<system>", _OPERATION, lister("standard")),
    ("GET", f"{_BASE}/agent/bysystem/<system>", _OPERATION, lister("agent")),
    ("DELETE", f"{_BASE}/<key>", _OPERATION, delete),
    ("DELETE", f"{_BASE}/agent/<key>", _OPERATION, delete),
]  # fmt: skip
