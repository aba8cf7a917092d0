"""Opening a dialog: one press, one call, kept without its token, and what can stop it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings

from clients import connect
from clients.models import Access, SystemUser
from dialogs import tasks
from dialogs.content import opening
from dialogs.models import Dialog, OpenedBody, OpenedDialog, Opening, RefreshNeed
from staff.models import AuditEntry
from tests.dialogs.content.conftest import Open, calls, dialog_of
from tests.stand_in import Altinn


@pytest.fixture
def letter(read: SystemUser) -> Dialog:
    return dialog_of("skd-bokforingspalegg")


def fault(altinn: Altinn, operation: str = "details", **more: Any) -> None:
    altinn.post("/faults", {"operation": operation, **more})


def problem(text: str) -> str:
    return '{"title":"Oops","status":0,"errors":{"X":["' + text + '"]}}'


def test_one_press_calls_details_once(letter: Dialog, press_open: Open, altinn: Altinn) -> None:
    page = press_open(letter)

    assert page.status_code == 200
    assert calls(altinn)["details"] == 1
    assert Opening.objects.filter(dialog=letter).count() == 1
    assert AuditEntry.objects.filter(act="dialog.opened", about=f"dialog {letter.pk}").exists()
    assert RefreshNeed.objects.filter(dialog_ids__contains=[letter.pk]).exists()


def test_the_page_says_that_it_is_read_as_soon_as_it_is(
    letter: Dialog, press_open: Open, leders: Browser, altinn: Altinn
) -> None:
    Dialog.objects.filter(pk=letter.pk).update(is_unread=True, has_unopened_content=True)
    panel = leders.get(reverse("dialogs:whole", args=[letter.pk])).content.decode()
    assert "Ulest innhold" in panel
    assert "Innboks, ulest" in panel

    page = press_open(letter).content.decode()

    assert "<dd> Sett </dd>" in " ".join(page.split())
    assert "lest innhold" not in page
    assert "Innboks, ulest" not in page
    assert 'value="UNREAD"' in page  # which can be taken back
    letter.refresh_from_db()
    tasks.load_new()
    assert not Dialog.objects.get(pk=letter.pk).is_unread


def test_content_that_came_after_what_was_read_is_still_unread(
    letter: Dialog, press_open: Open
) -> None:
    later = letter.content_updated_at + timedelta(days=1)
    Dialog.objects.filter(pk=letter.pk).update(is_unread=True, content_updated_at=later)

    press_open(letter)

    letter.refresh_from_db()
    assert letter.is_unread


def test_a_text_that_was_not_given_is_still_unopened(
    letter: Dialog, press_open: Open, altinn: Altinn
) -> None:
    Dialog.objects.filter(pk=letter.pk).update(has_unopened_content=True)
    altinn.post("/faults", {"operation": "*", "contains": "/content", "status": 403})

    press_open(letter)

    letter.refresh_from_db()
    assert letter.has_unopened_content


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


def test_two_first_readers_at_once_do_not_fail(
    letter: Dialog, press_open: Open, altinn: Altinn
) -> None:
    fault(altinn, status=500, times=1)

    assert press_open(letter).status_code == 200
    assert calls(altinn)["details"] == 2


def test_an_older_reading_does_not_replace_a_newer_one(
    letter: Dialog, press_open: Open, leders: Browser
) -> None:
    press_open(letter)
    kept = opening.kept(letter)
    assert kept is not None
    marit = OpenedDialog.objects.get(pk=letter.pk).by

    opening.fresh(letter, user=marit, now=kept.at - timedelta(minutes=1))

    again = opening.kept(letter)
    assert again is not None
    assert again.at == kept.at


def test_what_an_older_key_sealed_counts_as_not_opened(
    letter: Dialog, press_open: Open, leders: Browser, settings: Settings
) -> None:
    press_open(letter)
    settings.SEALING_KEYS = ["another key altogether, with many letters in it"]

    assert opening.kept(letter) is None
    page = leders.get(reverse("dialogs:whole", args=[letter.pk]))
    assert "Ikke åpnet her ennå" in page.content.decode()


@pytest.mark.parametrize(
    ("status", "text", "headers", "said"),
    [
        (403, "Forbidden", {}, "Systemtilgangen har ikke fullmakt til å åpne denne dialogen."),
        (403, "Altinn authentication level too low.", {}, "krever høyere sikkerhetsnivå"),
        (404, "Dialog expired at 2026-01-01T00:00:00", {}, "Dialogen er utløpt"),
        (404, "Not found", {}, "Altinn finner ikke dialogen for oss."),
        (
            404,
            "Dialog is not visible until 2031-03-04T05:06:07",
            {},
            "Dialogen er ikke synlig ennå.",
        ),
        (410, "is removed", {}, "Tjenesteeieren har fjernet dialogen."),
        (503, "", {"Retry-After": "30"}, "Vent 30 sekunder"),
        (502, "", {}, "Altinn svarer ikke nå."),
        (418, "", {}, "forsto ikke hverandre"),
    ],
)
def test_what_stops_an_opening_is_said_and_nothing_is_lost(
    status: int,
    text: str,
    headers: dict[str, str],
    said: str,
    letter: Dialog,
    press_open: Open,
    altinn: Altinn,
) -> None:
    press_open(letter)
    before = opening.kept(letter)
    fault(altinn, status=status, body=problem(text), headers=headers, times=None)

    page = press_open(letter)

    assert page.status_code == 409
    assert said in page.content.decode()
    assert 'class="text"' in page.content.decode()  # what was opened before is still there
    assert opening.kept(letter) == before
    assert Opening.objects.filter(dialog=letter).count() == 1


def test_a_dialog_that_is_not_visible_yet_is_read_when_it_is(
    letter: Dialog, press_open: Open, altinn: Altinn
) -> None:
    text = problem("Dialog is not visible until 2031-03-04T05:06:07")
    fault(altinn, status=404, body=text, times=None)

    page = press_open(letter).content.decode()

    assert "4. mars 2031" in page.replace("\u00a0", " ")
    assert RefreshNeed.objects.get(dialog_ids__contains=[letter.pk]).due_at.year == 2031


def test_without_a_key_the_page_says_what_is_missing(
    letter: Dialog, press_open: Open, settings: Settings
) -> None:
    settings.MASKINPORTEN_JWK = ""
    connect._key.cache_clear()

    page = press_open(letter)

    assert page.status_code == 409
    assert "«Oppsett»" in page.content.decode()


def test_without_a_reader_the_page_says_so_and_altinn_is_not_asked(
    letter: Dialog, press_open: Open, altinn: Altinn, now: Any
) -> None:
    Access.objects.update(lost_at=now)

    page = press_open(letter)

    assert "Vi leser ikke lenger for klienten i Altinn." in page.content.decode()
    assert calls(altinn) == {}


def test_newer_content_is_told_of_and_not_fetched(
    letter: Dialog, press_open: Open, leders: Browser, altinn: Altinn
) -> None:
    press_open(letter)
    before = calls(altinn)
    later = letter.content_updated_at + timedelta(days=1)
    Dialog.objects.filter(pk=letter.pk).update(content_updated_at=later, updated_at=later)

    page = leders.get(reverse("dialogs:whole", args=[letter.pk])).content.decode()

    assert "Tjenesteeieren la inn nytt innhold" in page
    assert "Åpne på nytt" in page
    assert calls(altinn) == before
