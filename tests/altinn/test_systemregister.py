"""What is registered about our system, and what Altinn says when it will not have it."""

import json
from typing import Any

import httpx
import pytest

from altinn.environment import Environment
from altinn.errors import Changed, Misunderstood, NotThere, Refused, TryLater
from altinn.systemregister import System, SystemRegister

from .conftest import OPAQUE_TOKEN, Bearer, answering

VENDOR = "991825827"
ID = f"{VENDOR}_portal"
PACKAGE = "urn:altinn:accesspackage:regnskapsforer-lonn"
BASE = "/authentication/api/v1/systemregister/vendor"
SYSTEM = System(
    id=ID,
    vendor_orgnr=VENDOR,
    names={"nb": "Portalen", "nn": "Portalen", "en": "The portal"},
    descriptions={"nb": "Leser innboksen"},
    rights=("ske-krav-og-betalinger", "app_skd_a"),
    packages=(PACKAGE,),
    client_ids=("b7cbaf3a-8aa5-4ee0-b2d9-5a9fd2c4d7d2",),
    redirect_urls=("https://portal.example.no/tilbake",),
)
WIRE = {
    "id": ID,
    "vendor": {"authority": "iso6523-actorid-upis", "ID": f"0192:{VENDOR}"},
    "name": {"nb": "Portalen", "nn": "Portalen", "en": "The portal"},
    "description": {"nb": "Leser innboksen"},
    "rights": [
        {"resource": [{"id": "urn:altinn:resource", "value": "ske-krav-og-betalinger"}]},
        {"resource": [{"id": "urn:altinn:resource", "value": "app_skd_a"}]},
    ],
    "accessPackages": [{"urn": PACKAGE}],
    "clientId": ["b7cbaf3a-8aa5-4ee0-b2d9-5a9fd2c4d7d2"],
    "isVisible": False,
    "allowedRedirectUrls": ["https://portal.example.no/tilbake"],
}
DONE = httpx.Response(200, json={"success": True})


def register(
    environment: Environment, *answers: httpx.Response
) -> tuple[SystemRegister, list[httpx.Request]]:
    http, requests = answering(*answers)
    return SystemRegister(http, environment, Bearer()), requests


def invalid(*codes: str) -> httpx.Response:
    problem = {
        "type": "urn:altinn:error:STD-00000",
        "title": "One or more validation errors occurred.",
        "status": 400,
        "code": "STD-00000",
        "validationErrors": [
            {"code": code, "title": f"About {code}", "paths": ["/x"]} for code in codes
        ],
    }
    return httpx.Response(400, json=problem)


def test_a_system_is_registered_as_altinn_wants_it(environment: Environment) -> None:
    systems, requests = register(environment, httpx.Response(200, json="f3196b16"))

    assert systems.create(SYSTEM) == "f3196b16"

    (request,) = requests
    assert (request.method, request.url.path) == ("POST", BASE)
    assert json.loads(request.content) == WIRE
    assert request.headers["authorization"] == f"Bearer {OPAQUE_TOKEN}"


def test_a_system_is_read_as_it_was_written(environment: Environment) -> None:
    systems, requests = register(environment, httpx.Response(200, json=WIRE | {"new": 1}))

    assert systems.read(ID) == SYSTEM
    assert requests[0].url.path == f"{BASE}/{ID}"


def test_names_are_read_in_any_case_and_what_is_missing_is_empty(environment: Environment) -> None:
    odd = {
        "Id": ID,
        "allowedredirecturls": ["https://portal.example.no"],
        "accesspackages": [{"urn": PACKAGE}],
        "rights": None,
        "softDeleted": True,
    }
    systems, _ = register(environment, httpx.Response(200, json=odd))

    system = systems.read(ID)

    assert (system.id, system.vendor_orgnr, system.rights) == (ID, "", ())
    assert system.redirect_urls == ("https://portal.example.no",)
    assert (system.packages, system.is_deleted) == ((PACKAGE,), True)


