"""No token and no national identity number in anything that may end in a log."""

import json
import logging
from urllib.parse import quote

import httpx
import pytest

from altinn import dialogporten
from altinn.environment import Environment
from altinn.errors import AltinnError, TryLater
from altinn.events import Subscription, Subscriptions, read_event
from altinn.keys import Key
from altinn.masking import masked
from altinn.maskinporten import Grant, Maskinporten, MemoryTokenCache
from altinn.searching import read_page

from .conftest import JWT, OPAQUE_TOKEN, PERSON, SAMPLES, Bearer, answering

PERSON_URN = f"urn:altinn:person:identifier-no:{PERSON}"
CANARIES = (PERSON, OPAQUE_TOKEN, JWT, JWT.split(".")[1], "CANARY")


def assert_clean(text: str) -> None:
    for canary in CANARIES:
        assert canary not in text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (PERSON_URN, "urn:altinn:person:identifier-no:***"),
        (f"urn:altinn:person:identifier-no::{PERSON}", "urn:altinn:person:identifier-no:***"),
        (quote(PERSON_URN, safe=""), "urn%3Aaltinn%3Aperson%3Aidentifier-no:***"),
        ("urn:altinn:person:idporten-email:kari@b.no,", "urn:altinn:person:idporten-email:***,"),
        (f"pid={PERSON}&x", "pid=***&x"),
        (f"a{PERSON}b", "a***b"),
        (f"{PERSON[:6]} {PERSON[6:]}", "***"),
        (f"q=%20{PERSON}", "q=%***"),
        (f"Bearer {OPAQUE_TOKEN}", "Bearer ***"),
        (f'{{"access_token": "{OPAQUE_TOKEN}"}}', '{"access_token": "***"}'),
        (f"assertion={OPAQUE_TOKEN}&a=b", "assertion=***&a=b"),
        (f"got {JWT}!", "got ***!"),
    ],
)
def test_secrets_are_masked(text: str, left: str) -> None:
    assert masked(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "00-26f9e197f009120826539665366e56fb-d3d7ef0de64fa61f-00",
        "019cad9d-ba10-76ef-b90a-12345678901a",
        "%3A12345678-1234-7123-8123-123456789012",
        "urn:altinn:person:identifier-ephemeral:2b34ab491b",
        "urn:altinn:organization:identifier-no:310923044",
        "2026-03-05T13:40:02.5512000Z",
    ],
)
def test_what_support_needs_is_kept(text: str) -> None:
    assert masked(text) == text


BODIES = [
    json.dumps(
        {
            "title": f"Token {OPAQUE_TOKEN} and {JWT}",
            "detail": f"fnr {PERSON} {PERSON_URN}",
            "errors": {PERSON: [f"Bearer {OPAQUE_TOKEN}", f"party {PERSON}"]},
            "traceId": f"trace-{PERSON}-{OPAQUE_TOKEN}",
        }
    ).encode(),
    json.dumps(f"{PERSON} {OPAQUE_TOKEN} {JWT}").encode(),
    f"<html>{PERSON} {OPAQUE_TOKEN} {JWT}</html>".encode(),
]


