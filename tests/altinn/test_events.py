import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from altinn.environment import Environment
from altinn.errors import Misunderstood, NotThere, Refused
from altinn.events import LARGEST_EVENT_BYTES, Subscriptions, read_event

from .conftest import SAMPLES, Bearer, answering

DIALOG = UUID("019cad9d-ba10-76ef-b90a-9500ec3e5593")
PARTY = "urn:altinn:organization:identifier-no:310923044"
RESOURCE = "urn:altinn:resource:super-simple-service"
END_POINT = "https://portal.example/altinn/hemmelig/"
SUBSCRIPTION = {
    "id": 96165,
    "endPoint": END_POINT,
    "resourceFilter": RESOURCE,
    "subjectFilter": PARTY,
    "consumer": "/systemuser/fd9d93c7-1dd7-45bc-9772-6ba977b3cd36",
    "created": "2026-06-08T09:14:00.000000Z",
    "validated": False,
    "includeSubunits": False,
}
EVENT = json.loads((SAMPLES / "dialogs" / "events" / "01.app.created.json").read_bytes())
VALIDATION = {
    "specversion": "1.0",
    "id": "a8ba5f01-2b44-4b0b-9d33-0f2e5a0f0d11",
    "source": "https://platform.altinn.no/events/api/v1/subscriptions/96165",
    "type": "platform.events.validatesubscription",
}


def body(**changes: Any) -> bytes:
    changed = {name: value for name, value in (EVENT | changes).items() if value is not ...}
    return json.dumps(changed).encode()


# Subscriptions


def test_a_subscription_is_asked_for_as_altinn_wants_it(environment: Environment) -> None:
    http, requests = answering(httpx.Response(201, json=SUBSCRIPTION))

    made = Subscriptions(http, environment, Bearer()).create(
        END_POINT,
        RESOURCE.upper(),
        "urn:altinn:organization:identifier-no::310923044",
        "dialogporten.dialog.created.v1",
        include_subunits=True,
    )

    (request,) = requests
    assert (request.method, request.url.path) == ("POST", "/events/api/v1/subscriptions")
    assert json.loads(request.content) == {
        "endPoint": END_POINT,
        "resourceFilter": RESOURCE,
        "subjectFilter": PARTY,
        "typeFilter": "dialogporten.dialog.created.v1",
        "includeSubunits": True,
    }
    assert (made.id, made.end_point, made.validated) == (96165, END_POINT, False)


def test_what_is_not_filtered_on_is_left_out(environment: Environment) -> None:
    http, requests = answering(httpx.Response(201, json=SUBSCRIPTION))

    Subscriptions(http, environment, None).create(END_POINT, RESOURCE)

    assert set(json.loads(requests[0].content)) == {
        "endPoint",
        "resourceFilter",
        "includeSubunits",
    }


@pytest.mark.parametrize("empty", [0, 1, 2, 3])
def test_an_empty_text_is_refused(empty: int, environment: Environment) -> None:
    http, requests = answering()
    values = [END_POINT, RESOURCE, PARTY, "type"]
    values[empty] = ""

    with pytest.raises(ValueError, match="empty"):
        Subscriptions(http, environment, None).create(*values)

    assert requests == []


def test_subscriptions_can_be_listed_read_and_deleted(environment: Environment) -> None:
    http, requests = answering(
        httpx.Response(200, json={"count": 1, "subscriptions": [SUBSCRIPTION]}),
        httpx.Response(200, json=SUBSCRIPTION | {"validated": True}),
        httpx.Response(200),
    )
    subscriptions = Subscriptions(http, environment, Bearer())

    assert [each.id for each in subscriptions.all()] == [96165]
    assert subscriptions.get(96165).validated
    subscriptions.delete(96165)

    base = "/events/api/v1/subscriptions"
    assert [(request.method, request.url.path) for request in requests] == [
        ("GET", base),
        ("GET", f"{base}/96165"),
        ("DELETE", f"{base}/96165"),
    ]


def test_altinns_sentences_and_refusals(environment: Environment) -> None:
    http, _ = answering(
        httpx.Response(400, json="Resource filter must be a valid urn"),
        httpx.Response(403, json=f"Not authorized to create a subscription for {RESOURCE}."),
        httpx.Response(403),
        httpx.Response(404),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"subscriptions": {}}),
    )
    subscriptions = Subscriptions(http, environment, Bearer())

    with pytest.raises(Misunderstood, match=r"^Resource filter must be a valid urn"):
        subscriptions.create(END_POINT, RESOURCE)
    with pytest.raises(Refused, match="Not authorized"):
        subscriptions.create(END_POINT, RESOURCE)
    with pytest.raises(Refused):
        subscriptions.create(END_POINT, RESOURCE)
    with pytest.raises(NotThere):
        subscriptions.delete(1)
    with pytest.raises(Misunderstood):
        subscriptions.get(1)
    with pytest.raises(Misunderstood):
        subscriptions.all()


# Events


def test_an_event_tells_what_to_look_at() -> None:
    event = read_event(body())

    assert event.dialog_id == DIALOG
    assert event.party == PARTY
    assert event.service_resource == EVENT["resource"]
    assert event.is_about_dialog
    assert not event.is_seen
    assert not event.is_validation
    assert event.at is not None
    assert event.at.tzinfo is not None


