import time
from functools import partial
from typing import Any

import pytest

from tests.sandbox.kit import Portal, Receiver, eventually

RESOURCE = "urn:altinn:resource:sandbox-demo"
PATH = "/events/api/v1/subscriptions"
WAITS = (10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 43_200)


def subscribed(portal: Portal, hook: Receiver, party: str, **more: Any) -> dict[str, Any]:
    """Subscribe and wait until the subscription is validated."""
    answer = portal.subscribe(hook.url, party, RESOURCE, **more)
    assert answer.status_code == 201
    body: dict[str, Any] = answer.json()
    token = portal.altinn_token(portal.regnskap)
    eventually(lambda: portal.ask(f"{PATH}/{body['id']}", token=token).json()["validated"])
    return body


def deliveries(portal: Portal) -> dict[str, Any]:
    found: dict[str, Any] = portal.look("deliveries")
    return found


def test_a_subscription_is_validated_by_a_post(portal: Portal, hook: Receiver) -> None:
    answer = portal.subscribe(hook.url, portal.client(), RESOURCE)

    body = answer.json()
    assert answer.status_code == 201
    assert body["validated"] is False
    assert body["consumer"] == f"/systemuser/{portal.regnskap['id']}"
    assert "typeFilter" not in body
    assert "/subscription/" in answer.headers["Location"]
    eventually(lambda: hook.got)
    assert hook.got[0]["type"] == "platform.events.validatesubscription"
    assert set(hook.got[0]) == {"specversion", "id", "source", "type"}
    assert hook.got[0]["source"].endswith(f"/events/api/v1/subscriptions/{body['id']}")


def test_asking_again_gives_the_same_row_and_a_new_validation(
    portal: Portal, hook: Receiver
) -> None:
    party = portal.client()
    first = subscribed(portal, hook, party)

    second = portal.subscribe(hook.url, party, RESOURCE).json()

    assert second["id"] == first["id"]
    eventually(lambda: len(hook.got) == 2)
    token = portal.altinn_token(portal.regnskap)
    assert portal.ask(PATH, token=token).json()["count"] == 1


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"endPoint": "http://example.org/hook"}, "Missing or invalid endpoint to push events"),
        ({"endPoint": None}, "Missing or invalid endpoint"),
        ({"resourceFilter": None}, "Resource filter is required."),
        ({"resourceFilter": "sandbox"}, "Resource filter must be a valid urn"),
        ({"sourceFilter": "https://x"}, "Source filter is not supported"),
        ({"alternativeSubjectFilter": "/org/1"}, "AlternativeSubject filter is not supported"),
        ({"subjectFilter": None, "includeSubunits": True}, "IncludeSubunits requires a subject"),
    ],
)
def test_a_wrong_subscription_gets_a_json_string(
    portal: Portal, hook: Receiver, changed: dict[str, Any], text: str
) -> None:
    asked = {"endPoint": hook.url, "resourceFilter": RESOURCE, "subjectFilter": portal.client()}
    asked = {name: value for name, value in (asked | changed).items() if value is not None}

    answer = portal.ask(PATH, method="POST", json=asked, token=portal.altinn_token(portal.regnskap))

    assert answer.status_code == 400
    assert answer.json().startswith(text)


def test_who_may_not_subscribe_is_told(portal: Portal, hook: Receiver) -> None:
    party = portal.client()
    raw = portal.ask(PATH, method="POST", json={}, token=portal.token(portal.regnskap))
    stranger = "urn:altinn:organization:identifier-no:310000000"
    foreign = portal.subscribe(hook.url, stranger, RESOURCE)
    poll_only = portal.subscribe(
        hook.url, party, "urn:altinn:resource:altinn-taushetsbelagt-post-varsel"
    )

    assert raw.status_code == 401
    assert foreign.status_code == poll_only.status_code == 403
    assert foreign.json() == f"Not authorized to create a subscription for resource {RESOURCE}."