@pytest.mark.parametrize("body", BODIES, ids=["problem", "string", "html"])
@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503])
def test_no_answer_leaks(
    status: int, body: bytes, environment: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    location = f"https://evil.example/{PERSON}?token={OPAQUE_TOKEN}"
    http, _ = answering(httpx.Response(status, content=body, headers={"Location": location}))

    with http, pytest.raises(AltinnError) as caught:
        dialogporten.EndUser(http, environment, Bearer()).search(
            dialogporten.Search(party=(PERSON_URN,), search=f"fnr {PERSON}")
        )

    error = caught.value
    assert_clean(f"{error} {error!r} {error.args} {vars(error)}")
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    assert_clean(caplog.text)
    assert "urn%3Aaltinn%3Aperson%3Aidentifier-no:***" in error.url


def test_no_broken_connection_leaks(environment: Environment) -> None:
    for broken in (
        httpx.RemoteProtocolError(f"illegal header line: Bearer {OPAQUE_TOKEN} {PERSON}"),
        httpx.ConnectError(f"{JWT}"),
    ):
        http, _ = answering(broken)

        with http, pytest.raises(TryLater) as caught:
            dialogporten.EndUser(http, environment, Bearer()).parties()

        assert_clean(f"{caught.value!r} {caught.value}")
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_maskinporten_leaks_nothing(
    status: int, environment: Environment, key: Key, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assertions = []

    def answer(request: httpx.Request) -> httpx.Response:
        assertion = request.content.decode().partition("assertion=")[2]
        assertions.append(assertion)
        said = f"MP-110: {assertion} {PERSON} {JWT}"
        return httpx.Response(status, json={"error": JWT, "error_description": said})

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        tokens = Maskinporten(
            environment, "client", key, MemoryTokenCache(), http, sleep=lambda _: None
        )
        with pytest.raises(AltinnError) as caught:
            tokens.token(Grant(("digdir:dialogporten",)))

    text = f"{caught.value} {caught.value!r} {vars(caught.value)} {caplog.text} {tokens!r}"
    assert_clean(text)
    assert assertions
    for assertion in assertions:
        assert assertion not in text


def test_no_repr_of_what_was_read_leaks() -> None:
    page = json.loads((SAMPLES / "dialogs" / "search.page1.json").read_bytes())
    page["items"][0]["party"] = PERSON_URN
    page["items"][1] = {"broken": PERSON}
    page["continuationToken"] = OPAQUE_TOKEN
    details = json.loads(
        (SAMPLES / "services" / "correspondence-after-confirm.json").read_bytes()
    ) | {"dialogToken": OPAQUE_TOKEN, "party": PERSON_URN}
    event = {"id": "1", "source": "s", "type": "t", "subject": PERSON_URN, "data": {"x": PERSON}}

    read = [
        read_page(json.dumps(page).encode()),
        dialogporten._details.decode(json.dumps(details)),
        read_event(json.dumps(event).encode()),
        Subscription(id=1, end_point=f"https://portal.example/{OPAQUE_TOKEN}"),
        dialogporten.Search(party=(PERSON_URN,), continuation_token=OPAQUE_TOKEN),
    ]

    assert_clean(f"{read!r} {read}")
    assert isinstance(read[1], dialogporten.Details)
    assert read[1].dialog_token == OPAQUE_TOKEN
    assert "dialog_token" not in repr(read[1])


def test_our_own_webhook_address_is_not_repeated_back(environment: Environment) -> None:
    end_point = f"https://portal.example/altinn/{OPAQUE_TOKEN}/"
    http, _ = answering(httpx.Response(400, json=f"Bad endpoint {end_point}"))

    with http, pytest.raises(AltinnError) as caught:
        Subscriptions(http, environment, None).create(end_point, "urn:altinn:resource:x")

    assert "Bad endpoint" in str(caught.value)
    assert_clean(str(caught.value))


def test_a_key_never_shows_its_private_parts(key: Key) -> None:
    jwk = key.private_jwk()
    text = f"{key!r} {key} {[key]}"

    assert key.kid in text
    assert "private" not in text
    for part in ("d", "p", "q", "dp", "dq", "qi"):
        assert jwk[part] not in text


def test_a_url_in_httpx_own_log_is_masked(
    environment: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="httpx")
    http, _ = answering(httpx.Response(200, json={"items": [], "hasNextPage": False}))

    with http:
        dialogporten.EndUser(http, environment, Bearer()).search(
            dialogporten.Search(party=(PERSON_URN,))
        )

    assert "identifier-no:***" in caplog.text
    assert_clean(caplog.text)


def test_ids_in_a_path_are_uuids(environment: Environment) -> None:
    http, requests = answering()

    with http, pytest.raises(ValueError, match="badly formed"):
        dialogporten.EndUser(http, environment, None).details("../parties")  # type: ignore[arg-type]

    assert requests == []
