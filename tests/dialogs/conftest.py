"""Dialogs to list, people to list them for, and a browser to see them in."""

import contextlib
import itertools
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as portal_settings
from django.db import connection, connections
from django.test import Client as Browser
from playwright.sync_api import Page

from clients.models import Access, Category, CategoryService, Client, Party, SystemUser
from dialogs.models import Dialog, DialogCopy, Service, ServiceOwner
from staff.models import User
from tests.chromium import connected
from tests.processes import Processes, database_url
from tests.stand_in import wait_until

MakeDialog = Callable[..., Dialog]
PORTAL = "portal under test"
_orgnrs = itertools.count(1)


@pytest.fixture
def reader(db: None, now: datetime) -> SystemUser:
    return SystemUser.objects.create(name="Regnskap", owner_orgnr="910000004", polled_at=now)


@pytest.fixture
def make_client(now: datetime) -> Callable[..., Client]:
    def make(name: str, **fields: Any) -> Client:
        fields = {"orgnr": f"{800000000 + next(_orgnrs)}", "added_at": now} | fields
        client = Client.objects.create(name=name, **fields)
        Party.objects.create(
            urn=f"urn:altinn:organization:identifier-no:{client.orgnr or uuid4()}",
            client=client,
            kind=Party.Kind.MAIN,
            orgnr=client.orgnr or "",
            name=name,
        )
        return client

    return make


@pytest.fixture
def bakeren(make_client: Callable[..., Client], kari: User) -> Client:
    return make_client("Bakeren AS", orgnr="310495921", responsible=kari)


@pytest.fixture
def rorleggeren(make_client: Callable[..., Client], ola: User) -> Client:
    return make_client("Rørleggeren ENK", orgnr="987654325", responsible=ola)


@pytest.fixture
def health(db: None) -> Category:
    """The category of what Nav writes of people's health."""
    category, _ = Category.objects.get_or_create(name="Helse og sykefravær")
    pattern = "urn:altinn:resource:nav_sykepenger_*"
    CategoryService.objects.get_or_create(pattern=pattern, defaults={"category": category})
    return category


@pytest.fixture
def make_dialog(reader: SystemUser, now: datetime) -> MakeDialog:
    """Add a dialog with a title; `due_in` is days from now."""

    def make(client: Client, title: str = "Mva-melding", **given: Any) -> Dialog:
        copy = {
            name: given.pop(name, "") for name in ("summary", "sender", "reference", "other_words")
        }
        owner_code = given.pop("owner", "skd")
        owner, _ = ServiceOwner.objects.get_or_create(
            code=owner_code, defaults={"name": {"skd": "Skatteetaten"}.get(owner_code, owner_code)}
        )
        service, _ = Service.objects.get_or_create(
            urn=f"urn:altinn:resource:{owner_code}-x", defaults={"owner": owner, "name": "Mva"}
        )
        party = given.pop("party", None) or client.parties.get(kind=Party.Kind.MAIN)
        access, _ = Access.objects.get_or_create(
            system_user=reader, party=party, defaults={"found_at": now, "loaded_at": now}
        )
        due_in = given.pop("due_in", None)
        due_at = given.pop("due_at", None if due_in is None else now + timedelta(days=due_in))
        settled = given.get("status") in {"Completed", "Awaiting"}
        content_updated_at = given.pop("content_updated_at", now - timedelta(days=1))
        # Folders that the database works out: what they are worked out from.
        folder = given.pop("folder", "INBOX")
        given |= {"gone_at": now} if folder == "GONE" else {"altinn_folder": folder}
        fields = {
            "id": uuid4(),
            "status": "RequiresAttention",
            "is_sent": False,
            "is_unread": False,
            "has_unopened_content": False,
            "attachment_count": 0,
            "created_at": content_updated_at,
            "updated_at": content_updated_at,
            "read_at": now,
            "received_digest": uuid4(),
            "first_seen_at": now,
        }
        dialog = Dialog.objects.create(
            **fields | given,
            client=client,
            party=party,
            access=access,
            service=service,
            owner=owner,
            due_at=due_at,
            binding_at=None if settled else due_at,
            content_updated_at=content_updated_at,
        )
        DialogCopy.objects.create(dialog=dialog, received={}, title=title, **copy)
        dialog.refresh_from_db()
        return dialog

    return make


@pytest.fixture
def logged_in() -> Callable[[User], Browser]:
    def log_in(user: User) -> Browser:
        browser = Browser()
        browser.force_login(user)
        return browser

    return log_in


@pytest.fixture
def karis(kari: User, logged_in: Callable[[User], Browser]) -> Browser:
    return logged_in(kari)


@pytest.fixture
def olas(ola: User, logged_in: Callable[[User], Browser]) -> Browser:
    return logged_in(ola)


@contextlib.contextmanager
def served(**more: str) -> Iterator[Processes]:
    """The portal itself, served as it is in production, on the test database."""
    with tempfile.TemporaryDirectory() as folder:
        running = Processes(
            {
                "DATABASE_URL": database_url(),
                "REDIS_URL": portal_settings.REDIS_URL,
                "SECRET_KEY": portal_settings.SECRET_KEY,
                "PGAPPNAME": PORTAL,
                **more,
            },
            Path(folder),
        )
        try:
            running.start_web()
            yield running
        finally:
            running.kill_all()


@pytest.fixture(scope="session")
def lasting_portal(django_db_setup: None) -> Iterator[Processes]:
    """The portal for every test of a run that does not change it."""
    with served() as running:
        yield running


@pytest.fixture
def portal(transactional_db: None, lasting_portal: Processes) -> Iterator[Processes]:
    yield lasting_portal
    wait_until(is_at_rest)


def is_at_rest() -> bool:
    """Whether the portal asks the database nothing, so that it can be emptied."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
            " AND datname = current_database() AND state <> 'idle'",
            [PORTAL],
        )
        return bool(cursor.fetchone() == (0,))


@pytest.fixture
def page(
    portal: Processes,
    chromium: str,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[Page]:
    """A page of 1440 × 900 that fails the test when the browser complains."""
    # Playwright keeps an event loop in this thread; the test's own queries are plain all the same.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
    complaints: list[str] = []
    expects = request.node.get_closest_marker("expects_complaints")
    expected = re.compile(expects.args[0] if expects else "^$")
    with connected(chromium) as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="nb-NO")
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if message.type == "error" and not expected.search(message.text)
                else None
            ),
        )
        yield page
        connections.close_all()  # inside the loop Django has connections of its own
    assert complaints == []
