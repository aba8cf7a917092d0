import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from altinn.dialogporten import DialogStatus, EndUser, Page, Search, SystemLabel
from altinn.environment import Environment
from altinn.errors import Misunderstood, TooBroad
from altinn.searching import read_page

from .conftest import SAMPLES, answering, client

PARTY = "urn:altinn:organization:identifier-no:310923044"
SAMPLE: dict[str, Any] = json.loads((SAMPLES / "dialogs" / "search.page1.json").read_bytes())
ITEM: dict[str, Any] = SAMPLE["items"][0]


def page(*items: object, token: str | None = None, more: bool = False) -> bytes:
    return json.dumps(
        {"items": items, "hasNextPage": more, "orderBy": "x"}
        | ({} if token is None else {"continuationToken": token})
    ).encode()


# What is asked


def test_a_search_is_written_as_dialogporten_reads_it(environment: Environment) -> None:
    oslo = timezone(timedelta(hours=2))
    search = Search(
        party=(PARTY, PARTY[:-9] + "313170004"),
        service_resource=("urn:altinn:resource:a",),
        org=("skd",),
        extended_status=("urn:a:b",),
        external_reference="a&b=c+d æ",
        status=(DialogStatus.REQUIRES_ATTENTION, DialogStatus.DRAFT),
        created_after=datetime(2026, 1, 1, tzinfo=UTC),
        created_before=datetime(2026, 1, 2, tzinfo=UTC),
        updated_after=datetime(2026, 3, 5, 15, 40, 2, 551200, tzinfo=oslo),
        updated_before=datetime(2026, 3, 6, tzinfo=UTC),
        content_updated_after=datetime(2026, 1, 3, tzinfo=UTC),
        content_updated_before=datetime(2026, 1, 4, tzinfo=UTC),
        due_after=datetime(2026, 1, 5, tzinfo=UTC),
        due_before=datetime(2026, 1, 6, tzinfo=UTC),
        is_content_seen=False,
        process="urn:p:1",
        system_label=(SystemLabel.ARCHIVE, SystemLabel.SENT),
        exclude_api_only=True,
        search="mva melding",
        search_language_code="nb",
        order_by="updatedAt_asc,id_asc",
        continuation_token="updatedat_2026-03-05T13:40:02.5512000Z,id_x",
        limit=1000,
    )
    http, requests = answering(httpx.Response(200, content=page()))

    EndUser(http, environment, None).search(search)

    assert requests[0].url.path == "/dialogporten/api/v1/enduser/dialogs"
    assert parse_qsl(requests[0].url.query.decode()) == [
        ("party", PARTY),
        ("party", PARTY[:-9] + "313170004"),
        ("serviceResource", "urn:altinn:resource:a"),
        ("org", "skd"),
        ("extendedStatus", "urn:a:b"),
        ("externalReference", "a&b=c+d æ"),
        ("status", "RequiresAttention"),
        ("status", "Draft"),
        ("createdAfter", "2026-01-01T00:00:00.0000000Z"),
        ("createdBefore", "2026-01-02T00:00:00.0000000Z"),
        ("updatedAfter", "2026-03-05T13:40:02.5512000Z"),
        ("updatedBefore", "2026-03-06T00:00:00.0000000Z"),
        ("contentUpdatedAfter", "2026-01-03T00:00:00.0000000Z"),
        ("contentUpdatedBefore", "2026-01-04T00:00:00.0000000Z"),
        ("dueAfter", "2026-01-05T00:00:00.0000000Z"),
        ("dueBefore", "2026-01-06T00:00:00.0000000Z"),
        ("isContentSeen", "false"),
        ("process", "urn:p:1"),
        ("systemLabel", "Archive"),
        ("systemLabel", "Sent"),
        ("excludeApiOnly", "true"),
        ("search", "mva melding"),
        ("searchLanguageCode", "nb"),
        ("orderBy", "updatedAt_asc,id_asc"),
        ("continuationToken", "updatedat_2026-03-05T13:40:02.5512000Z,id_x"),
        ("limit", "1000"),
    ]


