"""Changes to our own columns: assigning, deadlines, notes, putting aside, being done."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client
from dialogs import actions, counters, live
from dialogs.bulk import jobs
from dialogs.bulk.acts import Act
from dialogs.models import Dialog, Finished, Note, NoteVersion, Notice
from dialogs.working_days import working_days_before
from staff.models import AuditEntry, User
from tests.dialogs.bulk.conftest import (
    Do,
    chosen,
    everything,
    outcomes,
    reasons,
    renewed,
    run_out,
)
from tests.dialogs.conftest import MakeDialog


def undo(job: Any, *, actor: User, now: datetime) -> Any:
    return run_out(jobs.undo(job, actor=actor, now=now), now=now)


def test_many_are_assigned_and_each_is_written_down(
    do: Do, five: list[Dialog], kari: User, leder: User
) -> None:
    job = do(Act.ASSIGN, chosen(*five), responsible=leder.pk, comment="Før ferien")

    assert job.state == "FINISHED"
    assert outcomes(job) == {"CHANGED": 5}
    for dialog in renewed(five):
        assert dialog.responsible == leder
        assert dialog.work_version == 1
        entry = AuditEntry.objects.get(about=f"dialog {dialog.pk}")
        assert (entry.act, entry.actor) == (actions.ASSIGNED, kari)
        assert entry.detail["before"] == {"responsible": None, "assigned_why": ""}
        assert entry.detail["after"]["responsible"] == leder.pk
        assert entry.detail["bulk"] == job.pk
        assert entry.detail["comment"] == "Før ferien"
    assert counters.drift() == {}


def test_what_was_so_already_is_not_changed(do: Do, five: list[Dialog], leder: User) -> None:
    Dialog.objects.filter(pk=five[0].pk).update(responsible=leder, assigned_why="AREA")

    job = do(Act.ASSIGN, chosen(*five), responsible=leder.pk)

    assert outcomes(job) == {"CHANGED": 4, "SAME": 1}
    assert renewed(five)[0].assigned_why == "AREA"
    assert AuditEntry.objects.count() == 4


def test_a_colleague_only_gets_dialogs_of_clients_they_may_see(
    do: Do, leder: User, ola: User, five: list[Dialog], rorleggeren: Client, make_dialog: MakeDialog
) -> None:
    his = make_dialog(rorleggeren)

    job = do(Act.ASSIGN, chosen(*five, his), actor=leder, responsible=ola.pk)

    assert outcomes(job) == {"CHANGED": 1, "FAILED": 5}
    assert reasons(job) == {
        "Ola Berg har ikke tilgang til klienten. Gi tilgang, eller velg en annen."
    }
    assert renewed([his])[0].responsible == ola
    assert not Dialog.objects.filter(pk=five[0].pk, responsible=ola).exists()


def test_one_notice_each_to_the_new_and_the_former_and_none_to_who_did_it(
    do: Do, kari: User, ola: User, leder: User, admin: User, five: list[Dialog]
) -> None:
    Dialog.objects.filter(pk__in=[one.pk for one in five[:3]]).update(responsible=leder)
    Dialog.objects.filter(pk=five[3].pk).update(responsible=kari)

    do(Act.ASSIGN, chosen(*five), responsible=admin.pk, comment="Tar du disse?")

    told = {(notice.user, notice.kind): notice for notice in Notice.objects.all()}
    assert set(told) == {(admin, "ASSIGNED"), (leder, "TAKEN")}
    to_admin, to_leder = told[admin, "ASSIGNED"], told[leder, "TAKEN"]
    assert (to_admin.count, to_admin.query) == (5, "ansvarlig=meg")
    assert (to_leder.count, to_leder.query) == (3, f"ansvarlig={admin.pk}")
    assert to_admin.comment == "Tar du disse?"


def test_a_notice_about_one_dialog_names_it(do: Do, five: list[Dialog], leder: User) -> None:
    do(Act.ASSIGN, chosen(five[0]), responsible=leder.pk)

    assert Notice.objects.get().dialog == five[0]


def test_open_pages_are_told_of_what_changed(
    do: Do,
    five: list[Dialog],
    leder: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(live, "_publish", told.extend)

    with django_capture_on_commit_callbacks(execute=True):
        do(Act.ASSIGN, chosen(*five), responsible=leder.pk)

    assert {row[0] for row in told} == {str(dialog.pk) for dialog in five}


def test_a_dialog_somebody_else_changed_meanwhile_is_changed_all_the_same_and_it_is_kept(
    do: Do, five: list[Dialog], leder: User, admin: User, now: datetime
) -> None:
    decision = actions.Decision(leder, now, 0)
    actions.assign_dialog(five[0], leder, decision)

    job = do(Act.ASSIGN, chosen(*five), responsible=admin.pk)

    assert renewed(five)[0].responsible == admin
    assert job.items.get(dialog=five[0]).before["responsible"] == leder.pk
    with pytest.raises(actions.SomebodyWasFirst):
        actions.assign_dialog(five[0], leder, actions.Decision(leder, now, 1))


def test_undoing_puts_back_who_was_responsible_and_why(
    do: Do, five: list[Dialog], leder: User, kari: User, now: datetime
) -> None:
    Dialog.objects.filter(pk=five[0].pk).update(responsible=kari, assigned_why="AREA")
    job = do(Act.ASSIGN, chosen(*five), responsible=leder.pk)

    undoing = undo(job, actor=kari, now=now)

    assert outcomes(undoing) == {"CHANGED": 5}
    first, *others = renewed(five)
    assert (first.responsible, first.assigned_why) == (kari, "AREA")
    assert {dialog.responsible for dialog in others} == {None}
    assert Notice.objects.filter(user=leder, kind="TAKEN").get().count == 5
    assert counters.drift() == {}


def test_undoing_leaves_alone_what_was_changed_since(
    do: Do, five: list[Dialog], leder: User, admin: User, kari: User, now: datetime
) -> None:
    job = do(Act.ASSIGN, chosen(*five), responsible=leder.pk)
    actions.assign_dialog(renewed(five)[0], admin, actions.Decision(leder, now, 1))

    undoing = undo(job, actor=kari, now=now)

    assert outcomes(undoing) == {"CHANGED": 4, "FAILED": 1}
    assert reasons(undoing) == {"Endret av noen andre etterpå. Vi lot den være som den er."}
    assert renewed(five)[0].responsible == admin


def test_internal_deadlines_lie_working_days_before_each_ones_own(
    do: Do, bakeren: Client, make_dialog: MakeDialog
) -> None:
    near, far = make_dialog(bakeren, due_in=20), make_dialog(bakeren, due_in=40)
    estimated = make_dialog(bakeren, estimated_due_on=timezone.localdate() + timedelta(days=33))
    without = make_dialog(bakeren)
    tomorrow = make_dialog(bakeren, due_in=1)

    job = do(Act.INTERNAL_DUE, chosen(near, far, estimated, without, tomorrow), days=5)

    for dialog in renewed([near, far]):
        assert dialog.due_at is not None
        due_on = timezone.localdate(dialog.due_at)
        assert dialog.internal_due_on == working_days_before(due_on, 5)
    assert renewed([estimated])[0].internal_due_on == working_days_before(
        timezone.localdate() + timedelta(days=33), 5
    )
    assert outcomes(job) == {"CHANGED": 3, "FAILED": 2}
    assert reasons(job) == {
        "Dialogen har ingen frist å regne fra. Sett en dato i stedet.",
        "Dagen ville vært før i dag. Sett en dato i stedet.",
    }


def test_an_internal_deadline_may_be_a_day_or_be_taken_away(
    do: Do, five: list[Dialog], kari: User, now: datetime
) -> None:
    day = timezone.localdate() + timedelta(days=9)
    set_job = do(Act.INTERNAL_DUE, chosen(*five), due_on=day.isoformat(), days=None)
    assert {dialog.internal_due_on for dialog in renewed(five)} == {day}

    do(Act.INTERNAL_DUE, chosen(five[0]), due_on=None, days=None)
    assert renewed(five)[0].internal_due_on is None

    undoing = undo(set_job, actor=kari, now=now)
    assert outcomes(undoing) == {"CHANGED": 4, "FAILED": 1}
    assert {dialog.internal_due_on for dialog in renewed(five)} == {None}


def test_an_internal_deadline_after_the_real_one_is_refused(
    do: Do, bakeren: Client, make_dialog: MakeDialog
) -> None:
    day = timezone.localdate() + timedelta(days=9)
    near, far = make_dialog(bakeren, due_in=8), make_dialog(bakeren, due_in=9)
    passed = make_dialog(bakeren, due_in=-3)

    job = do(Act.INTERNAL_DUE, chosen(near, far, passed), due_on=day.isoformat(), days=None)

    assert outcomes(job) == {"CHANGED": 2, "FAILED": 1}
    assert reasons(job) == {"Fristen er før den dagen. Velg en tidligere dag."}
    assert renewed([near])[0].internal_due_on is None


def test_what_is_put_aside_comes_back_before_its_deadline(
    do: Do, bakeren: Client, make_dialog: MakeDialog, kari: User, now: datetime
) -> None:
    until = timezone.localdate() + timedelta(days=7)
    late = make_dialog(bakeren, due_in=30, reopened_at=now)
    same_day, day_before = make_dialog(bakeren, due_in=7), make_dialog(bakeren, due_in=6)
    never = make_dialog(bakeren)

    job = do(Act.SNOOZE, chosen(late, same_day, day_before, never), until_on=until.isoformat())

    assert outcomes(job) == {"CHANGED": 3, "FAILED": 1}
    assert reasons(job) == {"Fristen er før den dagen. Velg en tidligere dag."}
    put_aside = [dialog.folder for dialog in renewed([late, same_day, day_before, never])]
    assert put_aside == ["SNOOZED", "SNOOZED", "INBOX", "SNOOZED"]
    assert renewed([late])[0].reopened_at is None

    undo(job, actor=kari, now=now)
    assert renewed([late])[0].folder == "INBOX"
    assert renewed([late])[0].reopened_at == now
    assert AuditEntry.objects.filter(act=actions.WOKEN).count() == 3


def test_being_done_keeps_what_each_dialog_looked_like(
    do: Do, five: list[Dialog], kari: User, now: datetime
) -> None:
    Dialog.objects.filter(pk=five[0].pk).update(snoozed_until_on=date(2031, 1, 1))

    job = do(Act.DONE, chosen(*five))

    assert {dialog.folder for dialog in renewed(five)} == {"DONE"}
    kept = Finished.objects.get(dialog=five[0])
    assert (kept.title, kept.by, kept.at) == ("Brev 0", kari, now)

    undo(job, actor=kari, now=now)
    assert [dialog.folder for dialog in renewed(five)] == ["SNOOZED"] + ["INBOX"] * 4
    assert counters.drift() == {}


def test_undoing_leaves_alone_what_the_authority_has_brought_back(
    do: Do, five: list[Dialog], kari: User, now: datetime
) -> None:
    job = do(Act.DONE, chosen(*five))
    Dialog.objects.filter(pk=five[0].pk).update(done_at=None, reopened_at=now)

    undoing = undo(job, actor=kari, now=now)

    assert outcomes(undoing) == {"CHANGED": 4, "FAILED": 1}
    assert renewed(five)[0].reopened_at == now


def test_a_note_is_added_to_each_and_taken_away_again(
    do: Do, five: list[Dialog], kari: User, now: datetime
) -> None:
    job = do(Act.NOTE, chosen(*five), text="Ring klienten først")

    assert Note.objects.filter(author=kari, text="Ring klienten først").count() == 5
    assert {dialog.note_count for dialog in renewed(five)} == {1}
    assert AuditEntry.objects.filter(act="note.added", detail__bulk=job.pk).count() == 5
    assert "Ring" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))
    Note.objects.filter(dialog=five[0]).update(text="Ringt", edited_at=now)

    undoing = undo(job, actor=kari, now=now)

    assert outcomes(undoing) == {"CHANGED": 4, "FAILED": 1}
    assert [dialog.note_count for dialog in renewed(five)] == [1, 0, 0, 0, 0]
    assert Note.objects.filter(deleted_at=now, text="").count() == 4
    assert NoteVersion.objects.filter(text="Ring klienten først", changed_by=kari).count() == 4


def test_only_what_fits_becomes_part_of_the_job(
    do: Do, five: list[Dialog], bakeren: Client, make_dialog: MakeDialog
) -> None:
    archived = make_dialog(bakeren, folder="ARCHIVE")
    gone = make_dialog(bakeren, folder="GONE")

    job = do(Act.DONE, chosen(*five, archived, gone))

    assert job.items.count() == 5


def test_more_than_a_batch_is_done_in_several_transactions(
    do: Do, bakeren: Client, make_dialog: MakeDialog, leder: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialogs.bulk.local.BATCH", 4)
    for _ in range(10):
        make_dialog(bakeren)

    job = do(Act.ASSIGN, everything(), responsible=leder.pk)

    assert outcomes(job) == {"CHANGED": 10}
