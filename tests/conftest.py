"""The people, the clients, and a stand-in for Altinn that every test reaches over HTTP.

Kari works for Bakeren. Ola is a colleague who does not, and must see nothing of it. Admin may
register; Leder sees everything.
"""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

import portal.celery
from altinn.environment import Environment
from clients import actions, connect
from clients.models import Client, SystemUser
from dialogs.bus import bus
from staff.models import User
from tests import template
from tests.chromium import started
from tests.stand_in import Altinn

BAKEREN = "310495921"


def pytest_configure(config: pytest.Config) -> None:
    """Pages find their static files where they lie: nothing has to be collected for a test.

    Nor does a test that is about something else log in in two steps, or anew.
    """
    django_settings.TWO_STEP_ROLES = frozenset()
    django_settings.RECENT_LOGIN_MINUTES = 0
    staticfiles = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    django_settings.STORAGES = django_settings.STORAGES | {"staticfiles": staticfiles}
    template.make(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    template.drop(config)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let tests that commit empty the audit log after them. In use, it cannot be emptied."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in ("staff_auditentry", "staff_auditlink"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER audit_not_emptied")


@pytest.fixture(scope="session")
def chromium() -> Iterator[str]:
    """The address of a browser for the whole run."""
    with started() as address:
        yield address


@pytest.fixture(scope="session")
def stand_in() -> Iterator[Altinn]:
    """The sandbox as a process of its own, for the whole run."""
    with Altinn.started() as altinn:
        yield altinn


@pytest.fixture
def altinn(stand_in: Altinn, settings: Settings) -> Iterator[Altinn]:
    """The stand-in with its small world as new, and the portal's settings pointing at it."""
    stand_in.reset()
    for name, value in stand_in.settings().items():
        setattr(settings, name, value)
    settings.COALESCE_SECONDS = 0
    settings.SUBSCRIPTIONS_PER_MINUTE = 60_000
    settings.ALTINN = Environment(**stand_in.addresses())
    connect._key.cache_clear()
    connect._tokens.cache_clear()
    for key in bus().scan_iter("altinn:token:*"):
        bus().delete(key)
    portal.celery.app.conf.task_always_eager = True  # `delay` runs at once
    yield stand_in
    portal.celery.app.conf.task_always_eager = False


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def kari(db: None) -> User:
    return User.objects.create_user("kari@firmaet.invalid", first_name="Kari", last_name="Hansen")


@pytest.fixture
def ola(db: None) -> User:
    return User.objects.create_user("ola@firmaet.invalid", first_name="Ola", last_name="Berg")


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_user(
        "admin@firmaet.invalid", first_name="Per", last_name="Nilsen", role=User.Role.ADMIN
    )


@pytest.fixture
def leder(db: None) -> User:
    return User.objects.create_user(
        "leder@firmaet.invalid", first_name="Marit", last_name="Solberg", role=User.Role.MANAGER
    )


@pytest.fixture
def bakeren(kari: User, now: datetime) -> Client:
    client = actions.register_client(
        orgnr=BAKEREN, name="Bakeren AS", actor=None, now=now, responsible=kari
    )
    client.members.add(kari)
    return client


@pytest.fixture
def agent(db: None, altinn: Altinn) -> SystemUser:
    """The firm's system user that sees all clients; new clients are added by themselves."""
    one = next(u for u in altinn.system_users() if u["external_ref"] == "regnskap")
    return SystemUser.objects.create(
        name="Regnskap",
        kind=SystemUser.Kind.AGENT,
        owner_orgnr=one["orgnr"],
        external_ref=one["external_ref"],
        adds_clients=True,
    )