def test_what_is_not_asked_for_is_not_sent() -> None:
    assert Search(party=(PARTY,)).query() == [("party", PARTY)]


NOW = datetime(2026, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        {"party": ()},
        {"party": PARTY},
        {"party": ("",)},
        {"party": (PARTY,) * 101},
        {"service_resource": ("x",) * 21},
        {"org": ("x",) * 21},
        {"extended_status": ("x",) * 21},
        {"status": (DialogStatus.UNKNOWN,)},
        {"system_label": (SystemLabel.UNKNOWN,)},
        {"status": "Draft"},
        {"updated_after": datetime(2026, 3, 5)},  # noqa: DTZ001 -- that is what is wrong
        {"due_before": datetime(2026, 3, 5)},  # noqa: DTZ001
        {"content_updated_after": NOW, "content_updated_before": NOW - timedelta(seconds=1)},
        {"limit": 0},
        {"limit": 1001},
        {"search": "ab"},
        {"search": "ab   "},
        {"search_language_code": "no"},
        {"process": ""},
        {"process": "x" * 1024},
    ],
)
def test_what_dialogporten_would_refuse_is_not_asked(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong)).partition("_")[0]):
        Search(**{"party": (PARTY,), **wrong})


def test_the_caps_themselves_are_fine() -> None:
    Search(party=(PARTY,) * 100, service_resource=("x",) * 20, limit=1000, search="abc")
    Search(service_resource=("x",), updated_after=NOW, updated_before=NOW)


def test_a_search_that_took_too_long_is_told_apart(environment: Environment) -> None:
    body = (SAMPLES / "dialogs" / "problems" / "422.search-timeout.json").read_bytes()
    http, _ = answering(httpx.Response(422, content=body))

    with pytest.raises(TooBroad):
        EndUser(http, environment, None).search(Search(party=(PARTY,)))


# What comes back

BROKEN: list[object] = [
    None,
    7,
    [],
    {},
    ITEM | {"id": "x"},
    ITEM | {"updatedAt": "yesterday"},
    ITEM | {"updatedAt": "2026-03-05T13:40:02"},  # no zone
    ITEM | {"updatedAt": None},
    ITEM | {"progress": 2**40},
    ITEM | {"content": {"title": {"value": "x"}}},
    {key: value for key, value in ITEM.items() if key != "party"},
]


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_item_does_not_take_the_page_with_it(broken: object) -> None:
    read = read_page(page(ITEM, broken, ITEM))

    assert len(read.items) == 2
    ((raw, reason),) = read.unreadable
    assert json.loads(raw) == broken
    assert reason


@pytest.mark.parametrize(
    "broken",
    [
        b'{"id":"\xff"}',
        b'{"id":"\\ud800"}',
        b'{"progress":1e999}',
        b'{"content":' + b"[" * 500 + b"]" * 500 + b"}",
    ],
    ids=range(4),
)
def test_bytes_that_are_not_quite_json_cost_one_item_only(broken: bytes) -> None:
    read = read_page(page(ITEM, "HERE", ITEM).replace(b'"HERE"', broken))

    assert len(read.items) == 2
    assert len(read.unreadable) == 1


NOT_PAGES = [
    b"",
    b"null",
    b"[]",
    b"<html>",
    b"{}",
    b'{"items":{},"hasNextPage":false}',
    b'{"items":[]}',
    b'{"items":[],"hasNextPage":"no"}',
    b'{"items":[' + b"[" * 100_000,
    page(ITEM)[:-20],
    b"\xef\xbb\xbf" + page(),
    b'{"items":[],"hasNextPage":false,"orderBy":"\xff"}',
]


@pytest.mark.parametrize("body", NOT_PAGES, ids=range(len(NOT_PAGES)))
def test_what_is_no_page_is_misunderstood(body: bytes) -> None:
    with pytest.raises(Misunderstood):
        read_page(body)


def test_a_dialog_for_machines_may_lack_its_content() -> None:
    bare = {key: value for key, value in ITEM.items() if key != "content"}
    (received,) = read_page(page(bare)).items

    assert received.item.content is None
    assert received.item.title == ""


