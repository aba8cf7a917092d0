"""Renewing addresses, and comparing with Altinn's own list."""

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from altinn.errors import TryLater
from altinn.events import Subscriptions
from clients import actions, connect, subscribing, tasks
from clients.keeping import reconciling, renewing
from clients.keeping import tasks as keeping
from clients.models import Access, Client, Subscription, SystemUser, address_mark
from staff.models import AuditEntry
from tests.clients.keeping.conftest import OTHER, RESOURCE, Door, at_altinn, pushes_are_over, want
from tests.clients.keeping.test_subscribing import LATER, look, make, states
from tests.stand_in import Altinn

State = Subscription.State
HOUR = timedelta(hours=1)


@pytest.fixture
def working(
    registered: SystemUser, api: Subscriptions, altinn: Altinn, now: datetime
) -> list[Subscription]:
    """Two subscriptions, validated."""
    want(registered, now)
    make(api, registered, now=now)
    pushes_are_over(altinn)
    look(api, registered, now=now + LATER)
    return list(Subscription.objects.order_by("pk"))


def renew(api: Subscriptions, agent: SystemUser, *, now: datetime) -> tuple[int, int]:
    done = renewing.finish(api, renewing.to_finish(agent.pk, now=now, most=100), now=now)
    return renewing.begin(api, renewing.to_begin(agent.pk, most=100), now=now), done


def test_a_new_key_gives_a_second_address_and_an_hour_later_the_first_is_gone(
    working: list[Subscription],
    registered: SystemUser,
    api: Subscriptions,
    altinn: Altinn,
    settings: Settings,
    now: datetime,
) -> None:
    first = {one["endPoint"] for one in at_altinn(altinn)}
    settings.WEBHOOK_KEYS = ["the next key", "the key now"]

    assert renew(api, registered, now=now) == (2, 0)
    assert renew(api, registered, now=now) == (0, 0), "once is enough"
    pushes_are_over(altinn)
    assert len(at_altinn(altinn)) == 4
    look(api, registered, now=now + LATER)
    assert renew(api, registered, now=now + HOUR) == (0, 0), "Altinn may remember for an hour"
    assert len(at_altinn(altinn)) == 4
    assert renew(api, registered, now=now + 2 * HOUR) == (0, 2)

    second = {one["endPoint"] for one in at_altinn(altinn)}
    assert len(second) == 2
    assert not first & second
    assert {one.end_point for one in Subscription.objects.all()} == second
    assert states() == {State.VALIDATED}
    assert {one.address for one in Subscription.objects.all()} == {address_mark()}
    assert Subscription.objects.filter(renewed_at=now + 2 * HOUR).count() == 2


def test_the_old_one_stays_until_the_new_one_is_validated(
    working: list[Subscription],
    registered: SystemUser,
    api: Subscriptions,
    altinn: Altinn,
    door: Door,
    settings: Settings,
    now: datetime,
) -> None:
    settings.WEBHOOK_KEYS = ["the next key", "the key now"]
    door.answers = 404  # the door does not know the new key yet
    renew(api, registered, now=now)
    look(api, registered, now=now + LATER)

    assert renew(api, registered, now=now + 5 * HOUR) == (0, 0)

    assert [one["validated"] for one in at_altinn(altinn)] == [True, True, False, False]


def test_renewing_goes_on_after_altinn_was_down(
    working: list[Subscription],
    registered: SystemUser,
    api: Subscriptions,
    altinn: Altinn,
    settings: Settings,
    now: datetime,
) -> None:
    settings.WEBHOOK_KEYS = ["the next key", "the key now"]
    # Done at Altinn, but its answer never reaches us.
    altinn.post("/faults", {"operation": "subscriptions", "status": 503, "after_effect": True})

    with pytest.raises(TryLater):
        renew(api, registered, now=now)

    assert renew(api, registered, now=now) == (2, 0)
    assert len(at_altinn(altinn)) == 4


def test_a_third_key_in_the_middle_of_a_renewal_is_followed(
    working: list[Subscription],
    registered: SystemUser,
    api: Subscriptions,
    altinn: Altinn,
    settings: Settings,
    now: datetime,
) -> None:
    settings.WEBHOOK_KEYS = ["the next key", "the key now"]
    renew(api, registered, now=now)
    settings.WEBHOOK_KEYS = ["the third key", "the next key", "the key now"]

    assert renew(api, registered, now=now) == (2, 0)
    pushes_are_over(altinn)
    look(api, registered, now=now + LATER)
    renew(api, registered, now=now + 2 * HOUR)

    third = {one.end_point for one in Subscription.objects.all()}
    assert {one["endPoint"] for one in at_altinn(altinn)} == third


def test_a_new_host_is_a_new_address(
    working: list[Subscription], registered: SystemUser, settings: Settings
) -> None:
    settings.WEBHOOK_URL = "http://127.0.0.1:1"

    assert len(renewing.to_begin(registered.pk, most=10)) == 2


def test_what_altinn_has_lost_is_wanted_again(
    working: list[Subscription],
    registered: SystemUser,
    api: Subscriptions,
    altinn: Altinn,
    now: datetime,
) -> None:
    api.delete(working[0].altinn_id or 0)

    found = reconciling.reconcile(api, registered, now=now)

    assert (found.listed, found.missing, found.is_new_owner) == (1, 1, False)
    assert make(api, registered, now=now) == 1
    assert len(at_altinn(altinn)) == 2


