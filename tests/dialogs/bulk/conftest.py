"""Choosing dialogs and changing them together."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import pytest

from clients import actions as client_actions
from clients import connect
from clients.models import Client, SystemUser
from dialogs import tasks
from dialogs.bulk import jobs
from dialogs.bulk.acts import Act
from dialogs.bulk.selection import Selection
from dialogs.models import BulkItem, BulkJob, Dialog
from staff.models import User
from tests.dialogs.conftest import MakeDialog
from tests.stand_in import Altinn

Do = Callable[..., BulkJob]
Outcome = BulkItem.Outcome


def chosen(*dialogs: Dialog, query: str = "") -> Selection:
    return Selection(query, tuple(dialog.pk for dialog in dialogs))


def everything(query: str = "") -> Selection:
    """All that the filters of an address let through."""
    return Selection(query, is_all=True)


def outcomes(job: BulkJob) -> dict[str, int]:
    """How many items ended how."""
    found: dict[str, int] = {}
    for outcome in job.items.values_list("outcome", flat=True):
        found[outcome] = found.get(outcome, 0) + 1
    return found


def reasons(job: BulkJob) -> set[str]:
    return set(job.items.exclude(reason="").values_list("reason", flat=True))


def run_out(job: BulkJob, *, now: datetime) -> BulkJob:
    """Run a job as workers would, until nobody has more to do just now."""
    while jobs.run(job.pk, now=now):
        pass
    job.refresh_from_db()
    return job


@pytest.fixture
def do(kari: User, now: datetime) -> Do:
    """Have Kari do something to a selection, in full."""

    def _do(act: Act, selection: Selection, *, actor: User = kari, **wish: Any) -> BulkJob:
        job = jobs.start(act, selection, wish, actor=actor, now=now)
        return run_out(job, now=now)

    return _do


@pytest.fixture
def five(bakeren: Client, make_dialog: MakeDialog) -> list[Dialog]:
    return [make_dialog(bakeren, f"Brev {number}", due_in=30 + number) for number in range(5)]


def renewed(dialogs: Iterable[Dialog]) -> list[Dialog]:
    """The dialogs as they are in the database now."""
    found = Dialog.objects.in_bulk([dialog.pk for dialog in dialogs])
    return [found[dialog.pk] for dialog in dialogs]


@pytest.fixture
def read(agent: SystemUser, altinn: Altinn, now: datetime) -> SystemUser:
    """The agent, with every dialog of the stand-in's world read once."""
    with connect.end_user(agent) as api:
        client_actions.keep_in_step(agent, api.parties(), now=now)
    tasks.load_new()
    altinn.delete("/requests")
    return agent


def inbox_of(count: int) -> list[Dialog]:
    """Some dialogs of the stand-in's that lie in the inbox, and are not drafts."""
    dialogs = Dialog.objects.filter(altinn_folder="INBOX").order_by("created_at", "pk")
    found = list(dialogs.select_related("service", "party")[:count])
    assert len(found) == count
    return found


def labels_of(altinn: Altinn, dialog: Dialog) -> list[str]:
    """A dialog's labels in Altinn now."""
    found: list[str] = altinn.get(f"/dialogs/{dialog.pk}")["endUserContext"]["systemLabels"]
    return found
