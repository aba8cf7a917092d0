"""Subscriptions get new addresses while events pour in: none is lost, none comes in twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from clients import actions, connect, subscribing
from clients.keeping import renewing
from clients.models import Access, Subscription, SystemUser
from dialogs.models import InboundEvent
from tests.processes import Processes, processes
from tests.stand_in import Altinn, wait_until

OLD, NEW = "the key before; it too has many letters", "the key now; it has many letters too"
State = Subscription.State
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]


@pytest.fixture
def web(altinn: Altinn, agent: SystemUser, settings: Settings) -> Iterator[Processes]:
    """The door, with both keys; every party's services subscribed to with the old one."""
    with processes(altinn, WEBHOOK_KEY=NEW, WEBHOOK_KEY_FALLBACKS=OLD) as running:
        settings.WEBHOOK_URL = running.url
        settings.WEBHOOK_KEYS = [OLD]
        running.start_web()
        now = timezone.now()
        with connect.end_user(agent) as api:
            actions.keep_in_step(agent, api.parties(), now=now)
        services = {one["serviceResource"] for one in altinn.get("/dialogs")}
        Subscription.objects.bulk_create(
            Subscription(access=access, resource=service, wanted_at=now)
            for access in Access.objects.all()
            for service in sorted(services)
        )
        with connect.subscriptions(agent) as api:
            wanted = subscribing.claim_wanted(agent.pk, now=now, most=10_000)
            subscribing.create_wanted(api, wanted, now=now)
        validated(altinn, agent)
        yield running


def validated(altinn: Altinn, agent: SystemUser) -> None:
    wait_until(lambda: altinn.get("/deliveries")["idle"])
    at = timezone.now() + timedelta(minutes=1)
    with connect.subscriptions(agent) as api:
        due = subscribing.to_check(agent.pk, now=at, most=10_000)
        subscribing.follow_up(api, due, now=at)


def test_no_event_is_lost_or_doubled_while_addresses_change(
    web: Processes, altinn: Altinn, agent: SystemUser, settings: Settings
) -> None:
    assert Subscription.objects.filter(state=State.VALIDATED).count() > 100
    settings.WEBHOOK_KEYS = [NEW, OLD]
    now = timezone.now()

    altinn.post("/burst", {"count": 150, "seconds": 2})
    with connect.subscriptions(agent) as api:
        begun = renewing.begin(api, renewing.to_begin(agent.pk, most=10_000), now=now)
    altinn.post("/burst", {"count": 150, "seconds": 1})
    validated(altinn, agent)
    altinn.post("/burst", {"count": 150, "seconds": 2})
    later = now + timedelta(hours=2)
    with connect.subscriptions(agent) as api:
        done = renewing.finish(api, renewing.to_finish(agent.pk, now=later, most=10_000), now=later)
    altinn.post("/burst", {"count": 50, "wait": True})

    assert begun == done == Subscription.objects.filter(state=State.VALIDATED).count()
    told = set(
        Subscription.objects.filter(state=State.VALIDATED).values_list(
            "access__party__urn", "resource"
        )
    )

    def published() -> set[str]:
        events = altinn.get("/events")
        return {one["id"] for one in events if (one["subject"], one["resource"]) in told}

    def received() -> list[str]:
        rows = InboundEvent.objects.values_list("ce_id", "body")
        return [key for key, body in rows if b'"resourceinstance"' in bytes(body)]

    wait_until(lambda: altinn.get("/deliveries")["idle"], seconds=60)
    assert len(published()) > 300
    assert sorted(received()) == sorted(published())
    delivered = altinn.get("/deliveries")["counts"]["events_delivered"]
    assert delivered > len(published()), "while both were in use, some came by both"
