"""What is done at service owners, in a real browser: by mouse, and by keys alone."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client as Browser
from playwright.sync_api import ConsoleMessage, Page, expect

from dialogs.models import Dialog, FormDraft, ServiceAction
from staff.models import User
from tests.chromium import connected
from tests.dialogs.answering.conftest import (
    CONFIRM,
    FORELDREPENGER,
    GENERIC,
    LETTER,
    SYKEPENGER,
    Sample,
    the_only,
)
from tests.dialogs.answering.test_every_sample import NOT_YET, PRESSES
from tests.dialogs.content.test_no_tokens import everything_in_redis, everything_in_the_database
from tests.processes import Processes, processes
from tests.stand_in import Altinn, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
State = ServiceAction.State
Open = Callable[[Dialog], Page]


@pytest.fixture
def portal(altinn: Altinn, transactional_db: None) -> Iterator[Processes]:
    """The portal as a process, which knows the stand-in."""
    with processes(altinn, ANSWER_SECONDS="3") as running:
        running.start_web()
        yield running
        connections.close_all()


@pytest.fixture
def opened(
    portal: Processes, kari: User, chromium: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Open]:
    """Kari's page of a dialog that was opened; the browser complains of nothing."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
    visitor = Browser()
    visitor.force_login(kari)
    session = {"name": "session", "value": visitor.cookies["session"].value, "url": portal.url}
    complaints: list[str] = []
    with connected(chromium) as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="nb-NO")
        page.context.add_cookies([session])  # type: ignore[list-item]
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if is_odd(said) else None)

        def go(dialog: Dialog) -> Page:
            page.goto(f"{portal.url}/innboks/{dialog.pk}/dialog/")
            return page

        yield go
        connections.close_all()
    assert complaints == []


def is_odd(said: ConsoleMessage) -> bool:
    """Whether the browser complains of more than an answer that says what is wrong."""
    return said.type == "error" and not re.search(r"status of (409|422)", said.text)


def tab_to(page: Page, name: str, *, most: int = 120) -> None:
    """Press Tab until something with this text or label has the focus."""
    for _each in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "(() => { const it = document.activeElement;"
            " return `${it.textContent} ${it.labels ? [...it.labels].map((one) => one.textContent)"
            ".join(' ') : ''}`; })()"
        )
        if name in " ".join(said.split()):
            return
    raise AssertionError(f"Tab never got to «{name}»")


def test_a_letter_is_confirmed_by_keys_alone(sample: Sample, opened: Open, altinn: Altinn) -> None:
    page = opened(sample(CONFIRM))

    tab_to(page, "Bekreft")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Bekreft", level=1)).to_be_visible()
    expect(page.get_by_text("Ingen opplysninger følger med")).to_be_visible()
    tab_to(page, "Bekreft og send")
    page.keyboard.press("Enter")

    expect(page.locator("#utfall")).to_contain_text("Mottaket er bekreftet.")
    assert altinn.counts()["correspondence-confirm"] == 1
    page.get_by_role("link", name="Til dialogen").click()
    expect(page.get_by_role("heading", name="Kvitteringer")).to_be_visible()
    expect(page.locator(".offers")).not_to_contain_text("Bekreft")


def test_a_letter_is_deleted_when_the_word_is_typed(
    sample: Sample, opened: Open, altinn: Altinn
) -> None:
    page = opened(sample(LETTER))

    page.get_by_role("link", name=re.compile("^Slett")).click()
    page.get_by_label("Skriv «slett» for å bekrefte").fill("nei")
    page.get_by_role("button", name="Slett").click()
    expect(page.locator("#ord-feil")).to_be_visible()
    assert altinn.counts()["correspondence-purge"] == 0

    page.get_by_label("Skriv «slett» for å bekrefte").fill("slett")
    page.keyboard.press("Enter")

    expect(page.locator("#utfall")).to_contain_text("Meldingen er slettet.")
    assert the_only().status_after == "GONE"


def test_a_double_click_is_one_call(sample: Sample, opened: Open, altinn: Altinn) -> None:
    page = opened(sample(GENERIC))
    altinn.post("/faults", {"operation": "details", "delay_seconds": 0.5})

    page.get_by_role("link", name=re.compile("^Be om betalingsutsettelse")).click()
    page.get_by_role("button", name="Bekreft og send").dblclick()

    expect(page.locator("#utfall")).to_be_visible()
    assert len(altinn.received()) == 1
    assert ServiceAction.objects.count() == 1


