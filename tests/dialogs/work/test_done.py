"""Done, taken up again, reopened by the authority, pinned, followed, ticked off."""

from datetime import datetime, timedelta

import pytest
from django.test import Client as Browser

from clients.models import Client
from dialogs.models import ChecklistStep, ChecklistTick, Dialog, DialogCopy, Follower, PinRule
from staff.models import User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.work.conftest import Post, flat, panel


@pytest.fixture
def steps(dialog: Dialog) -> list[ChecklistStep]:
    texts = ["Stem av mot regnskapet", "Be om bilag"]
    return [
        ChecklistStep.objects.create(service=dialog.service, text=text, position=number)
        for number, text in enumerate(texts)
    ]


def test_done_is_done_and_can_be_taken_up_again(karis: Browser, dialog: Dialog, post: Post) -> None:
    assert post(karis, "ferdig").status_code == 302
    assert dialog.folder == "DONE"
    html = panel(karis, dialog)
    assert "Kari Hansen merket dialogen som ferdig i dag kl." in html
    assert "Merk som ferdig" not in html

    post(karis, "gjenoppta")
    assert dialog.folder == "INBOX"
    assert "Merk som ferdig" in panel(karis, dialog)


def test_being_done_twice_is_being_done_once(karis: Browser, dialog: Dialog, post: Post) -> None:
    post(karis, "ferdig")

    assert post(karis, "ferdig", work_version=0).status_code == 302
    assert dialog.work_version == 1


def test_open_steps_are_asked_about_and_never_stop_silently(
    karis: Browser, dialog: Dialog, post: Post, steps: list[ChecklistStep]
) -> None:
    post(karis, "sjekkliste", punkt=steps[0].pk, gjort="ja")

    asked = post(karis, "ferdig", htmx=True)

    assert asked.status_code == 409
    html = flat(asked)
    assert "1 punkt i sjekklisten står igjen: Be om bilag." in html
    assert "Merk som ferdig likevel" in html
    assert dialog.done_at is None
    assert post(karis, "ferdig").status_code == 409  # without JavaScript too

    assert post(karis, "ferdig", likevel="ja").status_code == 302
    assert dialog.done_at is not None


def test_a_finished_checklist_asks_nothing(
    karis: Browser, now: datetime, dialog: Dialog, post: Post, steps: list[ChecklistStep]
) -> None:
    for step in steps:
        post(karis, "sjekkliste", punkt=step.pk, gjort="ja")
    ChecklistStep.objects.create(
        service=dialog.service, text="Ikke lenger i bruk", position=9, retired_at=now
    )

    assert post(karis, "ferdig").status_code == 302
    assert dialog.done_at is not None


def test_a_step_is_ticked_by_somebody_and_unticked(
    karis: Browser, kari: User, dialog: Dialog, post: Post, steps: list[ChecklistStep]
) -> None:
    post(karis, "sjekkliste", punkt=steps[0].pk, gjort="ja")
    post(karis, "sjekkliste", punkt=steps[0].pk, gjort="ja")

    assert ChecklistTick.objects.get().by == kari
    html = panel(karis, dialog)
    assert "1 av 2 gjort" in html
    assert 'aria-checked="true">Stem av mot regnskapet' in html
    assert 'aria-checked="false">Be om bilag' in html

    post(karis, "sjekkliste", punkt=steps[0].pk, gjort="nei")
    assert not ChecklistTick.objects.exists()


def test_ticks_belong_to_one_dialog(
    karis: Browser,
    bakeren: Client,
    dialog: Dialog,
    post: Post,
    steps: list[ChecklistStep],
    make_dialog: MakeDialog,
) -> None:
    post(karis, "sjekkliste", punkt=steps[0].pk, gjort="ja")

    assert "0 av 2 gjort" in panel(karis, make_dialog(bakeren))
    assert "Sjekkliste" not in panel(karis, make_dialog(bakeren, owner="nav"))


@pytest.mark.parametrize("key", ["", "abc", "-1", "9" * 30, "0"])
def test_a_step_of_something_else_is_not_found(
    karis: Browser, dialog: Dialog, post: Post, steps: list[ChecklistStep], key: str
) -> None:
    assert post(karis, "sjekkliste", punkt=key, gjort="ja").status_code == 404
    assert not ChecklistTick.objects.exists()


