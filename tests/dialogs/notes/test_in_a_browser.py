"""What only a browser does with notes: drafts that survive, naming colleagues, keys and focus."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Page, expect

from dialogs.models import Dialog, Mention, Note, Notice
from dialogs.notes import actions
from staff.models import User
from tests.dialogs.notes.test_notes import write
from tests.processes import Processes

pytestmark = pytest.mark.browser
FIELD = "#notat-tekst"


def log_in(page: Page, portal: Processes, browser: Browser) -> None:
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": browser.cookies[name].value, "url": portal.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]


def open_dialog(page: Page, portal: Processes, browser: Browser, dialog: Dialog) -> None:
    log_in(page, portal, browser)
    page.goto(f"{portal.url}/innboks/{dialog.pk}/")


@pytest.fixture
def shaky(page: Page) -> Iterator[Page]:
    """A page that may lose its connection: what the browser says of that is no fault."""
    assert page.context.browser
    context = page.context.browser.new_context(locale="nb-NO", timezone_id="Europe/Oslo")
    yield context.new_page()
    context.close()


def drafts(page: Page) -> list[str]:
    kept: list[str] = page.evaluate(
        "Object.keys(localStorage).filter((key) => key.startsWith('notat:'))"
    )
    return kept


def test_a_note_is_written_and_saved_with_the_keys_alone(
    page: Page, portal: Processes, karis: Browser, dialog: Dialog
) -> None:
    open_dialog(page, portal, karis, dialog)
    page.keyboard.press("n")
    expect(page.locator(FIELD)).to_be_focused()
    page.keyboard.type("Ring i morgen")
    page.keyboard.press("Control+Enter")

    note = page.locator(".note", has_text="Ring i morgen")
    expect(note).to_be_focused()
    expect(page.locator("#status")).to_have_text("Notatet er lagret.")
    expect(page.locator(FIELD)).to_have_value("")
    assert drafts(page) == []
    assert Note.objects.get().text == "Ring i morgen"
    expect(page.locator("#nytt")).not_to_contain_text("endret")


def test_a_draft_survives_a_reload_and_looking_elsewhere_and_ends_with_the_save(
    page: Page, portal: Processes, karis: Browser, kari: User, dialog: Dialog
) -> None:
    open_dialog(page, portal, karis, dialog)
    page.locator(FIELD).fill("Halvferdig")
    page.reload()
    expect(page.locator(FIELD)).to_have_value("Halvferdig")
    expect(page.locator("[data-draft-line]")).to_contain_text(
        re.compile(r"Utkast fra kl\. \d\d\.\d\d")
    )
    page.goto(f"{portal.url}/varsler/")
    page.goto(f"{portal.url}/innboks/{dialog.pk}/")
    expect(page.locator(FIELD)).to_have_value("Halvferdig")
    assert drafts(page) == [f"notat:{kari.pk}:dialog-{dialog.pk}"]

    page.get_by_role("button", name="Legg til notat").click()
    expect(page.locator(".note", has_text="Halvferdig")).to_be_visible()
    page.reload()
    expect(page.locator(FIELD)).to_have_value("")
    assert drafts(page) == []


def test_a_draft_belongs_to_its_dialog_and_can_be_thrown_away(
    page: Page, portal: Processes, karis: Browser, dialog: Dialog, make_dialog: Any
) -> None:
    other = make_dialog(dialog.client, "Et annet brev")
    open_dialog(page, portal, karis, dialog)
    page.locator(FIELD).fill("Halvferdig")
    page.goto(f"{portal.url}/innboks/{other.pk}/")
    expect(page.locator(FIELD)).to_have_value("")
    page.goto(f"{portal.url}/innboks/{dialog.pk}/")
    page.get_by_role("button", name="Forkast utkastet").click()
    expect(page.locator(FIELD)).to_have_value("")
    expect(page.locator(FIELD)).to_be_focused()
    expect(page.locator("[data-draft-line]")).to_be_hidden()
    assert drafts(page) == []


def test_logging_out_leaves_no_draft_behind(
    page: Page, portal: Processes, karis: Browser, dialog: Dialog
) -> None:
    open_dialog(page, portal, karis, dialog)
    page.locator(FIELD).fill("Hemmelig")
    assert len(drafts(page)) == 1
    page.get_by_role("button", name="Logg ut").click()
    expect(page).to_have_url(re.compile("/login/"))
    assert drafts(page) == []


def test_a_colleague_at_the_same_machine_does_not_see_the_draft(
    page: Page, portal: Processes, karis: Browser, leder: User, logged_in: Any, dialog: Dialog
) -> None:
    open_dialog(page, portal, karis, dialog)
    page.locator(FIELD).fill("Hemmelig")
    page.context.clear_cookies()
    open_dialog(page, portal, logged_in(leder), dialog)
    expect(page.locator(FIELD)).to_have_value("")


def test_a_lost_connection_takes_nothing(
    shaky: Page, portal: Processes, karis: Browser, dialog: Dialog
) -> None:
    open_dialog(shaky, portal, karis, dialog)
    shaky.context.set_offline(True)
    shaky.locator(FIELD).fill("Skrevet på toget")
    shaky.keyboard.press("Control+Enter")

    said = shaky.locator(".note-form [data-failed]")
    expect(said).to_contain_text("Teksten ble ikke lagret.")
    expect(shaky.locator(FIELD)).to_have_value("Skrevet på toget")
    expect(shaky.locator(FIELD)).to_be_focused()
    expect(shaky.locator(FIELD)).to_be_editable()
    expect(shaky.locator("#melding")).to_be_empty()
    assert not Note.objects.exists()

    shaky.context.set_offline(False)
    shaky.reload()
    expect(shaky.locator(FIELD)).to_have_value("Skrevet på toget")
    shaky.locator(FIELD).focus()
    shaky.keyboard.press("Control+Enter")
    expect(shaky.locator(".note", has_text="Skrevet på toget")).to_be_focused()
    assert Note.objects.count() == 1


def test_a_session_that_ran_out_takes_nothing(
    shaky: Page, portal: Processes, karis: Browser, kari: User, logged_in: Any, dialog: Dialog
) -> None:
    open_dialog(shaky, portal, karis, dialog)
    shaky.locator(FIELD).fill("Lang tanke")
    karis.logout()
    shaky.keyboard.press("Control+Enter")
    expect(shaky).to_have_url(re.compile("/login/"))

    open_dialog(shaky, portal, logged_in(kari), dialog)
    expect(shaky.locator(FIELD)).to_have_value("Lang tanke")
    assert not Note.objects.exists()


def test_a_refused_note_keeps_its_text_and_the_focus(
    shaky: Page, portal: Processes, karis: Browser, ola: User, dialog: Dialog
) -> None:
    open_dialog(shaky, portal, karis, dialog)
    shaky.locator(FIELD).fill("Spør @Ola Berg")
    shaky.keyboard.press("Control+Enter")
    expect(shaky.locator("#notat-feil")).to_contain_text("Ola Berg kan ikke se Bakeren AS")
    expect(shaky.locator(FIELD)).to_have_value("Spør @Ola Berg")
    expect(shaky.locator(FIELD)).to_be_focused()
    expect(shaky.locator("#melding")).to_be_empty()


def test_colleagues_are_offered_after_the_sign_and_chosen_with_the_keys(
    page: Page, portal: Processes, karis: Browser, leder: User, admin: User, dialog: Dialog
) -> None:
    open_dialog(page, portal, karis, dialog)
    field = page.locator(FIELD)
    field.focus()
    page.keyboard.type("Hei @")
    names = page.locator(".colleagues").get_by_role("option")
    expect(names).to_have_text(["Marit Solberg", "Per Nilsen"])
    expect(field).to_have_attribute("aria-activedescendant", "notat-tekst-kolleger-0")
    page.keyboard.press("ArrowDown")
    expect(names.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(names).to_have_count(0)
    expect(field).to_be_focused()
    expect(page.locator("#panel > article")).to_be_visible()

    page.keyboard.type("sol")
    expect(names).to_have_text(["Marit Solberg"])
    page.keyboard.press("Enter")
    expect(field).to_have_value("Hei @Marit Solberg ")
    expect(names).to_have_count(0)
    page.keyboard.type("kan du se?")
    page.keyboard.press("Control+Enter")

    expect(page.locator(".mention")).to_have_text("@Marit Solberg")
    assert Mention.objects.get().user == leder
    assert Notice.objects.get().user == leder


def test_colleagues_can_be_named_with_the_mouse(
    page: Page, portal: Processes, karis: Browser, leder: User, dialog: Dialog
) -> None:
    open_dialog(page, portal, karis, dialog)
    below = page.locator("#notater h3").last.bounding_box()
    page.get_by_role("button", name="Nevn kolleger").click()
    page.get_by_role("option", name="Marit Solberg").click()
    expect(page.locator(FIELD)).to_have_value("@Marit Solberg ")
    expect(page.locator(FIELD)).to_be_focused()
    assert page.locator("#notater h3").last.bounding_box() == below
    page.reload()
    expect(page.locator(FIELD)).to_have_value("@Marit Solberg ")


def test_a_note_is_edited_in_place_and_the_focus_comes_back(
    page: Page, portal: Processes, karis: Browser, kari: User, dialog: Dialog
) -> None:
    note = write(dialog, kari, "Før")
    open_dialog(page, portal, karis, dialog)
    edit = page.locator(f"#rediger-{note.pk}")
    field = page.locator(f"#tekst-{note.pk}")
    edit.click()
    expect(field).to_be_focused()
    field.fill("Forkastes")
    page.get_by_role("link", name="Avbryt").click()
    expect(edit).to_be_focused()
    assert drafts(page) == []

    edit.click()
    expect(field).to_have_value("Før")
    field.fill("Etter")
    page.keyboard.press("Control+Enter")
    expect(edit).to_be_focused()
    expect(page.locator(f"#notat-{note.pk}")).to_contain_text("redigert i dag kl.")
    page.get_by_role("link", name=re.compile("vis tidligere versjoner")).click()
    expect(page.locator(f"#versjoner-{note.pk}")).to_contain_text("Før")
    assert drafts(page) == []


def test_a_draft_of_an_edit_does_not_overwrite_what_came_in_between(
    shaky: Page, portal: Processes, karis: Browser, kari: User, dialog: Dialog
) -> None:
    note = write(dialog, kari, "Før")
    open_dialog(shaky, portal, karis, dialog)
    shaky.locator(f"#rediger-{note.pk}").click()
    shaky.locator(f"#tekst-{note.pk}").fill("Utkastet")
    shaky.reload()
    seen = actions.version_of(note)
    actions.edit_note(note, "I mellomtiden", seen=seen, actor=kari, now=timezone.now())

    shaky.locator(f"#rediger-{note.pk}").click()
    field = shaky.locator(f"#tekst-{note.pk}")
    expect(field).to_have_value("Utkastet")
    field.focus()
    shaky.keyboard.press("Control+Enter")
    expect(shaky.locator("blockquote")).to_contain_text("I mellomtiden")
    expect(field).to_have_value("Utkastet")
    note.refresh_from_db()
    assert note.text == "I mellomtiden"
    field.focus()
    shaky.keyboard.press("Control+Enter")
    expect(shaky.locator(f"#notat-{note.pk}")).to_contain_text("Utkastet")


def test_a_deletion_is_undone_where_it_was_made(
    page: Page, portal: Processes, karis: Browser, kari: User, dialog: Dialog
) -> None:
    note = write(dialog, kari, "Angrer")
    open_dialog(page, portal, karis, dialog)
    page.get_by_role("button", name=re.compile("^Slett")).click()
    undo = page.get_by_role("button", name="Angre")
    expect(undo).to_be_focused()
    expect(page.locator(".note")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(f"#notat-{note.pk}")).to_be_focused()


def test_pinning_keeps_the_focus_on_its_button(
    page: Page, portal: Processes, karis: Browser, kari: User, dialog: Dialog
) -> None:
    note = write(dialog, kari, "Gammelt")
    write(dialog, kari, "Nytt")
    open_dialog(page, portal, karis, dialog)
    page.locator(f"#fest-{note.pk}").click()
    expect(page.locator(".note").first).to_contain_text("Gammelt")
    expect(page.locator(f"#fest-{note.pk}")).to_be_focused()
    expect(page.locator(f"#fest-{note.pk}")).to_contain_text("Løsne")


def test_the_page_of_all_notes_works_the_same_way(
    page: Page, portal: Processes, karis: Browser, dialog: Dialog
) -> None:
    log_in(page, portal, karis)
    page.goto(f"{portal.url}/innboks/{dialog.pk}/notater/")
    expect(page.get_by_label("Nevn kolleger")).to_be_hidden()
    page.locator(FIELD).fill("Fra siden")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".note", has_text="Fra siden")).to_be_focused()
    expect(page.get_by_role("heading", name="Notater", level=1)).to_be_visible()
    assert drafts(page) == []


def test_steps_are_put_in_order_with_the_keys(
    page: Page, portal: Processes, leder: User, logged_in: Any, dialog: Dialog
) -> None:
    log_in(page, portal, logged_in(leder))
    page.goto(f"{portal.url}/tjenester/{dialog.service_id}/")
    for text in ("Én", "To"):
        page.get_by_label("Nytt punkt").fill(text)
        page.keyboard.press("Enter")
        expect(page.get_by_label("Nytt punkt")).to_be_focused()
    page.get_by_role("button", name=re.compile("^Opp.*Punkt 2")).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".steps input[name=text]").first).to_have_value("To")
    expect(page.get_by_role("button", name=re.compile("^Opp.*Punkt 1"))).to_be_focused()


def test_a_guide_that_cannot_be_saved_is_kept(
    shaky: Page, portal: Processes, leder: User, logged_in: Any, dialog: Dialog
) -> None:
    log_in(shaky, portal, logged_in(leder))
    shaky.goto(f"{portal.url}/tjenester/{dialog.service_id}/veiledning/")
    field = shaky.locator("#veiledning-tekst")
    shaky.context.set_offline(True)
    field.fill("Slik gjør vi")
    shaky.keyboard.press("Control+Enter")
    expect(shaky.locator(".note-form [data-failed]")).to_be_visible()
    shaky.context.set_offline(False)
    shaky.reload()
    expect(field).to_have_value("Slik gjør vi")
    field.focus()
    shaky.keyboard.press("Control+Enter")
    expect(shaky).to_have_url(re.compile(f"/tjenester/{dialog.service_id}/$"))
    expect(shaky.locator("main")).to_contain_text("Slik gjør vi")
    assert drafts(shaky) == []
