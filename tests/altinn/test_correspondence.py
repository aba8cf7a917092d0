import json
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from altinn.correspondence import Correspondence, correspondence_in
from altinn.correspondence_errors import (
    AlreadyConfirmed,
    AlreadyRead,
    AttachmentExpired,
    AttachmentGone,
    CorrespondenceError,
    DialogNotPatched,
    NoAccess,
    NoSuchLetter,
    NotConfirmed,
    NotFetched,
    PartOfADialog,
    correspondence_error_in,
)
from altinn.environment import PRODUCTION, Environment
from altinn.errors import (
    AltinnError,
    Changed,
    Misunderstood,
    NotThere,
    Refused,
    TryLater,
    UnknownOutcome,
    Unreached,
)

from .conftest import JWT, OPAQUE_TOKEN, PERSON, answering

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LETTER = UUID("01a1beef-5b80-75de-b486-61d1e8622572")
BASE = "http://127.0.0.1:8901/correspondence/api/v1/correspondence"
OVERVIEW = {
    "correspondenceId": str(LETTER),
    "status": "Fetched",
    "statusChanged": "2026-11-20T07:31:00.8289900Z",
    "resourceId": "ske-innkreving-av-skatt-melding",
    "dueDateTime": "2026-11-27T22:59:59.0000000Z",
    "recipient": "urn:altinn:organization:identifier-no:310010693",
    "isConfirmationNeeded": True,
    "isConfidential": False,
    "somethingNew": {"a": 1},
    "content": {
        "language": "nb",
        "messageTitle": "Vedtak om tvangsmulkt",
        "messageBody": "(hentes fra /content)",
        "attachments": [
            {
                "id": "70f2b300-cbb4-4c42-8bac-10bffc0aee52",
                "name": None,
                "fileName": "Vedtak tvangsmulkt.pdf",
                "displayName": "Vedtak tvangsmulkt.pdf",
                "dataType": "application/pdf",
                "expirationTime": None,
                "status": "Published",
            }
        ],
    },
}
KINDS = [
    (404, 1001, NoSuchLetter, NotThere),
    (400, 1025, NotFetched, Misunderstood),
    (400, 1026, NotConfirmed, Misunderstood),
    (400, 1040, AlreadyRead, Changed),
    (400, 1041, AlreadyConfirmed, Changed),
    (400, 1043, PartOfADialog, Misunderstood),
    (400, 2019, AttachmentGone, NotThere),
    (400, 2020, AttachmentExpired, NotThere),
    (401, 4001, NoAccess, Refused),
]


def problem(status: int, code: object, detail: str = "It says why") -> httpx.Response:
    return httpx.Response(
        status,
        json={
            "title": "Bad Request",
            "status": status,
            "detail": detail,
            "code": f"CORR-0{code}",
            "errorCode": code,
            "traceId": "00-632b7a67a85c5a88bd9a6d83265ded9c-632b7a67a85c5a88-01",
        },
    )


def letters(
    environment: Environment, *answers: httpx.Response | Exception
) -> tuple[Correspondence, list[httpx.Request]]:
    http, requests = answering(*answers)
    return Correspondence(http, environment, lambda: OPAQUE_TOKEN), requests


def test_an_overview_names_the_files_that_the_dialog_does_not(environment: Environment) -> None:
    api, requests = letters(environment, httpx.Response(200, json=OVERVIEW))

    overview = api.overview(LETTER)

    assert overview.correspondence_id == LETTER
    assert (overview.status, overview.is_confirmation_needed) == ("Fetched", True)
    assert overview.content is not None
    assert overview.content.attachments[0].file_name == "Vedtak tvangsmulkt.pdf"
    assert (requests[0].method, str(requests[0].url)) == ("GET", f"{BASE}/{LETTER}")
    assert requests[0].headers["Authorization"] == f"Bearer {OPAQUE_TOKEN}"


def test_an_overview_that_says_little_is_enough(environment: Environment) -> None:
    api, _ = letters(environment, httpx.Response(200, json={"correspondenceId": str(LETTER)}))

    assert api.overview(LETTER).content is None


def test_an_overview_that_is_none_is_not_understood(environment: Environment) -> None:
    api, _ = letters(environment, httpx.Response(200, text="<html>"))

    with pytest.raises(Misunderstood):
        api.overview(LETTER)


def test_confirming_sends_no_body_and_gives_the_letters_id(environment: Environment) -> None:
    api, requests = letters(environment, httpx.Response(200, json=str(LETTER)))

    assert api.confirm(LETTER) == LETTER

    asked = requests[0]
    assert (asked.method, str(asked.url)) == ("POST", f"{BASE}/{LETTER}/confirm")
    assert asked.content == b""
    assert "Content-Type" not in asked.headers


def test_deleting_sends_no_body_and_gives_the_letters_id(environment: Environment) -> None:
    api, requests = letters(environment, httpx.Response(200, json=str(LETTER)))

    assert api.purge(LETTER) == LETTER

    assert (requests[0].method, str(requests[0].url)) == ("DELETE", f"{BASE}/{LETTER}/purge")
    assert requests[0].content == b""


@pytest.mark.parametrize(("status", "code", "kind", "family"), KINDS)
def test_each_code_is_an_error_of_its_own_that_says_what_to_do(
    environment: Environment,
    status: int,
    code: int,
    kind: type[CorrespondenceError],
    family: type[AltinnError],
) -> None:
    for verb in ("overview", "confirm", "purge"):
        api, requests = letters(environment, problem(status, code))

        with pytest.raises(kind) as caught:
            getattr(api, verb)(LETTER)

        assert isinstance(caught.value, family)
        assert caught.value.error_code == code
        assert caught.value.advice.endswith(".")
        assert caught.value.status == status
        assert caught.value.trace_id
        assert "It says why" in caught.value.message
        assert len(requests) == 1


