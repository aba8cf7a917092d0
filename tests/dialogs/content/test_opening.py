"""Opening a dialog: one press, one call, kept without its token."""

import pytest

from clients.models import SystemUser
from dialogs.content import opening
from dialogs.models import Dialog, OpenedBody, OpenedDialog, Opening
from staff.models import AuditEntry
from tests.dialogs.content.conftest import Open, dialog_of
from tests.stand_in import Altinn


@pytest.fixture
def letter(read: SystemUser) -> Dialog:
    return dialog_of("skd-bokforingspalegg")


def test_one_press_calls_details_once(letter: Dialog, press_open: Open, altinn: Altinn) -> None:
    page = press_open(letter)

    assert page.status_code == 200
    assert altinn.counts()["details"] == 1
    assert Opening.objects.filter(dialog=letter).count() == 1
    assert AuditEntry.objects.filter(act="dialog.opened", about=f"dialog {letter.pk}").exists()


def test_what_was_opened_is_kept_sealed_and_without_its_token(
    letter: Dialog, press_open: Open
) -> None:
    press_open(letter)

    kept = opening.kept(letter)
    assert kept is not None
    assert kept.details.dialog_token is None
    assert kept.details.content is not None
    row = OpenedDialog.objects.get(pk=letter.pk)
    assert kept.revision == kept.details.revision == row.revision
    assert str(letter.pk).encode() not in bytes(row.sealed)
    body = OpenedBody.objects.get(dialog=letter, transmission_id=None)
    assert body.outcome == "SHOWN"
    assert b"<p>" not in bytes(body.sealed)
