"""«Hvorfor?»: what is missing, what we have, who can give it; and nothing is marked as seen."""

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients.models import Access, SystemUser
from dialogs.models import Dialog
from tests.dialogs.content.conftest import calls, dialog_of
from tests.stand_in import Altinn


@pytest.fixture
def letter(read: SystemUser) -> Dialog:
    return dialog_of("skd-bokforingspalegg")


def ask(browser: Browser, dialog: Dialog, **sent: str) -> str:
    address = reverse("dialogs:whole-why", args=[dialog.pk])
    return browser.post(address, sent).content.decode()


def test_it_names_the_ways_to_access_and_who_can_give_them(
    letter: Dialog, leders: Browser, altinn: Altinn
) -> None:
    page = ask(leders, letter)

    assert f"mangler fullmakt til «{letter.service}» for denne delen" in page
    assert "Ett av disse gir tilgang: «Regnskapsfører med signeringsrettighet»." in page
    assert "tilgangspakken «Regnskapsfører med signeringsrettighet»" in page
    assert f"tilgangsstyrer hos {letter.client.name} kan gi fullmakten" in page
    assert "details" not in calls(altinn)
    assert altinn.seen() == []


def test_a_part_with_a_service_of_its_own_names_that(letter: Dialog, leders: Browser) -> None:
    other = dialog_of("skd-motregning").service

    page = ask(leders, letter, krav=other.urn)

    assert f"mangler fullmakt til «{other}» for denne delen" in page


def test_a_step_of_a_form_is_named(letter: Dialog, leders: Browser) -> None:
    page = ask(leders, letter, krav="urn:altinn:task:Task_1")

    assert "fullmakt til steget «Task_1» i skjemaet" in page


def test_what_is_sent_in_is_shown_as_text_alone(letter: Dialog, leders: Browser) -> None:
    page = ask(leders, letter, krav="urn:altinn:task:<script>alert(1)</script>")

    assert "<script>alert" not in page


def test_a_level_no_system_user_reaches_is_said(
    letter: Dialog, leders: Browser, altinn: Altinn
) -> None:
    body = '{"title":"x","errors":{"Forbidden":["Altinn authentication level too low."]}}'
    altinn.post("/faults", {"operation": "lookup", "status": 403, "body": body, "times": None})

    page = ask(leders, letter)

    assert "krever sikkerhetsnivå 4. En systemtilgang har alltid 3." in page
    assert "en person må åpne dialogen i Altinn" in page


def test_no_right_at_all_is_said(letter: Dialog, leders: Browser, altinn: Altinn) -> None:
    altinn.post("/faults", {"operation": "lookup", "status": 403, "times": None})

    assert "Altinn viser ingen fullmakt som gir oss dialogen." in ask(leders, letter)


def test_when_altinn_does_not_answer_the_page_says_so(
    letter: Dialog, leders: Browser, altinn: Altinn
) -> None:
    altinn.post("/faults", {"operation": "lookup", "status": 503, "times": None})

    assert "Altinn svarer ikke nå." in ask(leders, letter)


def test_without_a_reader_altinn_is_not_asked(
    letter: Dialog, leders: Browser, altinn: Altinn, now: Any
) -> None:
    Access.objects.update(lost_at=now)

    assert "Ingen systemtilgang leser for klienten lenger." in ask(leders, letter)
    assert calls(altinn) == {}