@pytest.mark.parametrize("code", [None, 9999, "1025", {"a": 1}, [], 1.5])
def test_a_code_nobody_knows_is_judged_by_its_status(
    environment: Environment, code: object
) -> None:
    api, _ = letters(environment, problem(401, code))

    with pytest.raises(Refused) as caught:
        api.confirm(LETTER)

    assert not isinstance(caught.value, CorrespondenceError)


def test_a_confirmation_that_dialogporten_was_not_told_of_may_be_sent_again(
    environment: Environment,
) -> None:
    api, requests = letters(environment, problem(500, 0), httpx.Response(200, json=str(LETTER)))

    with pytest.raises(DialogNotPatched) as caught:
        api.confirm(LETTER)
    assert isinstance(caught.value, TryLater)
    assert len(requests) == 1  # not by itself

    assert api.confirm(LETTER) == LETTER


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_deletion_that_fails_has_an_unknown_outcome(
    environment: Environment, status: int
) -> None:
    api, requests = letters(environment, httpx.Response(status))

    with pytest.raises(UnknownOutcome):
        api.purge(LETTER)
    assert len(requests) == 1


@pytest.mark.parametrize(
    "broken",
    [
        httpx.ReadTimeout("x"),
        httpx.WriteTimeout("x"),
        httpx.ReadError("x"),
        httpx.RemoteProtocolError("x"),
        httpx.Response(502, text="<html>"),
        httpx.Response(504),
        httpx.Response(200, text="OK"),
        httpx.Response(200),
    ],
    ids=str,
)
@pytest.mark.parametrize("verb", ["confirm", "purge"])
def test_what_may_have_arrived_is_sent_once_and_has_an_unknown_outcome(
    environment: Environment, verb: str, broken: httpx.Response | Exception
) -> None:
    api, requests = letters(environment, broken)

    with pytest.raises(UnknownOutcome) as caught:
        getattr(api, verb)(LETTER)

    assert not isinstance(caught.value, TryLater)
    assert len(requests) == 1


@pytest.mark.parametrize("broken", [httpx.ConnectError("x"), httpx.ConnectTimeout("x")])
def test_what_was_never_sent_may_be_tried_later(
    environment: Environment, broken: Exception
) -> None:
    api, _ = letters(environment, broken)

    with pytest.raises(Unreached):
        api.confirm(LETTER)


def test_a_time_out_while_reading_is_only_a_time_out(environment: Environment) -> None:
    api, _ = letters(environment, httpx.ReadTimeout("x"))

    with pytest.raises(TryLater):
        api.overview(LETTER)


LETTERS = "https://platform.altinn.no/correspondence/api/v1/correspondence"


@pytest.mark.parametrize(
    "url",
    [
        f"{LETTERS}/{LETTER}",
        f"{LETTERS}/{LETTER}/confirm",
        f"{LETTERS}/{LETTER}/attachment/70f2b300-cbb4-4c42-8bac-10bffc0aee52/download?x=y",
    ],
)
def test_the_letter_in_an_address(url: str) -> None:
    assert correspondence_in(url, PRODUCTION) == LETTER


@pytest.mark.parametrize(
    "url",
    [
        f"https://evil.example/correspondence/api/v1/correspondence/{LETTER}",
        f"https://platform.altinn.no/x/correspondence/api/v1/correspondence/{LETTER}",
        f"https://platform.altinn.no/x?/correspondence/api/v1/correspondence/{LETTER}/confirm",
        f"{LETTERS}/x?/correspondence/api/v1/correspondence/{LETTER}/confirm",
        f"{LETTERS}/x/correspondence/api/v1/correspondence/{LETTER}",
        f"{LETTERS}/1",
        f"{LETTERS}/{'-' * 36}",
        f"{LETTERS}/{LETTER.hex}",
        f"{LETTERS}/{LETTER}x",
        f"{LETTERS}/../{LETTER}",
        LETTERS,
        "https://platform.altinn.no/correspondence/api/v1/confidential-reminders",
        "urn:dialogporten:unauthorized",
        "https://[",
    ],
)
def test_no_letter_in_an_address(url: str) -> None:
    assert correspondence_in(url, PRODUCTION) is None


def test_an_id_cannot_lead_to_another_address(environment: Environment) -> None:
    api, requests = letters(environment)

    with pytest.raises(ValueError, match="UUID"):
        api.purge("../../events")  # type: ignore[arg-type]
    assert requests == []


def test_a_download_that_is_refused_tells_why() -> None:
    body = json.dumps({"errorCode": 2020, "detail": "expired"}).encode()

    error = correspondence_error_in(400, {}, body, url="https://x.example/y", now=NOW)

    assert isinstance(error, AttachmentExpired)
    assert correspondence_error_in(200, {}, b"%PDF", url="https://x.example/y", now=NOW) is None


def test_no_error_holds_the_token_or_a_person(environment: Environment) -> None:
    detail = f"{PERSON} {OPAQUE_TOKEN} {JWT}"
    for answer in (problem(400, 1025, detail), problem(500, 0, detail), problem(401, 1, detail)):
        api, _ = letters(environment, answer)
        with pytest.raises(AltinnError) as caught:
            api.confirm(LETTER)
        text = f"{caught.value} {caught.value!r} {caught.value.__dict__}"
        assert not any(secret in text for secret in (PERSON, OPAQUE_TOKEN, JWT))
