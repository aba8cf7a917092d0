"""Who looked at what is written down: once a day, and never among what was done."""

from datetime import datetime, timedelta

from django.test import Client as Browser

from clients.models import Client
from dialogs import actions
from dialogs.models import Dialog
from staff.models import AuditEntry, User
from tests.dialogs.conftest import MakeDialog


def looks(act: str) -> list[tuple[int | None, int | None]]:
    entries = AuditEntry.objects.filter(act=act).order_by("pk")
    return list(entries.values_list("actor", "client_id"))


def test_a_look_at_a_dialog_is_noted_once_a_day(
    kari: User, bakeren: Client, make_dialog: MakeDialog, now: datetime
) -> None:
    dialog: Dialog = make_dialog(bakeren)
    noon = now.replace(hour=11)
    for _ in range(2):
        actions.look_at(dialog, user=kari, now=noon)
    assert looks(actions.SEEN) == [(kari.pk, bakeren.pk)]

    actions.look_at(dialog, user=kari, now=noon + timedelta(days=1))
    assert looks(actions.SEEN) == [(kari.pk, bakeren.pk)] * 2


def test_a_look_in_the_panel_and_at_the_client_is_noted_for_the_client(
    karis: Browser, olas: Browser, kari: User, bakeren: Client, make_dialog: MakeDialog
) -> None:
    dialog = make_dialog(bakeren)

    for browser in (karis, olas):
        browser.get(f"/innboks/{dialog.pk}/")
        for tab in ("", "logg/", ""):
            browser.get(f"/klienter/{bakeren.pk}/{tab}")

    assert looks(actions.SEEN) == [(kari.pk, bakeren.pk)]
    assert looks("client seen") == [(kari.pk, bakeren.pk)]
    assert "så på" not in karis.get(f"/klienter/{bakeren.pk}/logg/").content.decode()


def test_the_database_knows_whose_client_an_entry_is_about(
    kari: User, bakeren: Client, make_dialog: MakeDialog, now: datetime
) -> None:
    dialog = make_dialog(bakeren)

    for about in (f"dialog {dialog.pk}", f"client {bakeren.pk}", "dialog x", "client x", "firm"):
        AuditEntry.objects.create(at=now, actor=kari, act="client changed", about=about)
    AuditEntry.objects.bulk_create(
        [AuditEntry(at=now, actor=kari, act="dialog.opened", about=f"dialog {dialog.pk}")]
    )

    found = AuditEntry.objects.order_by("pk").values_list("client_id", flat=True)
    assert list(found) == [bakeren.pk, bakeren.pk, None, None, None, bakeren.pk]
