"""Dialogs of the stand-in's, read once, and a browser without a window to open them in."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse
from playwright.sync_api import Page

from clients import actions as client_actions
from clients import connect
from clients.models import SystemUser
from dialogs import tasks
from dialogs.models import Dialog
from staff.models import User
from tests.dialogs.content.watching import Watch
from tests.processes import Processes, processes
from tests.stand_in import Altinn

Go = Callable[[str], Dialog]
Open = Callable[[Dialog], Any]
Sample = Callable[[str], Dialog]


def read_all(agent: SystemUser, altinn: Altinn, *, now: datetime) -> SystemUser:
    with connect.end_user(agent) as api:
        client_actions.keep_in_step(agent, api.parties(), now=now)
    tasks.load_new()
    altinn.delete("/requests")
    return agent


@pytest.fixture
def read(agent: SystemUser, altinn: Altinn, now: datetime) -> SystemUser:
    """The agent, with every dialog of the stand-in's small world read once."""
    return read_all(agent, altinn, now=now)


@pytest.fixture
def services(db: None, altinn: Altinn, now: datetime) -> SystemUser:
    """The agent, with what services really send: a dialog for each sample."""
    altinn.reset("services")
    return read_all(firms_agent(altinn), altinn, now=now)


def firms_agent(altinn: Altinn) -> SystemUser:
    """The firm's own system user in worlds that begin with it."""
    one = next(u for u in altinn.system_users() if u["external_ref"] == "regnskap")
    return SystemUser.objects.create(
        name="Regnskap",
        kind=SystemUser.Kind.AGENT,
        owner_orgnr=one["orgnr"],
        external_ref=one["external_ref"],
        adds_clients=True,
    )


@pytest.fixture
def sample(services: SystemUser, altinn: Altinn) -> Sample:
    """A dialog by the name of the sample it is made of."""

    def find(name: str) -> Dialog:
        [found] = altinn.get("/dialogs", template=name)
        return Dialog.objects.select_related("service", "party").get(pk=found["id"])

    return find


@pytest.fixture
def leders(leder: User, logged_in: Callable[[User], Browser]) -> Browser:
    """The manager's browser: sees every client."""
    return logged_in(leder)


@pytest.fixture
def press_open(leders: Browser) -> Open:
    """Press «Åpne dialogen», and follow to what is shown then."""

    def press(dialog: Dialog) -> Any:
        address = reverse("dialogs:whole-open", args=[dialog.pk])
        return leders.post(address, follow=True)

    return press


@pytest.fixture
def archive_root(tmp_path: Path) -> Path:
    """Where files that are kept lie for the time of a test."""
    return tmp_path / "archive"


@pytest.fixture
def portal(transactional_db: None, altinn: Altinn, archive_root: Path) -> Iterator[Processes]:
    """The portal itself, as it is in production, with the stand-in as its Altinn."""
    more = {
        "ARCHIVE_ROOT": str(archive_root),
        "ATTACHMENT_SECONDS": "3",
        "PGAPPNAME": "portal under test",
    }
    with processes(altinn, **more) as running:
        running.start_web()
        yield running


@pytest.fixture
def leders_page(page: Page, portal: Processes, leders: Browser) -> Page:
    """The manager's page: logged in already."""
    cookie = settings.SESSION_COOKIE_NAME
    session = {"name": cookie, "value": leders.cookies[cookie].value, "url": portal.url}
    page.context.add_cookies([session])  # type: ignore[list-item]
    return page


@pytest.fixture
def watch(leders_page: Page, portal: Processes) -> Watch:
    """The manager's page, with an ear to all that it does."""
    return Watch(leders_page, portal)


@pytest.fixture
def go(leders_page: Page, portal: Processes, sample: Sample) -> Go:
    """Go to a sample's page as the manager."""

    def visit(which: str) -> Dialog:
        dialog = sample(which)
        leders_page.goto(f"{portal.url}/innboks/{dialog.pk}/dialog/")
        return dialog

    return visit


def calls(altinn: Altinn) -> dict[str, int]:
    """What has been asked of Altinn."""
    return {name: count for name, count in altinn.counts().items() if count}


def dialog_of(resource: str, **more: Any) -> Dialog:
    """A dialog of a service of the stand-in's, by the end of its resource's name."""
    found = Dialog.objects.filter(service__urn__endswith=resource, gone_at=None, **more)
    dialog = found.select_related("service", "party").order_by("created_at", "pk").first()
    assert dialog is not None
    return dialog
