from typing import Any

import pytest

from tests.sandbox.kit import DIALOGS, Portal

RESOURCE = "urn:altinn:resource:sandbox-demo"


def moments(items: list[dict[str, Any]], key: str) -> list[str]:
    return [item.get(key, "") for item in items]


@pytest.mark.parametrize("key", ["createdAt", "updatedAt", "contentUpdatedAt", "dueAt"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_a_walk_gives_every_dialog_once_in_order(portal: Portal, key: str, direction: str) -> None:
    everything = portal.look(f"ledger?system_user={portal.regnskap['id']}")["items"]

    pages = list(portal.walk(orderBy=f"{key}_{direction}", limit=4))

    walked = [item for page in pages for item in page]
    assert sorted(item["id"] for item in walked) == sorted(item["id"] for item in everything)
    assert walked[0] in everything
    values = moments(walked, key)
    with_value = [value for value in values if value]
    assert with_value == sorted(with_value, reverse=direction == "desc")
    if "" in values:  # no due date: last when ascending, first when descending
        first_without = values.index("") == 0
        assert first_without == (direction == "desc")


def test_equal_times_neither_repeat_nor_vanish_between_pages(portal: Portal) -> None:
    party = portal.client()
    made = {
        portal.make(party=party, resource=RESOURCE, createdAt="2026-01-05T08:00:00Z")["id"]
        for _ in range(9)
    }

    for order in ("updatedAt_asc", "updatedAt_desc,id_asc"):
        pages = portal.walk(serviceResource=RESOURCE, orderBy=order, limit=2)
        walked = [item["id"] for page in pages for item in page]
        assert len(walked) == 9
        assert set(walked) == made


def test_the_token_comes_on_the_last_page_and_is_echoed_on_an_empty_one(portal: Portal) -> None:
    last = portal.search(limit=1000, orderBy="updatedAt_asc")
    after = portal.search(orderBy="updatedAt_asc", continuationToken=last["continuationToken"])
    nothing = portal.search(serviceResource="urn:altinn:resource:not-there")

    assert not last["hasNextPage"]
    assert last["continuationToken"].startswith("updatedat_20")
    assert after["items"] == []
    assert after["continuationToken"] == last["continuationToken"]
    assert nothing["items"] == []
    assert "continuationToken" not in nothing


@pytest.mark.parametrize(
    ("asked", "echoed"),
    [
        (None, "contentupdatedat_desc,id_desc"),
        ("updatedAt_ASC", "updatedat_asc,id_desc"),
        ("id_asc", "contentupdatedat_desc,id_asc"),
        ("id,dueAt_asc,createdAt", "dueat_asc,createdat_desc,id_desc"),
    ],
)
def test_the_order_is_echoed_with_the_id_last(
    portal: Portal, asked: str | None, echoed: str
) -> None:
    query: dict[str, Any] = {"orderBy": asked} if asked else {}

    page = portal.search(**query)

    assert page["orderBy"] == echoed


def test_bounds_include_the_moment_itself(portal: Portal) -> None:
    dialog = portal.make(party=portal.client(), resource=RESOURCE)
    moment = dialog["updatedAt"]

    bounds: dict[str, Any]
    for bounds in ({"updatedAfter": moment}, {"updatedBefore": moment},
                   {"updatedAfter": moment, "updatedBefore": moment}):  # fmt: skip
        for order in ("updatedAt_asc", "updatedAt_desc", "createdAt_desc"):
            page = portal.search(serviceResource=RESOURCE, orderBy=order, **bounds)
            assert [item["id"] for item in page["items"]] == [dialog["id"]]


@pytest.mark.parametrize(
    ("query", "key", "text"),
    [
        ({}, "", "Either ServiceResource or Party must be specified."),
        ({"party": ["urn:altinn:organization:identifier-no:310000001"]}, "party[0]", "valid"),
        ({"serviceResource": [f"{RESOURCE}{n}" for n in range(21)]}, "serviceResource.count",
         "'Count' must be less than or equal to '20'."),
        ({"org": [f"o{n}" for n in range(21)]}, "org.count", "'20'"),
        ({"limit": 1001}, "limit", "between 1 and 1000"),
        ({"limit": 0}, "limit", "between 1 and 1000"),
        ({"status": "New"}, "status", "not valid"),
        ({"updatedAfter": "yesterday"}, "updatedAfter", "not valid"),
        ({"dueAfter": "2026-02-02T00:00:00Z", "dueBefore": "2026-02-01T00:00:00Z"}, "dueAfter",
         "must not be after"),
        ({"search": "ab"}, "search", "at least 3"),
        ({"searchLanguageCode": "no"}, "searchLanguageCode", "not a valid"),
        ({"orderBy": "title"}, "orderBy", "Invalid"),
        ({"continuationToken": "rubbish"}, "continuationToken", "Failed to parse"),
        ({"orderBy": "createdAt", "continuationToken":
          "updatedat_2026-03-05T13:40:02.5512000Z,id_019caf0b-ba10-76ef-b90a-9500ec3e5593"},
         "continuationToken",
         "ContinuationToken does not match OrderBy. Missing token keys: [createdat]."),
    ],
)  # fmt: skip
def test_a_wrong_question_gets_a_400_that_says_why(
    portal: Portal, query: dict[str, Any], key: str, text: str
) -> None:
    if query and "party" not in query:
        query = query | {"serviceResource": query.get("serviceResource", RESOURCE)}

    answer = portal.ask(DIALOGS, **query)

    assert answer.status_code == 400
    assert text in answer.json()["errors"][key][0]
    assert answer.json()["instance"] == "/api/v1/enduser/dialogs"


def test_at_most_a_hundred_parties_are_taken(portal: Portal) -> None:
    party = portal.client()

    assert portal.ask(DIALOGS, party=[party] * 100).status_code == 200
    refused = portal.ask(DIALOGS, party=[party] * 101)

    assert "'Count' must be less than or equal to '100'." in refused.text


def test_parties_without_access_are_left_out_in_silence(portal: Portal) -> None:
    foreign = next(p for p in portal.regnskap["parties"] if p not in portal.own["parties"])

    page = portal.search(user=portal.own, party=[foreign])
    both = portal.search(user=portal.own, party=[foreign, *portal.own["parties"]], limit=1000)

    assert page["items"] == []
    assert {item["party"] for item in both["items"]} == set(portal.own["parties"])


def test_the_payroll_user_sees_only_payroll_services(portal: Portal) -> None:
    page = portal.search(user=portal.lonn, limit=1000)

    assert page["items"]
    assert {item["serviceResource"] for item in page["items"]} <= set(portal.lonn["resources"])
    assert {item["party"] for item in page["items"]} <= set(portal.lonn["parties"])


@pytest.mark.parametrize("status", ["Draft", "InProgress", "RequiresAttention", "Completed"])
def test_filters_agree_with_the_ledger(portal: Portal, status: str) -> None:
    everything = portal.look(f"ledger?system_user={portal.regnskap['id']}")["items"]

    for query, wanted in (
        ({"status": status.lower()}, lambda item: item["status"] == status),
        ({"systemLabel": "Archive"}, lambda item: item["systemLabel"] == "Archive"),
        ({"systemLabel": ["Archive", "Bin"]}, lambda item: False),
        ({"isContentSeen": "false"}, lambda item: not item["isContentSeen"]),
        ({"excludeApiOnly": "true"}, lambda item: not item["isApiOnly"]),
        ({"org": ["nav", "brg"]}, lambda item: item["org"] in ("nav", "brg")),
        ({"process": "urn:skd:sak:77"}, lambda item: item.get("process") == "urn:skd:sak:77"),
    ):
        found = portal.search(limit=1000, **query)["items"]
        assert {item["id"] for item in found} == {
            item["id"] for item in everything if wanted(item)
        }, query


def test_free_text_looks_in_titles_and_files(portal: Portal) -> None:
    dialog = portal.make(party=portal.client(), resource=RESOURCE, title="Sjelden lavaflyt i Ås")

    def found(text: str) -> list[str]:
        return [item["id"] for item in portal.search(search=text, limit=1000)["items"]]

    assert found("lavaflyt") == [dialog["id"]]
    assert found('"sjelden lavaflyt"') == [dialog["id"]]
    assert found("lavaflyt AND finnesikke") == []
    assert found("lavaflyt -sjelden") == []
    assert dialog["id"] in found("finnesikke lavaflyt")


def test_a_text_search_that_is_too_broad_gets_422(portal: Portal) -> None:
    portal.control("limits", {"too_broad": 10})

    answer = portal.ask(DIALOGS, party=portal.regnskap["parties"], search="skatt")
    narrower = portal.ask(
        DIALOGS, party=portal.regnskap["parties"], search="skatt",
        contentUpdatedAfter="2031-01-01T00:00:00Z",
    )  # fmt: skip

    assert answer.status_code == 422
    assert "matched too many dialogs" in answer.json()["errors"]["Search"][0]
    assert narrower.status_code == 200


def test_accept_language_keeps_one_language(portal: Portal) -> None:
    party = portal.client()
    portal.make(party=party, resource=RESOURCE, title={"nb": "Hei", "nn": "Hei du", "en": "Hi"})

    def titles(language: str) -> list[str]:
        headers = {"Accept-Language": language}
        page = portal.ask(DIALOGS, serviceResource=RESOURCE, headers=headers).json()
        return [text["value"] for text in page["items"][0]["content"]["title"]["value"]]

    assert titles("nn-NO, nb;q=0.5") == ["Hei du"]
    assert titles("fr") == ["Hi"]
    assert titles("sv") == ["Hei"]
    refused = portal.ask(DIALOGS, serviceResource=RESOURCE, headers={"Accept-Language": "no"})
    assert refused.status_code == 400
