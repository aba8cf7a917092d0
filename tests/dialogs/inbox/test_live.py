"""The live stream and the browser: the portal served as in production, on the test database."""

import asyncio
import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Page, expect

from clients.models import Client
from dialogs import live
from dialogs.actions import Touched
from dialogs.inbox.stream import MOST_WAITING, REREAD_SECONDS, Ears, Hub, _ears
from dialogs.models import Dialog
from dialogs.people.leaving import let_go
from staff.models import User
from tests.dialogs.conftest import MakeDialog, is_at_rest, served
from tests.processes import Processes
from tests.stand_in import wait_until

LogIn = Callable[[User], Browser]
PASSWORD = "et-langt-passord"


class Listener:
    """An open page as the server sees it."""

    def __init__(self, url: str, browser: Browser) -> None:
        self.events: list[tuple[str, Any]] = []
        self.is_over = False
        self._url = url
        self._cookies = {name: cookie.value for name, cookie in browser.cookies.items()}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        name = ""
        with (
            contextlib.suppress(httpx.TransportError),
            httpx.stream(
                "GET", f"{self._url}/hendelser/", cookies=self._cookies, timeout=60, trust_env=False
            ) as answer,
        ):
            self.headers = answer.headers
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    self.events.append((name, json.loads(line[6:])))
                if self._stop.is_set():
                    break
        self.is_over = True

    def heard(self, name: str) -> list[Any]:
        return [data for event, data in self.events if event == name]

    def stop(self) -> None:
        self._stop.set()


@pytest.fixture
def portal(transactional_db: None) -> Iterator[Processes]:
    """A portal of each test's own: only who listens first hears that the channel is there."""
    with served() as running:
        yield running
    wait_until(is_at_rest)


@pytest.fixture
def listen(portal: Processes) -> Iterator[Callable[[Browser], Listener]]:
    listeners: list[Listener] = []

    def start(browser: Browser) -> Listener:
        listener = Listener(portal.url, browser)
        listeners.append(listener)
        wait_until(lambda: bool(listener.heard("klar")))
        wait_until(lambda: len(listener.events) > 1 or len(listeners) > 1)
        return listener

    yield start
    for listener in listeners:
        listener.stop()


def tell(dialog: Dialog, *, is_new: bool = False) -> None:
    with transaction.atomic():
        live.tell([Touched(dialog.pk, dialog.client_id, is_new)])


def open_inbox(page: Page, portal: Processes, browser: Browser, query: str = "") -> None:
    """Show the inbox to somebody who is logged in already."""
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies(
        [{"name": name, "value": browser.cookies[name].value, "url": portal.url}]
    )
    with page.expect_response(re.compile("/hendelser/")):
        page.goto(f"{portal.url}/innboks/{query}")


def test_a_page_hears_only_of_clients_its_reader_may_see(
    listen: Callable[[Browser], Listener],
    karis: Browser,
    olas: Browser,
    leder: User,
    logged_in: LogIn,
    bakeren: Client,
    rorleggeren: Client,
    make_dialog: MakeDialog,
) -> None:
    of_bakeren, of_rorleggeren = make_dialog(bakeren), make_dialog(rorleggeren)
    pages = [listen(browser) for browser in (karis, olas, logged_in(leder))]

    tell(of_bakeren, is_new=True)
    tell(of_rorleggeren)

    wait_until(lambda: len(pages[2].heard("endret")) == 2)
    wait_until(lambda: len(pages[1].heard("endret")) == 1)
    wait_until(lambda: len(pages[0].heard("endret")) == 1)
    assert pages[0].heard("endret") == [[[str(of_bakeren.pk), True]]]
    assert pages[1].heard("endret") == [[[str(of_rorleggeren.pk), False]]]
    assert pages[0].headers["cache-control"] == "no-store"
    assert pages[0].headers["x-accel-buffering"] == "no"
    assert pages[0].headers["content-type"] == "text/event-stream"


def test_who_is_shut_out_hears_it_at_once_and_nobody_else_does(
    listen: Callable[[Browser], Listener], karis: Browser, olas: Browser, kari: User, admin: User
) -> None:
    pages = [listen(browser) for browser in (karis, olas)]

    let_go(kari, receiver=None, actor=admin, now=timezone.now())

    wait_until(lambda: pages[0].heard("ut"), seconds=REREAD_SECONDS / 3)
    assert not pages[1].heard("ut")


def test_open_pages_hold_no_database_connection(
    portal: Processes, listen: Callable[[Browser], Listener], karis: Browser
) -> None:
    """The pool has ten; twelve open pages must leave it free for everybody else."""
    pages = [listen(karis) for _ in range(12)]

    cookies = {name: cookie.value for name, cookie in karis.cookies.items()}
    answer = httpx.get(f"{portal.url}/innboks/", cookies=cookies, timeout=8, trust_env=False)

    assert answer.status_code == 200
    assert len(pages) == 12


def test_the_stream_is_for_those_who_are_logged_in(portal: Processes) -> None:
    assert httpx.get(f"{portal.url}/hendelser/", trust_env=False).status_code == 302


