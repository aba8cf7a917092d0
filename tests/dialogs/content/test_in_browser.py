"""The page in a browser: keys, what is heard of, a hostile text, and what axe says."""

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from dialogs import live
from dialogs.actions import Touched
from dialogs.models import Dialog
from tests.dialogs.a11y.test_axe import _RUN, AXE, RULES
from tests.dialogs.content.conftest import Go, calls
from tests.dialogs.content.test_cleaning import HOSTILE
from tests.dialogs.content.test_samples import NAMES, shown_of, wire_of, withheld
from tests.processes import Processes
from tests.stand_in import Altinn

pytestmark = pytest.mark.browser

LETTER = "correspondence-confirmation-required"
SHOWN = (LETTER, "app-completed", "nav-sykepenger-im-godkjent", "unauthorized-and-expired-mix")


def test_keys_lead_to_the_button_and_enter_opens(
    go: Go, page: Page, portal: Processes, altinn: Altinn
) -> None:
    dialog = go(LETTER)
    page.goto(f"{portal.url}/innboks/")
    page.locator(f"#d-{dialog.pk} .title").focus()
    page.keyboard.press("o")
    expect(page.locator("#panel-h")).to_be_focused()
    page.keyboard.press("o")
    expect(page.get_by_role("button", name="Åpne dialogen")).to_be_focused()
    page.keyboard.press("o")
    assert calls(altinn) == {}  # moving about opens nothing

    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Vedtak om tvangsmulkt for manglende a-melding oktober 2026"
    )
    expect(page.locator(".text")).to_contain_text("Mulkt per dag")
    assert calls(altinn)["details"] == 1


def test_everything_on_the_page_may_be_hovered_and_tabbed_to_without_opening(
    go: Go, page: Page, altinn: Altinn
) -> None:
    go(LETTER)
    for place in page.locator("main a, main button").all():
        if place.is_visible():
            place.hover()
    for _ in range(60):
        page.keyboard.press("Tab")
    page.emulate_media(media="print")
    page.pdf()

    assert calls(altinn) == {}
    assert altinn.seen() == []


def test_the_page_hears_of_what_happens_and_moves_nothing(
    go: Go, page: Page, altinn: Altinn
) -> None:
    dialog = go(LETTER)
    page.get_by_role("button", name="Åpne dialogen").first.click()
    expect(page.locator(".text")).to_be_visible()
    page.locator("#notat-tekst").fill("halvferdig")
    page.wait_for_timeout(500)  # until the stream listens

    later = dialog.content_updated_at.replace(year=dialog.content_updated_at.year + 1)
    Dialog.objects.filter(pk=dialog.pk).update(content_updated_at=later, updated_at=later)
    live.tell([Touched(dialog.pk, dialog.client_id)])

    expect(page.locator("#tilstand")).to_contain_text("nytt innhold")
    expect(page.locator("#status")).to_contain_text("Dialogen er endret.")
    expect(page.locator("#notat-tekst")).to_have_value("halvferdig")
    expect(page.locator("#notat-tekst")).to_be_editable()
    assert calls(altinn)["details"] == 1


def test_the_works_forms_beside_it_are_answered_in_place(go: Go, page: Page) -> None:
    go(LETTER)

    page.keyboard.press("i")

    expect(page.locator("#panel .facts").first).to_contain_text("Marit Solberg")
    expect(page.locator("#hele h1")).to_be_visible()


def test_a_folder_is_chosen_by_a_key(go: Go, page: Page, altinn: Altinn) -> None:
    go(LETTER)

    page.keyboard.press("e")

    expect(page.locator("#etiketter")).to_contain_text("Flytter til arkivet")
    assert "details" not in calls(altinn)


def test_each_of_what_services_send_is_opened_and_shows_its_parts(
    go: Go, page: Page, altinn: Altinn
) -> None:
    found = {}
    for opened, name in enumerate(NAMES, 1):
        go(name)
        page.locator("article.whole").get_by_role("button", name="Åpne dialogen").click()
        expect(page.locator("#innhold-h")).to_be_visible()
        page.evaluate("for (const it of document.querySelectorAll('details')) it.open = true")
        text = " ".join(page.locator("#hele").inner_text().split())
        wire = wire_of(name)
        wrong = [f"no {part!r}" for part in shown_of(wire) if part not in text]
        wrong += [
            f"{sentence!r} not {times} times"
            for sentence, times in withheld(wire).items()
            if text.count(sentence) != times
        ]
        if calls(altinn)["details"] != opened:
            wrong.append("not read once")
        found[name] = wrong

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("kind", ["markdown", "html"])
def test_a_hostile_text_does_nothing_and_asks_for_nothing(
    go: Go, page: Page, altinn: Altinn, kind: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog said {dialog.message}"))
    body = "\n\n".join(text for text in HOSTILE if len(text) < 1000)
    hostile = {"operation": "*", "contains": "/content", "status": 200, "times": None}
    altinn.post("/faults", hostile | {"body": body, "content_type": f"text/{kind}"})

    go(LETTER)
    page.get_by_role("button", name="Åpne dialogen").first.click()

    expect(page.locator(".text")).to_be_visible()
    assert page.locator(".text :is(img, script, iframe, svg, style, form, input)").count() == 0
    assert not [url for url in asked if "evil.example" in url]
    assert page.url.endswith("/dialog/")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_nothing(
    go: Go, page: Page, scheme: Literal["light", "dark"], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    found = {}
    for name in SHOWN:
        go(name)
        found[f"{name}, not opened"] = _complaints(page)
        page.locator("article.whole").get_by_role("button", name="Åpne dialogen").click()
        expect(page.locator("#innhold-h")).to_be_visible()
        found[name] = _complaints(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} is {wide} pixels too wide"

    assert {name: told for name, told in found.items() if told} == {}


def _complaints(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    told: list[str] = page.evaluate(_RUN, RULES)
    return told
