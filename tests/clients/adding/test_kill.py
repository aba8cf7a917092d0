"""The worker is killed in the middle of adding 3,000 clients: each is added exactly once."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from celery import Celery
from django.utils import timezone

from clients.adding import diff, lists, person, runs
from clients.models import AddingItem, AddingRun
from staff.models import AuditEntry, User
from tests.clients.adding.conftest import added, calls, new_agent, register, walk
from tests.clients.conftest import Browse
from tests.flows.conftest import Redis
from tests.processes import Processes, processes
from tests.stand_in import Altinn, wait_until

CLIENTS = 3000
FAST = 1_000_000  # a minute: as fast as it goes


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Redis]:
    own = Redis(tmp_path)
    yield own
    own.stop()


@pytest.fixture
def many(altinn: Altinn) -> Altinn:
    altinn.reset("onboarding", clients=CLIENTS, dialogs=50)
    return altinn


@pytest.fixture
def workers(many: Altinn, own_redis: Redis) -> Iterator[Processes]:
    with processes(many, REDIS_URL=own_redis.url) as running:
        yield running


def ring(redis: Redis, run: AddingRun) -> None:
    """Queue the run for real workers, whatever this process does with its own tasks."""
    others = Celery(broker=redis.url, set_as_current=False)
    others.send_task("clients.adding.tasks.run_adding", kwargs={"key": run.pk}, queue="slow")


def done(run: AddingRun) -> int:
    return run.items.filter(state="DONE").count()


def is_past(run: AddingRun, number: float) -> bool:
    return done(run) > number


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(240)
def test_killing_the_worker_in_the_middle_of_3000_clients_adds_each_exactly_once(
    workers: Processes, own_redis: Redis, many: Altinn, admin: User, browse: Browse
) -> None:
    register(many, admin)
    agent = new_agent(many, admin)
    walk(browse(admin), many)
    with person.delegation(admin) as api:
        lists.read(api, agent, agent=lists.agent_of(api, agent), now=timezone.now())
    run = runs.draft(
        agent,
        diff.plain(diff.view(agent, diff.READY)),
        wish=AddingItem.Wish.ADD,
        actor=admin,
        now=timezone.now(),
    )
    runs.begin(run, per_minute=FAST, actor=admin, now=timezone.now())
    total = run.items.count()
    assert total > CLIENTS - 30
    many.delete("/requests")

    for share in (0.2, 0.6):
        workers.start_worker()
        ring(own_redis, run)
        wait_until(partial(is_past, run, share * total), seconds=90)
        workers.kill("worker")
        AddingRun.objects.filter(pk=run.pk).update(lease_until_at=timezone.now())
    assert done(run) < total - 100
    workers.start_worker()
    ring(own_redis, run)
    finished = AddingRun.objects.filter(pk=run.pk, state=AddingRun.State.FINISHED)
    wait_until(finished.exists, seconds=120)

    sent = Counter(calls(many))
    assert set(sent.values()) == {1}
    assert len(sent) == total
    states = Counter(run.items.values_list("state", flat=True))
    assert states == {"DONE": total - 1, "REFUSED": 1}  # one has shut everybody out
    told = AuditEntry.objects.filter(act="client added to agent")
    assert told.count() == len({entry.detail["orgnr"] for entry in told}) == total - 1
    assert added(many, admin, agent) == set(
        run.items.filter(state="DONE").values_list("orgnr", flat=True)
    )
