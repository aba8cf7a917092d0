import json
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox import ids, items
from sandbox.clock import DAY, day_of, midnight
from sandbox.making import make_world
from sandbox.model import STATUSES
from sandbox.world import World
from tests.sandbox.kit import DIALOGPORTEN, DIALOGS, Portal

ANCHOR = midnight(day_of(1_790_000_000_000_000))
README = Path(__file__).parents[2] / "sandbox" / "README.md"


def written(world: World) -> list[bytes]:
    found = [items.encoded(world, dialog, "") for dialog in world.dialogs.values()]
    return [*found, *(party.name.encode() for party in world.parties.values())]


def make(name: str, seed: int = 1, **more: Any) -> World:
    return make_world(name, seed=seed, base_url="http://sandbox", anchor=ANCHOR, **more)


@pytest.fixture(scope="module")
def demo() -> World:
    return make("demo")


def test_the_same_seed_and_day_give_the_same_world() -> None:
    assert written(make("small")) == written(make("small"))
    assert written(make("small")) != written(make("small", seed=2))
    assert written(make("load", clients=20, dialogs=100)) == written(
        make("load", clients=20, dialogs=100)
    )


def test_the_demo_world_is_a_firm_with_its_clients(demo: World) -> None:
    mains = [party for party in demo.parties.values() if not party.parent]
    units = [party for party in demo.parties.values() if party.parent]

    assert (len(mains), len(units), len(demo.dialogs)) == (150, 40, 6000)
    assert len({party.name for party in mains}) == 150
    assert len({party.form for party in mains}) >= 6
    assert all(ids.is_orgnr(party.orgnr) and party.orgnr[:2] == "31" for party in mains + units)
    assert {user.kind for user in demo.users.values()} == {"agent", "standard"}
    agent = demo.user_by(demo.parties[demo.firm].orgnr, "regnskap")
    assert agent
    assert agent.parties == set(demo.parties)
    assert all(demo.by_party[party] for party in demo.parties)


def test_most_of_the_demo_is_done_and_some_of_it_is_urgent(demo: World) -> None:
    dialogs = list(demo.dialogs.values())
    urgent = [
        dialog for dialog in dialogs
        if dialog.status in ("RequiresAttention", "InProgress", "Draft")
        and dialog.due is not None and dialog.due < ANCHOR + 21 * DAY
    ]  # fmt: skip
    templates = Counter(dialog.template for dialog in dialogs)

    assert 0.015 <= len(urgent) / len(dialogs) <= 0.045
    assert any((dialog.due or 0) < ANCHOR for dialog in urgent)
    assert len(templates) >= 55
    assert max(dialog.created for dialog in dialogs) < ANCHOR
    assert sum(dialog.created > ANCHOR - 366 * DAY for dialog in dialogs) > 5500
    assert 0.05 < sum(not dialog.content_seen for dialog in dialogs) / len(dialogs) < 0.4


def test_no_placeholder_is_left_in_the_demos_texts(demo: World) -> None:
    for dialog in demo.dialogs.values():
        for texts in (dialog.title, dialog.summary):
            for text in (texts or {}).values():
                assert "{" not in text
        assert "{" not in demo.parts(dialog).content


def test_a_list_item_is_the_same_when_its_parts_have_been_made(demo: World) -> None:
    for dialog in list(demo.dialogs.values())[:1500]:
        before = items.list_item(demo, dialog, "")
        dialog.parts = demo.parts(dialog)
        after = items.list_item(demo, dialog, "")
        dialog.parts = None

        assert after == before


def test_the_small_world_has_every_edge(portal: Portal) -> None:
    ledger = portal.look(f"ledger?system_user={portal.regnskap['id']}")
    shown = ledger["items"]

    assert {item["status"] for item in shown} == set(STATUSES)
    assert {item["systemLabel"] for item in shown} == {"Default", "Archive", "Bin"}
    labels = {label for item in shown for label in item["endUserContext"]["systemLabels"]}
    assert {"MarkedAsUnopened", "Sent"} <= labels
    reasons = {hidden["reason"] for hidden in ledger["hidden"]}
    assert reasons == {"expired", "deleted", "not-visible-yet"}
    assert 55 <= len(shown) + len(ledger["hidden"]) <= 75
    assert any(":person:" in item["party"] for item in shown)


