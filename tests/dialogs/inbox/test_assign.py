"""Who is responsible: taking, giving away, and two people at once."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client as Browser

from clients.models import Client
from dialogs import live
from dialogs.models import Dialog
from staff.models import AuditEntry, User
from tests.dialogs.conftest import MakeDialog

Told = list[list[Any]]


@pytest.fixture
def dialog(bakeren: Client, make_dialog: MakeDialog) -> Dialog:
    return make_dialog(bakeren, "Mva-melding", due_in=3)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What open pages were told."""
    messages: Told = []
    monkeypatch.setattr(live, "_publish", messages.extend)
    return messages


def flat(response: Any) -> str:
    """The page with every run of white space as one space."""
    return " ".join(response.content.decode().split())


def assign(
    browser: Browser, dialog: Dialog, to: User | None, *, version: int = 0, **more: Any
) -> Any:
    return browser.post(
        f"/innboks/{dialog.pk}/ansvarlig/?mappe=alle",
        {"responsible": to.pk if to else "", "work_version": version}
        | {name: value for name, value in more.items() if name != "headers"},
        headers=more.get("headers"),
    )


def test_taking_a_dialog_is_written_down_and_told(
    karis: Browser,
    kari: User,
    dialog: Dialog,
    told: Told,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = assign(karis, dialog, kari)

    dialog.refresh_from_db()
    assert dialog.responsible == kari
    assert dialog.work_version == 1
    assert response.headers["Location"] == f"/innboks/{dialog.pk}/?mappe=alle"
    entry = AuditEntry.objects.get(act="dialog.assigned")
    assert (entry.actor, entry.about) == (kari, f"dialog {dialog.pk}")
    assert entry.detail["before"]["responsible"] is None
    assert entry.detail["after"]["responsible"] == kari.pk
    assert told == [[str(dialog.pk), dialog.client_id, False]]


def test_taking_it_from_the_row_leads_back_to_the_list(
    karis: Browser, kari: User, dialog: Dialog
) -> None:
    assert assign(karis, dialog, kari, fra="rad").headers["Location"] == "/innboks/?mappe=alle"


def test_it_can_be_given_back_to_nobody(karis: Browser, kari: User, dialog: Dialog) -> None:
    assign(karis, dialog, kari)
    assign(karis, dialog, None, version=1)

    dialog.refresh_from_db()
    assert dialog.responsible is None
    assert dialog.work_version == 2


def test_only_colleagues_who_may_see_the_client_can_be_chosen(
    karis: Browser, ola: User, leder: User, bakeren: Client, dialog: Dialog
) -> None:
    page = karis.get(f"/innboks/{dialog.pk}/").content.decode()
    offered = page[page.index('id="tildel"') :]
    assert "Marit Solberg" in offered
    assert "Ola Berg" not in offered

    refused = assign(karis, dialog, ola)
    assert refused.status_code == 409
    assert "kan ikke se denne dialogen" in refused.content.decode()
    dialog.refresh_from_db()
    assert dialog.responsible is None

    bakeren.members.add(ola)
    assign(karis, dialog, ola)
    dialog.refresh_from_db()
    assert dialog.responsible == ola


def test_somebody_who_left_cannot_be_chosen(karis: Browser, leder: User, dialog: Dialog) -> None:
    leder.is_active = False
    leder.save()

    assert assign(karis, dialog, leder).status_code == 409


def test_a_stranger_to_the_client_finds_nothing_to_take(
    olas: Browser, ola: User, dialog: Dialog
) -> None:
    assert assign(olas, dialog, ola).status_code == 404
    assert olas.get(f"/innboks/{dialog.pk}/").status_code == 404
    panel = {"HX-Request": "true", "HX-Target": "panel"}
    assert olas.get(f"/innboks/{dialog.pk}/", headers=panel).status_code == 404
    assert olas.get(f"/innboks/nytt/?id={dialog.pk}").json()["treff"] == []
    dialog.refresh_from_db()
    assert dialog.responsible is None
    assert not AuditEntry.objects.filter(act="dialog.assigned").exists()


def test_who_comes_second_is_told_who_was_first_and_nothing_is_lost(
    karis: Browser, kari: User, leder: User, logged_in: Callable[[User], Browser], dialog: Dialog
) -> None:
    assign(logged_in(leder), dialog, leder)

    response = assign(karis, dialog, kari)

    html = flat(response)
    assert response.status_code == 409
    assert "Marit Solberg endret ansvarlig kl." in html
    assert "Nå er Marit Solberg ansvarlig." in html
    assert f'value="{kari.pk}" selected' in html  # the choice stands
    assert 'name="work_version" value="1"' in html  # and can be saved on purpose
    dialog.refresh_from_db()
    assert dialog.responsible == leder

    assign(karis, dialog, kari, version=1)
    dialog.refresh_from_db()
    assert dialog.responsible == kari


def test_two_who_mean_the_same_are_not_troubled(karis: Browser, kari: User, dialog: Dialog) -> None:
    assign(karis, dialog, kari)

    assert assign(karis, dialog, kari).status_code == 302
    assert AuditEntry.objects.filter(act="dialog.assigned").count() == 1


def test_htmx_gets_just_the_parts_it_shows(karis: Browser, kari: User, dialog: Dialog) -> None:
    headers = {"HX-Request": "true"}

    row = assign(karis, dialog, kari, vis="ansvarlig", headers=headers)
    html = flat(row)
    assert f'<div id="ansvarlig-{dialog.pk}" hx-swap-oob="true"' in html
    assert 'id="panel"' not in html
    assert json.loads(row.headers["HX-Trigger"])["si"]["tekst"] == "Ansvarlig er Kari Hansen."

    both = assign(karis, dialog, None, version=1, vis="ansvarlig panel", headers=headers)
    assert 'id="panel"' in flat(both)
    assert "Ufordelt" in flat(both)


def test_a_stale_htmx_answer_says_so_where_it_is_seen(
    karis: Browser, kari: User, leder: User, logged_in: Callable[[User], Browser], dialog: Dialog
) -> None:
    assign(logged_in(leder), dialog, leder)

    response = assign(karis, dialog, kari, vis="ansvarlig", headers={"HX-Request": "true"})

    assert response.status_code == 409
    assert "Marit Solberg endret ansvarlig" in response.content.decode()


@pytest.mark.parametrize("version", ["", "abc", "-1", "99999999999999999999"])
def test_a_senseless_version_changes_nothing(
    karis: Browser, kari: User, dialog: Dialog, version: str
) -> None:
    response = karis.post(
        f"/innboks/{dialog.pk}/ansvarlig/", {"responsible": kari.pk, "work_version": version}
    )

    assert response.status_code == 409
    dialog.refresh_from_db()
    assert dialog.responsible is None


def test_nothing_is_changed_by_looking(karis: Browser, dialog: Dialog) -> None:
    assert karis.get(f"/innboks/{dialog.pk}/ansvarlig/").status_code == 405
    assert karis.get(f"/innboks/{uuid4()}/").status_code == 404


def test_the_panel_shows_what_search_gave_and_links_to_altinn(
    karis: Browser, dialog: Dialog
) -> None:
    html = flat(karis.get(f"/innboks/{dialog.pk}/"))

    form = f'action="/innboks/{dialog.pk}/apne/" target="_blank" rel="noopener"'
    assert f'<form method="post" {form}>' in html
    assert "Åpning vises som sett i Altinn, også for klienten." in html


def test_the_signature_follows_what_one_may_see(
    karis: Browser, olas: Browser, dialog: Dialog, bakeren: Client, make_dialog: MakeDialog
) -> None:
    def signature(browser: Browser) -> str:
        return str(browser.get("/innboks/nytt/").json()["siden"])

    before = signature(karis), signature(olas)
    new = make_dialog(bakeren)

    assert signature(karis) != before[0]
    assert signature(olas) == before[1]
    news = karis.get(f"/innboks/nytt/?id={new.pk}&id={dialog.pk}&id=tull&frist=har").json()
    assert news["treff"] == [str(dialog.pk)]