@pytest.mark.parametrize(
    ("subject", "party"),
    [
        (PARTY, PARTY),
        ("urn:altinn:organization:identifier-no::310923044", PARTY),
        ("URN:altinn:organization:identifier-no:310923044", PARTY),
        ("/party/51266836", None),
        ("", None),
        (None, None),
        (..., None),
    ],
)
def test_the_party_in_all_its_spellings(subject: object, party: str | None) -> None:
    assert read_event(body(subject=subject)).party == party


@pytest.mark.parametrize(
    ("type_", "is_about_dialog", "is_seen"),
    [
        ("dialogporten.dialog.created.v1", True, False),
        ("dialogporten.dialog.seen.v1", True, True),
        ("dialogporten.dialog.seen.v2", True, True),
        ("dialogporten.dialog.activity.form-saved.v1", True, False),
        ("dialogporten.dialog.activity.teleported.v9", True, False),
        ("app.instance.created", False, False),
        ("x", False, False),
    ],
)
def test_types_we_do_not_know_are_kept(type_: str, *, is_about_dialog: bool, is_seen: bool) -> None:
    event = read_event(body(type=type_))

    assert event.type == type_
    assert event.is_about_dialog is is_about_dialog
    assert event.is_seen is is_seen


@pytest.mark.parametrize("instance", ["x", "", None, ..., f"{DIALOG}/", "../parties"])
def test_without_a_uuid_it_is_about_no_dialog(instance: object) -> None:
    event = read_event(body(resourceinstance=instance))

    assert event.dialog_id is None
    assert not event.is_about_dialog


def test_altinn_asking_for_validation() -> None:
    event = read_event(json.dumps(VALIDATION).encode())

    assert event.is_validation
    assert event.subscription_id == 96165
    assert not event.is_about_dialog
    assert [event.party, event.dialog_id, event.at, event.service_resource] == [None] * 4
    assert read_event(body(source=VALIDATION["source"])).subscription_id is None
    other = json.dumps(VALIDATION | {"source": "https://evil.example/"}).encode()
    assert read_event(other).subscription_id is None


@pytest.mark.parametrize(
    ("time", "at"),
    [
        ("2026-03-05T13:40:02.5512000Z", datetime(2026, 3, 5, 13, 40, 2, 551200, tzinfo=UTC)),
        ("2026-03-05T13:40:02", datetime(2026, 3, 5, 13, 40, 2, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        ("", None),
        (..., None),
    ],
)
def test_a_time_that_makes_no_sense_is_none(time: object, at: datetime | None) -> None:
    assert read_event(body(time=time)).at == at


@pytest.mark.parametrize("data", [None, [], 7, "x", {"a": "\0"}, {"a": 1e300}, ...])
def test_data_never_makes_an_event_unreadable(data: object) -> None:
    event = read_event(body(data=data))

    assert event.dialog_id == DIALOG
    assert event.data == (data if data == {"a": 1e300} else {})


@pytest.mark.parametrize(
    "odd", [b'{"a":1e999}', b'{"a":"\xff"}', b"[" * 400 + b"]" * 400], ids=range(3)
)
def test_data_that_python_cannot_hold_is_left_out(odd: bytes) -> None:
    event = read_event(body(data="HERE").replace(b'"HERE"', odd))

    assert event.dialog_id == DIALOG
    assert event.data == {}


DEEP = 60_000
ODD: list[object] = [..., None, "", 7, [], "a\0b", "x" * 3000]
POISON: list[bytes] = [
    b"",
    b" ",
    b"{",
    b"}",
    b"[]",
    b"null",
    b"true",
    b"-",
    b"1e999",
    b'"x"',
    b"{}",
    b"{'id':'1'}",
    b'{"id":"1",}',
    b'{"id":"1" "type":"x"}',
    b'{"id":NaN}',
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf" + body(),
    body().decode().encode("utf-16"),
    body()[:-1],
    body() + body(),
    b"[" + body() + b"]",
    body().replace(b'"id"', b'"\xff"', 1) + b"\xff",
    body(id="HERE").replace(b"HERE", b"\xff"),
    body(id="HERE").replace(b"HERE", b"\\ud800"),
    body(id="HERE").replace(b"HERE", b"\\x00"),
    b"[" * DEEP,
    b'{"a":' * (DEEP // 5),
    b'{"data":' + b"[" * DEEP,
    b"<html></html>",
    json.dumps({"text": body().decode()}).encode(),  # the envelope that Slack gets
    b" " * (LARGEST_EVENT_BYTES + 1),
    body(data="x" * LARGEST_EVENT_BYTES),
    *(body(**{field: value}) for field in ("id", "source", "type") for value in ODD),
    *(body(**{field: 7}) for field in ("subject", "resource", "resourceinstance", "time")),
    body(subject="a\0b"),
]


@pytest.mark.parametrize("poison", POISON, ids=range(len(POISON)))
def test_poison_is_misunderstood_and_nothing_else(poison: bytes) -> None:
    with pytest.raises(Misunderstood) as caught:
        read_event(poison)

    assert str(caught.value)


def test_a_cut_or_flipped_byte_gives_no_other_error() -> None:
    whole = body()
    for at in range(len(whole)):
        for changed in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x80]) + whole[at + 1 :]):
            with suppress(Misunderstood):
                read_event(changed)


def test_an_event_can_be_kept_as_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(read_event(body())))["id"] == EVENT["id"]