@pytest.mark.browser
def test_logging_in_shows_the_inbox_and_logging_out_ends_it(
    page: Page, portal: Processes, kari: User, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, "Mva-melding")
    kari.set_password(PASSWORD)
    kari.save()
    page.goto(f"{portal.url}/innboks/?q=mva")

    page.get_by_label("E-postadresse").fill(kari.email)
    page.get_by_label("Passord").fill("feil passord her")
    page.get_by_role("button", name="Logg inn", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Passord").fill(PASSWORD)
    page.get_by_role("button", name="Logg inn", exact=True).click()

    expect(page.get_by_role("link", name="Mva-melding")).to_be_visible()
    assert page.url.endswith("/innboks/?q=mva")
    page.get_by_role("button", name="Logg ut").click()
    expect(page.get_by_role("heading", name="Logg inn")).to_be_visible()


@pytest.mark.browser
def test_focus_goes_to_the_panel_and_back_to_the_row(
    page: Page, portal: Processes, karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    for days in (1, 2, 3):
        make_dialog(bakeren, f"Brev {days}", due_in=days)
    open_inbox(page, portal, karis, "?mappe=alle")

    page.get_by_role("link", name="Brev 2").click()
    heading = page.get_by_role("heading", name="Brev 2")
    expect(heading).to_be_focused()
    assert re.search(r"/innboks/[0-9a-f-]{36}/\?mappe=alle$", page.url)
    page.keyboard.press("Escape")

    expect(heading).to_have_count(0)
    expect(page.get_by_role("link", name="Brev 2")).to_be_focused()
    assert page.url.endswith("/innboks/?mappe=alle")
    page.go_back()
    expect(heading).to_be_visible()


@pytest.mark.browser
def test_keys_move_and_take_but_not_while_typing(
    page: Page,
    portal: Processes,
    karis: Browser,
    kari: User,
    bakeren: Client,
    make_dialog: MakeDialog,
) -> None:
    dialogs = [make_dialog(bakeren, f"Brev {days}", due_in=days) for days in (1, 2)]
    open_inbox(page, portal, karis)

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Brev 2")).to_be_focused()
    page.keyboard.press("i")
    expect(page.locator("tr", has_text="Brev 2")).to_contain_text("Kari Hansen")
    expect(page.get_by_role("link", name="Brev 2")).to_be_focused()
    expect(page.locator("#status")).to_have_text("Ansvarlig er Kari Hansen.")

    page.keyboard.press("s")
    page.keyboard.type("jiko?")
    expect(page.locator("#q")).to_have_value("jiko?")
    dialogs[0].refresh_from_db()
    assert dialogs[0].responsible is None
    dialogs[1].refresh_from_db()
    assert dialogs[1].responsible == kari


@pytest.mark.browser
def test_a_new_row_is_told_of_and_nothing_moves_until_asked(
    page: Page,
    portal: Processes,
    karis: Browser,
    bakeren: Client,
    rorleggeren: Client,
    make_dialog: MakeDialog,
) -> None:
    old = make_dialog(bakeren, "Gammelt brev", due_in=5)
    open_inbox(page, portal, karis)
    page.get_by_role("link", name="Gammelt brev").focus()

    tell(make_dialog(rorleggeren, "Ikke for Kari"), is_new=True)
    tell(make_dialog(bakeren, "I arkivet", folder="ARCHIVE"), is_new=True)
    tell(make_dialog(bakeren, "Nytt brev", due_in=1), is_new=True)
    tell(old)

    notice = page.locator("#nytt")
    expect(notice).to_contain_text("1 ny og 1 endret")
    expect(page.locator("tr", has_text="Gammelt brev")).to_contain_text("Endret nå")
    expect(page.get_by_role("link", name="Nytt brev")).to_have_count(0)
    expect(page.get_by_role("link", name="Gammelt brev")).to_be_focused()
    page.get_by_role("button", name="Oppdater listen").click()

    expect(page.locator(".rows .title").first).to_contain_text("Nytt brev")
    expect(notice).to_be_empty()
    expect(page.get_by_role("link", name="Ikke for Kari")).to_have_count(0)


@pytest.mark.browser
def test_a_new_row_appears_by_itself_while_nobody_reads(
    page: Page, portal: Processes, karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, "Gammelt brev")
    open_inbox(page, portal, karis)
    expect(page.locator("tr[data-dialog]")).to_have_count(1)

    tell(make_dialog(bakeren, "Nytt brev", due_in=1), is_new=True)

    expect(page.get_by_role("link", name="Nytt brev")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("link", name="Innboks 2")).to_be_visible()


def test_a_page_is_told_when_the_live_channel_is_away(
    transactional_db: None, karis: Browser
) -> None:
    with served(REDIS_URL="redis://127.0.0.1:1/0") as portal:
        listener = Listener(portal.url, karis)

        wait_until(lambda: bool(listener.heard("borte")))
        listener.stop()
    wait_until(is_at_rest)


def test_who_is_logged_out_or_has_left_hears_nothing_more(
    transactional_db: None, karis: Browser, kari: User, bakeren: Client
) -> None:
    key = karis.session.session_key
    ears = async_to_sync(_ears)

    assert ears(kari.pk, key) == Ears(kari.pk, frozenset({bakeren.pk}))
    kari.sees_all_clients = True
    kari.save()
    assert ears(kari.pk, key) == Ears(kari.pk, None)
    kari.is_active = False
    kari.save()
    assert ears(kari.pk, key) is None
    kari.is_active = True
    kari.save()
    karis.logout()
    assert ears(kari.pk, key) is None


def test_a_page_that_falls_behind_is_told_to_look_again() -> None:
    async def fall_behind() -> list[Any]:
        hub = Hub()
        queue: asyncio.Queue[Any] = asyncio.Queue(MOST_WAITING)
        hub._pages.add(queue)
        for number in range(MOST_WAITING + 1):
            hub._tell([[str(number), 1, False]])
        return [queue.get_nowait() for _ in range(queue.qsize())]

    assert asyncio.run(fall_behind()) == ["borte", "tilbake"]
