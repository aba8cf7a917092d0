"""Altinn's list of parties as its own JSON, decoded as the portal does; and who reads it."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import pytest
from django.test import Client as Browser
from kombu.exceptions import OperationalError

from altinn.dialogporten import AuthorizedParty
from altinn.identifiers import party_urn
from clients import actions, connect, tasks
from clients.models import SystemUser
from staff.models import User

FIRM = "923609016"
BAKEREN = "310495921"
BAKEREN_BERGEN = "315010004"  # a sub-unit of Bakeren's
FISKEREN = "313170004"
PERSON = "urn:altinn:person:identifier-no:01017012345"

Browse = Callable[[User], Browser]


def listed(party: str, name: str, *subs: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One party as Dialogporten lists it; a number or a URN."""
    urn = party if party.startswith("urn:") else party_urn(party)
    return {"party": urn, "name": name, "partyType": "Organization", "subParties": subs} | more


def decoded(*parties: dict[str, Any]) -> list[AuthorizedParty]:
    return msgspec.json.decode(json.dumps(parties), type=list[AuthorizedParty])


@pytest.fixture
def regnskap(db: None) -> SystemUser:
    """The firm's agent. New clients wait until somebody registers them."""
    return SystemUser.objects.create(name="Regnskap", owner_orgnr=FIRM, external_ref="regnskap")


@pytest.fixture
def lonn(db: None) -> SystemUser:
    return SystemUser.objects.create(name="Lønn", owner_orgnr=FIRM, external_ref="lonn")


@pytest.fixture
def registered(agent: SystemUser, now: datetime) -> SystemUser:
    """The agent with all its clients; nothing is read."""
    with connect.end_user(agent) as api:
        actions.keep_in_step(agent, api.parties(), now=now)
    return agent


@pytest.fixture
def browse() -> Browse:
    """A browser in which somebody is logged in."""

    def as_user(user: User) -> Browser:
        browser = Browser()
        browser.force_login(user)
        return browser

    return as_user


class Queue:
    """Celery's door: notes what was queued, or is down."""

    def __init__(self) -> None:
        self.readings = 0
        self.is_down = False

    def apply_async(self, **options: object) -> None:
        if self.is_down:
            raise OperationalError("Connection refused")
        self.readings += 1


@pytest.fixture(autouse=True)
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    """No test here reaches a worker."""
    queue = Queue()
    monkeypatch.setattr(tasks.keep_parties_in_step, "apply_async", queue.apply_async)
    return queue


@pytest.fixture
def later(now: datetime) -> datetime:
    return now.replace(year=now.year + 1)
