"""The keyboard in a real browser: what keys do, when they must not, and how few are needed."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, expect

from clients.models import Client
from dialogs.models import BulkJob, Dialog, Note
from dialogs.working_days import working_days_before
from staff.models import User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.searches.conftest import Save
from tests.processes import ROOT, Processes
from tests.stand_in import wait_until

CLOSE = "Lukk panelet, eller fjern utvalget"


class Hands:
    """Somebody at the keyboard. Counts the keys that are not text typed into a field."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys: list[str] = []

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys.append(key)
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        assert self.page.evaluate("document.activeElement.matches('input, textarea, select')")
        self.page.keyboard.type(text)


@pytest.fixture
def hands(page: Page) -> Hands:
    return Hands(page)


def show(page: Page, portal: Processes, browser: Browser, address: str = "/innboks/") -> None:
    """Show a page to somebody who is logged in already."""
    name = settings.SESSION_COOKIE_NAME
    value = browser.cookies[name].value
    page.context.add_cookies([{"name": name, "value": value, "url": portal.url}])
    page.goto(portal.url + address)
    page.wait_for_function("document.readyState === 'complete'")


def title(page: Page, dialog: Dialog) -> Locator:
    return page.locator(f"#a-{dialog.pk}")


def helped(page: Page) -> set[str]:
    """What the help sheet lists."""
    return set(page.locator("#hurtigtaster tbody th[scope=row]").all_inner_texts())


def test_every_key_has_its_words() -> None:
    table = Path(ROOT / "static/keys.js").read_text("utf-8")
    words = Path(ROOT / "templates/includes/shortcuts.html").read_text("utf-8")
    used = set(re.findall(r'(?:does: |word\(|go\()"([\w-]+)"', table))
    assert len(used) > 25
    assert used - set(re.findall(r'data-does="([\w-]+)"', words)) == set()


@pytest.mark.browser
def test_a_dialog_is_found_assigned_dated_noted_and_put_aside_by_six_keys(
    hands: Hands,
    portal: Processes,
    karis: Browser,
    ola: User,
    bakeren: Client,
    make_dialog: MakeDialog,
) -> None:
    bakeren.members.add(ola)
    for number in range(5):
        make_dialog(bakeren, f"Mva-melding {number}", due_in=1)
    dialog = make_dialog(bakeren, "Purring på skattemelding", due_in=30)
    show(hands.page, portal, karis)

    hands.press("s")
    hands.type("purring")
    hands.press("Enter")
    expect(title(hands.page, dialog)).to_be_focused()
    hands.press("t")
    expect(hands.page.locator("#tildel-boks [role=combobox]")).to_be_focused()
    hands.type("ola, ring kunden om bilagene")
    hands.press("Tab")
    hands.type("3")
    hands.press("Tab")
    hands.type("neste")
    hands.press("Enter")

    wait_until(lambda: Dialog.objects.filter(pk=dialog.pk, responsible=ola).exists())
    dialog.refresh_from_db()
    assert dialog.due_at
    assert dialog.internal_due_on == working_days_before(timezone.localdate(dialog.due_at), 3)
    assert dialog.snoozed_until_on is not None
    assert Note.objects.get(dialog=dialog).text == "ring kunden om bilagene"
    assert len(hands.keys) <= 6, hands.keys


@pytest.mark.browser
def test_each_act_has_a_key_of_its_own_too(
    hands: Hands,
    portal: Processes,
    karis: Browser,
    kari: User,
    bakeren: Client,
    make_dialog: MakeDialog,
) -> None:
    dialog = make_dialog(bakeren, "Purring", due_in=30)
    page = hands.page
    show(page, portal, karis)

    hands.press("j", "i")
    wait_until(lambda: Dialog.objects.filter(pk=dialog.pk, responsible=kari).exists())
    hands.press("n")
    expect(page.locator("#notat-tekst")).to_be_focused()
    hands.type("Ringt, venter svar")
    hands.press("Control+Enter")
    note = wait_until(Note.objects.filter(dialog=dialog, text="Ringt, venter svar").first)
    expect(page.locator(f"#notat-{note.pk}")).to_be_focused()
    hands.press("f")
    expect(page.locator("#intern-frist-boks")).to_be_visible()
    hands.press("1")
    expect(page.locator("#intern-frist-boks")).to_be_hidden()
    wait_until(Dialog.objects.filter(pk=dialog.pk, internal_due_on__isnull=False).exists)
    hands.press("h")
    expect(page.locator("#utsett-boks")).to_be_visible()
    hands.press("1")
    wait_until(Dialog.objects.filter(pk=dialog.pk, folder="SNOOZED").exists)


