"""The page of one dialog: what it shows, and what it never does by itself."""

from django.test import Client as Browser
from django.urls import reverse

from clients.models import SystemUser
from dialogs.models import Dialog
from tests.dialogs.content.conftest import Open, calls, dialog_of
from tests.stand_in import Altinn

NAMES = ["whole-open", "whole-body", "whole-move", "whole-why"]


def address(name: str, dialog: Dialog) -> str:
    return reverse(f"dialogs:{name}", args=[dialog.pk])


def test_who_does_not_work_for_the_client_finds_nothing(
    read: SystemUser, olas: Browser, altinn: Altinn
) -> None:
    dialog = dialog_of("skd-bokforingspalegg")

    assert olas.get(address("whole", dialog)).status_code == 404
    for name in NAMES:
        assert olas.post(address(name, dialog)).status_code == 404
    assert calls(altinn) == {}


def test_what_asks_altinn_is_asked_by_a_press_alone(
    read: SystemUser, leders: Browser, altinn: Altinn
) -> None:
    dialog = dialog_of("skd-bokforingspalegg")

    for name in NAMES:
        assert leders.get(address(name, dialog)).status_code == 405
    assert leders.get(address("whole", dialog)).status_code == 200
    assert leders.get(address("whole", dialog), headers={"HX-Request": "true"}).status_code == 200
    assert calls(altinn) == {}
    assert altinn.seen() == []


def test_an_opened_dialog_is_shown_again_without_asking(
    read: SystemUser, leders: Browser, press_open: Open, altinn: Altinn
) -> None:
    dialog = dialog_of("skd-bokforingspalegg")
    first = press_open(dialog).content.decode()
    before = calls(altinn)

    again = leders.get(address("whole", dialog)).content.decode()

    assert calls(altinn) == before
    assert "Åpnet av Marit Solberg" in again
    assert 'class="text"' in first
    assert 'class="text"' in again
