"""Looking is not opening: pages, hovering, keys, printing and fetching ahead ask for nothing."""

import pytest
from playwright.sync_api import Page

from dialogs.models import Dialog
from tests.dialogs.content.conftest import Open, Sample, calls
from tests.processes import Processes
from tests.stand_in import Altinn

pytestmark = pytest.mark.browser

LETTER = "correspondence-confirmation-required"
OPENED = ("app-completed", "correspondence-as-transmission", "nav-sykepenger-im-godkjent")
TABS = ("", "dialoger/", "frister/", "alle-notater/", "dokumenter/", "tilgang/", "logg/")
# All that open nothing by themselves, in an order that leaves no form open for the next.
KEYS = "j k x t Escape f Escape h Escape n Escape o Escape s Escape ? Escape / Escape i"
WAYS = ("g h", "g i", "g m", "g f", "g k")
PREFETCH = {"Sec-Purpose": "prefetch", "Purpose": "prefetch"}
# Every link that a browser or an extension could follow ahead of a press.
LINKS = """[...new Set([...document.querySelectorAll("a[href], [hx-get]")]
  .map((it) => new URL(it.getAttribute("hx-get") || it.href, location).href)
  .filter((href) => href.startsWith(location.origin)))]"""
# The middle of everything that a pointer can pass over; the window is as tall as the page.
PLACES = """[...document.querySelectorAll("a, button, summary, input, [hx-get]")]
  .filter((it) => it.checkVisibility()).map((it) => it.getBoundingClientRect())
  .map((box) => [box.x + box.width / 2, box.y + box.height / 2])"""
READS = ("details", "elsewhere", "receipt", "instance", "login", "canary", "stream", "unknown")
READS_BY_NAME = ("correspondence", "instance-", "nav-", "action")


def read(altinn: Altinn) -> dict[str, int]:
    """What was asked for that somebody else notices: details, embeds, files and the like."""
    return {
        name: count
        for name, count in calls(altinn).items()
        if name in READS or name.startswith(READS_BY_NAME)
    }


@pytest.fixture
def addresses(sample: Sample, press_open: Open, altinn: Altinn) -> list[str]:
    """Every page that shows dialogs; some are opened already. Nothing has been asked since."""
    letter, opened = sample(LETTER), [sample(name) for name in OPENED]
    for dialog in opened:
        press_open(dialog)
    altinn.delete("/requests")
    altinn.delete("/received")
    clients = Dialog.objects.filter(pk__in=[letter.pk, opened[0].pk]).values_list("client_id")
    dialogs = [f"innboks/{dialog.pk}/" for dialog in (letter, *opened)]
    return [
        "hjem/", "innboks/", "klienter/", "tjenester/", "varsler/",
        *dialogs, *(f"{address}dialog/" for address in dialogs),
        *(f"klienter/{pk}/{tab}" for [pk] in clients.distinct() for tab in TABS),
    ]  # fmt: skip


def hover(page: Page) -> None:
    """Pass over every link and button."""
    for x, y in page.evaluate(PLACES):
        page.mouse.move(x, y)


def press_keys(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def test_no_page_no_hover_no_key_and_no_print_opens_anything(
    addresses: list[str], leders_page: Page, portal: Processes, altinn: Altinn
) -> None:
    page, seen = leders_page, altinn.seen()
    page.set_viewport_size({"width": 1440, "height": 5000})
    found, links = {}, set[str]()
    for address in addresses:
        page.goto(f"{portal.url}/{address}")
        links.update(page.evaluate(LINKS))
        hover(page)
        press_keys(page, KEYS)
        page.keyboard.press("Control+k")
        page.keyboard.type("a")
        page.keyboard.press("Escape")
        page.emulate_media(media="print")
        page.pdf()
        page.emulate_media(media="screen")
        found[address] = read(altinn)
    for way in WAYS:
        with page.expect_navigation():
            press_keys(page, way)
    for link in sorted(links):
        if not link.endswith(("/logout/", "#")):
            page.context.request.get(link, headers=PREFETCH, fail_on_status_code=False)
    found["links fetched ahead"] = read(altinn)

    assert any("/vedlegg/" in link for link in links)
    assert {address: asked for address, asked in found.items() if asked} == {}
    assert altinn.seen() == seen
