from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest

from altinn.environment import PRODUCTION, TT02, Environment
from altinn.errors import AltinnError, Misunderstood, NotThere, Refused, TryLater
from altinn.instances import (
    Instances,
    Place,
    ScanResult,
    TooEarly,
    delete_error_in,
    instance_in,
    unwrapped,
)

from .conftest import OPAQUE_TOKEN, PERSON, answering

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PARTY = 51230011
GUID = UUID("65d1b5ad-0c5c-4fc2-8199-b3d482961cb3")
DATA = UUID("276fafb0-5364-4599-a9cb-1664d15b388e")
HERE = "http://127.0.0.1:8901/storage/api/v1/instances"
PLATFORM = "https://platform.altinn.no"
STORAGE = f"{PLATFORM}/storage/api/v1/instances/{PARTY}/{GUID}"
LOG_IN = f"{PLATFORM}/authentication/api/v1/authentication"


def wrapped(url: str) -> str:
    return f"{LOG_IN}?goto={quote(url, safe='')}"


def element(**more: Any) -> dict[str, Any]:
    return {
        "id": str(DATA),
        "dataType": "ref-data-as-pdf",
        "filename": "Mva-melding.pdf",
        "contentType": "application/pdf",
        "selfLinks": {
            "apps": f"https://skd.apps.altinn.no/skd/mva/instances/{PARTY}/{GUID}/data/{DATA}",
            "platform": f"{HERE}/{PARTY}/{GUID}/data/{DATA}",
        },
        "size": 120331,
        "isRead": False,
        "fileScanResult": "NotApplicable",
    } | more


def instance(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": f"{PARTY}/{GUID}",
        "instanceOwner": {
            "partyId": str(PARTY),
            "personNumber": PERSON,
            "organisationNumber": "310010693",
        },
        "appId": "skd/mva-melding-innsending-v1",
        "status": {
            "isArchived": True,
            "archived": "2026-10-07T09:22:00.9985300Z",
            "substatus": {"label": "Mottatt", "description": "Mva-meldingen er mottatt."},
        },
        "data": list(elements),
    } | more


def storage(
    environment: Environment, *answers: httpx.Response | Exception
) -> tuple[Instances, list[httpx.Request]]:
    http, requests = answering(*answers)
    return Instances(http, environment, lambda: OPAQUE_TOKEN), requests


def read(environment: Environment, body: dict[str, Any]) -> Any:
    api, _ = storage(environment, httpx.Response(200, json=body))
    return api.read(PARTY, GUID)


def test_an_instance_has_its_files_and_its_owner(environment: Environment) -> None:
    api, requests = storage(environment, httpx.Response(200, json=instance(element())))

    found = api.read(PARTY, GUID)

    assert str(requests[0].url) == f"{HERE}/{PARTY}/{GUID}"
    assert requests[0].headers["Authorization"] == f"Bearer {OPAQUE_TOKEN}"
    assert (found.owner_orgnr, found.substatus) == ("310010693", "Mottatt")
    assert found.archived_at == datetime(2026, 10, 7, 9, 22, 0, 998530, UTC)
    file = found.element(DATA)
    assert file is not None
    assert (file.filename, file.size_bytes) == ("Mva-melding.pdf", 120331)
    assert file.url == f"{HERE}/{PARTY}/{GUID}/data/{DATA}"
    assert file.may_be_fetched
    assert PERSON not in repr(found)


def test_an_instance_that_says_little_is_enough(environment: Environment) -> None:
    found = read(environment, {"status": None, "data": [{"id": str(DATA)}]})

    assert (found.owner_orgnr, found.archived_at, found.substatus) == (None, None, "")
    assert found.elements[0].url is None
    assert found.element(GUID) is None


@pytest.mark.parametrize(
    ("said", "scan", "may_be_fetched"),
    [
        ("NotApplicable", ScanResult.NOT_APPLICABLE, True),
        ("Clean", ScanResult.CLEAN, True),
        ("Pending", ScanResult.PENDING, False),
        ("Infected", ScanResult.INFECTED, False),
        ("SomethingNew", ScanResult.UNKNOWN, False),
    ],
)
def test_a_file_is_fetched_only_when_no_virus_scan_speaks_against_it(
    environment: Environment,
    said: str,
    scan: ScanResult,
    may_be_fetched: bool,  # noqa: FBT001 -- a fact
) -> None:
    file = read(environment, instance(element(fileScanResult=said))).elements[0]

    assert (file.scan, file.may_be_fetched) == (scan, may_be_fetched)


