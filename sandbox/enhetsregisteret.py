"""Enhetsregisteret's open API: companies, sub-units, roles, and the roles a company has in others.

Source: data.brreg.no/enhetsregisteret/api, its documentation and answers; read 2026-10.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from sandbox.model import Json
from sandbox.problems import Refused, json_response
from sandbox.registers import Registers, Role, Unit

if TYPE_CHECKING:
    from sandbox.state import Sandbox

BASE = "/enhetsregisteret/api"
ROLES_PER_PAGE = 100  # of companies in an answer about a company's roles in others
_LARGEST = 10_000
_ROLE_NAMES = {"REGN": "Regnskapsfører", "REVI": "Revisor", "DAGL": "Daglig leder",
               "LEDE": "Styrets leder", "INNH": "Innehaver"}  # fmt: skip
_FORM_NAMES = {"AS": "Aksjeselskap", "ENK": "Enkeltpersonforetak", "BEDR": "Underenhet",
               "ESEK": "Eierseksjonssameie", "STI": "Stiftelse", "NUF": "Utenlandsk foretak",
               "ANS": "Ansvarlig selskap", "SA": "Samvirkeforetak", "BRL": "Borettslag",
               "FLI": "Forening/lag/innretning"}  # fmt: skip


def _self(box: "Sandbox", path: str) -> Json:
    return {"self": {"href": f"{box.base_url}{BASE}/{path}"}}


def _bad(request: Request, text: str) -> Refused:
    body = {"status": 400, "error": "Bad Request", "message": text, "path": request.path}
    return Refused(json_response(body, 400))


def _missing(request: Request) -> Refused:
    return Refused(json_response({"status": 404, "error": "Not Found", "path": request.path}, 404))


def _check_orgnr(request: Request, orgnr: str) -> None:
    if len(orgnr) != 9 or not (orgnr.isascii() and orgnr.isdigit()):
        raise _bad(request, "Organisasjonsnummeret må bestå av ni siffer")


def shown(box: "Sandbox", unit: Unit) -> Json:
    kind = "underenheter" if unit.parent else "enheter"
    body: Json = {
        "organisasjonsnummer": unit.orgnr,
        "navn": unit.name,
        "organisasjonsform": {
            "kode": unit.form, "beskrivelse": _FORM_NAMES.get(unit.form, unit.form),
        },
        "_links": _self(box, f"{kind}/{unit.orgnr}"),
    }  # fmt: skip
    if unit.deleted_on:
        word = "SlettetUnderenhet" if unit.parent else "SlettetEnhet"
        return body | {"slettedato": unit.deleted_on, "respons_klasse": word}
    code, town, number = unit.place
    address = {"adresse": ["Storgata 1"], "postnummer": code, "poststed": town, "kommune": town,
               "kommunenummer": number, "land": "Norge", "landkode": "NO"}  # fmt: skip
    body |= {
        "naeringskode1": {"kode": "43.210", "beskrivelse": "Elektrisk installasjonsarbeid"},
        "harRegistrertAntallAnsatte": unit.employees > 0,
        "registrertIMvaregisteret": unit.has_vat,
        "respons_klasse": "Underenhet" if unit.parent else "Enhet",
    }
    if unit.employees > 4:  # fewer are not told
        body["antallAnsatte"] = unit.employees
    if unit.email:
        body["epostadresse"] = unit.email
    if unit.phone:
        body["telefon"] = unit.phone
    if unit.parent:
        return body | {"overordnetEnhet": unit.parent, "beliggenhetsadresse": address}
    return body | {
        "forretningsadresse": address,
        "konkurs": unit.is_bankrupt,
        "underAvvikling": unit.is_dissolving,
        "underTvangsavviklingEllerTvangsopplosning": unit.is_forced,
        "maalform": "Bokmål",
    }


def one(box: "Sandbox", request: Request, kind: str, orgnr: str) -> Response:
    """Give a company, deleted or not; 410 if it was removed; a sub-unit only as what it is."""
    _check_orgnr(request, orgnr)
    unit = box.world.registers.units.get(orgnr)
    if unit is None or bool(unit.parent) != (kind == "underenheter"):
        raise _missing(request)
    if unit.is_removed:
        gone = {"organisasjonsnummer": orgnr, "slettedato": unit.deleted_on,
                "_links": _self(box, f"{kind}/{orgnr}")}  # fmt: skip
        return json_response(gone, 410)
    return json_response(shown(box, unit))


def many(box: "Sandbox", request: Request, kind: str) -> Response:
    """Search among those that are there, by numbers, name, or the company above."""
    query = request.args
    numbers = {one for value in query.getlist("organisasjonsnummer") for one in value.split(",")}
    numbers.discard("")
    for number in numbers:
        _check_orgnr(request, number)
    name, parent = query.get("navn", "").upper(), query.get("overordnetEnhet")
    with box.world.lock:
        units = box.world.registers.units
        among: Iterable[Unit] = units.values()
        if numbers:
            among = [units[number] for number in sorted(numbers) if number in units]
        found = [
            unit
            for unit in among
            if bool(unit.parent) == (kind == "underenheter")
            and unit.is_there
            and name in unit.name
            and parent in (None, unit.parent)
        ]
    return json_response(hal(box, request, kind, [shown(box, unit) for unit in found]))


def hal(box: "Sandbox", request: Request, name: str, rows: list[Json]) -> Json:
    """Make a page of rows; without rows there is no `_embedded`."""
    size = request.args.get("size", 20, type=int)
    number = request.args.get("page", 0, type=int)
    if not 0 < size <= _LARGEST or number < 0 or size * (number + 1) > _LARGEST:
        raise _bad(request, "size * (page + 1) kan ikke være større enn 10 000")
    cut = rows[number * size : (number + 1) * size]
    query = request.query_string.decode("latin-1")
    path = request.path.removeprefix(f"{BASE}/")
    body: Json = {"_embedded": {name: cut}} if cut else {}
    return body | {
        "_links": _self(box, f"{path}?{query}" if query else path),
        "page": {
            "size": size, "totalElements": len(rows), "totalPages": -(-len(rows) // size),
            "number": number,
        },
    }  # fmt: skip


def roles(box: "Sandbox", request: Request, orgnr: str) -> Response:
    """Give the roles in a company by kind, ended ones too."""
    _check_orgnr(request, orgnr)
    with box.world.lock:
        unit = box.world.registers.units.get(orgnr)
        if unit is None or unit.parent:
            raise _missing(request)
        if unit.is_removed:
            raise Refused(Response(status=410))
        groups: dict[str, list[Json]] = {}
        for role in box.world.registers.roles.get(orgnr, []):
            groups.setdefault(role.code, []).append(_role(box.world.registers, role))
    return json_response(
        {
            "rollegrupper": [
                {"type": _type(code), "roller": found} for code, found in groups.items()
            ],
            "_links": _self(box, f"enheter/{orgnr}/roller"),
        }
    )


def _type(code: str) -> Json:
    return {"kode": code, "beskrivelse": _ROLE_NAMES.get(code, code)}


def _role(registers: Registers, role: Role) -> Json:
    found: Json = {"type": _type(role.code)}
    if role.holder:
        holder = registers.units.get(role.holder)
        form = holder.form if holder else "AS"
        found["enhet"] = {
            "organisasjonsnummer": role.holder,
            "organisasjonsform": {"kode": form, "beskrivelse": _FORM_NAMES.get(form, form)},
            "navn": [holder.name if holder else "UKJENT"],
            "erSlettet": bool(holder and holder.deleted_on),
        }
    else:
        first, _, last = role.person.partition(" ")
        found["person"] = {"fodselsdato": role.born_on, "navn": {"fornavn": first,
                           "etternavn": last}, "erDoed": False}  # fmt: skip
    return found | {"fratraadt": role.has_left, "avregistrert": role.is_struck}


def roles_in_others(box: "Sandbox", request: Request, orgnr: str) -> Response:
    """Give the companies that a company has a role in, ended ones too; some at a time."""
    _check_orgnr(request, orgnr)
    number = request.args.get("page", 0, type=int)
    with box.world.lock:
        registers = box.world.registers
        found = [
            {
                "organisasjonsnummer": other,
                "navn": registers.units[other].name,
                "roller": [
                    {"type": _type(role.code), "fratraadt": role.has_left,
                     "avregistrert": role.is_struck, "rekkefolge": place}
                    for place, role in enumerate(held)
                    if role.holder == orgnr
                ],
            }
            for other, held in registers.roles.items()
            if any(role.holder == orgnr for role in held) and not registers.units[other].is_removed
        ]  # fmt: skip
        holder = registers.units.get(orgnr)
    if holder is None or not found:
        raise _missing(request)
    start = max(0, number) * ROLES_PER_PAGE
    path = f"roller/enheter/{orgnr}/juridiskeroller"
    links = _self(box, path)
    if start + ROLES_PER_PAGE < len(found):
        links["next"] = {"href": f"{box.base_url}{BASE}/{path}?page={number + 1}"}
    return json_response(
        {
            "organisasjonsnummer": orgnr,
            "erSlettet": bool(holder.deleted_on),
            "enheter": found[start : start + ROLES_PER_PAGE],
            "_links": links,
        }
    )


_KIND = "<any(enheter, underenheter):kind>"
_OPERATION = "enhetsregisteret"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", f"{BASE}/{_KIND}", _OPERATION, many),
    ("GET", f"{BASE}/{_KIND}/<orgnr>", _OPERATION, one),
    ("GET", f"{BASE}/enheter/<orgnr>/roller", _OPERATION, roles),
    ("GET", f"{BASE}/roller/enheter/<orgnr>/juridiskeroller", _OPERATION, roles_in_others),
]
