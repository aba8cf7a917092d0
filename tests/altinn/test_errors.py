import json
import pickle
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from altinn.errors import (
    AltinnError,
    Changed,
    LevelTooLow,
    Misunderstood,
    NoSystemUser,
    NotThere,
    NotYet,
    Refused,
    TooBroad,
    TryLater,
    error_in,
)

from .conftest import SAMPLES

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=22)
URL = "https://platform.altinn.no/dialogporten/api/v1/enduser/dialogs/x"
HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
DEEP = b"[" * 100_000


def seen(
    status: int, body: bytes = b"", headers: dict[str, str] | None = None
) -> AltinnError | None:
    return error_in(status, headers or {}, body, url=URL, now=NOW)


def problem(name: str) -> bytes:
    return (SAMPLES / "dialogs" / "problems" / f"{name}.json").read_bytes()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("400.search.bad-token", Misunderstood),
        ("400.search.missing-party-and-resource", Misunderstood),
        ("400.search.too-many-parties", Misunderstood),
        ("403.auth-level", LevelTooLow),
        ("403.no-access", Refused),
        ("403.wrong-user-type", Refused),
        ("404.expired", NotThere),
        ("404.not-found", NotThere),
        ("404.not-yet-visible", NotYet),
        ("410.deleted", NotThere),
        ("412.label-revision", Changed),
        ("422.search-timeout", TooBroad),
        ("500.default", TryLater),
        ("502.upstream", TryLater),
    ],
)
def test_each_problem_is_named_by_what_to_do(name: str, kind: type[AltinnError]) -> None:
    body = problem(name)
    status = json.loads(body)["status"]

    error = seen(status, body)

    assert type(error) is kind
    assert error.status == status
    assert error.url == URL
    assert error.trace_id == json.loads(body)["traceId"]
    for fact in (str(status), URL, error.trace_id):
        assert fact in str(error)


BODIES = [
    b"",
    HTML,
    b'"A sentence."',
    b'{"message":"x"}',
    b"[]",
    b"null",
    b"7",
    b"\xff",
    b'{"title":"\xff"}',
    DEEP,
    b'{"errors":' + DEEP,
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Misunderstood),
        (304, Misunderstood),
        (400, Misunderstood),
        (401, Refused),
        (403, Refused),
        (404, NotThere),
        (405, Misunderstood),
        (406, Misunderstood),
        (408, TryLater),
        (409, Changed),
        (410, NotThere),
        (412, Changed),
        (413, Misunderstood),
        (418, Misunderstood),
        (422, Misunderstood),
        (425, TryLater),
        (429, TryLater),
        (500, TryLater),
        (502, TryLater),
        (503, TryLater),
        (504, TryLater),
        (599, TryLater),
    ],
)
def test_a_status_is_enough_whatever_the_body(
    status: int, kind: type[AltinnError], body: bytes
) -> None:
    error = seen(status, body)

    assert type(error) is kind
    assert "<html" not in str(error)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_success_is_no_error(status: int) -> None:
    assert seen(status, HTML) is None


def test_odd_members_of_a_problem_are_passed_over() -> None:
    body = b'{"title":{},"detail":7,"errors":{"a":["x",1,null],"b":"y","c":{}},"traceId":[1]}'
    error = seen(400, body)

    assert error is not None
    assert error.message == "x · y"
    assert error.trace_id is None


def test_a_sentence_as_json_is_kept() -> None:
    error = seen(400, b'"Resource filter must be a valid urn"')

    assert error is not None
    assert error.message == "Resource filter must be a valid urn"


def test_the_trace_may_be_in_a_header() -> None:
    error = seen(500, b"", {"Traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01"})

    assert error is not None
    assert error.trace_id == "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("-5", 0.0),
        ("1e12", 3600.0),
        ("inf", 3600.0),
        ("nan", None),
        ("", None),
        ("soon", None),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
        (format_datetime(NOW + timedelta(days=1), usegmt=True), 3600.0),
        ("Tue, 10 Mar 2026 12:00:30", 30.0),
        ("Tue, 99 Mar 2026 12:00:30 GMT", None),
    ],
)
def test_the_wait_asked_for(retry_after: str, seconds: float | None) -> None:
    for status in (429, 503):
        error = seen(status, b"Service Unavailable", {"Retry-After": retry_after})

        assert isinstance(error, TryLater)
        assert error.wait_seconds == seconds
        assert error.retry_at == (None if seconds is None else NOW + timedelta(seconds=seconds))


def test_not_yet_knows_when_from_the_header_or_from_the_sentence() -> None:
    with_header = seen(404, problem("404.not-yet-visible"), {"expires": format_datetime(LATER)})
    without = seen(404, problem("404.not-yet-visible"))
    only_header = seen(404, b"", {"expires": format_datetime(LATER)})

    assert isinstance(with_header, NotYet)
    assert with_header.until == with_header.retry_at == LATER
    assert isinstance(without, NotYet)
    assert without.until == datetime(2026, 4, 1, 6, tzinfo=UTC)
    assert isinstance(only_header, NotYet)
    assert only_header.until == LATER


@pytest.mark.parametrize("expires", ["-1", "0", "Thu, 01 Jan 1970 00:00:00 GMT", "x", ""])
def test_a_cache_header_does_not_make_it_not_yet(expires: str) -> None:
    assert type(seen(404, b"", {"expires": expires})) is NotThere
    assert type(seen(404, problem("404.not-found"), {"expires": expires})) is NotThere


def test_deleted_expired_and_unknown_are_told_apart() -> None:
    deleted = seen(410, problem("410.deleted"))
    expired = seen(404, problem("404.expired"))
    unknown = seen(404, problem("404.not-found"))

    assert isinstance(deleted, NotThere)
    assert isinstance(expired, NotThere)
    assert isinstance(unknown, NotThere)
    assert (deleted.deleted, deleted.expired) == (True, False)
    assert (expired.deleted, expired.expired) == (False, True)
    assert (unknown.deleted, unknown.expired) == (False, False)


def test_errors_survive_a_move_between_processes() -> None:
    for error in (
        TryLater("x", wait_seconds=7, status=503, url=URL, trace_id="t", retry_at=NOW),
        NotYet("x", until=NOW, status=404),
        NoSystemUser("x", code="MP-303", advice="Be om godkjenning."),
    ):
        moved = pickle.loads(pickle.dumps(error))  # noqa: S301 -- our own

        assert type(moved) is type(error)
        assert vars(moved) == vars(error)
        assert str(moved) == str(error)


def test_a_long_url_is_cut_in_the_text_only() -> None:
    error = error_in(500, {}, b"", url=URL + "?party=" + "x" * 5000, now=NOW)

    assert error is not None
    assert len(error.url) > 5000
    assert len(str(error)) < 1000


def test_a_huge_error_page_is_not_read() -> None:
    error = seen(500, json.dumps({"title": "x" * 300_000}).encode())

    assert error is not None
    assert error.message == "Altinn could not answer"