def test_the_ledger_is_what_search_lists(portal: Portal) -> None:
    for user in (portal.regnskap, portal.lonn, portal.own):
        ledger = portal.look(f"ledger?system_user={user['id']}")["items"]
        listed = portal.search(user=user, limit=1000)["items"]
        assert sorted(json.dumps(item) for item in ledger) == sorted(
            json.dumps(item) for item in listed
        )


def test_all_that_the_demo_lists_keeps_to_the_contract(portal: Portal) -> None:
    portal.reset(world="demo", dialogs=800)
    found = [
        item
        for start in range(0, len(portal.regnskap["parties"]), 100)
        for page in portal.walk(party=portal.regnskap["parties"][start : start + 100], limit=300)
        for item in page
    ]

    assert len(found) == 800
    one_of_each = {item["serviceResource"]: item["id"] for item in found}
    for key in one_of_each.values():
        assert portal.ask(key).status_code in (200, 403)
        assert portal.ask(f"{key}/transmissions").status_code in (200, 403)


def test_requests_are_counted_by_what_they_ask(portal: Portal) -> None:
    portal.control("requests", method="DELETE")
    portal.search()
    portal.search()
    portal.ask(f"{DIALOGPORTEN}/enduser/parties")

    found = portal.look("requests")

    assert (found["counts"]["search"], found["counts"]["parties"]) == (2, 1)
    assert found["counts"]["details"] == 0
    assert found["log"][-1]["operation"] == "parties"
    assert found["log"][-1]["caller"] == portal.regnskap["id"]


def test_a_burst_changes_many_dialogs(portal: Portal) -> None:
    before = len(portal.look("events"))

    done = portal.control("burst", {"count": 50, "seconds": 0, "parties": 3})

    assert done["count"] == 50
    assert len(set(done["kinds"])) >= 3
    assert len(portal.look("events")) >= before + 50


@pytest.mark.parametrize(
    ("fault", "status", "header"),
    [
        ({"status": 429, "retry_after": "30"}, 429, "30"),
        ({"status": 503, "retry_after": "Sat, 01 Jan 2028 00:00:00 GMT"}, 503,
         "Sat, 01 Jan 2028 00:00:00 GMT"),
        ({"status": 502, "body": "<html>gateway</html>"}, 502, None),
        ({"status": 422}, 422, None),
        ({"status": 200, "body": "null", "content_type": "application/json"}, 200, None),
        ({"status": 500}, 500, None),
    ],
)  # fmt: skip
def test_a_fault_strikes_as_often_as_asked(
    portal: Portal, fault: dict[str, Any], status: int, header: str | None
) -> None:
    portal.control("faults", {"operation": "search", "times": 2} | fault)
    headers = {"Authorization": f"Bearer {portal.token(portal.regnskap)}"}
    query = {"party": portal.client()}

    answers = [portal.http.get(DIALOGS, headers=headers, params=query) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].headers.get("Retry-After") == header
    assert answers[0].headers["X-Sandbox"] == "1"
    assert portal.look("faults") == {"waiting": [], "struck": 2}


def test_connections_can_be_cut_dripped_and_delayed(portal: Portal) -> None:
    headers = {"Authorization": f"Bearer {portal.token(portal.regnskap)}"}
    path = f"{DIALOGPORTEN}/enduser/parties"

    portal.control("faults", {"operation": "parties", "abort": True})
    with pytest.raises(httpx.RemoteProtocolError):
        portal.http.get(path, headers=headers)
    portal.control("faults", {"operation": "parties", "abort_after_bytes": 400})
    with pytest.raises(httpx.RemoteProtocolError):
        portal.http.get(path, headers=headers)
    portal.control("faults", {"operation": "parties", "delay_seconds": 0.2})
    start = time.monotonic()
    assert portal.http.get(path, headers=headers).status_code == 200
    assert time.monotonic() - start > 0.2
    portal.control("faults", {"operation": "parties", "drip": {"seconds": 0.5, "bytes": 100}})
    with pytest.raises(httpx.ReadTimeout):
        portal.http.get(path, headers=headers, timeout=0.3)
    portal.control("faults", {"operation": "token", "error": "MP-121"})
    assert "MP-121" in portal.ask_token(portal.assertion()).text
    portal.control("faults", method="DELETE")


def test_the_readme_lists_what_differs_from_altinn() -> None:
    text = README.read_text(encoding="utf-8")
    listed = text.split("## How it differs from Altinn")[1].split("\n## ")[0]

    assert len(re.findall(r"^\| 20\d\d-\d\d-\d\d \|", listed, flags=re.MULTILINE)) >= 8