def test_orphans_are_removed_if_they_are_ours(
    working: list[Subscription],
    registered: SystemUser,
    api: Subscriptions,
    altinn: Altinn,
    door: Door,
    now: datetime,
) -> None:
    party = working[0].access.party.urn
    ours = api.create(f"{door.url}/altinn/hendelser/forgotten", RESOURCE, party)
    theirs = api.create("http://127.0.0.1:9/altinn/hendelser/x", RESOURCE, party)

    assert reconciling.reconcile(api, registered, now=now).orphans == [], "it may be in the making"
    found = reconciling.reconcile(api, registered, now=now + 2 * HOUR)

    assert found.orphans == [ours.id]
    assert {one["id"] for one in at_altinn(altinn)} == {
        theirs.id,
        *(one.altinn_id for one in working),
    }
    entry = AuditEntry.objects.get(act=reconciling.REMOVED)
    assert (entry.actor, entry.detail) == (None, {"stopped": 0, "orphans": [ours.id]})


def test_both_addresses_of_one_that_is_renewed_are_known(
    working: list[Subscription],
    registered: SystemUser,
    api: Subscriptions,
    settings: Settings,
    now: datetime,
) -> None:
    settings.WEBHOOK_KEYS = ["the next key", "the key now"]
    renew(api, registered, now=now)

    found = reconciling.reconcile(api, registered, now=now + 2 * HOUR)

    assert (found.listed, found.missing, found.orphans) == (4, 0, [])


def test_a_new_system_user_gets_all_of_them_anew(
    working: list[Subscription],
    registered: SystemUser,
    altinn: Altinn,
    door: Door,
    now: datetime,
) -> None:
    """The firm has approved another one in Altinn: same system user to us, other uuid there."""
    want(registered, now, parties=1, resource=OTHER)
    tasks.create_subscriptions()
    assert Subscription.objects.get(resource=OTHER).state == State.REFUSED
    other = next(u for u in altinn.system_users() if u["external_ref"] != registered.external_ref)
    altinn.post(
        "/delegations",
        {"system_user": other["id"], "add": [one.access.party.urn for one in working]},
    )
    SystemUser.objects.filter(pk=registered.pk).update(
        owner_orgnr=other["orgnr"], external_ref=other["external_ref"]
    )

    tasks.check_subscriptions()

    assert states() == {State.WANTED}
    entry = AuditEntry.objects.get(act=reconciling.MADE_ANEW)
    assert entry.detail == {"count": 2}


def test_an_archived_clients_subscriptions_are_removed_after_a_day_and_come_back(
    working: list[Subscription],
    registered: SystemUser,
    api: Subscriptions,
    altinn: Altinn,
    now: datetime,
) -> None:
    client = working[0].access.party.client
    assert client is not None
    actions.archive_client(client, actor=None, now=now)
    same = Subscription.objects.filter(access__party__client=client)

    assert reconciling.reconcile(api, registered, now=now).stopped == 0
    found = reconciling.reconcile(api, registered, now=now + timedelta(days=2))

    assert found.stopped == same.count() > 0
    assert set(same.values_list("state", flat=True)) == {State.STOPPED}
    assert len(at_altinn(altinn)) == 2 - found.stopped
    actions.unarchive_client(client, actor=None, now=now)
    subscribing.want_again(now=now)
    assert set(same.values_list("state", flat=True)) == {State.WANTED}


def test_an_address_of_before_we_noted_them_is_learnt(
    working: list[Subscription],
    registered: SystemUser,
    api: Subscriptions,
    settings: Settings,
    now: datetime,
) -> None:
    Subscription.objects.update(address="")
    reconciling.reconcile(api, registered, now=now)
    assert Subscription.objects.filter(address=address_mark()).count() == 2
    Subscription.objects.update(address="")
    settings.WEBHOOK_KEYS = ["the next key", "the key now"]

    reconciling.reconcile(api, registered, now=now)

    assert len(renewing.to_begin(registered.pk, most=10)) == 2


def test_the_tasks_see_to_every_system_user_though_one_fails(
    working: list[Subscription], registered: SystemUser, altinn: Altinn, now: datetime
) -> None:
    SystemUser.objects.create(name="Ikke godkjent", owner_orgnr="310495921", external_ref="x")
    Subscription.objects.update(state=State.CREATED, check_at=now - HOUR)

    keeping.follow_up_subscriptions()
    keeping.reconcile_subscriptions()
    keeping.renew_subscriptions()

    assert states() == {State.VALIDATED}


def test_a_client_seen_by_nobody_keeps_no_subscription(
    working: list[Subscription], registered: SystemUser, api: Subscriptions, now: datetime
) -> None:
    Access.objects.filter(pk=working[0].access_id).update(lost_at=now - timedelta(days=2))

    assert reconciling.reconcile(api, registered, now=now).stopped == 1
    assert Client.objects.exists()
    with connect.subscriptions(registered) as again:
        assert len(again.all()) == 1
