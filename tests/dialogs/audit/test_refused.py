"""Who tried what is not theirs is written down; who lost their way is not."""

from uuid import uuid4

from django.test import Client as Browser

from clients.models import Client
from staff.models import AuditEntry, User
from tests.dialogs.conftest import MakeDialog


def refused() -> list[tuple[int | None, int | None, str, str]]:
    entries = AuditEntry.objects.filter(act="access refused").order_by("pk")
    return [(one.actor_id, one.client_id, one.about, one.detail["path"]) for one in entries]


def test_a_client_one_may_not_see_is_noted(olas: Browser, ola: User, bakeren: Client) -> None:
    path = f"/klienter/{bakeren.pk}/"
    for _ in range(2):  # at once: the same try
        assert olas.get(path).status_code == 404

    assert refused() == [(ola.pk, bakeren.pk, f"try for client {bakeren.pk}", path)]


def test_a_dialog_one_may_not_see_is_noted(
    olas: Browser, ola: User, bakeren: Client, make_dialog: MakeDialog
) -> None:
    dialog = make_dialog(bakeren)

    assert olas.get(f"/innboks/{dialog.pk}/dialog/").status_code == 404

    assert refused() == [
        (ola.pk, bakeren.pk, f"try for dialog {dialog.pk}", f"/innboks/{dialog.pk}/dialog/")
    ]


def test_a_page_of_administrators_is_noted(karis: Browser, kari: User) -> None:
    assert karis.get("/systembrukere/").status_code == 403

    assert refused() == [(kari.pk, None, "page", "/systembrukere/")]


def test_what_is_not_there_is_nobodys(karis: Browser, bakeren: Client) -> None:
    for path in ("/klienter/999999999/", f"/innboks/{uuid4()}/dialog/", "/nowhere/"):
        assert karis.get(path).status_code == 404
    assert karis.get(f"/klienter/{bakeren.pk}/").status_code == 200
    assert Browser().get(f"/klienter/{bakeren.pk}/").status_code == 302

    assert refused() == []
