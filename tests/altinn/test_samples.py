"""Every recorded or constructed sample of Altinn's answers can be read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from altinn import details, dialogporten, wire
from altinn.dialogporten import EndUser
from altinn.environment import Environment
from altinn.events import read_event
from altinn.searching import read_page

from .conftest import SAMPLES, answering

# The services' lie with the sandbox, which makes a world of them; `**` does not follow the link.
FILES = sorted([*SAMPLES.glob("**/*.json"), *(SAMPLES / "services").glob("*.json")])
READ = {path: json.loads(path.read_bytes()) for path in FILES}
DIALOGS = [p for p, read in READ.items() if isinstance(read, dict) and "revision" in read]
PAGES = [p for p, read in READ.items() if isinstance(read, dict) and "hasNextPage" in read]
EVENTS = sorted((SAMPLES / "dialogs" / "events").glob("*.json"))
DIALOG_ID = UUID(int=1)

# A struct that decodes tells nothing about a field misspelt here: it would just stay empty.
NOT_OURS = {"systemLabel", "links", "hasKeyRole", "isCurrentEndUser", "isMainAdministrator"} | {
    "isAccessManager",
    "dateOfBirth",
}


def name(path: Path) -> str:
    return path.stem


def test_there_are_samples() -> None:
    assert len(DIALOGS) > 20
    assert len(PAGES) == 4
    assert len(EVENTS) == 11


@pytest.mark.parametrize("path", DIALOGS, ids=name)
def test_a_dialog_is_read_without_loss(path: Path) -> None:
    read = dialogporten._details.decode(path.read_bytes())

    assert_nothing_lost(READ[path], read)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_is_read_without_loss(path: Path) -> None:
    page = read_page(path.read_bytes())

    assert page.unreadable == []
    assert len(page.items) == len(READ[path]["items"])
    for received, sample in zip(page.items, READ[path]["items"], strict=True):
        assert json.loads(received.raw) == sample
        assert_nothing_lost(sample, received.item)


@pytest.mark.parametrize("path", EVENTS, ids=name)
def test_an_event_is_read_without_loss(path: Path) -> None:
    event = read_event(path.read_bytes())

    assert event.is_about_dialog
    assert str(event.dialog_id) == READ[path]["resourceinstance"]
    assert event.party == READ[path]["subject"]
    assert_nothing_lost(READ[path], event)


ASKS: dict[str, Callable[[EndUser], object]] = {
    "transmissions.list": lambda api: api.transmissions(DIALOG_ID),
    "activities.list": lambda api: api.activities(DIALOG_ID),
    "activities.single": lambda api: api.activity(DIALOG_ID, DIALOG_ID),
    "seenlog.list": lambda api: api.seen_log(DIALOG_ID),
    "labellog.list": lambda api: api.label_log(DIALOG_ID),
    "dialoglookup": lambda api: api.lookup("urn:altinn:dialog-id:x"),
    "parties.systemuser": lambda api: {"authorizedParties": api.parties()},
    "parties.empty": lambda api: {"authorizedParties": api.parties()},
}


@pytest.mark.parametrize("file", ASKS)
def test_other_answers_are_read_without_loss(file: str, environment: Environment) -> None:
    sample = (SAMPLES / "dialogs" / f"{file}.json").read_bytes()
    http, _ = answering(httpx.Response(200, content=sample))

    read = ASKS[file](EndUser(http, environment, None))

    assert_nothing_lost(json.loads(sample), read)


def test_the_limits(environment: Environment) -> None:
    sample = json.loads((SAMPLES / "dialogs" / "metadata.limits.json").read_bytes())
    sample["endUserSearch"]["maxPartyFilterValues"] = 50
    http, _ = answering(httpx.Response(200, json=sample))

    assert EndUser(http, environment, None).limits().max_party_filter_values == 50


def test_what_is_announced_is_read_already() -> None:
    path = SAMPLES / "dialogs" / "details.FUTURE-authorization-context.json"
    read = dialogporten._details.decode(path.read_bytes())

    assert read.attachments[0].is_authorized is False
    assert read.transmissions[0].navigational_actions[0].is_authorized is True
    assert len(read.transmissions[0].excluded_attachments) == 1


def test_values_that_altinn_adds_later_are_unknown_and_no_error() -> None:
    sample = READ[SAMPLES / "dialogs" / "details.altinn-app.submitted.json"]
    changed = json.dumps(sample).replace('"FormSubmitted"', '"Teleported"')
    read = dialogporten._details.decode(
        json.dumps(json.loads(changed) | {"status": "Paused", "newField": [{}]})
    )

    assert read.status is wire.DialogStatus.UNKNOWN
    assert wire.ActivityType.UNKNOWN in {each.type for each in read.activities}


def test_every_enum_knows_unknown() -> None:
    for enum in wire.TolerantEnum.__subclasses__():
        assert enum("whatever") is enum("UNKNOWN")
        assert msgspec.json.decode(b'"whatever"', type=enum) is enum("UNKNOWN")


def test_a_dialog_in_full_may_be_nearly_empty() -> None:
    must = ("id", "revision", "org", "serviceResource", "party", "status")
    times = ("createdAt", "updatedAt", "contentUpdatedAt")
    sample = READ[DIALOGS[0]]
    small = {key: sample[key] for key in (*must, *times)}

    read = msgspec.json.decode(json.dumps(small), type=details.Details)

    assert read.content is None
    assert read.transmissions == ()
    for key in small:
        without = {other: value for other, value in small.items() if other != key}
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(json.dumps(without), type=details.Details)


def assert_nothing_lost(sample: Any, read: Any) -> None:
    """Every value of the sample is found again in what was read, under the same name."""
    _compare(sample, msgspec.to_builtins(read, str_keys=True), "$")


def _compare(sample: Any, read: Any, where: str) -> None:
    if isinstance(sample, dict):
        for key, value in sample.items():
            if key not in NOT_OURS:
                assert key in read, f"{where}.{key} is not read"
                _compare(value, read[key], f"{where}.{key}")
    elif isinstance(sample, list):
        assert len(sample) == len(read), where
        for number, (one, other) in enumerate(zip(sample, read, strict=True)):
            _compare(one, other, f"{where}[{number}]")
    elif isinstance(sample, str) and isinstance(read, str) and where.endswith(("At", "sunsetAt")):
        assert _microseconds(sample) == _microseconds(read), where
    else:
        assert sample == read, where


def _microseconds(text: str) -> str:
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    return f"{seconds}.{fraction[:6].ljust(6, '0')}"
