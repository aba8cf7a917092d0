"""Looking is not opening: pages, hovering, keys, printing and fetching ahead ask for nothing."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client as Browser
from playwright.sync_api import Page
from pytest_django import Settings

from clients.models import SystemUser
from staff.models import User
from tests.dialogs.answered import APP, open_and_answer
from tests.dialogs.content.conftest import Sample, calls
from tests.processes import Processes
from tests.stand_in import Altinn

pytestmark = pytest.mark.browser

UNOPENED = "correspondence-after-confirm"
TABS = ("", "dialoger/", "frister/", "alle-notater/", "tilgang/", "logg/")
# All that open nothing by themselves, in an order that leaves no form open for the next.
KEYS = "j k x t Escape f Escape h Escape n Escape o Escape s Escape ? Escape / Escape i"
MOVES = ("u", "e")  # in Altinn, which is no reading
WAYS = ("g h", "g i", "g m", "g f", "g k")
PREFETCH = {"Sec-Purpose": "prefetch", "Purpose": "prefetch"}
# Every link that a browser or an extension could follow ahead of a press.
LINKS = """[...new Set([...document.querySelectorAll("a[href], [hx-get]")]
  .map((it) => new URL(it.getAttribute("hx-get") || it.href, location).href)
  .filter((href) => href.startsWith(location.origin)))]"""
# The middle of everything that a pointer can pass over; the window is as tall as the page.
PLACES = """[...document.querySelectorAll("#within :is(a, button, summary, input, [hx-get])")]
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


def shape_of(address: str) -> str:
    """The address without what differs between pages of a kind."""
    return re.sub(r"[0-9a-f-]{36}|\d+", "*", address)


def some_of_each_kind(links: Iterable[str]) -> list[str]:
    """All that lead to or into one dialog; of others, which differ in their filters, two."""
    kinds = defaultdict[str, list[str]](list)
    for link in sorted(links):
        kinds[shape_of(re.sub(r"=[^&]*", "=", link))].append(link)
    return [
        link
        for shape, alike in kinds.items()
        for link in (alike if "/innboks/*/" in shape else alike[:2])
    ]


@pytest.fixture
def answered(
    services: SystemUser, altinn: Altinn, leders: Browser, leder: User, settings: Settings,
    archive_root: Path, now: datetime,
) -> list[str]:  # fmt: skip
    """Pages of opened dialogs: with questions, forms, a receipt, a file that is kept."""
    disk = "django.core.files.storage.FileSystemStorage"
    archive = {"BACKEND": disk, "OPTIONS": {"location": archive_root}}
    settings.STORAGES = settings.STORAGES | {"archive": archive}
    pages = open_and_answer(leders, leder, altinn, now=now)
    return [address[1:] for name, address in pages.items() if name != "file"]  # it is a press


@pytest.fixture
def addresses(sample: Sample, answered: list[str], altinn: Altinn) -> list[str]:
    """Every page that shows dialogs; some are opened already. Nothing has been asked since."""
    unopened, opened = sample(UNOPENED), sample(APP)
    altinn.delete("/requests")
    altinn.delete("/received")
    beside = [f"innboks/{dialog.pk}/" for dialog in (unopened, opened)]
    return [
        "hjem/", "innboks/", "klienter/", "tjenester/", "varsler/",
        *beside, f"{beside[0]}dialog/", *answered,
        *(f"klienter/{opened.client_id}/{tab}" for tab in TABS),
    ]  # fmt: skip


def hover(page: Page, within: str) -> None:
    """Pass over every link and button."""
    for x, y in page.evaluate(PLACES.replace("#within", within)):
        page.mouse.move(x, y)


def press_keys(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


@pytest.mark.timeout(300)
def test_no_page_no_hover_no_key_and_no_print_opens_anything(
    addresses: list[str], leders_page: Page, portal: Processes, altinn: Altinn
) -> None:
    page, seen = leders_page, altinn.seen()
    opened = altinn.sample(APP)
    page.set_viewport_size({"width": 1440, "height": 5000})
    found: dict[str, dict[str, int]] = {}
    links: set[str] = set()
    for address in addresses:
        page.goto(f"{portal.url}/{address}")
        links.update(page.evaluate(LINKS))
        hover(page, "main" if found else "body")  # the menu is the same everywhere
        if shape_of(address) not in map(shape_of, found):
            press_keys(page, KEYS)
            page.keyboard.press("Control+k")
            page.keyboard.type("a")
            page.keyboard.press("Escape")
            page.pdf()
        page.emulate_media(media="print")
        page.emulate_media(media="screen")
        found[address] = read(altinn)
    page.goto(f"{portal.url}/innboks/{opened}/dialog/")
    for key in MOVES:
        with page.expect_navigation():
            press_keys(page, key)
        found[f"the key {key}"] = read(altinn)
    for way in WAYS:
        with page.expect_navigation():
            press_keys(page, way)
    for link in some_of_each_kind(links):
        if not link.endswith(("/logout/", "#")):
            page.context.request.get(link, headers=PREFETCH, fail_on_status_code=False)
    found["links fetched ahead"] = read(altinn)

    assert any("/vedlegg/" in link for link in links)
    assert {address: asked for address, asked in found.items() if asked} == {}
    assert altinn.seen() == seen
