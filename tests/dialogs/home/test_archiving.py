"""Archive a client that has left, and hand over what is open."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients.models import Client
from dialogs import actions
from dialogs.models import BulkJob, Dialog, Notice
from staff.models import AuditEntry, User
from tests.dialogs.conftest import MakeDialog

Folder = Dialog.Folder


@pytest.fixture
def admins(admin: User, client: Browser) -> Browser:
    client.force_login(admin)
    return client


@pytest.fixture
def open_ones(bakeren: Client, kari: User, make_dialog: MakeDialog, now: datetime) -> list[Dialog]:
    """Two in the inbox, one put aside, one draft: Kari's."""
    mine: dict[str, Any] = {"responsible": kari}
    later = {"snoozed_until_on": now.date().replace(year=now.year + 1)}
    return [
        make_dialog(bakeren, "En", **mine),
        make_dialog(bakeren, "To", **mine),
        make_dialog(bakeren, "Utsatt", **mine, **later),
        make_dialog(bakeren, "Utkast", folder="DRAFTS", **mine),
    ]


def address(client: Client) -> str:
    return reverse("dialogs:client-archive", args=[client.pk])


def folders() -> list[str]:
    return sorted(Dialog.objects.values_list("folder", flat=True))


def is_archived(client: Client) -> bool:
    client.refresh_from_db()
    return client.archived_at is not None


def test_it_asks_what_becomes_of_the_open_dialogs(
    admins: Browser, bakeren: Client, open_ones: list[Dialog]
) -> None:
    page = admins.get(address(bakeren)).content.decode()

    assert "Klienten har 4 åpne dialoger, 1 utsatt, 1 utkast." in " ".join(page.split())
    assert 'name="apne"' in page
    for data in ({}, {"apne": "x"}, {"apne": "gi"}, {"apne": "gi", "til": "0"}):
        assert admins.post(address(bakeren), data).status_code == 422
    assert not is_archived(bakeren)


def test_they_go_to_a_colleague_who_then_sees_the_client(
    admins: Browser, bakeren: Client, open_ones: list[Dialog], ola: User, kari: User
) -> None:
    response = admins.post(address(bakeren), {"apne": "gi", "til": ola.pk}, follow=True)

    assert "4 dialoger er gitt til Ola Berg." in response.content.decode()
    assert is_archived(bakeren)
    assert set(Dialog.objects.values_list("responsible", flat=True)) == {ola.pk}
    assert folders() == sorted([Folder.INBOX, Folder.INBOX, Folder.SNOOZED, Folder.DRAFTS])
    assert ola in bakeren.members.all()
    assert bakeren.responsible == kari
    assert AuditEntry.objects.filter(act=actions.ASSIGNED).count() == 4
    told = Notice.objects.get(user=ola, kind=Notice.Kind.HANDED_OVER)
    assert told.comment == "Bakeren AS er arkivert"
    assert Notice.objects.filter(user=kari, kind=Notice.Kind.TAKEN).count() == 1


def test_they_are_finished_and_that_can_be_undone(
    admins: Browser, bakeren: Client, open_ones: list[Dialog]
) -> None:
    admins.post(address(bakeren), {"apne": "ferdig"})

    assert is_archived(bakeren)
    assert folders() == sorted([Folder.DONE, Folder.DONE, Folder.DONE, Folder.DRAFTS])
    job = BulkJob.objects.get()
    admins.post(reverse("dialogs:bulk-undo", args=[job.pk]))
    assert Folder.DONE not in folders()


def test_they_stay_where_they_are(
    admins: Browser, bakeren: Client, open_ones: list[Dialog], kari: User
) -> None:
    admins.post(address(bakeren), {"apne": "la"})

    assert is_archived(bakeren)
    assert set(Dialog.objects.values_list("responsible", flat=True)) == {kari.pk}


def test_another_clients_dialogs_are_left_alone(
    admins: Browser,
    bakeren: Client,
    rorleggeren: Client,
    make_dialog: MakeDialog,
    ola: User,
    ingrid: User,
) -> None:
    make_dialog(bakeren)
    other = make_dialog(rorleggeren, responsible=ola)

    admins.post(address(bakeren), {"apne": "gi", "til": ingrid.pk})

    other.refresh_from_db()
    assert other.responsible == ola


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_archives(
    client: Browser,
    bakeren: Client,
    kari: User,
    ola: User,
    leder: User,
    open_ones: list[Dialog],
    method: str,
) -> None:
    for user in (kari, ola, leder):
        client.force_login(user)
        ask: Callable[..., Any] = getattr(client, method)
        assert ask(address(bakeren), {"apne": "ferdig"}).status_code == 403
    assert not is_archived(bakeren)
    assert Folder.DONE not in folders()


def test_one_that_is_archived_is_not_archived_again(
    admins: Browser, bakeren: Client, open_ones: list[Dialog]
) -> None:
    admins.post(address(bakeren), {"apne": "la"})

    response = admins.post(address(bakeren), {"apne": "ferdig"})

    assert response.status_code == 302
    assert Folder.DONE not in folders()
