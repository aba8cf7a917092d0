"""The panel in a browser: keys, focus, and two people at once."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client as Browser
from playwright.sync_api import ConsoleMessage, Locator, Page, Route, expect

from clients.models import Client
from dialogs.models import ChecklistStep, Dialog, Opening
from staff.models import User
from tests.dialogs.conftest import MakeDialog
from tests.processes import Processes

pytestmark = pytest.mark.browser

LogIn = Callable[[User], Browser]
Show = Callable[[Page, Browser], None]


@pytest.fixture
def marits(leder: User, logged_in: LogIn) -> Browser:
    return logged_in(leder)


@pytest.fixture
def show(portal: Processes, dialog: Dialog) -> Show:
    """Show the dialog to somebody who is logged in already."""

    def open_it(page: Page, browser: Browser) -> None:
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies(
            [{"name": name, "value": browser.cookies[name].value, "url": portal.url}]
        )
        page.goto(f"{portal.url}/innboks/{dialog.pk}/")
        expect(page.get_by_role("heading", name="Mva-melding")).to_be_visible()

    return open_it


@pytest.fixture
def new_page(page: Page) -> Iterator[Callable[[], Page]]:
    """Pages in browsers of their own. They too fail the test when the browser complains, unless
    it is of an answer that says «somebody was first», or of the connection we took away."""
    complaints: list[str] = []
    contexts = []

    def hear(message: ConsoleMessage) -> None:
        expected = "409" in message.text or "ERR_INTERNET_DISCONNECTED" in message.text
        if message.type == "error" and not expected:
            complaints.append(message.text)

    def make() -> Page:
        assert page.context.browser
        contexts.append(page.context.browser.new_context(locale="nb-NO"))
        made = contexts[-1].new_page()
        made.on("pageerror", lambda error: complaints.append(str(error)))
        made.on("console", hear)
        return made

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def karis_page(new_page: Callable[[], Page]) -> Page:
    return new_page()


@pytest.fixture
def other_page(new_page: Callable[[], Page]) -> Page:
    """A page in somebody else's browser."""
    return new_page()


def button(page: Page, name: str) -> Locator:
    return page.locator("#panel").get_by_role("button", name=name)


def box(page: Page) -> Locator:
    return page.locator("#svar")


def press(page: Page, key: str) -> None:
    page.keyboard.press(key)


def test_a_name_and_enter_give_the_dialog_away(
    page: Page, karis: Browser, leder: User, dialog: Dialog, show: Show
) -> None:
    show(page, karis)

    press(page, "t")
    expect(page.get_by_role("combobox", name="Hvem")).to_be_focused()
    page.keyboard.type("sol")
    option = page.get_by_role("option", name="Marit Solberg")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("option", name="Kari Hansen")).to_be_hidden()
    page.keyboard.press("Enter")

    expect(page.locator("#status")).to_have_text("Ansvarlig er Marit Solberg.")
    expect(page.locator(f"#ansvarlig-{dialog.pk}")).to_contain_text("Marit Solberg")
    expect(button(page, "Tildel …")).to_be_focused()
    dialog.refresh_from_db()
    assert dialog.responsible == leder


def test_nobody_is_chosen_by_a_name_that_nobody_has(
    page: Page, karis: Browser, kari: User, dialog: Dialog, show: Show
) -> None:
    Dialog.objects.update(responsible=kari)
    show(page, karis)

    press(page, "t")
    page.keyboard.type("solx")
    expect(page.get_by_text("Ingen kollega passer.")).to_be_visible()
    page.keyboard.press("Enter")

    expect(page.get_by_role("combobox", name="Hvem")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button(page, "Tildel …")).to_be_focused()
    dialog.refresh_from_db()
    assert dialog.work_version == 0


def test_arrows_and_the_mouse_choose_too(
    page: Page, karis: Browser, kari: User, leder: User, dialog: Dialog, show: Show
) -> None:
    show(page, karis)

    press(page, "t")
    expect(page.get_by_role("combobox", name="Hvem")).to_be_focused()
    page.get_by_role("option", name="Kari Hansen").click()
    expect(page.get_by_role("combobox", name="Hvem")).to_have_value("Kari Hansen")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#panel [aria-selected=true]")
    expect(chosen).to_contain_text("Marit Solberg")
    page.keyboard.press("ArrowUp")
    expect(chosen).to_contain_text("Kari Hansen")
    page.get_by_role("button", name="Tildel", exact=True).click()

    expect(page.locator("#status")).to_have_text("Ansvarlig er Kari Hansen.")


