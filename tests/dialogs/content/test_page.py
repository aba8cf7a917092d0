"""The page of one dialog: what it shows, and what it never does by itself."""

from datetime import datetime
from html import unescape
from typing import Any

from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from msgspec.structs import replace

from altinn.details import Excluded
from altinn.wire import Localization
from clients.models import Client, SystemUser
from dialogs.content import opening
from dialogs.content.language import Said, said
from dialogs.models import Dialog, DialogCopy
from staff.models import User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.content.conftest import Open, Sample, calls, dialog_of
from tests.stand_in import Altinn

NAMES = ["whole-open", "whole-body", "whole-move", "whole-why"]


def address(name: str, dialog: Dialog) -> str:
    return reverse(f"dialogs:{name}", args=[dialog.pk])


def shown(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).split())


def test_who_does_not_work_for_the_client_finds_nothing(
    read: SystemUser, olas: Browser, altinn: Altinn
) -> None:
    dialog = dialog_of("skd-bokforingspalegg")

    assert olas.get(address("whole", dialog)).status_code == 404
    for name in NAMES:
        assert olas.post(address(name, dialog)).status_code == 404
    assert calls(altinn) == {}


def test_who_is_not_logged_in_is_sent_to_log_in(read: SystemUser, altinn: Altinn) -> None:
    dialog = dialog_of("skd-bokforingspalegg")

    for name in ["whole", *NAMES]:
        response = Browser().post(address(name, dialog))
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/konto/login/")
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


def test_a_press_goes_back_to_the_list_it_came_from(read: SystemUser, leders: Browser) -> None:
    dialog = dialog_of("skd-bokforingspalegg")

    response = leders.post(address("whole-open", dialog) + "?ansvarlig=ingen")

    assert response.headers["Location"] == address("whole", dialog) + "?ansvarlig=ingen"


def test_a_dialog_altinn_no_longer_shows_keeps_what_was_opened(
    read: SystemUser, leders: Browser, press_open: Open, now: datetime
) -> None:
    dialog = dialog_of("skd-bokforingspalegg")
    press_open(dialog)
    Dialog.objects.filter(pk=dialog.pk).update(gone_at=now)

    page = leders.get(address("whole", dialog)).content.decode()

    assert "Altinn viser ikke lenger dialogen" in page
    assert 'class="text"' in page
    assert "Åpne på nytt" not in page


def test_what_answers_what_stands_together(sample: Sample, press_open: Open) -> None:
    page = shown(press_open(sample("nav-sykepenger-im-godkjent")))

    thread = page.split('<ol class="thread card">')[1]
    assert thread.index("Forespørsel om inntektsmelding") < thread.index("Inntektsmelding mottatt")
    assert page.count('<ol class="thread card">') == 3


def test_excluded_parts_are_counted_and_explained(
    sample: Sample, press_open: Open, leders: Browser, leder: User
) -> None:
    dialog = sample("unauthorized-and-expired-mix")
    assert "holdt tilbake" not in shown(press_open(dialog))
    kept = opening.kept(dialog)
    assert kept is not None
    withheld = Excluded(id=dialog.pk)
    details = replace(
        kept.details, excluded_transmissions=(withheld,), excluded_gui_actions=(withheld, withheld)
    )
    opening._keep(dialog, details, user=leder, at=timezone.now())

    page = shown(leders.get(address("whole", dialog)))

    assert "3 deler av dialogen er holdt tilbake for systemtilgangen." in page


def test_the_same_matter_and_the_clients_other_dialogs_are_shown_to_those_who_may_see_them(
    bakeren: Client,
    rorleggeren: Client,
    make_dialog: MakeDialog,
    karis: Browser,
    olas: Browser,
) -> None:
    kinds = {
        "Før": {"process": "urn:a"},
        "Etter": {"process": "urn:c", "precedingProcess": "urn:b"},
    }
    here = make_dialog(bakeren, "Her")
    for title, received in kinds.items():
        made = make_dialog(bakeren, title)
        DialogCopy.objects.filter(pk=made.pk).update(received=received)
    other = make_dialog(rorleggeren, "Hos andre")
    DialogCopy.objects.filter(pk=other.pk).update(received={"process": "urn:b"})
    received = {"process": "urn:b", "precedingProcess": "urn:a"}
    DialogCopy.objects.filter(pk=here.pk).update(received=received)

    page = shown(karis.get(address("whole", here)))

    matter = page.split('id="saken-h"')[1].split("</section>")[0]
    assert "Før" in matter
    assert "Etter" in matter
    assert "Hos andre" not in page
    assert olas.get(address("whole", here)).status_code == 404


def test_texts_come_in_norwegian_first_and_say_it_when_they_do_not() -> None:
    def texts(*codes: str) -> list[Localization]:
        return [Localization(value=f"på {code}", language_code=code) for code in codes]

    assert said(texts("en", "nn", "nb")) == Said("på nb", "nb")
    assert said(texts("en", "nn")).language == "nn"
    assert said(texts("fr", "en")).lang == "en"
    assert said(texts("fr")).lang == "fr"
    assert said(texts("nb")).lang == ""
    assert said([Localization(value=" ", language_code="nb"), *texts("en")]).text == "på en"
    assert said([Localization(value="x", language_code='"><script>')]).lang == ""
    assert not said([])