@pytest.mark.parametrize(
    "link",
    [
        None,
        "",
        f"https://evil.example/storage/api/v1/instances/{PARTY}/{GUID}/data/{DATA}",
        f"http://127.0.0.1:8902/storage/api/v1/instances/{PARTY}/{GUID}/data/{DATA}",
        f"{HERE}/{PARTY}/{DATA}/data/{DATA}",
        f"{HERE}/{PARTY}/{GUID}/data/../../../x",
        f"{HERE}/{PARTY}/{GUID}/data/%2e%2e/x",
        f"{HERE}/{PARTY}/{GUID}",
        f"http://kari@127.0.0.1:8901/storage/api/v1/instances/{PARTY}/{GUID}/data/{DATA}",
        "file:///etc/passwd",
        "urn:dialogporten:expired",
    ],
)
def test_a_file_that_is_not_below_its_own_instance_has_no_address(
    environment: Environment, link: str | None
) -> None:
    file = read(environment, instance(element(selfLinks={"platform": link}))).elements[0]

    assert file.url is None
    assert not file.may_be_fetched


def test_a_file_of_many_gigabytes_has_its_size(environment: Environment) -> None:
    assert read(environment, instance(element(size=2**36))).elements[0].size_bytes == 2**36


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401), Refused),
        (httpx.Response(403), Refused),
        (httpx.Response(404, text="Not found"), NotThere),
        (httpx.Response(500), TryLater),
        (httpx.ReadTimeout("x"), TryLater),
        (httpx.Response(302, headers={"Location": LOG_IN}), Misunderstood),
        (httpx.Response(200, text="<html>"), Misunderstood),
        (httpx.Response(200, json={"data": 1}), Misunderstood),
    ],
)
def test_an_instance_that_is_not_given(
    environment: Environment, answer: httpx.Response | Exception, kind: type[AltinnError]
) -> None:
    api, requests = storage(environment, answer)

    with pytest.raises(kind):
        api.read(PARTY, GUID)
    assert len(requests) == 1


WHOLE = Place(PARTY, GUID)
FILE = Place(PARTY, GUID, DATA)
APP = "https://ssb.apps.altinn.no/ssb/ra0678-01"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (STORAGE, WHOLE),
        (f"{STORAGE}/data/{DATA}", FILE),
        (f"{STORAGE}/data/{DATA}?dontChooseReportee=true", FILE),
        (f"{PLATFORM}/storage/dialogporten/api/v1/instance/{PARTY}/{GUID}", WHOLE),
        (f"{PLATFORM}/receipt/{PARTY}/{GUID}", WHOLE),
        (f"{APP}/instances/{PARTY}/{GUID}", WHOLE),
        (f"{APP}/instances/{PARTY}/{GUID}/data/{DATA}", FILE),
        (f"{APP}/#/instance/{PARTY}/{GUID}", WHOLE),
        (wrapped(f"{APP}/?dontChooseReportee=true#/instance/{PARTY}/{GUID}"), WHOLE),
        (wrapped(f"{STORAGE}/data/{DATA}?dontChooseReportee=true"), FILE),
        (wrapped(f"{PLATFORM}/receipt/{PARTY}/{GUID}?dontChooseReportee=true"), WHOLE),
    ],
)
def test_the_instance_in_an_address(url: str, place: Place) -> None:
    assert instance_in(url, PRODUCTION) == place