def test_found_assigned_noted_due_and_put_aside_in_six_keys_beside_the_text(
    page: Page,
    portal: Processes,
    karis: Browser,
    leder: User,
    bakeren: Client,
    dialog: Dialog,
    make_dialog: MakeDialog,
    show: Show,
    today: date,
) -> None:
    make_dialog(bakeren, "Et annet brev", due_in=2)
    show(page, karis)
    page.goto(f"{portal.url}/innboks/")
    keys = iter(["s", "Enter", "t", "Tab", "Tab", "Enter"])

    page.keyboard.press(next(keys))
    page.keyboard.type("mva")
    page.keyboard.press(next(keys))
    expect(page.get_by_role("link", name="Mva-melding")).to_be_focused()
    page.keyboard.press(next(keys))
    expect(page.get_by_role("combobox", name="Hvem")).to_be_focused()
    page.keyboard.type("marit, ring kunden")
    page.keyboard.press(next(keys))
    page.keyboard.type("3")
    page.keyboard.press(next(keys))
    page.keyboard.type("i m")
    page.keyboard.press(next(keys))

    expect(page.locator("#status")).to_have_text("Ansvarlig er Marit Solberg.")
    expect(page.locator("#panel")).to_contain_text("Utsatt til")
    dialog.refresh_from_db()
    assert dialog.responsible == leder
    assert dialog.internal_due_on is not None
    assert dialog.snoozed_until_on == today + timedelta(days=1)
    assert dialog.notes.get().text == "ring kunden"


def test_a_digit_sets_the_internal_deadline_and_another_puts_aside(
    page: Page, karis: Browser, dialog: Dialog, show: Show, today: date
) -> None:
    show(page, karis)

    press(page, "f")
    expect(page.locator("#intern-frist-boks [data-digit='1']")).to_be_focused()
    page.keyboard.press("2")
    expect(page.locator("#status")).to_contain_text("Intern frist er")
    expect(button(page, "Intern frist …")).to_be_focused()
    press(page, "h")
    expect(page.locator("#utsett-boks [data-digit='1']")).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator("#status")).to_contain_text("Utsatt til")

    dialog.refresh_from_db()
    assert dialog.internal_due_on is not None
    assert dialog.snoozed_until_on == today + timedelta(days=1)
    expect(button(page, "Utsett …")).to_be_focused()


def test_a_day_of_ones_own_is_typed_and_a_wrong_one_is_said_where_it_stands(
    karis_page: Page, karis: Browser, dialog: Dialog, show: Show, today: date
) -> None:
    show(karis_page, karis)

    press(karis_page, "h")
    karis_page.keyboard.press("4")
    own = karis_page.locator("#utsett-boks-dag")
    expect(own).to_be_focused()
    own.evaluate("field => field.removeAttribute('max')")
    own.fill((today + timedelta(days=60)).isoformat())
    karis_page.keyboard.press("Enter")

    expect(karis_page.locator("#utsett-boks")).to_contain_text("Velg senest den dagen.")
    expect(karis_page.locator("#utsett-boks-dag")).to_be_focused()
    expect(karis_page.locator("#utsett-boks-dag")).to_have_value(
        (today + timedelta(days=60)).isoformat()
    )


def test_open_steps_are_asked_about_in_the_panel(
    karis_page: Page, karis: Browser, dialog: Dialog, show: Show
) -> None:
    ChecklistStep.objects.create(service=dialog.service, text="Stem av", position=1)
    ChecklistStep.objects.create(service=dialog.service, text="Send inn", position=2)
    show(karis_page, karis)

    karis_page.get_by_role("checkbox", name="Stem av").press("Space")
    expect(karis_page.get_by_role("checkbox", name="Stem av")).to_be_checked()
    expect(karis_page.get_by_role("checkbox", name="Stem av")).to_be_focused()
    press(karis_page, "d")
    expect(box(karis_page)).to_be_focused()
    expect(box(karis_page)).to_contain_text("1 punkt i sjekklisten står igjen: Send inn.")
    karis_page.keyboard.press("Tab")
    karis_page.keyboard.press("Enter")

    expect(karis_page.locator("#panel")).to_contain_text("Kari Hansen merket dialogen som ferdig")
    dialog.refresh_from_db()
    assert dialog.done_at is not None