def test_only_what_we_need_must_be_there() -> None:
    must = ("id", "org", "serviceResource", "party", "status")
    times = ("createdAt", "updatedAt", "contentUpdatedAt")
    small = {key: ITEM[key] for key in (*must, *times)}

    (received,) = read_page(page(small)).items

    assert received.item.end_user_context.revision is None
    assert received.item.seen_since_last_update == ()
    for key in small:
        without = {other: value for other, value in small.items() if other != key}
        assert len(read_page(page(without)).unreadable) == 1


@pytest.mark.parametrize("written", ["\\u0000", "\\\\\\u0000"])
def test_a_nul_is_replaced_so_that_the_copy_can_be_kept(written: str) -> None:
    body = page(ITEM | {"externalReference": "HERE"}).replace(b"HERE", f"a{written}b".encode())
    (received,) = read_page(body).items

    assert received.item.external_reference == json.loads(f'"a{written}b"').replace("\0", "\ufffd")
    assert json.loads(received.raw)["externalReference"] == received.item.external_reference


def test_a_backslash_before_u0000_is_text() -> None:
    body = page(ITEM | {"externalReference": "a\\u0000b"})
    (received,) = read_page(body).items

    assert received.item.external_reference == "a\\u0000b"


def test_the_last_moment_of_dotnet_can_be_moved_to_oslo() -> None:
    (received,) = read_page(page(ITEM | {"dueAt": "9999-12-31T23:59:59.9999999Z"})).items

    assert received.item.due_at is not None
    assert received.item.due_at.astimezone(timezone(timedelta(hours=2))).year == 9999
    assert json.loads(received.raw)["dueAt"] == "9999-12-31T00:00:00Z"


def test_times_are_aware_and_in_microseconds() -> None:
    (received,) = read_page(page(ITEM | {"updatedAt": "2026-03-05T13:40:02.5512004Z"})).items

    assert received.item.updated_at == datetime(2026, 3, 5, 13, 40, 2, 551200, tzinfo=UTC)


# Page after page


def pages_of(environment: Environment, *bodies: bytes) -> tuple[list[Page], list[httpx.Request]]:
    http, requests = answering(*(httpx.Response(200, content=body) for body in bodies))
    search = Search(party=(PARTY,), order_by="updatedAt_asc,id_asc", limit=2)
    return list(EndUser(http, environment, None).pages(search)), requests


def test_every_page_is_asked_for_with_the_same_filters_and_order(environment: Environment) -> None:
    pages, requests = pages_of(
        environment,
        page(ITEM, ITEM, token="a+b,1", more=True),
        page(ITEM, ITEM, token="c", more=True),
        page(ITEM, token="d"),
    )

    assert [len(each.items) for each in pages] == [2, 2, 1]
    same = {"party": PARTY, "orderBy": "updatedAt_asc,id_asc", "limit": "2"}
    assert [dict(request.url.params) for request in requests] == [
        same,
        same | {"continuationToken": "a+b,1"},
        same | {"continuationToken": "c"},
    ]


def test_a_token_on_the_last_page_is_not_followed(environment: Environment) -> None:
    pages, requests = pages_of(environment, page(ITEM, token="a", more=False))

    assert len(pages) == len(requests) == 1


def test_an_empty_page_is_not_the_last_when_more_is_promised(environment: Environment) -> None:
    pages, _ = pages_of(environment, page(token="a", more=True), page(ITEM))

    assert len(pages) == 2


@pytest.mark.parametrize("tokens", [[None], [""], ["a", "a"], ["a", "b", "a"]])
def test_a_token_that_does_not_move_stops_the_search(
    tokens: list[str | None], environment: Environment
) -> None:
    bodies = [page(ITEM, token=token, more=True) for token in tokens]

    with pytest.raises(Misunderstood, match="does not move"):
        pages_of(environment, *bodies)


def test_pages_are_fetched_as_they_are_wanted(environment: Environment) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=page(ITEM, token=str(len(asked)), more=True))

    pages = EndUser(client(answer), environment, None).pages(Search(party=(PARTY,)))
    next(pages)

    assert len(asked) == 1