def test_what_changed_meanwhile_is_shown_and_asked_about_again(
    sample: Sample, opened: Open, altinn: Altinn
) -> None:
    dialog = sample(CONFIRM)
    page = opened(dialog)
    page.get_by_role("link", name=re.compile("^Bekreft")).click()
    altinn.post(f"/dialogs/{dialog.pk}", {"do": "update", "dueAt": "2030-01-01T00:00:00Z"})

    page.get_by_role("button", name="Bekreft og send").click()
    expect(page.get_by_role("alert").first).to_contain_text("Dialogen er endret siden du så den.")
    assert altinn.counts()["correspondence-confirm"] == 0
    page.get_by_role("button", name="Bekreft og send").click()

    expect(page.locator("#utfall")).to_contain_text("Mottaket er bekreftet.")


def test_a_lost_answer_is_looked_for_by_pressing(
    sample: Sample, opened: Open, altinn: Altinn
) -> None:
    page = opened(sample(CONFIRM))
    altinn.post("/faults", {"operation": "correspondence-confirm", "delay_seconds": 5})
    page.get_by_role("link", name=re.compile("^Bekreft")).click()
    page.get_by_role("button", name="Bekreft og send").click()
    expect(page.locator("#utfall")).to_contain_text("Ukjent utfall.", timeout=20_000)

    wait_until(lambda: altinn.received("correspondence-confirm"))
    page.get_by_role("button", name="Sjekk nå").click()

    expect(page.locator("#utfall")).to_contain_text("Mottaket er bekreftet.")
    assert altinn.counts()["correspondence-confirm"] == 1


def fill_in(page: Page, **fields: str) -> None:
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(value)


def test_navs_form_is_filled_in_put_right_read_through_and_sent(
    sample: Sample, opened: Open, altinn: Altinn
) -> None:
    page = opened(sample(SYKEPENGER))

    page.get_by_role("button", name="Fyll ut inntektsmelding her").click()
    expect(page.get_by_text("født 8. april 1943")).to_be_visible()
    fill_in(page, Inntekt_per_måned="48 500", Telefon="123")
    page.get_by_role("button", name="Les gjennom før du sender").click()
    expect(page.get_by_role("alert")).to_contain_text("Skriv åtte sifre")
    expect(page.get_by_label("Inntekt per måned")).to_have_value("48 500")
    page.get_by_role("link", name=re.compile("Telefon")).click()
    expect(page.get_by_label("Telefon")).to_be_focused()
    fill_in(page, Telefon="22334455")
    page.get_by_role("button", name="Les gjennom før du sender").click()
    expect(page.get_by_text("48 500,00 kr")).to_be_visible()
    assert altinn.counts()["nav-inntektsmelding"] == 0
    assert "08844397713" not in page.content()

    page.get_by_role("button", name="Bekreft og send").click()

    expect(page.locator("#utfall")).to_contain_text("Mottatt av Nav")
    assert len(altinn.received("nav-inntektsmelding")) == 1


def test_navs_form_by_keys_alone_with_a_row_more(
    sample: Sample, opened: Open, altinn: Altinn
) -> None:
    page = opened(sample(FORELDREPENGER))

    tab_to(page, "Fyll ut inntektsmelding her")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Dette har Nav opplyst")).to_be_visible()
    tab_to(page, "Inntekt per måned")
    page.keyboard.type("51000")
    tab_to(page, "Legg til årsak")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Årsak", exact=True)).to_be_visible()
    expect(page.get_by_label("Inntekt per måned")).to_have_value("51000")
    tab_to(page, "Årsak")
    page.get_by_label("Årsak", exact=True).select_option(label="Bonus")
    tab_to(page, "Telefon")
    page.keyboard.type("22334455")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Dette sendes")).to_be_visible()
    expect(page.get_by_text("Bonus")).to_be_visible()
    tab_to(page, "Bekreft og send")
    page.keyboard.press("Enter")

    expect(page.locator("#utfall")).to_be_visible()
    assert len(altinn.received("nav-fp-inntektsmelding")) == 1


def test_a_lost_line_loses_nothing_that_was_typed(sample: Sample, opened: Open) -> None:
    page = opened(sample(SYKEPENGER))
    page.get_by_role("button", name="Fyll ut inntektsmelding her").click()
    fill_in(page, Inntekt_per_måned="48 500")
    page.keyboard.press("Tab")
    wait_until(lambda: FormDraft.objects.exists() and page.evaluate("true"))
    page.wait_for_timeout(1000)

    page.reload()

    expect(page.get_by_label("Inntekt per måned")).to_have_value("48 500")


def test_the_receipt_is_downloaded_as_a_file(sample: Sample, opened: Open, tmp_path: Path) -> None:
    page = opened(sample(CONFIRM))
    page.get_by_role("link", name=re.compile("^Bekreft")).click()
    page.get_by_role("button", name="Bekreft og send").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Last ned som PDF").click()

    found: Any = waiting.value
    assert found.suggested_filename == f"kvittering-{the_only().pk}.pdf"
    found.save_as(tmp_path / "receipt.pdf")
    assert (tmp_path / "receipt.pdf").read_bytes().startswith(b"%PDF-")


