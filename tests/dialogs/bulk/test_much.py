"""Much at once, and plugs that are pulled: nothing is lost and nothing is done twice."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from celery import Celery
from django.db import connection, connections
from django.utils import timezone

from clients import actions as client_actions
from clients import connect
from clients.models import SystemUser
from dialogs import counters, tasks
from dialogs.bulk import jobs, labels
from dialogs.bulk.acts import Act
from dialogs.bulk.receipt import Receipt
from dialogs.bulk.words import number
from dialogs.models import BulkJob, Dialog, Notice
from staff.models import AuditEntry, User
from tests.dialogs.bulk.conftest import chosen, everything, inbox_of, outcomes, reasons, run_out
from tests.dialogs.ingest.conftest import drain
from tests.dialogs.ingest.test_full_sync import ours, theirs
from tests.flows.conftest import Redis
from tests.processes import Processes, processes
from tests.stand_in import Altinn, wait_until

REFUSED = 7
MATCHES = 5000


@pytest.mark.django_db
@pytest.mark.timeout(400)
def test_five_thousand_matches_with_seven_refused(
    agent: SystemUser, altinn: Altinn, admin: User, now: datetime
) -> None:
    altinn.reset("load", clients=60, dialogs=MATCHES + 400)
    agent.owner_orgnr = altinn.system_users()[0]["orgnr"]
    agent.save()
    with connect.end_user(agent) as api:
        client_actions.keep_in_step(agent, api.parties(), now=now)
    tasks.load_new()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE dialogs_dialog")
    before = {(dialog["id"], *dialog["labels"]) for dialog in theirs(altinn, agent)}
    selection = everything()
    matches = selection.total(admin, now=now)
    assert matches.dialogs > MATCHES
    refused = list(Dialog.objects.filter(folder="INBOX").order_by("pk")[:: matches.dialogs // 7])
    for dialog in refused[:REFUSED]:
        altinn.post(f"/dialogs/{dialog.pk}", {"do": "silent-purge"})
    altinn.delete("/requests")

    job = jobs.start(Act.ARCHIVE, selection, {}, actor=admin, now=now)
    run_out(job, now=now)

    moved = matches.dialogs - REFUSED
    assert outcomes(job) == {"CHANGED": moved, "FAILED": REFUSED}
    receipt = Receipt(job, now=now)
    assert receipt.text == f"Flyttet {number(moved)} til arkivet, 7 feilet"
    assert receipt.show_failed == "Vis de sju"
    assert {one.title for one in receipt.failures(admin)} == {
        dialog.copy.title for dialog in refused[:REFUSED]
    }
    assert len(receipt.failures(admin)) == REFUSED
    assert reasons(job) == {
        "Altinn finner ikke dialogen for oss. Se systemtilgangen på klientsiden."
    }
    calls = altinn.counts()
    assert calls["bulkset"] + calls["labels"] < matches.dialogs / 100 + REFUSED * 2 * 8
    assert calls["details"] == 0
    assert AuditEntry.objects.filter(act=labels.MOVED).count() == moved
    assert counters.drift() == {}
    drain(later=timedelta(hours=2))  # the refused ones are read again, and found gone
    assert ours() == theirs(altinn, agent)

    undoing = jobs.undo(job, actor=admin, now=now)
    run_out(undoing, now=now)

    assert outcomes(undoing) == {"CHANGED": moved}
    at_last = theirs(altinn, agent)
    assert ours() == at_last
    gone = {str(dialog.pk) for dialog in refused[:REFUSED]}
    after = {(dialog["id"], *dialog["labels"]) for dialog in at_last}
    assert after == {row for row in before if row[0] not in gone}


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_four_times_at_once_begins_one_job(
    bakeren: object, five: list[Dialog], kari: User, now: datetime
) -> None:
    ready = threading.Barrier(4)

    def send(_number: int) -> int:
        try:
            ready.wait()
            job = jobs.start(Act.DONE, chosen(*five), {}, actor=kari, now=now, form="x")
            return job.pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        begun = set(pool.map(send, range(4)))

    assert len(begun) == 1
    assert BulkJob.objects.count() == 1
    assert AuditEntry.objects.filter(act="dialog.finished").count() == 5


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_job_do_each_dialog_once(
    bakeren: object,
    five: list[Dialog],
    kari: User,
    leder: User,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first one's lease runs out while it is in the middle of a batch."""
    monkeypatch.setattr(jobs, "AT_ONCE", 0)
    wish = {"responsible": leder.pk}
    job = jobs.start(Act.ASSIGN, chosen(*five), wish, actor=kari, now=now)
    in_the_middle = threading.Event()

    def slow(_changes: object) -> None:
        in_the_middle.set()
        time.sleep(1)

    monkeypatch.setattr("dialogs.bulk.local.live.tell", slow)

    def work(number: int) -> None:
        try:
            if number:
                in_the_middle.wait(10)
            jobs.run(job.pk, now=now + number * timedelta(hours=1))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    run_out(job, now=timezone.now() + timedelta(hours=2))

    assert job.state == "FINISHED"
    assert outcomes(job) == {"CHANGED": 5}
    assert AuditEntry.objects.filter(act="dialog.assigned").count() == 5
    assert Notice.objects.get().count == 5
    assert set(Dialog.objects.values_list("work_version", flat=True)) == {1}