def test_a_step_of_another_service_is_not_found(
    karis: Browser, bakeren: Client, dialog: Dialog, post: Post, make_dialog: MakeDialog
) -> None:
    other = make_dialog(bakeren, owner="nav").service
    step = ChecklistStep.objects.create(service=other, text="Noe annet", position=1)

    assert post(karis, "sjekkliste", punkt=step.pk, gjort="ja").status_code == 404
    assert not ChecklistTick.objects.exists()


def test_a_retired_step_is_shown_only_where_it_was_ticked(
    karis: Browser,
    now: datetime,
    bakeren: Client,
    dialog: Dialog,
    post: Post,
    steps: list[ChecklistStep],
    make_dialog: MakeDialog,
) -> None:
    post(karis, "sjekkliste", punkt=steps[0].pk, gjort="ja")
    ChecklistStep.objects.filter(pk=steps[0].pk).update(retired_at=now)

    assert "Stem av mot regnskapet" in panel(karis, dialog)
    assert "Stem av mot regnskapet" not in panel(karis, make_dialog(bakeren))


def test_what_the_authority_changed_since_is_shown_until_somebody_has_seen_it(
    karis: Browser, now: datetime, dialog: Dialog, post: Post
) -> None:
    post(karis, "ferdig")
    Dialog.objects.update(
        done_at=None,
        reopened_at=now,
        status="InProgress",
        attachment_count=3,
        due_at=now + timedelta(days=3),
        binding_at=now + timedelta(days=3),
    )
    DialogCopy.objects.update(title="Ny mva-melding", summary="Noe nytt")

    html = panel(karis, dialog)
    assert "Gjenåpnet av tjenesteeieren" in html
    assert "Endret siden Kari Hansen var ferdig i dag kl." in html
    assert "Status: Under arbeid (var Krever handling)" in html
    assert "Vedlegg: 3 (var 0)" in html
    assert "Ny tittel. Den var «Mva-melding»." in html
    assert "Sammendraget er endret." in html
    assert html.count("<li>Frist: ") == 1

    post(karis, "endringer-sett")
    assert dialog.reopened_at is None
    assert "Gjenåpnet av tjenesteeieren" not in panel(karis, dialog)


def test_what_comes_back_from_snooze_or_the_archive_says_so_without_a_comparison(
    karis: Browser, now: datetime, dialog: Dialog
) -> None:
    Dialog.objects.update(reopened_at=now)

    html = panel(karis, dialog)

    assert "Tjenesteeieren endret dialogen i dag kl." in html
    assert "Endret siden" not in html


def test_a_pin_says_why_and_can_be_taken_away(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, post: Post, dialog: Dialog
) -> None:
    rule = PinRule.objects.create(why="Tvangsmulkt", words="tvangsmulkt, mulkt")
    Dialog.objects.update(pin=rule)

    html = panel(karis, dialog)
    assert "Haster: Tvangsmulkt" in html
    assert "En regel ser etter «tvangsmulkt, mulkt»." in html

    post(karis, "haster-ikke")
    assert dialog.pin is None
    assert "Haster" not in panel(karis, dialog)


def test_a_pin_that_no_longer_counts_is_not_shown(karis: Browser, dialog: Dialog) -> None:
    rule = PinRule.objects.create(why="Tvangsmulkt", words="tvangsmulkt")
    Dialog.objects.update(pin=rule, status="Completed")

    assert "Haster" not in panel(karis, dialog)


def test_following_is_ones_own(
    karis: Browser, kari: User, leder: User, now: datetime, dialog: Dialog, post: Post
) -> None:
    Follower.objects.create(dialog=dialog, user=leder, since_at=now)
    assert "Marit Solberg" in panel(karis, dialog)

    post(karis, "folg", folg="ja")
    post(karis, "folg", folg="ja")
    assert Follower.objects.filter(user=kari).count() == 1
    html = panel(karis, dialog)
    assert "Marit Solberg, Kari Hansen" in html
    assert "Slutt å følge" in html

    post(karis, "folg", folg="nei")
    assert [one.user for one in Follower.objects.all()] == [leder]
    assert dialog.work_version == 0
