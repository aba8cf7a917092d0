"""How files pass through the portal's real server."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from psutil import Process

from altinn.details import Attachment
from clients.models import SystemUser
from dialogs.files import passing
from dialogs.models import Dialog
from tests.dialogs.files.conftest import PDF, Opened, address, attachment_of, entries, key_of
from tests.dialogs.files.served import MIB, ask, read, watched, worker_of
from tests.processes import Processes, processes
from tests.stand_in import Altinn, wait_until

MOST_GROWTH_BYTES = 32 * MIB


@pytest.fixture
def portal(transactional_db: None, services: SystemUser, altinn: Altinn) -> Iterator[Processes]:
    with processes(altinn, ATTACHMENT_SILENCE_SECONDS="5") as running:
        running.start_web()
        yield running


@pytest.fixture
def dialog(portal: Processes, opened: Opened) -> Dialog:
    return opened()


@pytest.fixture
def letter(dialog: Dialog) -> Attachment:
    return attachment_of(dialog, PDF)


@pytest.fixture
def session(marits: Browser) -> str:
    return str(marits.cookies["session"].value)


@pytest.fixture
def url(portal: Processes, dialog: Dialog, letter: Attachment) -> str:
    return portal.url + address(dialog, letter)


@pytest.fixture
def make(altinn: Altinn, letter: Attachment) -> Callable[..., None]:
    def make_it(**file: Any) -> None:
        altinn.post("/files", {"id": key_of(letter)} | file)

    return make_it


def entry() -> dict[str, Any]:
    """The one entry there is of a download; it is written when the answer is closed."""
    [found] = wait_until(lambda: entries("file.downloaded"))
    connection.close()
    return dict(found)


def test_a_large_file_passes_without_being_held(
    portal: Processes, url: str, session: str, make: Callable[..., None]
) -> None:
    read(ask(url, session))
    worker: Process = worker_of(portal)
    make(bytes=64 * MIB)

    with watched(worker) as held:
        got = read(ask(url, session))

    assert (got.status, got.size_bytes, got.is_whole) == (200, 64 * MIB, True)
    assert max(held) - held[0] < MOST_GROWTH_BYTES


def test_a_reader_who_is_slow_does_not_make_the_portal_hold_the_file(
    portal: Processes, url: str, session: str, make: Callable[..., None]
) -> None:
    read(ask(url, session))
    worker = worker_of(portal)
    make(bytes=64 * MIB)

    with watched(worker) as held:
        asking = ask(url, session)
        time.sleep(3)
        got = read(asking)

    assert got.is_whole
    assert max(held) - held[0] < MOST_GROWTH_BYTES


def test_all_in_one_zip_passes_without_being_held(
    portal: Processes, url: str, dialog: Dialog, session: str, make: Callable[..., None]
) -> None:
    everything = f"{portal.url}/innboks/{dialog.pk}/vedlegg/alle/"
    read(ask(everything, session))
    worker = worker_of(portal)
    make(bytes=64 * MIB)

    with watched(worker) as held:
        got = read(ask(everything, session))

    assert got.is_whole
    assert got.size_bytes > 64 * MIB
    assert max(held) - held[0] < MOST_GROWTH_BYTES


def test_an_owner_that_breaks_off_breaks_the_connection(
    url: str, session: str, altinn: Altinn, make: Callable[..., None]
) -> None:
    make(bytes=8 * MIB)
    altinn.post("/faults", {"operation": "correspondence-file", "abort_after_bytes": 2 * MIB})

    got = read(ask(url, session))

    assert got.status == 200
    assert not got.is_whole
    assert entry()["sha256"] is None


def test_a_reader_who_leaves_ends_the_fetching_and_gives_back_the_place(
    url: str, session: str, make: Callable[..., None]
) -> None:
    make(bytes=512 * MIB)
    for _ in range(passing.AT_ONCE + 1):
        asking = ask(url, session)
        asking.recv(1024)
        asking.close()
        wait_until(lambda: entries("file.downloaded"))

    wait_until(lambda: len(entries("file.downloaded")) == passing.AT_ONCE + 1)

    for one in entries("file.downloaded"):
        assert one["sha256"] is None
        assert one["size_bytes"] < 128 * MIB


def test_pages_are_served_while_files_drip(
    portal: Processes, url: str, session: str, make: Callable[..., None]
) -> None:
    make(bytes=1 * MIB, drip_seconds=0.5, drip_bytes=8192)
    asked = [ask(url, session) for _ in range(passing.AT_ONCE + 4)]
    try:
        time.sleep(1)
        began = time.monotonic()
        page = read(ask(f"{portal.url}/innboks/", session))
        assert page.status == 200
        assert time.monotonic() - began < 5
    finally:
        for one in asked:
            one.close()
