"""Choosing and changing many in a real browser: clicks, keys, focus, and nothing that moves."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Page, expect

from clients.models import Client
from dialogs.models import BulkJob, Dialog
from staff.models import User
from tests.dialogs.bulk.conftest import run_out
from tests.dialogs.conftest import MakeDialog
from tests.processes import Processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]


@pytest.fixture
def opened(page: Page, portal: Processes, kari: User) -> Open:
    """Kari's inbox; every press of a mouse button is counted."""
    visitor = Browser()
    visitor.force_login(kari)
    session = {"name": "session", "value": visitor.cookies["session"].value, "url": portal.url}
    page.context.add_cookies([session])  # type: ignore[list-item]
    page.add_init_script(
        "window.presses = 0; addEventListener('pointerdown', () => { presses += 1; }, true);"
    )

    def open_list(query: str = "") -> Page:
        page.goto(f"{portal.url}/innboks/{query}")
        expect(page.locator("#velg-side")).to_be_visible()
        page.evaluate("document.fonts.ready.then(() => true)")
        return page

    return open_list


@pytest.fixture
def thirty(bakeren: Client, make_dialog: MakeDialog) -> list[Dialog]:
    return [make_dialog(bakeren, f"Brev {number:02}", due_in=number + 1) for number in range(30)]


def toolbar(page: Page) -> str:
    return " ".join(page.locator("#bulk-linje").inner_text().split())


def boxes(page: Page) -> list[bool]:
    ticked: list[bool] = page.evaluate(
        "[...document.querySelectorAll('.c-pick input[name=id]')].map((box) => box.checked)"
    )
    return ticked


def box(page: Page, number: int):  # type: ignore[no-untyped-def]
    return page.locator(".c-pick input[name=id]").nth(number)


def top_of_the_table(page: Page) -> float:
    """Where the table begins, however far the page is scrolled."""
    found: float = page.evaluate(
        "document.querySelector('table.rows').getBoundingClientRect().y + scrollY"
    )
    return found


def focused(page: Page) -> str:
    found: str = page.evaluate("document.activeElement.id || document.activeElement.className")
    return found


def test_thirty_are_assigned_in_five_clicks_or_fewer(
    opened: Open, thirty: list[Dialog], leder: User
) -> None:
    page = opened()

    page.locator("#velg-side").click()
    page.get_by_role("button", name="Tildel …").click()
    page.get_by_role("radio", name=re.compile("Marit Solberg")).click()
    page.get_by_role("button", name="Tildel 30 dialoger").click()

    expect(page.locator(".bulk-receipt")).to_contain_text("Tildelte 30 dialoger til Marit Solberg.")
    assert page.evaluate("window.presses") <= 5
    assert Dialog.objects.filter(responsible=leder).count() == 30
    assert focused(page).startswith("bulk-jobb-")
    expect(page.locator("#liste .c-who").nth(1)).to_contain_text("Marit Solberg")
    expect(page.locator("#bulk-linje")).to_be_hidden()
    assert boxes(page) == [False] * 30