def test_subscriptions_belong_to_their_system_user(portal: Portal, hook: Receiver) -> None:
    one = subscribed(portal, hook, portal.client())
    other = portal.altinn_token(portal.lonn)
    own = portal.altinn_token(portal.regnskap)

    assert portal.ask(f"{PATH}/{one['id']}", token=other).status_code == 403
    assert portal.ask(f"{PATH}/9999", token=other).status_code == 404
    assert portal.ask(f"{PATH}/{one['id']}", token=own, method="DELETE").status_code == 200
    assert portal.ask(f"{PATH}/{one['id']}", token=own).status_code == 404


def test_an_event_is_pushed_alone_unsigned_to_those_it_matches(
    portal: Portal, hook: Receiver
) -> None:
    party = portal.client()
    subscribed(portal, hook, party)
    other = next(one for one in portal.regnskap["parties"] if one != party)

    dialog = portal.make(party=party, resource=RESOURCE)
    portal.make(party=other, resource=RESOURCE)
    portal.make(party=party, resource="urn:altinn:resource:another")
    eventually(lambda: deliveries(portal)["idle"] and hook.events())

    (event,) = hook.events()
    assert event["type"] == "dialogporten.dialog.created.v1"
    assert event["specversion"] == "1.0"
    assert (event["resource"], event["subject"]) == (RESOURCE, party)
    assert event["resourceinstance"] == dialog["id"]
    assert event["source"].endswith(f"/dialogporten/api/v1/enduser/dialogs/{dialog['id']}")
    assert hook.headers[-1]["Content-Type"] == "application/json; charset=utf-8"
    assert "Authorization" not in hook.headers[-1]


def test_a_type_filter_and_sub_units_are_kept_to(portal: Portal, hook: Receiver) -> None:
    unit = next(p for p in portal.own["parties"] if not p.endswith(portal.own["orgnr"]))
    main = next(p for p in portal.own["parties"] if p.endswith(portal.own["orgnr"]))
    only = "dialogporten.dialog.deleted.v1"
    subscribed(portal, hook, main, includeSubunits=True, typeFilter=only)

    dialog = portal.make(party=unit, resource=RESOURCE)
    portal.do(dialog, "delete")
    eventually(hook.events)

    assert [(event["type"], event["subject"]) for event in hook.events()] == [(only, unit)]


def test_nothing_is_pushed_before_validation(portal: Portal, hook: Receiver) -> None:
    hook.statuses = [500]
    party = portal.client()
    portal.subscribe(hook.url, party, RESOURCE)
    eventually(lambda: hook.got)
    portal.make(party=party, resource=RESOURCE)

    portal.control("clock", {"advance_seconds": 2})
    eventually(lambda: deliveries(portal)["subscriptions"][0]["validated"])
    portal.make(party=party, resource=RESOURCE)
    eventually(hook.events)

    assert len(hook.events()) == 1


def test_access_that_is_lost_stops_events_in_silence(portal: Portal, hook: Receiver) -> None:
    party = portal.client()
    subscribed(portal, hook, party)
    body = {"system_user": portal.regnskap["id"], "party": party, "remove": True}
    portal.control("delegations", body)

    portal.make(party=party, resource=RESOURCE)

    assert deliveries(portal)["counts"]["dropped_unauthorized"] == 1
    assert hook.events() == []


def test_a_refused_event_is_sent_again_by_altinns_schedule_then_given_up(
    portal: Portal, hook: Receiver
) -> None:
    party = portal.client()
    subscribed(portal, hook, party)
    hook.statuses = [503] * 12

    portal.make(party=party, resource=RESOURCE)

    def has_waited_since(attempt: int) -> bool:
        waiting = deliveries(portal)["waiting"]
        return [push["attempts"] for push in waiting] == [attempt]

    for number, wait in enumerate(WAITS, start=1):
        eventually(partial(has_waited_since, number))
        portal.control("clock", {"advance_seconds": wait - 5})
        time.sleep(0.02)
        assert len(hook.events()) == number
        portal.control("clock", {"advance_seconds": 6})
    eventually(lambda: deliveries(portal)["dead"])
    assert len(hook.events()) == 12
    assert deliveries(portal)["waiting"] == []
    portal.control("deliveries", {"retry_dead": True})
    eventually(lambda: len(hook.events()) == 13)