@pytest.mark.parametrize(
    "url",
    [
        f"https://evil.example/storage/api/v1/instances/{PARTY}/{GUID}",
        f"http://platform.altinn.no/storage/api/v1/instances/{PARTY}/{GUID}",
        f"https://kari@platform.altinn.no/storage/api/v1/instances/{PARTY}/{GUID}",
        f"https://ssb.apps.altinn.no.evil.example/ssb/x/instances/{PARTY}/{GUID}",
        f"https://ssb.apps.tt02.altinn.no/ssb/x/instances/{PARTY}/{GUID}",
        f"https://a.b.apps.altinn.no/x/instances/{PARTY}/{GUID}",
        f"https://ssb.apps.altinn.no:8443/ssb/x/instances/{PARTY}/{GUID}",
        f"http://ssb.apps.altinn.no/ssb/x/instances/{PARTY}/{GUID}",
        f"https://ssb.apps.altinn.no@evil.example/x/instances/{PARTY}/{GUID}",
        f"https://evil.example/authentication?goto={quote(STORAGE, safe='')}",
        wrapped(f"https://evil.example/storage/api/v1/instances/{PARTY}/{GUID}"),
        wrapped(wrapped(STORAGE)),
        f"{LOG_IN}?goto={quote(STORAGE, safe='')}&goto=x",
        f"{LOG_IN}?GOTO={quote(STORAGE, safe='')}",
        LOG_IN,
        f"{PLATFORM}/storage/api/v1/instances/{PARTY}",
        f"{PLATFORM}/storage/api/v1/instances/x/{GUID}",
        f"{PLATFORM}/storage/api/v1/instances/{PARTY}/not-a-guid",
        f"{PLATFORM}/storage/api/v1/instances/{'9' * 13}/{GUID}",
        "urn:dialogporten:unauthorized",
        f"javascript:/instances/{PARTY}/{GUID}",
        "https://[",
        "",
    ],
)
def test_no_instance_in_an_address(url: str) -> None:
    assert instance_in(url, PRODUCTION) is None


def test_each_environment_knows_its_own_apps_only() -> None:
    url = f"https://ssb.apps.tt02.altinn.no/ssb/x/instances/{PARTY}/{GUID}"

    assert instance_in(url, TT02) == WHOLE
    assert instance_in(url, PRODUCTION) is None


@pytest.mark.parametrize(
    ("url", "inner"),
    [
        (wrapped(f"{STORAGE}?dontChooseReportee=true"), STORAGE),
        (wrapped(f"{STORAGE}?a=b&dontChooseReportee=true&c="), f"{STORAGE}?a=b&c="),
        (wrapped(f"{APP}/?dontChooseReportee=true#/x"), f"{APP}/#/x"),
        (wrapped("https://nav.no/x"), "https://nav.no/x"),
        (STORAGE, STORAGE),
        (f"{STORAGE}?goto=https%3A%2F%2Fnav.no", f"{STORAGE}?goto=https%3A%2F%2Fnav.no"),
    ],
)
def test_the_log_in_is_taken_off_an_address(url: str, inner: str) -> None:
    assert unwrapped(url, PRODUCTION) == inner


@pytest.mark.parametrize(
    "inner",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "http://nav.no/",
        "//nav.no/",
        "nav.no",
        "https://[",
    ],
)
def test_what_is_no_page_stays_wrapped(inner: str) -> None:
    assert unwrapped(wrapped(inner), PRODUCTION) == wrapped(inner)


def test_an_instance_that_is_too_new_to_delete_says_when() -> None:
    body = (
        b'{"type":"urn:altinn:problem:minimum-persistence-lifetime-not-satisfied",'
        b'"title":"Deletion not allowed","status":422,"detail":"still within",'
        b'"archivedAt":"2026-10-07T09:22:00.0000000+00:00","gracePeriodDays":60,'
        b'"deletionAllowedAt":"2026-12-06T09:22:00.0000000+00:00"}'
    )

    error = delete_error_in(422, {}, body, url=STORAGE, now=NOW)

    assert isinstance(error, TooEarly)
    assert error.grace_period_days == 60
    assert error.archived_at == datetime(2026, 10, 7, 9, 22, tzinfo=UTC)
    assert error.deletion_allowed_at == error.retry_at == datetime(2026, 12, 6, 9, 22, tzinfo=UTC)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"deletionAllowedAt":"soon"}'])
def test_an_instance_that_is_too_new_may_not_say_when(body: bytes) -> None:
    error = delete_error_in(422, {}, body, url=STORAGE, now=NOW)

    assert isinstance(error, TooEarly)
    assert error.deletion_allowed_at is None


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Refused), (403, Refused), (404, NotThere), (500, TryLater)]
)
def test_other_refusals_of_a_deletion(status: int, kind: type[AltinnError]) -> None:
    assert isinstance(delete_error_in(status, {}, b"", url=STORAGE, now=NOW), kind)
    assert delete_error_in(204, {}, b"", url=STORAGE, now=NOW) is None