def test_the_same_by_keyboard_and_undone(opened: Open, thirty: list[Dialog], leder: User) -> None:
    page = opened()

    page.keyboard.press("j")
    page.keyboard.press("Control+a")
    expect(page.locator("#bulk-antall")).to_contain_text("30 valgt.")
    page.get_by_role("button", name="Tildel …").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#bulk-sok")).to_be_focused()
    page.keyboard.type("sol")
    expect(page.get_by_role("radio")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")

    expect(page.locator(".bulk-receipt")).to_contain_text("Tildelte 30 dialoger")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Angre"
    page.keyboard.press("Enter")
    expect(page.locator(".bulk-receipt")).to_have_text(re.compile("Angret for 30 dialoger"))
    assert page.locator(".bulk-receipt").count() == 1
    assert not Dialog.objects.filter(responsible=leder).exists()


def test_rows_are_chosen_by_ranges_and_keys_and_nothing_moves(
    opened: Open, thirty: list[Dialog]
) -> None:
    page = opened()
    place = top_of_the_table(page)

    box(page, 2).click()
    expect(page.locator("#bulk-linje")).to_be_visible()
    expect(page.locator("#bulk-antall")).to_contain_text("1 valgt.")
    assert top_of_the_table(page) == place
    assert page.locator("#panel article").count() == 0  # a box is not the row
    box(page, 5).click(modifiers=["Shift"])
    assert boxes(page)[:8] == [False, False, True, True, True, True, False, False]

    page.keyboard.press("j")  # the box's row, and on
    page.keyboard.press("x")
    assert boxes(page)[:8] == [False, False, True, True, True, True, True, False]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert boxes(page)[:10] == [False, False] + [True] * 7 + [False]
    expect(page.locator("#bulk-antall")).to_contain_text("7 valgt. Velg alle 30 treff")

    page.keyboard.press("Escape")
    assert boxes(page) == [False] * 30
    expect(page.locator("#bulk-linje")).to_be_hidden()
    assert top_of_the_table(page) == place
    assert focused(page).startswith("a-")


def test_what_is_chosen_stays_chosen_when_the_list_is_renewed(
    opened: Open, thirty: list[Dialog], now: datetime
) -> None:
    page = opened()
    box(page, 0).click()
    box(page, 1).click()
    expect(page.locator("#bulk-antall")).to_contain_text("2 valgt.")
    Dialog.objects.filter(pk=thirty[0].pk).update(done_at=now)

    page.evaluate("refresh(false)")

    expect(page.locator("#liste .title").first).to_have_text("Brev 01")
    expect(page.locator("#bulk-antall")).to_contain_text("1 valgt.")
    assert boxes(page) == [True] + [False] * 28


def test_all_hits_across_pages_until_one_is_taken_out(
    opened: Open, thirty: list[Dialog], bakeren: Client, make_dialog: MakeDialog
) -> None:
    for _ in range(25):
        make_dialog(bakeren)
    page = opened()
    page.locator("#velg-side").click()
    page.get_by_role("button", name="Velg alle 55 treff").focus()

    page.keyboard.press("Enter")

    expect(page.locator("#bulk-antall")).to_contain_text("Alle 55 treff er valgt.")
    assert page.evaluate("document.activeElement.textContent") == "Fjern utvalget"
    page.get_by_role("link", name="Vis flere").click()
    expect(page.locator(".c-pick input[name=id]:checked")).to_have_count(55)
    assert len(boxes(page)) == 55

    box(page, 0).click()
    expect(page.locator("#bulk-antall")).to_contain_text("54 valgt.")
    page.locator("#filter #q").fill("brev")
    expect(page.locator("#bulk-antall")).to_contain_text("29 valgt.")


def test_a_large_job_shows_how_far_it_is_and_what_came_of_it(
    opened: Open, bakeren: Client, make_dialog: MakeDialog, kari: User
) -> None:
    for number in range(205):
        make_dialog(bakeren, f"Brev {number}")
    page = opened()
    page.locator("#velg-side").click()
    page.get_by_role("button", name="Velg alle 205 treff").click()
    expect(page.locator("#bulk-antall")).to_contain_text("Alle 205 treff er valgt.")
    page.get_by_role("button", name="Flere valg").click()
    page.get_by_role("button", name="Merk som ferdig").click()
    asked = page.get_by_role("dialog", name="Merk 205 dialoger som ferdig")
    expect(asked).to_contain_text("205 dialoger hos 1 klient.")
    expect(asked.locator("li")).to_have_count(5)

    asked.get_by_role("button", name="Merk 205 dialoger som ferdig").click()

    expect(page.locator(".bulk-receipt")).to_contain_text("Merker som ferdig: 0 av 205.")
    expect(page.locator("#liste .title").first).to_be_visible()
    run_out(BulkJob.objects.get(), now=timezone.now())
    expect(page.locator(".bulk-receipt")).to_contain_text("Merket 205 dialoger som ferdig.")
    expect(page.locator("#liste .title")).to_have_count(0)
    expect(page.locator("#status")).to_have_text("Merket 205 dialoger som ferdig")
    page.get_by_role("button", name="Angre").click()
    expect(page.locator(".bulk-receipt")).to_contain_text("Angrer: 0 av 205.")
    run_out(BulkJob.objects.get(act="UNDO"), now=timezone.now())
    expect(page.locator("#liste .title")).to_have_count(50)


def test_a_wrong_answer_is_told_in_the_box_and_the_focus_is_there(
    opened: Open, thirty: list[Dialog]
) -> None:
    page = opened()
    box(page, 20).click()
    page.get_by_role("button", name="Sett intern frist …").click()
    days = page.get_by_label("Antall virkedager")
    days.evaluate("(field) => { field.removeAttribute('max'); }")
    days.fill("99")

    page.get_by_role("button", name="Sett intern frist på 1 dialog").click()

    expect(page.get_by_role("dialog")).to_contain_text("Skriv et tall fra 0 til 60.")
    expect(days).to_be_focused()
    days.fill("0")
    page.keyboard.press("Enter")
    expect(page.locator(".bulk-receipt")).to_contain_text("Satte intern frist på 1 dialog.")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_box_can_be_left_without_doing_anything(opened: Open, thirty: list[Dialog]) -> None:
    page = opened()
    box(page, 0).click()
    page.get_by_role("button", name="Tildel …").click()
    page.get_by_role("dialog").get_by_role("button", name="Avbryt").click()

    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.evaluate("document.activeElement.textContent").startswith("Tildel …")
    expect(page.locator("#bulk-antall")).to_contain_text("1 valgt.")
    assert not BulkJob.objects.exists()


def test_a_key_in_a_chosen_row_means_all_that_are_chosen(
    opened: Open, thirty: list[Dialog]
) -> None:
    page = opened()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#bulk-antall")).to_contain_text("2 valgt.")
    page.keyboard.press("e")
    expect(page.locator(".bulk-receipt")).to_contain_text("Flytter til arkivet: 0 av 2.")

    page.locator("#liste .title").nth(4).focus()
    page.keyboard.press("e")
    expect(page.locator(".bulk-receipt").first).to_contain_text("Flytter til arkivet: 0 av 1.")
    chosen = set(BulkJob.objects.earliest("pk").items.values_list("dialog", flat=True))
    assert chosen == {thirty[0].pk, thirty[1].pk}
    assert BulkJob.objects.latest("pk").items.get().dialog == thirty[4]


def test_without_scripts_the_chosen_are_sent_and_the_receipt_is_a_page(
    portal: Processes, page: Page, kari: User, thirty: list[Dialog]
) -> None:
    visitor = Browser()
    visitor.force_login(kari)
    browser = page.context.browser
    assert browser
    plain = browser.new_context(java_script_enabled=False)
    session = {"name": "session", "value": visitor.cookies["session"].value, "url": portal.url}
    plain.add_cookies([session])  # type: ignore[list-item]
    still = plain.new_page()
    still.goto(f"{portal.url}/innboks/")
    still.locator(".c-pick input[name=id]").nth(0).check()
    still.locator(".c-pick input[name=id]").nth(2).check()
    still.get_by_label("Med de valgte").select_option("NOTE")
    still.get_by_role("button", name="Fortsett").click()
    still.get_by_label("Internt notat").fill("Ring først")
    still.get_by_role("button", name="Legg notat på 2 dialoger").click()

    expect(still.locator(".bulk-receipt")).to_contain_text("La notat på 2 dialoger.")
    still.get_by_role("button", name="Angre").click()
    expect(still.locator(".bulk-receipt")).to_contain_text("Angret for 2 dialoger.")
    still.goto(f"{portal.url}/innboks/")
    still.get_by_label("Velg alle treff").check()
    still.get_by_label("Med de valgte").select_option("DONE")
    still.get_by_role("button", name="Fortsett").click()
    expect(still.locator(".bulk-receipt")).to_contain_text("Merket 30 dialoger som ferdig.")
    plain.close()
