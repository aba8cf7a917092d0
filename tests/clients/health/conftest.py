"""Accesses as the readings leave them, and a browser of somebody's."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client as Browser

from clients.models import Access, Alarm, Client, Party, SystemUser
from staff.models import User

Browse = Callable[[User], Browser]
MakeClients = Callable[[int], list[Client]]


@pytest.fixture
def browse() -> Browse:
    def as_user(user: User) -> Browser:
        browser = Browser()
        browser.force_login(user)
        return browser

    return as_user


@pytest.fixture
def regnskap(db: None, now: datetime) -> SystemUser:
    return SystemUser.objects.create(
        name="Regnskap", owner_orgnr="310000006", external_ref="regnskap", parties_read_at=now
    )


def read(client: Client, system_user: SystemUser, *, now: datetime, **fields: Any) -> Access:
    """Let a system user read a client's main unit."""
    return Access.objects.create(
        party=client.parties.get(kind=Party.Kind.MAIN),
        system_user=system_user,
        found_at=now,
        loaded_at=now,
        **fields,
    )


def kinds() -> list[str]:
    """What is wrong now."""
    return sorted(Alarm.objects.open().values_list("kind", flat=True))