@pytest.mark.django_db
def test_a_job_that_two_close_is_told_of_once(
    five: list[Dialog], kari: User, leder: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = jobs._finish

    def twice(job: BulkJob, *, now: datetime) -> None:
        close(job, now=now)
        close(job, now=now)

    monkeypatch.setattr(jobs, "_finish", twice)

    jobs.start(Act.ASSIGN, chosen(*five), {"responsible": leder.pk}, actor=kari, now=now)

    assert Notice.objects.count() == 1


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Redis]:
    own = Redis(tmp_path)
    yield own
    own.stop()


def ring(redis: Redis, job: BulkJob) -> None:
    """Queue a job for real workers, whatever this process does with its own tasks."""
    others = Celery(broker=redis.url, set_as_current=False)
    others.send_task("dialogs.bulk.run_job", kwargs={"key": job.pk}, queue="fast")


def given_up(job: BulkJob) -> None:
    """Let the killed worker's lease run out."""
    BulkJob.objects.filter(pk=job.pk).update(lease_until_at=timezone.now())


def settled(job: BulkJob) -> int:
    return job.items.exclude(outcome="WAITING").count()


def finished(job: BulkJob) -> bool:
    job.refresh_from_db()
    return job.state == "FINISHED"


@pytest.fixture
def workers(altinn: Altinn, read: SystemUser, own_redis: Redis) -> Iterator[Processes]:
    with processes(altinn, REDIS_URL=own_redis.url) as running:
        yield running


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(240)
def test_killing_the_worker_in_the_middle_of_moving_loses_and_doubles_nothing(
    workers: Processes, own_redis: Redis, altinn: Altinn, agent: SystemUser, admin: User
) -> None:
    """Three times, while a call is on its way."""
    dialogs = inbox_of(45)
    job = jobs.start(Act.ARCHIVE, chosen(*dialogs), {}, actor=admin, now=timezone.now())
    for operation in ("bulkset", "search"):  # long enough to be killed in
        altinn.post("/faults", {"operation": operation, "times": None, "delay_seconds": 5})

    def is_busy() -> bool:
        """Something was asked of Altinn and not noted yet, or is being looked up."""
        calls = altinn.counts()
        asked = job.items.filter(outcome="WAITING").exclude(after={})
        return asked.exists() and bool(calls["token"] + calls["search"] + calls["bulkset"])

    for _ in range(3):
        altinn.delete("/requests")
        workers.start_worker()
        ring(own_redis, job)
        wait_until(is_busy, seconds=40)
        workers.kill("worker")
        given_up(job)
    altinn.delete("/faults")
    assert not finished(job)

    workers.start_worker()
    ring(own_redis, job)
    wait_until(lambda: finished(job), seconds=60)

    assert outcomes(job) == {"CHANGED": 45}
    per_dialog = Counter(AuditEntry.objects.values_list("about", flat=True))
    moves = {f"dialog {dialog.pk}": 1 for dialog in dialogs}
    assert {about: count for about, count in per_dialog.items() if about in moves} == moves
    assert ours() == theirs(altinn, agent)


@pytest.mark.django_db
def test_a_worker_killed_between_two_batches_loses_and_doubles_nothing(
    five: list[Dialog], kari: User, leder: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 0)
    monkeypatch.setattr("dialogs.bulk.local.BATCH", 2)
    wish = {"responsible": leder.pk}
    job = jobs.start(Act.ASSIGN, chosen(*five), wish, actor=kari, now=now)

    def killed(_job: BulkJob) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(jobs, "_renew", killed)
        with pytest.raises(KeyboardInterrupt):
            jobs.run(job.pk, now=now)
    assert outcomes(job) == {"CHANGED": 2, "WAITING": 3}
    assert not Notice.objects.exists()
    assert jobs.due(now=now + jobs.LEASE - timedelta(seconds=1)) == []
    assert jobs.due(now=now + jobs.LEASE) == [job.pk]

    run_out(job, now=now + jobs.LEASE)

    assert outcomes(job) == {"CHANGED": 5}
    assert AuditEntry.objects.count() == 5
    assert Notice.objects.get().count == 5


@pytest.mark.django_db
def test_a_job_makes_room_for_others_and_goes_on(
    five: list[Dialog], kari: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 0)
    monkeypatch.setattr("dialogs.bulk.local.BATCH", 2)
    job = jobs.start(Act.DONE, chosen(*five), {}, actor=kari, now=now)

    assert jobs.run(job.pk, now=now, seconds=0) is True
    assert settled(job) == 2
    assert jobs.run(job.pk, now=now, seconds=0) is True
    assert jobs.run(job.pk, now=now) is False
    assert finished(job)