def test_events_can_be_doubled_lost_and_held_back(portal: Portal, hook: Receiver) -> None:
    party = portal.client()
    subscribed(portal, hook, party)

    portal.control("deliveries", {"duplicate": 1, "lose": 0})
    portal.make(party=party, resource=RESOURCE)
    eventually(lambda: len(hook.events()) == 2)
    portal.control("deliveries", {"lose": 1})
    portal.make(party=party, resource=RESOURCE)
    portal.control("deliveries", {"pause": True})
    last = portal.make(party=party, resource=RESOURCE)
    time.sleep(0.1)
    held = len(hook.events())
    portal.control("deliveries", {"pause": False})
    eventually(lambda: len(hook.events()) == 3)

    assert held == 2
    assert len({event["id"] for event in hook.events()}) == 2
    assert hook.events()[-1]["resourceinstance"] == last["id"]
    counts = deliveries(portal)["counts"]
    assert (counts["lost"], counts["duplicated"]) == (1, 1)


def test_old_and_made_up_events_can_be_sent(portal: Portal, hook: Receiver) -> None:
    party = portal.client()
    subscribed(portal, hook, party)
    portal.make(party=party, resource=RESOURCE)
    eventually(hook.events)
    made_up = hook.events()[0] | {"type": "dialogporten.dialog.unheard-of.v9"}

    portal.control("deliveries", {"replay": 1})
    portal.control("deliveries", {"send": made_up})
    eventually(lambda: len(hook.events()) == 3)

    assert len({event["id"] for event in hook.events()}) == 1
    assert made_up in hook.events()


def test_events_can_come_in_another_order(portal: Portal, hook: Receiver) -> None:
    party = portal.client()
    subscribed(portal, hook, party)
    portal.control("deliveries", {"shuffle": True})

    made = [portal.make(party=party, resource=RESOURCE)["id"] for _ in range(20)]
    eventually(lambda: len(hook.events()) == 20)

    got = [event["resourceinstance"] for event in hook.events()]
    assert got != made
    assert sorted(got) == sorted(made)


def test_a_burst_of_a_thousand_leaves_within_seconds(portal: Portal, hook: Receiver) -> None:
    party = portal.client()
    subscribed(portal, hook, party)
    portal.control("deliveries", {"pause": True})
    for _ in range(10):
        dialog = portal.make(party=party, resource=RESOURCE)
        for _ in range(10):
            portal.do(dialog, "update", progress=10,
                      activities=[{"type": "Information"}] * 9)  # fmt: skip
    start = time.monotonic()

    portal.control("deliveries", {"pause": False})
    eventually(lambda: len(hook.events()) == 1010, seconds=20)

    assert time.monotonic() - start < 10
    assert hook.connections <= 14


def test_the_pull_api_pages_by_event_id(portal: Portal) -> None:
    party = portal.client()
    made = [portal.make(party=party, resource=RESOURCE)["id"] for _ in range(3)]
    token = portal.altinn_token(portal.regnskap)
    path = "/events/api/v1/events"

    first = portal.ask(path, token=token, resource=RESOURCE, after="0", size=2, subject=party)
    rest = portal.http.get(first.headers["next"], headers={"Authorization": f"Bearer {token}"})
    refused = portal.ask(path, token=token, resource=RESOURCE)
    stuck = portal.ask(path, token=portal.altinn_token(portal.own), resource=RESOURCE, after="0")

    got = [event["resourceinstance"] for event in (*first.json(), *rest.json())]
    assert got == made
    assert "parameter must be defined" in refused.json()["detail"]
    assert stuck.json() == []
    assert "next" not in stuck.headers
