"""What the command menu finds, for whom, and at what cost."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from dialogs.inbox import listing
from staff.models import User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.searches.conftest import Save

PART = {"HX-Request": "true"}


def part(browser: Browser, words: str) -> str:
    response = browser.get("/hurtigmeny/", {"q": words}, headers=PART)
    assert response.status_code == 200
    return response.content.decode()


def found(browser: Browser, words: str) -> list[tuple[str, str]]:
    """What is offered: label and address."""
    html = part(browser, words)
    options = re.findall(r'data-href="(.*?)">\s*<span class="one-line">(.*?)<', html)
    return [(unescape(label), unescape(href)) for href, label in options]


def labels(browser: Browser, words: str) -> list[str]:
    return [label for label, _ in found(browser, words)]


def test_a_client_is_found_by_name_and_number(karis: Browser, bakeren: Client) -> None:
    expected = ("Bakeren AS", f"/klienter/{bakeren.pk}/")

    for words in ("bak", "310495921", "310 495 921", "3104"):
        assert found(karis, words)[0] == expected, words
    assert expected not in found(karis, "b")


def test_a_dialog_is_found_by_words_and_reference_in_every_folder(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    dialog = make_dialog(bakeren, "Purring på skattemelding", reference="AR-77", folder="ARCHIVE")

    for words in ("purring", "skattemel", "AR-77"):
        assert ("Purring på skattemelding", f"/innboks/{dialog.pk}/") in found(karis, words), words
    assert "Bakeren AS · Skatteetaten · Arkiv" in part(karis, "purring")


def test_no_more_than_a_few_dialogs_are_listed(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    for number in range(10):
        make_dialog(bakeren, f"Brev {number}")

    assert len(labels(karis, "brev")) == 8


def test_a_colleague_finds_nothing_of_a_client_they_may_not_see(
    olas: Browser,
    kari: User,
    bakeren: Client,
    rorleggeren: Client,
    make_dialog: MakeDialog,
    save: Save,
) -> None:
    dialog = make_dialog(bakeren, "Karis brev", reference="AR-1", sender="Skatteetaten")
    make_dialog(rorleggeren, "Olas brev")
    save(kari, "Karis søk på brev")

    assert labels(olas, "brev") == ["Olas brev"]
    for words in ("Bakeren", "310495921", "AR-1", "Karis", str(dialog.pk)):
        html = part(olas, words)
        assert "Bakeren" not in html, words
        assert "Karis" not in html, words


def test_saved_searches_are_found_ready_made_ones_too(
    karis: Browser, kari: User, leder: User, save: Save
) -> None:
    save(kari, "Karis over frist")
    save(leder, "Alles over frist", visibility="ALL")

    assert labels(karis, "over fri") == ["Karis over frist", "Alles over frist", "Over frist"]
    assert labels(karis, "enkelttaster") == ["Profil"]


def test_at_first_it_offers_searches_and_settings_and_asks_for_no_dialogs(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, "Brev")

    with CaptureQueriesContext(connection) as queries:
        offered = labels(karis, "")
    assert "Over frist" in offered
    assert "Profil" in offered
    assert "Bakeren AS" not in offered
    assert not [one for one in queries if "dialogs_dialogcopy" in one["sql"]]


def test_what_nothing_matches_is_said_in_words(karis: Browser) -> None:
    assert labels(karis, "finnes ikke") == []
    html = karis.get("/hurtigmeny/", {"q": "finnes ikke"}).content.decode()
    assert "Ingen treff for «finnes ikke»." in html


def test_dialogs_that_take_too_long_leave_the_rest(
    karis: Browser, bakeren: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "run", lambda *_args, **_options: None)

    html = part(karis, "bakeren")

    assert "Bakeren AS" in html
    assert "Dialogene tok for lang tid å finne." in html


def test_odd_input_breaks_nothing(karis: Browser) -> None:
    for words in ("\x00", "'; --", "%", "<b>", "a" * 500, "🙂", "(", "\\"):
        assert "<b>" not in part(karis, words)


def test_without_javascript_it_is_a_page_of_links(karis: Browser, bakeren: Client) -> None:
    html = karis.get("/hurtigmeny/", {"q": "bakeren"}).content.decode()

    assert f'href="/klienter/{bakeren.pk}/">Bakeren AS</a>' in html
    assert "<title>Hurtigmeny" in html


def test_the_number_of_statements_does_not_grow_with_what_is_found(
    karis: Browser, kari: User, bakeren: Client, make_dialog: MakeDialog, save: Save
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            part(karis, "brev")
        return len(queries)

    make_dialog(bakeren, "Brev")
    save(kari, "Brev")
    few = statements()
    for _ in range(5):
        make_dialog(bakeren, "Brev")
        save(kari, "Brev")
    assert statements() == few <= 8
