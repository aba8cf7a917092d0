"""A burst of a thousand events, and somebody pulls a plug: none is lost.

Real processes on the test database. The stand-in pushes, and pushes again what was not answered.
"""

import time
from typing import Any

import pytest

from clients.models import Subscription, SystemUser
from dialogs import counters, tasks
from dialogs.models import InboundEvent, RefreshNeed
from tests.dialogs.ingest.test_full_sync import ours, theirs
from tests.flows.conftest import Redis
from tests.processes import Processes
from tests.stand_in import Altinn, wait_until

BURST = 1000
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]


def burst(altinn: Altinn) -> None:
    altinn.post("/burst", {"count": BURST, "seconds": 4})


Pairs = set[tuple[str, str]]


def subscribed() -> Pairs:
    """The parties and services whose events Altinn pushes to us."""
    working = Subscription.objects.filter(validated_at__isnull=False)
    return set(working.values_list("access__party__urn", "resource"))


def of(pairs: Pairs, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if (row["party"], row["service"]) in pairs]


def all_arrived(altinn: Altinn, agent: SystemUser) -> None:
    """Wait until every push was answered, everything is settled, and both sides agree."""

    def pushed() -> bool:
        altinn.post("/clock", {"advance_seconds": 60})  # retries that wait go out now
        deliveries = altinn.get("/deliveries")
        return bool(deliveries["idle"]) and not deliveries["waiting_count"]

    def settled() -> bool:
        return (
            not InboundEvent.objects.filter(state__in=[0, 2]).exists()
            and not RefreshNeed.objects.filter(misses=0).exists()
        )

    wait_until(pushed, seconds=90, pause=1)
    wait_until(settled, seconds=120)  # what was claimed comes back when its lease ends
    told = subscribed()
    assert of(told, ours()) == of(told, theirs(altinn, agent))
    tasks.poll_all()  # a party's first dialog of a service comes without an event
    assert ours() == theirs(altinn, agent)
    assert counters.drift() == {}
    assert not InboundEvent.objects.filter(state=InboundEvent.State.POISON).exists()
    assert altinn.counts()["details"] == 0


def test_killing_the_worker_loses_nothing(
    portal: Processes, altinn: Altinn, agent: SystemUser
) -> None:
    burst(altinn)
    for _ in range(3):
        time.sleep(1)
        portal.kill("worker")
        portal.start_worker()

    all_arrived(altinn, agent)


def test_killing_redis_loses_nothing(
    portal: Processes, altinn: Altinn, agent: SystemUser, redis: Redis
) -> None:
    burst(altinn)
    time.sleep(1)
    redis.kill()
    time.sleep(2)
    redis.start()

    all_arrived(altinn, agent)


def test_with_redis_gone_for_good_everything_still_arrives(
    portal: Processes, altinn: Altinn, agent: SystemUser, redis: Redis
) -> None:
    redis.kill()

    burst(altinn)

    all_arrived(altinn, agent)
    redis.start()


def test_killing_the_web_process_loses_nothing(
    portal: Processes, altinn: Altinn, agent: SystemUser
) -> None:
    burst(altinn)
    time.sleep(1)
    portal.kill("web")
    time.sleep(1)
    portal.start_web()

    all_arrived(altinn, agent)