@pytest.mark.browser
def test_keys_walk_the_list_and_never_act_while_somebody_types(
    hands: Hands, portal: Processes, karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    first, second = (make_dialog(bakeren, f"Brev {n}", due_in=n) for n in (1, 2))
    page = hands.page
    show(page, portal, karis)

    hands.press("j")
    expect(title(page, first)).to_be_focused()
    hands.press("ArrowDown")
    expect(title(page, second)).to_be_focused()
    hands.press("k", "Control+j", "Alt+j", "Shift+J")
    expect(title(page, first)).to_be_focused()
    hands.press("o")
    expect(page.locator("#panel-h")).to_have_text("Brev 1")
    expect(page.locator("#panel-h")).to_be_focused()
    hands.press("j")
    expect(title(page, second)).to_be_focused()
    hands.press("Escape")
    expect(page.locator("#panel article")).to_have_count(0)

    hands.press("/")
    expect(page.locator("#q")).to_be_focused()
    hands.type("jktifhnxgm?")
    expect(page.locator("#q")).to_have_value("jktifhnxgm?")
    expect(page.locator("#q")).to_be_focused()
    page.wait_for_timeout(500)
    assert page.locator("dialog[open]").count() == 0
    assert page.locator("#panel article").count() == 0
    assert "/innboks/" in page.url

    page.locator("#q").fill("")
    page.locator("#innhold").focus()
    page.get_by_role("button", name="Status").click()
    expect(page.locator("#f-status")).to_be_visible()
    hands.press("j", "?")
    expect(page.locator("#f-status")).to_be_visible()
    assert page.locator("dialog[open]").count() == 0
    hands.press("Escape")
    expect(page.locator("#f-status")).to_be_hidden()


@pytest.mark.browser
def test_keys_choose_rows_and_change_one(
    hands: Hands, portal: Processes, karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    dialogs = [make_dialog(bakeren, f"Brev {n}", due_in=n) for n in (1, 2, 3)]
    page = hands.page
    chosen = page.locator("#liste [name=id]:checked")
    show(page, portal, karis)

    hands.press("j", "x")
    expect(chosen).to_have_count(1)
    hands.press("j", "j", "Shift+X")
    expect(chosen).to_have_count(3)
    hands.press("Escape")
    expect(chosen).to_have_count(0)
    hands.press("Control+a")
    expect(chosen).to_have_count(3)
    hands.press("Escape")
    expect(chosen).to_have_count(0)

    expect(title(page, dialogs[2])).to_be_focused()
    for key, act in {"e": "ARCHIVE", "u": "UNREAD"}.items():
        title(page, dialogs[2]).focus()
        with page.expect_request("**/masseendring/") as sent:
            hands.press(key)
        assert f"act={act}" in str(sent.value.post_data)
        assert f"ids={dialogs[2].pk}" in str(sent.value.post_data)
        assert str(dialogs[0].pk) not in str(sent.value.post_data)
        expect(page.locator(".bulk-receipt").first).to_be_focused()
        wait_until(BulkJob.objects.filter(act=act).exists)


@pytest.mark.browser
def test_g_and_a_letter_lead_somewhere_within_a_moment(
    hands: Hands, portal: Processes, karis: Browser, bakeren: Client
) -> None:
    page = hands.page
    show(page, portal, karis)

    hands.press("g")
    expect(page.locator("#status")).to_contain_text("M Tildelt meg")
    hands.press("m")
    page.wait_for_url("**/innboks/?ansvarlig=meg")
    for letter, address in {"h": "**/hjem/", "k": "**/klienter/", "i": "**/innboks/"}.items():
        hands.press("g", letter)
        page.wait_for_url(address)
    hands.press("g", "f")
    page.wait_for_url("**/innboks/?frist=har")

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    hands.press("g")
    page.wait_for_timeout(1700)
    hands.press("h")
    page.wait_for_timeout(500)
    assert not [url for url in asked if "/hjem/" in url]


@pytest.mark.browser
def test_single_keys_that_are_switched_off_do_nothing(
    hands: Hands,
    portal: Processes,
    karis: Browser,
    kari: User,
    bakeren: Client,
    make_dialog: MakeDialog,
) -> None:
    kari.uses_single_keys = False
    kari.save()
    dialog = make_dialog(bakeren, "Brev", due_in=1)
    page = hands.page
    show(page, portal, karis)
    title(page, dialog).focus()

    for key in ("j", "k", "o", "x", "t", "i", "n", "e", "u", "d", "s", "/", "?", "Shift+X"):
        hands.press(key)
        expect(title(page, dialog)).to_be_focused()
    hands.press("g", "h")
    page.wait_for_timeout(300)
    assert page.locator("dialog[open], #panel article, #liste :checked").count() == 0
    assert page.url.endswith("/innboks/")
    dialog.refresh_from_db()
    assert dialog.responsible is None

    hands.press("Control+k")
    expect(page.locator("#kommandoer-felt")).to_be_focused()
    hands.type("hurtigtaster")
    hands.press("Enter")
    expect(page.locator("#hurtigtaster")).to_be_visible()
    expect(page.get_by_text("Enkelttaster er slått av.")).to_be_visible()
    assert "Hurtigmeny" in helped(page)
    assert "Neste dialog" in helped(page)  # by the arrow
    assert not helped(page) & {"Tildel …", "Søk", "Hjem", "Velg dialogen"}
    assert "J" not in page.locator("#hurtigtaster tbody kbd").all_inner_texts()


@pytest.mark.browser
def test_the_help_sheet_lists_only_what_works_here_and_now(
    hands: Hands, portal: Processes, karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, "Brev", due_in=1)
    page = hands.page
    show(page, portal, karis, "/profil/")
    hands.press("?")
    assert {"Hjem", "Hurtigmeny", "Vis hurtigtastene"} < helped(page)
    assert not helped(page) & {
        "Neste dialog",
        "Tildel …",
        "Søk",
        "Lukk panelet, eller fjern utvalget",
    }
    hands.press("Escape")

    show(page, portal, karis)
    hands.press("?")
    assert {"Neste dialog", "Søk"} < helped(page)
    assert not helped(page) & {"Tildel …", "Velg dialogen"}
    hands.press("j", "s", "g", "h")
    page.wait_for_timeout(300)
    expect(page.locator("#hurtigtaster")).to_be_visible()
    assert page.url.endswith("/innboks/")
    hands.press("Escape")

    hands.press("j", "o")
    expect(page.locator("#panel-h")).to_be_focused()
    hands.press("?")
    assert {"Tildel …", "Intern frist …", CLOSE} < helped(page)
    expect(page.get_by_text("Enkelttaster er slått av.")).to_be_hidden()


@pytest.mark.browser
def test_letters_typed_while_the_form_is_on_its_way_reach_it(
    hands: Hands,
    portal: Processes,
    karis: Browser,
    ola: User,
    bakeren: Client,
    make_dialog: MakeDialog,
) -> None:
    bakeren.members.add(ola)
    dialog = make_dialog(bakeren, "Brev", due_in=10)
    page = hands.page
    show(page, portal, karis)

    def late(route: Route) -> None:
        page.wait_for_timeout(300)
        route.continue_()

    page.route(f"**/innboks/{dialog.pk}/*", late)

    hands.press("j", "t")
    page.keyboard.type("ola")

    expect(page.locator("#tildel-boks [role=combobox]")).to_have_value("ola")
    assert Dialog.objects.get(pk=dialog.pk).responsible is None


@pytest.mark.browser
def test_leaving_the_search_field_does_not_list_the_same_again(
    hands: Hands, portal: Processes, karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    dialog = make_dialog(bakeren, "Purring")
    page = hands.page
    show(page, portal, karis)
    hands.press("s")
    with page.expect_response(re.compile("q=purring")):
        hands.type("purring")
    expect(page.locator("[data-announce]")).to_contain_text("1 treff")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    title(page, dialog).click()

    expect(page.locator("#panel-h")).to_have_text("Purring")
    assert not [url for url in asked if "/innboks/?" in url and "nytt" not in url]


@pytest.mark.browser
def test_the_command_menu_works_without_a_mouse(
    hands: Hands,
    portal: Processes,
    karis: Browser,
    kari: User,
    bakeren: Client,
    rorleggeren: Client,
    make_dialog: MakeDialog,
    save: Save,
) -> None:
    dialog = make_dialog(bakeren, "Purring på skattemelding", due_in=1)
    search = save(kari, "Mine frister", "frist=har")
    page = hands.page
    field = page.locator("#kommandoer-felt")
    show(page, portal, karis)

    hands.press("j", "Control+k")
    expect(field).to_be_focused()
    expect(page.get_by_role("option", name="Tildel …")).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == "kommando-act-0"
    hands.type("ta sak")
    hands.press("Enter")
    wait_until(lambda: Dialog.objects.filter(pk=dialog.pk, responsible=kari).exists())

    hands.press("Control+k")
    hands.type("310495921")
    hands.press("Enter")
    page.wait_for_url(f"**/klienter/{bakeren.pk}/")

    hands.press("Control+k")
    hands.type("purring")
    hands.press("Enter")
    page.wait_for_url(f"**/innboks/{dialog.pk}/")

    hands.press("Control+k")
    hands.type("mine fri")
    hands.press("Enter")
    page.wait_for_url(f"**/innboks/?frist=har&sok={search.pk}")

    hands.press("Control+k")
    hands.type("Rørleggeren")
    expect(page.locator("#kommandoer-sier")).to_have_text(re.compile("Ingen treff"))
    assert field.get_attribute("aria-expanded") == "false"
    hands.press("Enter", "Escape")
    expect(page.locator("#kommandoer")).to_be_hidden()

    page.get_by_role("link", name="Hurtigmeny").click()
    hands.type("utsat")
    hands.press("ArrowDown", "ArrowUp", "Enter")
    page.wait_for_url("**/innboks/?mappe=utsatt")


@pytest.mark.browser
def test_the_command_menu_says_when_it_cannot_search(
    page: Page, portal: Processes, karis: Browser, bakeren: Client
) -> None:
    show(page, portal, karis)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option", name="Profil")).to_be_visible()
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('away')); }")

    page.keyboard.type("bakeren")
    expect(page.locator("#kommandoer-sier")).to_contain_text("Vi fikk ikke søkt nå.")
    expect(page.locator("#kommandoer-sier")).to_be_visible()


@pytest.mark.browser
def test_counts_come_after_the_page_and_stay_when_the_list_is_renewed(
    page: Page,
    portal: Processes,
    karis: Browser,
    kari: User,
    bakeren: Client,
    make_dialog: MakeDialog,
    save: Save,
) -> None:
    for _ in range(2):
        make_dialog(bakeren, "Purring", due_in=-2)
    search = save(kari, "Mine frister", "frist=har")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    show(page, portal, karis)

    count = page.locator(f'[data-menu="s{search.pk}"] .ds-tag')
    expect(count).to_have_text("2 dialoger")
    with page.expect_response(re.compile("q=purring")):
        page.locator("#q").fill("purring")
    expect(page.locator("[data-announce]")).to_contain_text("2 treff")
    expect(count).to_have_text("2 dialoger")
    assert len([url for url in asked if "/lagrede-sok/antall/" in url]) == 1


@pytest.mark.browser
def test_a_list_is_saved_from_its_head(
    page: Page, portal: Processes, karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, "Purring", due_in=-2)
    show(page, portal, karis, "/innboks/?frist=over")

    page.get_by_role("button", name="Lagre søk").click()
    page.get_by_label("Navn på søket").fill("Det som brenner")
    page.get_by_role("button", name="Lagre søket").click()

    expect(page.get_by_role("button", name="Lagret søk")).to_be_visible()
    entry = page.locator("#meny").get_by_role("link", name="Det som brenner")
    expect(entry).to_have_attribute("aria-current", "page")
    assert page.locator('#meny [aria-current="page"]').count() == 1
