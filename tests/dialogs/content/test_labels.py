"""Moving one dialog from its page: in Altinn, for the client too, and never over another's head."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients.models import SystemUser
from dialogs.models import BulkJob, Dialog
from staff.models import AuditEntry
from tests.dialogs.content.conftest import calls, dialog_of
from tests.stand_in import Altinn

TOLD = "Klienten ser det samme i Altinn."


@pytest.fixture
def letter(read: SystemUser) -> Dialog:
    return dialog_of("skd-bokforingspalegg", altinn_folder="INBOX")


def send(browser: Browser, dialog: Dialog, act: str, *, revision: object = None) -> str:
    dialog.refresh_from_db()
    sent = {"act": act, "etiketter": str(revision or dialog.label_revision or ""), "vist": act}
    address = reverse("dialogs:whole-move", args=[dialog.pk])
    return browser.post(address, sent, follow=True).content.decode()


def labels(altinn: Altinn, dialog: Dialog) -> list[str]:
    found: list[str] = altinn.get(f"/dialogs/{dialog.pk}")["endUserContext"]["systemLabels"]
    return found


def test_a_press_moves_it_in_altinn_and_marks_nothing_as_seen(
    letter: Dialog, leders: Browser, altinn: Altinn
) -> None:
    before = leders.get(reverse("dialogs:whole", args=[letter.pk])).content.decode()
    assert TOLD in before

    page = send(leders, letter, "ARCHIVE")

    assert "Archive" in labels(altinn, letter)
    assert "Flyttet 1 til arkivet" in page
    assert "Angre" in page
    assert "details" not in calls(altinn)
    assert calls(altinn)["labels"] == 1
    assert AuditEntry.objects.filter(act="dialog.moved", about=f"dialog {letter.pk}").exists()

    send(leders, letter, "BIN")
    assert "Bin" in labels(altinn, letter)
    send(leders, letter, "INBOX")
    assert "Default" in labels(altinn, letter)


def test_it_is_marked_as_unread_again(letter: Dialog, leders: Browser, altinn: Altinn) -> None:
    Dialog.objects.filter(pk=letter.pk).update(is_unread=False)

    send(leders, letter, "UNREAD")

    assert "MarkedAsUnopened" in labels(altinn, letter)


def test_who_was_moved_past_is_asked_again(letter: Dialog, leders: Browser, altinn: Altinn) -> None:
    page = send(leders, letter, "BIN", revision=uuid4())

    assert "Dialogen er flyttet eller merket i Altinn siden siden ble vist." in page
    assert "Den ligger nå i: Innboks" in page
    assert calls(altinn) == {}
    assert not BulkJob.objects.exists()


def test_when_altinn_says_that_others_were_first_the_page_says_where_it_lies(
    letter: Dialog, leders: Browser, altinn: Altinn
) -> None:
    altinn.post(f"/dialogs/{letter.pk}", {"do": "set", "labels": ["Bin"]})
    Dialog.objects.filter(pk=letter.pk).update(label_revision=uuid4())

    page = send(leders, letter, "ARCHIVE")

    assert "Noen andre har flyttet dialogen i Altinn." in page
    assert "Bin" in labels(altinn, letter)
    letter.refresh_from_db()
    assert letter.altinn_folder == "BIN"


def test_the_same_form_sent_twice_moves_once(
    letter: Dialog, leders: Browser, altinn: Altinn
) -> None:
    revision = letter.label_revision
    send(leders, letter, "ARCHIVE", revision=revision)
    Dialog.objects.filter(pk=letter.pk).update(label_revision=revision)
    send(leders, letter, "ARCHIVE", revision=revision)

    assert calls(altinn)["labels"] == 1
    assert BulkJob.objects.count() == 1


def test_something_else_than_a_folder_is_not_moved_to(letter: Dialog, leders: Browser) -> None:
    address = reverse("dialogs:whole-move", args=[letter.pk])

    assert leders.post(address, {"act": "ASSIGN"}).status_code == 404
    assert leders.post(address, {"act": "x"}).status_code == 404


def test_a_reset_by_the_service_owner_is_noticed(letter: Dialog, leders: Browser) -> None:
    send(leders, letter, "ARCHIVE")
    page = leders.get(reverse("dialogs:whole", args=[letter.pk])).content.decode()
    assert "flyttet Altinn den fra" not in page
    moved_at = AuditEntry.objects.get(act="dialog.moved").at
    Dialog.objects.filter(pk=letter.pk).update(
        altinn_folder="INBOX", updated_at=moved_at + timedelta(seconds=1)
    )

    page = leders.get(reverse("dialogs:whole", args=[letter.pk])).content.decode()

    assert "Da flyttet Altinn den fra arkiv og tilbake til innboksen." in page