# All that a browser keeps for a page, but for cookies that scripts cannot read.
KEPT = """async () => JSON.stringify({
  local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie,
  databases: await indexedDB.databases(), caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).map((one) => one.scope),
})"""
NATIONAL_ID = "08844397713"


def test_after_all_of_it_no_token_and_no_national_id_number_is_anywhere(
    sample: Sample, opened: Open, portal: Processes, altinn: Altinn
) -> None:
    report, letter = sample(SYKEPENGER), sample(CONFIRM)
    page = opened(report)
    shown = [page.content()]
    page.get_by_role("button", name="Fyll ut inntektsmelding her").click()
    expect(page.get_by_text("født 8. april 1943")).to_be_visible()
    fill_in(page, Inntekt_per_måned="48 500", Telefon="22334455")
    shown += [page.content(), page.evaluate(KEPT)]
    page.get_by_role("button", name="Les gjennom før du sender").click()
    expect(page.get_by_text("48 500,00 kr")).to_be_visible()
    shown.append(page.content())
    page.get_by_role("button", name="Bekreft og send").click()
    expect(page.locator("#utfall")).to_be_visible()
    shown.append(page.content())
    page = opened(letter)
    page.get_by_role("link", name=re.compile("^Bekreft")).click()
    page.get_by_role("button", name="Bekreft og send").click()
    expect(page.locator("#utfall")).to_contain_text("Mottaket er bekreftet.")
    page.get_by_role("link", name="Til dialogen").click()
    kept = page.evaluate(KEPT)
    shown += [page.content(), kept]

    assert NATIONAL_ID in altinn.received("nav-inntektsmelding")[0]["body"]
    key = altinn.credentials()["jwk"]["d"]
    places = {
        "what the browser showed and kept": "".join(shown),
        "its cookies": str(page.context.cookies()),
        "the database": everything_in_the_database(),
        "Redis": everything_in_redis().decode("latin-1"),
        "the log": portal.log("web"),
    }
    for place, text in places.items():
        assert text, place
        for secret in (NATIONAL_ID, key):
            assert secret not in text, place
        assert not re.search(r"eyJ[\w-]+\.eyJ", text), place  # a token: header and claims
    assert [json.loads(kept)[name] for name in ("databases", "caches", "workers")] == [[], [], []]
    assert {str(one["name"]) for one in page.context.cookies()} <= {"session", "csrf"}


AXE = Path(__file__).resolve().parents[3] / "node_modules" / "axe-core" / "axe.min.js"
WRONG = """async () => (await axe.run(document)).violations.map((one) =>
  `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html).join(' | ')}`)"""


def complaints_of_axe(page: Page) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(WRONG)
    return found


@pytest.mark.parametrize("width", [1440, 320])
def test_axe_finds_nothing_on_the_way_from_the_dialog_to_the_receipt(
    width: int, sample: Sample, opened: Open
) -> None:
    page = opened(sample(SYKEPENGER))
    page.set_viewport_size({"width": width, "height": 900})
    assert complaints_of_axe(page) == []

    page.get_by_role("button", name="Fyll ut inntektsmelding her").click()
    page.get_by_role("button", name="Legg til naturalytelse").click()
    assert complaints_of_axe(page) == []
    page.get_by_role("button", name="Les gjennom før du sender").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert complaints_of_axe(page) == []
    fill_in(page, Inntekt_per_måned="48 500", Telefon="22334455")
    page.get_by_role("button", name="Les gjennom før du sender").click()
    expect(page.get_by_role("heading", name="Dette sendes")).to_be_visible()
    assert complaints_of_axe(page) == []
    page.get_by_role("button", name="Bekreft og send").click()
    expect(page.locator("#utfall")).to_be_visible()
    assert complaints_of_axe(page) == []
    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert page.evaluate(wider) is False


@pytest.mark.timeout(300)
def test_every_press_of_every_sample_by_mouse(sample: Sample, opened: Open, altinn: Altinn) -> None:
    for name, title in PRESSES:
        dialog = sample(name)
        page = opened(dialog)
        if not page.locator(".offers a.ds-button", has_text=title).count():
            assert title == "Slett", name  # the letter that was confirmed a moment ago
            continue
        page.locator(".offer[data-way=PRESS] a.ds-button", has_text=title).first.click()
        if page.locator("#ord").count():
            page.locator("#ord").fill("slett")
        page.locator("article form button[type=submit]").click()

        expect(page.locator("#utfall")).to_be_visible()
        action = ServiceAction.objects.latest("pk")
        is_refused = NOT_YET.get((name, title)) == 422  # the letter was confirmed just before
        wanted = {State.REFUSED} if is_refused else {State.DONE, State.ACCEPTED}
        assert action.state in wanted, name
        expect(page.locator("#utfall")).to_contain_text(str(State(action.state).label))
