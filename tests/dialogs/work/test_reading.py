"""Four facts kept apart: read by me, opened by us, seen in Altinn, unopened content."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from dialogs import actions
from dialogs.models import ChecklistStep, Dialog, Opening, PinRule, ReadMark
from staff.models import AuditEntry, User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.work.conftest import IN_PANEL, Post, flat, panel
from tests.stand_in import Altinn


def test_showing_the_panel_is_reading_it(
    karis: Browser, kari: User, dialog: Dialog, now: datetime
) -> None:
    assert "<dt>Lest av deg</dt><dd>ikke før nå</dd>" in panel(karis, dialog)
    assert ReadMark.objects.get().user == kari

    ReadMark.objects.update(read_at=now - timedelta(days=40))
    assert "<dt>Lest av deg</dt><dd>i " not in panel(karis, dialog)
    assert ReadMark.objects.get().read_at >= now


def test_the_whole_page_is_reading_it_too(karis: Browser, kari: User, dialog: Dialog) -> None:
    karis.get(f"/innboks/{dialog.pk}/")

    assert ReadMark.objects.get(dialog=dialog).user == kari


def test_looking_at_the_list_is_not_reading(karis: Browser, dialog: Dialog) -> None:
    karis.get("/innboks/")

    assert not ReadMark.objects.exists()


@pytest.mark.parametrize("headers", [{}, IN_PANEL])
def test_a_head_request_is_nobody_reading(
    karis: Browser, dialog: Dialog, headers: dict[str, str]
) -> None:
    assert karis.head(f"/innboks/{dialog.pk}/", headers=headers).status_code == 200
    assert not ReadMark.objects.exists()


def test_fetching_in_advance_is_nobody_reading(karis: Browser, dialog: Dialog) -> None:
    karis.get(f"/innboks/{dialog.pk}/", headers={"Sec-Purpose": "prefetch"})

    assert not ReadMark.objects.exists()


def test_who_of_us_opened_it_is_noted_before_they_are_sent_to_altinn(
    karis: Browser, kari: User, dialog: Dialog, post: Post
) -> None:
    answer = post(karis, "apne")

    assert answer.status_code == 200
    there = f"https://af.altinn.no/inbox/{dialog.pk}"
    assert answer.headers["Refresh"] == f"0; url={there}"
    assert f'href="{there}"' in flat(answer)
    assert (Opening.objects.get().user, Opening.objects.get().dialog) == (kari, dialog)
    assert AuditEntry.objects.get().act == actions.OPENED
    assert '<dd> <span class="line">Kari Hansen i dag kl.' in panel(karis, dialog)


def test_opening_is_a_form_in_a_new_tab_and_says_what_it_does(
    karis: Browser, dialog: Dialog
) -> None:
    html = panel(karis, dialog)

    form = f'action="/innboks/{dialog.pk}/apne/" target="_blank" rel="noopener"'
    assert f'<form method="post" {form}>' in html
    assert "Åpning vises som sett i Altinn, også for klienten." in html
    assert f'href="https://af.altinn.no/inbox/{dialog.pk}"' not in html


def test_what_is_gone_from_altinn_is_not_opened_there(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    assert "Åpne i Altinn" not in panel(karis, make_dialog(bakeren, folder="GONE"))


@pytest.mark.parametrize(
    ("is_unread", "has_unopened", "words"),
    [(True, True, "Ulest"), (False, False, "Sett"), (False, True, "Sett")],
)
def test_altinns_own_marks_are_shown_as_altinns(
    karis: Browser,
    bakeren: Client,
    make_dialog: MakeDialog,
    is_unread: bool,  # noqa: FBT001 (a parameter of the table)
    has_unopened: bool,  # noqa: FBT001
    words: str,
) -> None:
    dialog = make_dialog(bakeren, is_unread=is_unread, has_unopened_content=has_unopened)
    panel(karis, dialog)

    html = panel(karis, dialog)

    assert f"<dt>I Altinn</dt> <dd> {words} </dd>" in html
    assert ("Ulest innhold" in html) == has_unopened
    dialog.refresh_from_db()
    assert dialog.is_unread == is_unread


def test_neither_the_panel_nor_the_work_asks_altinn_for_anything(
    altinn: Altinn, karis: Browser, kari: User, dialog: Dialog, post: Post
) -> None:
    panel(karis, dialog)
    post(karis, "ansvarlig", responsible=kari.pk)
    post(karis, "apne")
    post(karis, "ferdig")

    assert sum(altinn.counts().values()) == 0


def test_a_panel_costs_at_most_twelve_statements_whatever_is_in_it(
    karis: Browser,
    kari: User,
    leder: User,
    now: datetime,
    bakeren: Client,
    make_dialog: MakeDialog,
) -> None:
    rule = PinRule.objects.create(why="Tvangsmulkt", words="tvangsmulkt", appeal_days=21)
    empty, full = make_dialog(bakeren), make_dialog(bakeren, pin=rule, responsible=leder)
    for number in range(5):
        ChecklistStep.objects.create(service=full.service, text="Noe", position=number)
    for number in range(30):
        User.objects.create_user(f"{number}@firmaet.invalid", sees_all_clients=True)
        decision = actions.Decision(kari, now, number)
        full.refresh_from_db()
        actions.assign_dialog(full, [kari, leder][number % 2], decision)
    for user in User.objects.all():
        actions.follow(full, user=user, now=now)
        actions.note_opening(full, user=user, now=now)

    def statements(dialog: Dialog) -> int:
        with CaptureQueriesContext(connection) as captured:
            panel(karis, dialog)
        return len(captured)

    assert statements(full) <= 12
    assert statements(full) == statements(empty)


def test_the_last_ten_things_done_are_told_in_words(
    karis: Browser, kari: User, leder: User, dialog: Dialog, post: Post
) -> None:
    post(karis, "ansvarlig", responsible=leder.pk)
    post(karis, "ansvarlig", responsible=kari.pk)
    post(karis, "ansvarlig")
    post(karis, "ferdig")
    post(karis, "gjenoppta")

    html = panel(karis, dialog)

    assert "Kari Hansen tildelte Marit Solberg." in html
    assert "Kari Hansen tok saken." in html
    assert "Kari Hansen gjorde dialogen ufordelt." in html
    assert "Kari Hansen merket dialogen som ferdig." in html
    assert "Kari Hansen tok dialogen opp igjen." in html
    told = html[html.index("Historikk") :]
    assert told.index("opp igjen") < told.index("tildelte")
    for _ in range(6):
        post(karis, "ferdig")
        post(karis, "gjenoppta")
    told = panel(karis, dialog).partition("Historikk")[2]
    assert told.count("<li>") == 10


def test_an_act_nobody_has_words_for_is_told_all_the_same(
    karis: Browser, kari: User, dialog: Dialog, now: datetime
) -> None:
    AuditEntry.objects.create(at=now, actor=kari, act="dialog.noe", about=f"dialog {dialog.pk}")
    AuditEntry.objects.create(at=now, actor=None, act="dialog.noe", about=f"dialog {dialog.pk}")

    html = panel(karis, dialog)

    assert "Kari Hansen endret dialogen." in html
    assert "Portalen endret dialogen." in html


def test_the_history_of_another_dialog_is_not_told(
    karis: Browser, bakeren: Client, dialog: Dialog, post: Post, make_dialog: MakeDialog
) -> None:
    post(karis, "ferdig")

    assert "Ingen har gjort noe med dialogen her ennå." in panel(karis, make_dialog(bakeren))