def test_two_browsers_change_the_same_dialog_and_nothing_is_lost(
    karis_page: Page,
    other_page: Page,
    karis: Browser,
    marits: Browser,
    leder: User,
    dialog: Dialog,
    show: Show,
    today: date,
) -> None:
    show(karis_page, karis)
    show(other_page, marits)

    press(other_page, "f")
    other_page.keyboard.press("1")
    expect(other_page.locator("#status")).to_contain_text("Intern frist er")
    dialog.refresh_from_db()
    marits_day = dialog.internal_due_on
    press(karis_page, "t")
    karis_page.keyboard.type("marit, ring kunden")
    karis_page.keyboard.press("Enter")

    expect(box(karis_page)).to_be_focused()
    expect(box(karis_page)).to_contain_text("Marit Solberg satte intern frist")
    press(karis_page, "t")
    expect(karis_page.get_by_role("textbox", name="Hva skal gjøres?")).to_have_value("ring kunden")
    karis_page.keyboard.press("Escape")
    dialog.refresh_from_db()
    assert (dialog.responsible, dialog.internal_due_on) == (None, marits_day)
    button(karis_page, "Behold min").click()

    expect(karis_page.locator("#status")).to_have_text("Ansvarlig er Marit Solberg.")
    dialog.refresh_from_db()
    assert (dialog.responsible, dialog.internal_due_on) == (leder, marits_day)
    assert dialog.notes.get().text == "ring kunden"

    press(other_page, "h")
    other_page.keyboard.press("1")
    expect(box(other_page)).to_contain_text("Kari Hansen endret ansvarlig")
    other_page.get_by_role("link", name="Bruk Karis").click()
    expect(other_page.locator("#panel")).to_contain_text("ring kunden")
    expect(box(other_page)).to_have_count(0)
    dialog.refresh_from_db()
    assert dialog.snoozed_until_on is None


def test_two_browsers_see_each_other_within_20_seconds_and_gone_within_45(
    page: Page, other_page: Page, karis: Browser, marits: Browser, show: Show
) -> None:
    show(page, karis)
    show(other_page, marits)

    heading = page.get_by_role("heading", name="Mva-melding")
    stood = heading.bounding_box()
    seen_by = page.get_by_role("status").filter(has_text="Marit Solberg ser på denne nå.")
    expect(
        other_page.get_by_role("status").filter(has_text="Kari Hansen ser på denne nå.")
    ).to_be_visible(timeout=20_000)
    expect(seen_by).to_be_visible(timeout=20_000)
    assert heading.bounding_box() == stood  # nothing moves for those who read

    other_page.context.set_offline(True)  # as when the machine is shut: nothing more is heard
    began = time.monotonic()
    expect(seen_by).to_have_count(0, timeout=45_000)
    assert time.monotonic() - began < 45


def test_who_closes_the_panel_is_gone_at_the_others_next_turn(
    page: Page, other_page: Page, karis: Browser, marits: Browser, show: Show
) -> None:
    show(other_page, marits)
    page.clock.install()
    show(page, karis)
    seen_by = page.get_by_role("status").filter(has_text="Marit Solberg ser på denne nå.")
    expect(seen_by).to_be_visible()

    with other_page.expect_request(re.compile("/her/")) as left:
        other_page.keyboard.press("Escape")
    assert 'name="borte"' in (left.value.post_data or "")
    page.clock.run_for(15_000)

    expect(seen_by).to_have_count(0)


def test_altinn_opens_in_a_new_tab_once_it_is_noted_who_opened(
    page: Page, karis: Browser, kari: User, dialog: Dialog, show: Show
) -> None:
    def altinn(route: Route) -> None:
        assert Opening.objects.filter(dialog=dialog, user=kari).exists()
        route.fulfill(body="<title>Altinn</title>", content_type="text/html")

    page.context.route("https://af.altinn.no/**", altinn)
    show(page, karis)

    with page.expect_popup() as opened:
        button(page, "Åpne i Altinn").click()

    opened.value.wait_for_url(f"https://af.altinn.no/inbox/{dialog.pk}")
    assert opened.value.evaluate("window.opener") is None


def test_another_dialog_shows_its_own_forms_and_presence(
    page: Page,
    karis: Browser,
    bakeren: Client,
    dialog: Dialog,
    make_dialog: MakeDialog,
    show: Show,
) -> None:
    other = make_dialog(bakeren, "Et annet brev", due_in=2)
    show(page, karis)

    with page.expect_request(re.compile(f"{other.pk}/her/")):
        page.get_by_role("link", name="Et annet brev").click()
    expect(page.get_by_role("heading", name="Et annet brev")).to_be_focused()
    press(page, "f")
    page.keyboard.press("4")
    page.keyboard.press("Escape")

    expect(button(page, "Intern frist …")).to_be_focused()
    expect(page.locator("#panel > article")).to_have_count(1)
