"""Labels in Altinn: moved there, shown here, and honest about what did not work."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from altinn.dialogporten import Search, SystemLabel
from clients import connect
from clients.models import SystemUser
from dialogs import counters
from dialogs.bulk import jobs, labels
from dialogs.bulk import reasons as labels_reasons
from dialogs.bulk.acts import Act
from dialogs.ingest.store import store
from dialogs.models import BulkJob, Dialog, RefreshNeed
from staff.models import AuditEntry, User
from tests.dialogs.bulk.conftest import (
    Do,
    chosen,
    inbox_of,
    labels_of,
    outcomes,
    reasons,
    renewed,
    run_out,
)
from tests.dialogs.ingest.conftest import drain
from tests.dialogs.ingest.test_full_sync import ours, theirs
from tests.stand_in import Altinn

pytestmark = pytest.mark.usefixtures("read")


def folders(dialogs: list[Dialog]) -> list[str]:
    return [dialog.altinn_folder for dialog in renewed(dialogs)]


def moves() -> int:
    return AuditEntry.objects.filter(act=labels.MOVED).count()


def begin(act: Act, dialogs: list[Dialog], *, actor: User, now: datetime) -> BulkJob:
    return jobs.start(act, chosen(*dialogs), {}, actor=actor, now=now)


def refuse(altinn: Altinn, *dialogs: Dialog) -> None:
    """Make Altinn forget some dialogs without a word."""
    for dialog in dialogs:
        altinn.post(f"/dialogs/{dialog.pk}", {"do": "silent-purge"})


@pytest.mark.parametrize(
    ("act", "label", "folder"), [(Act.ARCHIVE, "Archive", "ARCHIVE"), (Act.BIN, "Bin", "BIN")]
)
def test_dialogs_are_moved_in_altinn_by_one_call_and_both_sides_agree(
    do: Do, admin: User, altinn: Altinn, agent: SystemUser, act: Act, label: str, folder: str
) -> None:
    dialogs = inbox_of(20)

    job = do(act, chosen(*dialogs), actor=admin)

    assert outcomes(job) == {"CHANGED": 20}
    assert all(label in labels_of(altinn, dialog) for dialog in dialogs)
    assert set(folders(dialogs)) == {folder}
    assert ours() == theirs(altinn, agent)  # revisions too
    calls = altinn.counts()
    assert calls["bulkset"] == 1
    assert calls.get("labels", 0) == calls.get("details", 0) == 0
    assert not RefreshNeed.objects.exists()
    entry = AuditEntry.objects.filter(act=labels.MOVED).earliest("pk")
    assert entry.detail == {
        "before": {"folder": "INBOX"},
        "after": {"folder": folder},
        "bulk": job.pk,
    }
    assert counters.drift() == {}


def test_a_request_never_waits_for_altinn(admin: User, altinn: Altinn, now: datetime) -> None:
    job = begin(Act.ARCHIVE, inbox_of(2), actor=admin, now=now)

    assert job.state == "WAITING"
    assert sum(altinn.counts().values()) == 0


def test_moving_back_to_the_inbox_puts_drafts_among_the_drafts(
    do: Do, admin: User, altinn: Altinn, agent: SystemUser
) -> None:
    drafts = list(Dialog.objects.filter(status="Draft", altinn_folder="DRAFTS")[:2])
    letters = inbox_of(3)
    do(Act.ARCHIVE, chosen(*drafts, *letters), actor=admin)
    assert set(folders([*drafts, *letters])) == {"ARCHIVE"}

    job = do(Act.INBOX, chosen(*drafts, *letters), actor=admin)

    assert outcomes(job) == {"CHANGED": len(drafts) + 3}
    assert drafts
    assert set(folders(drafts)) == {"DRAFTS"}
    assert set(folders(letters)) == {"INBOX"}
    assert ours() == theirs(altinn, agent)


def test_marking_as_unread_is_undone_without_opening_anything(
    do: Do, admin: User, altinn: Altinn, agent: SystemUser, now: datetime
) -> None:
    dialogs = list(Dialog.objects.filter(is_unread=False, gone_at=None)[:4])

    job = do(Act.UNREAD, chosen(*dialogs), actor=admin)

    assert all("MarkedAsUnopened" in labels_of(altinn, dialog) for dialog in dialogs)
    assert all(dialog.is_unread for dialog in renewed(dialogs))
    assert ours() == theirs(altinn, agent)

    undoing = run_out(jobs.undo(job, actor=admin, now=now), now=now)

    assert outcomes(undoing) == {"CHANGED": 4}
    assert not any(dialog.is_unread for dialog in renewed(dialogs))
    assert ours() == theirs(altinn, agent)
    assert altinn.counts().get("details", 0) == 0


def test_only_the_refused_ones_fail(do: Do, admin: User, altinn: Altinn, agent: SystemUser) -> None:
    dialogs = inbox_of(20)
    gone, deleted = dialogs[3], dialogs[11]
    refuse(altinn, gone)
    altinn.post(f"/dialogs/{deleted.pk}", {"do": "silent-delete"})

    job = do(Act.ARCHIVE, chosen(*dialogs), actor=admin)

    assert outcomes(job) == {"CHANGED": 18, "FAILED": 2}
    why = {item.dialog_id: item.reason for item in job.items.filter(outcome="FAILED")}
    assert why == {
        gone.pk: "Altinn finner ikke dialogen for oss. Se systemtilgangen på klientsiden.",
        deleted.pk: "Tjenesteeieren har fjernet dialogen.",
    }
    drain(later=timedelta(hours=2))  # they are read again, and found gone
    assert {dialog.folder for dialog in renewed([gone, deleted])} == {"GONE"}
    assert ours() == theirs(altinn, agent)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (
            {"status": 403},
            "Systemtilgangen får ikke flytte dialogen. Flytt den i Altinn.",
        ),
        (
            {"status": 400},
            "Altinn godtok ikke endringen (400). Prøv igjen, eller gjør det i Altinn.",
        ),
        (
            {"status": 422, "body": {"title": "Unprocessable", "status": 422}},
            "Altinn godtok ikke endringen (422). Prøv igjen, eller gjør det i Altinn.",
        ),
        ({"status": 410}, "Tjenesteeieren har fjernet dialogen."),
    ],
)
def test_the_reason_is_altinns_in_words_that_say_what_to_do(
    do: Do, admin: User, altinn: Altinn, fault: dict[str, Any], why: str
) -> None:
    dialogs = inbox_of(4)
    altinn.post("/faults", {"operation": "bulkset", "times": 3, "status": 404})
    refused = str(dialogs[2].pk)
    altinn.post("/faults", {"operation": "labels", "contains": refused, "times": None} | fault)

    job = do(Act.ARCHIVE, chosen(*dialogs), actor=admin)

    assert outcomes(job) == {"CHANGED": 3, "FAILED": 1}
    assert job.items.get(outcome="FAILED").dialog == dialogs[2]
    assert reasons(job) == {why}


@pytest.mark.parametrize("status", [429, 503])
def test_altinn_is_waited_for_as_long_as_it_asks(
    admin: User, altinn: Altinn, now: datetime, status: int
) -> None:
    dialogs = inbox_of(5)
    altinn.post("/faults", {"operation": "bulkset", "status": status, "retry_after": 90})
    job = begin(Act.ARCHIVE, dialogs, actor=admin, now=now)

    run_out(job, now=now)
    job.refresh_from_db()
    assert (job.state, job.lease_until_at) == ("WAITING", now + timedelta(seconds=90))
    assert outcomes(job) == {"WAITING": 5}
    run_out(job, now=now + timedelta(seconds=89))
    assert outcomes(job) == {"WAITING": 5}
    assert jobs.due(now=now + timedelta(seconds=89)) == []

    assert jobs.due(now=now + timedelta(seconds=91)) == [job.pk]
    run_out(job, now=now + timedelta(seconds=91))
    assert outcomes(job) == {"CHANGED": 5}
    assert moves() == 5


def test_when_an_answer_is_lost_it_is_looked_up_and_not_asked_for_again(
    admin: User, altinn: Altinn, agent: SystemUser, now: datetime
) -> None:
    dialogs = inbox_of(5)
    altinn.post("/faults", {"operation": "bulkset", "status": 504, "after_effect": True})
    job = begin(Act.ARCHIVE, dialogs, actor=admin, now=now)
    run_out(job, now=now)
    assert outcomes(job) == {"WAITING": 5}  # nobody knows
    assert set(folders(dialogs)) == {"INBOX"}

    run_out(job, now=now + timedelta(minutes=1))

    assert outcomes(job) == {"CHANGED": 5}
    assert altinn.counts()["bulkset"] == 1
    assert moves() == 5
    assert ours() == theirs(altinn, agent)


def test_what_was_not_done_when_the_connection_broke_is_done_then(
    admin: User, altinn: Altinn, agent: SystemUser, now: datetime
) -> None:
    dialogs = inbox_of(5)
    altinn.post("/faults", {"operation": "bulkset", "status": 502, "abort": True})
    job = begin(Act.ARCHIVE, dialogs, actor=admin, now=now)
    run_out(job, now=now)

    run_out(job, now=now + timedelta(minutes=1))

    assert outcomes(job) == {"CHANGED": 5}
    assert altinn.counts()["bulkset"] == 2
    assert moves() == 5
    assert ours() == theirs(altinn, agent)


def test_an_outage_of_half_an_hour_is_given_up_and_may_be_tried_again(
    admin: User, altinn: Altinn, now: datetime
) -> None:
    dialogs = inbox_of(5)
    altinn.post("/faults", {"operation": "*", "status": 503, "times": None})
    job = begin(Act.ARCHIVE, dialogs, actor=admin, now=now)
    run_out(job, now=now + timedelta(minutes=31))
    assert outcomes(job) == {"FAILED": 5}
    assert reasons(job) == {"Altinn svarte ikke på en halv time. Prøv igjen senere."}
    altinn.delete("/faults")

    again = run_out(jobs.retry(job, actor=admin, now=now), now=now)

    assert outcomes(again) == {"CHANGED": 5}
    assert outcomes(job) == {"FAILED": 5}  # stands as it was


def test_a_system_user_that_is_not_let_in_fails_with_advice(
    do: Do, admin: User, altinn: Altinn, now: datetime
) -> None:
    dialogs = inbox_of(3)
    altinn.post("/faults", {"operation": "bulkset", "status": 401, "times": None})

    job = do(Act.ARCHIVE, chosen(*dialogs), actor=admin)

    assert outcomes(job) == {"FAILED": 3}
    assert reasons(job) == {
        "Altinn slipper ikke systemtilgangen inn. Be en administrator se på systembrukeren."
    }


def test_a_client_we_no_longer_read_fails_without_a_call(
    do: Do, admin: User, altinn: Altinn, now: datetime
) -> None:
    dialog = inbox_of(1)[0]
    dialog.party.accesses.update(lost_at=now)

    job = do(Act.ARCHIVE, chosen(dialog), actor=admin)

    assert reasons(job) == {labels_reasons.no_access()}
    assert sum(altinn.counts().values()) == 0


def test_another_system_user_moves_what_the_first_no_longer_sees(
    do: Do, admin: User, altinn: Altinn, agent: SystemUser, now: datetime
) -> None:
    other = SystemUser.objects.create(
        name="Annen", owner_orgnr=agent.owner_orgnr, external_ref=agent.external_ref + "x"
    )
    dialog = inbox_of(1)[0]
    dialog.party.accesses.update(lost_at=now)
    dialog.party.accesses.create(system_user=other, found_at=now)
    SystemUser.objects.filter(pk=agent.pk).update(external_ref="gone")
    SystemUser.objects.filter(pk=other.pk).update(external_ref=agent.external_ref)

    job = do(Act.ARCHIVE, chosen(dialog), actor=admin)

    assert outcomes(job) == {"CHANGED": 1}


def test_what_the_client_has_moved_meanwhile_is_left_where_it_is(
    do: Do, admin: User, altinn: Altinn, agent: SystemUser
) -> None:
    dialogs = inbox_of(6)
    with connect.end_user(agent) as api:  # anybody else's doing
        api.set_labels(dialogs[2].pk, [SystemLabel.BIN])
        api.set_labels(dialogs[4].pk, [SystemLabel.ARCHIVE])
        api.set_labels(dialogs[5].pk, [SystemLabel.MARKED_AS_UNOPENED])

    job = do(Act.ARCHIVE, chosen(*dialogs), actor=admin)

    # One was there already; one is elsewhere; one was only marked, and is moved after all.
    assert outcomes(job) == {"CHANGED": 5, "FAILED": 1}
    assert reasons(job) == {"Noen andre har flyttet dialogen i Altinn. Se hvor den ligger nå."}
    assert folders(dialogs)[2] == "BIN"
    assert labels_of(altinn, dialogs[5]) == ["Archive", "MarkedAsUnopened"]
    assert ours() == theirs(altinn, agent)


def test_a_dialog_that_keeps_changing_is_given_up(do: Do, admin: User, altinn: Altinn) -> None:
    altinn.post("/faults", {"operation": "labels", "status": 412, "times": None})

    job = do(Act.ARCHIVE, chosen(*inbox_of(1)), actor=admin)

    assert reasons(job) == {"Dialogen ble endret i Altinn samtidig. Prøv igjen."}
    assert altinn.counts()["labels"] == 2


def test_undoing_puts_each_dialog_back_where_it_was(
    do: Do, admin: User, altinn: Altinn, agent: SystemUser, now: datetime
) -> None:
    letters = inbox_of(6)
    do(Act.ARCHIVE, chosen(*letters[:3]), actor=admin)
    job = do(Act.BIN, chosen(*letters), actor=admin)
    with connect.end_user(agent) as api:
        api.set_labels(letters[5].pk, [SystemLabel.DEFAULT])

    undoing = run_out(jobs.undo(job, actor=admin, now=now), now=now)

    assert folders(letters) == ["ARCHIVE"] * 3 + ["INBOX"] * 3
    assert outcomes(undoing) == {"CHANGED": 6}
    assert ours() == theirs(altinn, agent)
    assert jobs.undo(job, actor=admin, now=now) == undoing  # there is but one


def test_an_index_that_lags_behind_does_not_put_a_dialog_back(
    do: Do, admin: User, altinn: Altinn, agent: SystemUser
) -> None:
    dialog = inbox_of(1)[0]
    place = labels_of(altinn, dialog)
    altinn.post("/faults", {"operation": "labels", "status": 204, "body": ""})  # says so only

    do(Act.ARCHIVE, chosen(dialog), actor=admin)

    assert labels_of(altinn, dialog) == place
    assert folders([dialog]) == ["ARCHIVE"]
    need = RefreshNeed.objects.get()
    assert need.dialog_ids == [dialog.pk]
    assert need.due_at > timezone.now() + timedelta(seconds=30)
    drain(later=timedelta(minutes=2))  # the truth comes from Altinn all the same
    assert ours() == theirs(altinn, agent)


def test_an_answer_asked_for_before_the_move_does_not_put_a_dialog_back(
    do: Do, admin: User, altinn: Altinn, agent: SystemUser, now: datetime
) -> None:
    dialog = inbox_of(1)[0]
    with connect.end_user(agent) as api:
        search = Search(party=(dialog.party.urn,), service_resource=(dialog.service.urn,))
        before = api.search(search).items
    asked_at = timezone.now()
    altinn.post("/faults", {"operation": "search", "status": 500})  # it cannot be read again

    do(Act.ARCHIVE, chosen(dialog), actor=admin)
    store(before, accesses=[dialog.access], read_at=asked_at, now=asked_at)

    assert folders([dialog]) == ["ARCHIVE"]


def test_a_worker_killed_between_the_call_and_its_note_does_nothing_twice(
    admin: User, altinn: Altinn, agent: SystemUser, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialogs = inbox_of(8)
    job = begin(Act.ARCHIVE, dialogs, actor=admin, now=now)

    def killed(*_: Any, **__: Any) -> list[Dialog]:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(labels, "settle", killed)
        with pytest.raises(KeyboardInterrupt):
            jobs.run(job.pk, now=now)
    assert outcomes(job) == {"WAITING": 8}
    assert jobs.due(now=now + timedelta(seconds=30)) == []  # the lease still holds

    later = timezone.now() + jobs.LEASE + timedelta(seconds=1)
    assert jobs.due(now=later) == [job.pk]
    run_out(job, now=later)

    assert outcomes(job) == {"CHANGED": 8}
    assert altinn.counts()["bulkset"] == 1
    assert moves() == 8
    assert ours() == theirs(altinn, agent)


def test_an_undoing_that_failed_can_be_tried_again(
    do: Do, admin: User, altinn: Altinn, agent: SystemUser, now: datetime
) -> None:
    dialogs = inbox_of(3)
    job = do(Act.ARCHIVE, chosen(*dialogs), actor=admin)
    altinn.post("/faults", {"operation": "bulkset", "status": 401, "times": None})
    undoing = run_out(jobs.undo(job, actor=admin, now=now), now=now)
    assert outcomes(undoing) == {"FAILED": 3}
    altinn.delete("/faults")

    again = run_out(jobs.retry(undoing, actor=admin, now=now), now=now)

    assert again == undoing
    assert outcomes(again) == {"CHANGED": 3}
    assert set(folders(dialogs)) == {"INBOX"}
    assert ours() == theirs(altinn, agent)


def test_altinn_may_ask_us_to_wait_in_the_middle_of_halving(
    admin: User, altinn: Altinn, agent: SystemUser, now: datetime
) -> None:
    dialogs = inbox_of(12)
    refuse(altinn, dialogs[0])
    altinn.post("/faults", {"operation": "bulkset", "skip": 2, "status": 503})
    job = begin(Act.ARCHIVE, dialogs, actor=admin, now=now)

    run_out(job, now=now)
    assert "WAITING" in outcomes(job)
    run_out(job, now=now + timedelta(minutes=1))

    assert outcomes(job) == {"CHANGED": 11, "FAILED": 1}
    assert moves() == 11


def test_a_job_that_makes_room_for_others_has_read_again_what_it_moved(
    admin: User, altinn: Altinn, agent: SystemUser, now: datetime
) -> None:
    job = begin(Act.ARCHIVE, inbox_of(5), actor=admin, now=now)

    while jobs.run(job.pk, now=now, seconds=0):
        assert ours() == theirs(altinn, agent)

    assert outcomes(job) == {"CHANGED": 5}
    assert ours() == theirs(altinn, agent)
