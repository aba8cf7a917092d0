"""Subscriptions at Altinn Events, asked of the stand-in over HTTP."""

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from altinn.errors import AltinnError, NoSystemUser, Refused
from altinn.events import BadAddress, Subscriptions
from clients import actions, connect, subscribing, tasks
from clients.models import Access, Client, Subscription, SystemUser, WatchedService
from tests.clients.keeping.conftest import OTHER, RESOURCE, Door, at_altinn, pushes_are_over, want
from tests.stand_in import Altinn

State = Subscription.State
LATER = timedelta(seconds=20)


def states() -> set[str]:
    return set(Subscription.objects.values_list("state", flat=True))


def make(api: Subscriptions, agent: SystemUser, *, now: datetime) -> int:
    wanted = subscribing.claim_wanted(agent.pk, now=now, most=100)
    return subscribing.create_wanted(api, wanted, now=now)


def look(api: Subscriptions, agent: SystemUser, *, now: datetime) -> None:
    due = subscribing.to_check(agent.pk, now=now, most=100)
    subscribing.follow_up(api, due, now=now)


def test_a_subscription_is_known_to_work_when_altinn_says_so(
    registered: SystemUser, api: Subscriptions, altinn: Altinn, now: datetime
) -> None:
    want(registered, now)

    assert make(api, registered, now=now) == 2
    assert states() == {State.CREATED}
    pushes_are_over(altinn)
    look(api, registered, now=now)
    assert states() == {State.CREATED}, "too soon to ask"
    look(api, registered, now=now + LATER)

    assert states() == {State.VALIDATED}
    assert {one["validated"] for one in at_altinn(altinn)} == {True}
    assert make(api, registered, now=now) == 0


def test_many_are_looked_for_in_one_answer(
    registered: SystemUser, api: Subscriptions, altinn: Altinn, now: datetime
) -> None:
    for n in range(3):
        want(registered, now, parties=12, resource=f"{RESOURCE}{n}")
    make(api, registered, now=now)
    pushes_are_over(altinn)
    altinn.delete("/requests")

    look(api, registered, now=now + LATER)

    assert states() == {State.VALIDATED}
    assert sum(n for name, n in altinn.counts().items() if "subscription" in name) == 1


def test_an_address_altinn_gave_up_is_checked_anew(
    registered: SystemUser, api: Subscriptions, door: Door, altinn: Altinn, now: datetime
) -> None:
    want(registered, now, parties=1)
    door.answers = 500
    make(api, registered, now=now)
    at = now
    for _ in range(3):
        at += timedelta(minutes=20)
        look(api, registered, now=at)
    altinn.post("/clock", {"advance_seconds": 3600})
    pushes_are_over(altinn)
    assert states() == {State.CREATED}
    door.answers = 200

    look(api, registered, now=at + timedelta(minutes=20))
    pushes_are_over(altinn)
    look(api, registered, now=at + timedelta(hours=2))

    assert states() == {State.VALIDATED}
    assert len(at_altinn(altinn)) == 1


def test_a_service_that_refuses_is_read_by_polling_and_asked_again_after_weeks(
    registered: SystemUser, api: Subscriptions, altinn: Altinn, now: datetime
) -> None:
    want(registered, now, parties=1, resource=OTHER)
    want(registered, now, parties=1)

    assert make(api, registered, now=now) == 1

    assert Subscription.objects.get(resource=OTHER).state == State.REFUSED
    subscribing.want_again(now=now + timedelta(weeks=3))
    assert Subscription.objects.get(resource=OTHER).state == State.REFUSED
    subscribing.want_again(now=now + timedelta(weeks=5))
    assert Subscription.objects.get(resource=OTHER).state == State.WANTED


def test_a_service_that_refuses_three_parties_is_not_asked_for_the_fourth(
    registered: SystemUser, api: Subscriptions, altinn: Altinn, now: datetime
) -> None:
    want(registered, now, parties=8, resource=OTHER)
    altinn.delete("/requests")

    make(api, registered, now=now)

    assert states() == {State.REFUSED}
    asked = [one for one in altinn.get("/requests")["log"] if one["method"] == "POST"]
    assert len([one for one in asked if "subscriptions" in one["path"]]) == 3
    subscribing.want_again(now=now + timedelta(weeks=5))
    make(api, registered, now=now + timedelta(weeks=5))
    asked = [one for one in altinn.get("/requests")["log"] if one["method"] == "POST"]
    assert len([one for one in asked if "subscriptions" in one["path"]]) == 6


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"operation": "subscriptions", "status": 403, "times": 99}, Refused),
        ({"operation": "subscriptions", "status": 401, "times": 99}, Refused),
        ({"operation": "token", "error": "MP-303", "times": 99}, NoSystemUser),
    ],
)
def test_what_is_wrong_with_us_is_not_held_against_the_service(
    registered: SystemUser,
    api: Subscriptions,
    altinn: Altinn,
    now: datetime,
    fault: dict[str, object],
    error: type[AltinnError],
) -> None:
    want(registered, now)
    altinn.post("/faults", fault)

    with pytest.raises(error):
        make(api, registered, now=now)

    assert states() == {State.WANTED}
    altinn.delete("/faults")
    connect.forget_refusal(registered)
    assert make(api, registered, now=now) == 0, "another worker may be at it still"
    assert make(api, registered, now=now + timedelta(minutes=6)) == 2


def test_an_address_altinn_does_not_push_to_is_not_held_against_the_service(
    registered: SystemUser, api: Subscriptions, settings: Settings, now: datetime
) -> None:
    settings.WEBHOOK_URL = "http://portal.example"
    want(registered, now)

    with pytest.raises(BadAddress):
        make(api, registered, now=now)

    assert states() == {State.WANTED}


def test_a_wish_is_one_workers_at_a_time(registered: SystemUser, now: datetime) -> None:
    want(registered, now, parties=5)

    first = subscribing.claim_wanted(registered.pk, now=now, most=3)
    second = subscribing.claim_wanted(registered.pk, now=now, most=3)

    assert (len(first), len(second)) == (3, 2)
    assert not {one.pk for one in first} & {one.pk for one in second}


def test_a_watched_service_is_wanted_at_every_party_once(
    registered: SystemUser, now: datetime
) -> None:
    client = Client.objects.filter(parties__kind="MAIN").first()
    assert client is not None
    actions.archive_client(client, actor=None, now=now)
    WatchedService.objects.create(resource=RESOURCE, added_at=now)

    assert subscribing.want_watched(now=now) == Access.objects.current().count() > 0
    assert subscribing.want_watched(now=now) == 0
    wanted = Subscription.objects.filter(resource=RESOURCE)
    assert not wanted.filter(access__party__client=client).exists()


def test_the_task_makes_all_that_is_wanted(
    registered: SystemUser, door: Door, altinn: Altinn, now: datetime, settings: Settings
) -> None:
    for n in range(4):
        want(registered, now, parties=10, resource=f"{RESOURCE}{n}")
    tasks.SUBSCRIPTIONS_AT_ONCE, kept = 7, tasks.SUBSCRIPTIONS_AT_ONCE
    try:
        tasks.create_subscriptions()
    finally:
        tasks.SUBSCRIPTIONS_AT_ONCE = kept

    assert len(at_altinn(altinn)) == 40
    assert State.WANTED not in states()