def test_the_vendors_systems_have_other_names_in_the_list(environment: Environment) -> None:
    row = {"systemId": ID, "systemVendorOrgNumber": VENDOR, "name": {"nb": "Portalen", "en": None}}
    systems, _ = register(environment, httpx.Response(200, json=[row]))

    assert systems.mine() == [System(id=ID, vendor_orgnr=VENDOR, names={"nb": "Portalen"})]


def test_a_system_is_changed_as_a_whole_or_a_list_at_a_time(environment: Environment) -> None:
    systems, requests = register(environment, DONE, DONE, DONE, DONE)

    systems.update(SYSTEM)
    systems.set_rights(ID, ["app_skd_b"])
    systems.set_packages(ID, ["regnskapsforer-lonn"])
    systems.delete(ID)

    assert [(request.method, request.url.path) for request in requests] == [
        ("PUT", f"{BASE}/{ID}"),
        ("PUT", f"{BASE}/{ID}/rights"),
        ("PUT", f"{BASE}/{ID}/accesspackages"),
        ("DELETE", f"{BASE}/{ID}"),
    ]
    assert json.loads(requests[0].content) == WIRE
    assert json.loads(requests[1].content) == [
        {"resource": [{"id": "urn:altinn:resource", "value": "app_skd_b"}]}
    ]
    assert json.loads(requests[2].content) == [{"urn": PACKAGE}]


def test_the_history_is_read(environment: Environment) -> None:
    rows = [
        {
            "changeType": "update",
            "changeDate": "2026-10-01T12:00:00Z",
            "changedByOrgNumber": VENDOR,
            "changedData": {"Id": ID},
        },
        {"changeType": "create", "clientId": "b7cbaf3a", "changedData": None},
    ]
    systems, requests = register(environment, httpx.Response(200, json=rows))

    first, second = systems.changes(ID)

    assert requests[0].url.path == f"{BASE}/{ID}/changelog"
    assert (first.kind, first.by_orgnr, first.data) == ("update", VENDOR, {"id": ID})
    assert first.at is not None
    assert (second.kind, second.at, second.client_id) == ("create", None, "b7cbaf3a")


def test_what_is_wrong_with_it_is_told_by_code(environment: Environment) -> None:
    systems, _ = register(environment, invalid("AUTH.VLD-00002", "AUTH.VLD-00004"))

    with pytest.raises(
        Misunderstood, match=r"About AUTH.VLD-00002 · About AUTH.VLD-00004"
    ) as caught:
        systems.create(SYSTEM)

    assert caught.value.code == "STD-00000"
    assert caught.value.validation_codes == ("AUTH.VLD-00002", "AUTH.VLD-00004")


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (404, {"code": "AUTH-00011", "title": "Not a system"}, NotThere, "AUTH-00011"),
        (401, {"code": "AUTH-00023", "title": "No vendor"}, Refused, "AUTH-00023"),
        (400, "Cannot update a system marked as deleted.", Misunderstood, ""),
        (409, "race", Changed, ""),
        (403, None, Refused, ""),
        (500, {"code": "AUTH-00062"}, TryLater, "AUTH-00062"),
        (400, {"code": 17, "validationErrors": "?"}, Misunderstood, ""),
        (400, {"code": "a <b> c", "validationErrors": [7, {"code": None}]}, Misunderstood, ""),
    ],
)
def test_a_refusal_has_altinns_code(
    status: int, body: Any, kind: type[Exception], code: str, environment: Environment
) -> None:
    answer = httpx.Response(status) if body is None else httpx.Response(status, json=body)
    systems, _ = register(environment, answer)

    with pytest.raises(kind) as caught:
        systems.read(ID)

    assert (type(caught.value), getattr(caught.value, "code", None)) == (kind, code)
    assert getattr(caught.value, "validation_codes", None) == ()


@pytest.mark.parametrize("id", ["", "..", "."])
def test_no_id_leads_to_another_address(id: str, environment: Environment) -> None:
    systems, requests = register(environment)

    with pytest.raises(ValueError, match="address"):
        systems.delete(id)

    assert requests == []


def test_an_id_stays_one_piece_of_the_address(environment: Environment) -> None:
    systems, requests = register(environment, DONE)

    systems.delete("a/b?c#d")

    assert requests[0].url.raw_path.decode() == f"{BASE}/a%2Fb%3Fc%23d"
