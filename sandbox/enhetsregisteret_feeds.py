"""Enhetsregisteret's feeds of what has changed: companies, sub-units, roles.

Source: data.brreg.no/enhetsregisteret/api, «oppdateringer»; read 2026-10.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from sandbox.clock import read, written
from sandbox.enhetsregisteret import BASE, hal
from sandbox.model import Json
from sandbox.problems import Refused, json_response
from sandbox.registers import Update

if TYPE_CHECKING:
    from sandbox.state import Sandbox

ROLES = "roller"
_CHANGES = [{"op": "replace", "path": "/navn"}]
_NAMES = {"enheter": "oppdaterteEnheter", "underenheter": "oppdaterteUnderenheter"}


def _stamp(request: Request, name: str) -> int | None:
    text = request.args.get(name)
    if not text:
        return None
    try:
        return read(text)
    except ValueError as exc:
        body = {"status": 400, "error": "Bad Request", "message": f"Ugyldig {name}"}
        raise Refused(json_response(body, 400)) from exc


def _time(stamp: int) -> str:
    return f"{written(stamp)[:23]}Z"


def units(box: "Sandbox", request: Request, kind: str) -> Response:
    """Give changes from an id or a time on, the oldest first."""
    first = request.args.get("oppdateringsid", 0, type=int)
    since = _stamp(request, "dato")
    wants_changes = request.args.get("includeChanges", "").lower() == "true"
    with box.world.lock:
        rows = [
            _unit(box, one, kind, wants_changes=wants_changes)
            for one in box.world.registers.updates
            if one.kind != ROLES
            and one.is_sub_unit == (kind == "underenheter")
            and one.id >= first
            and (since is None or one.at >= since)
        ]
    return json_response(hal(box, request, _NAMES[kind], rows))


def _unit(box: "Sandbox", one: Update, kind: str, *, wants_changes: bool) -> Json:
    row: Json = {
        "oppdateringsid": one.id,
        "dato": _time(one.at),
        "organisasjonsnummer": one.orgnr,
        "endringstype": one.kind,
        "_links": {kind[:-2]: {"href": f"{box.base_url}{BASE}/{kind}/{one.orgnr}"}},
    }
    return row | ({"endringer": _CHANGES} if wants_changes and one.kind == "Endring" else {})


def roles(box: "Sandbox", request: Request) -> Response:
    """Give role changes after an id or a time, as CloudEvents in a plain list."""
    after = request.args.get("afterId", 0, type=int)
    since = _stamp(request, "afterTime")
    numbers = {one for text in request.args.getlist("organisasjonsnummer")
               for one in text.split(",")}  # fmt: skip
    size = request.args.get("size", 100, type=int)
    with box.world.lock:
        found = [
            {
                "id": str(one.id),
                "type": "no.brreg.enhetsregisteret.roller.oppdatert",
                "source": "/enhetsregisteret/oppdateringer/roller",
                "specversion": "1.0",
                "subject": one.orgnr,
                "time": _time(one.at),
                "data": {"organisasjonsnummer": one.orgnr},
            }
            for one in box.world.registers.updates
            if one.kind == ROLES
            and one.id > after
            and (since is None or one.at > since)
            and (not numbers or one.orgnr in numbers)
        ]
    return json_response(found[:size])


_BASE = f"{BASE}/oppdateringer"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", f"{_BASE}/<any(enheter, underenheter):kind>", "enhetsregisteret", units),
    ("GET", f"{_BASE}/roller", "enhetsregisteret", roles),
]
