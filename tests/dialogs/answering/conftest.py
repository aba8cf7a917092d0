"""The samples of what services really send, opened by Kari, and what service owners heard of it."""

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from altinn.environment import Environment
from clients import actions as client_actions
from clients import connect
from clients.models import Client, SystemUser
from dialogs import tasks
from dialogs.answering.offers import Offer, offers
from dialogs.bus import bus
from dialogs.content import opening
from dialogs.models import Dialog, ServiceAction
from staff.models import User
from tests.stand_in import Altinn

CONFIRM = "correspondence-confirmation-required"
LETTER = "correspondence-after-confirm"
APP = "app-completed"
GENERIC = "generic-service-with-write-actions"
SYKEPENGER = "nav-sykepenger-foresporsel-aktiv"
FORELDREPENGER = "nav-foreldrepenger-aktiv"

Sample = Callable[[str], Dialog]
Press = Callable[..., Any]


def text(response: Any) -> str:
    """The answer without its tags, with every run of white space as one space."""
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(unescape(plain).split())


@pytest.fixture
def altinn(altinn: Altinn, settings: Settings) -> Altinn:
    """The stand-in with one dialog for each sample, and a portal that does not wait for long."""
    altinn.reset("services")
    for name, value in altinn.settings().items():
        setattr(settings, name, value)
    settings.ALTINN = Environment(**altinn.addresses())
    settings.ANSWER_SECONDS = 2
    connect._key.cache_clear()
    for key in bus().scan_iter("dialogs.answering:*"):  # whose turn it was in another test
        bus().delete(key)
    return altinn


@pytest.fixture
def read(agent: SystemUser, altinn: Altinn, kari: User, now: datetime) -> SystemUser:
    """Every dialog is in the list, and Kari works for all the clients; Ola for none."""
    with connect.end_user(agent) as api:
        client_actions.keep_in_step(agent, api.parties(), now=now)
    tasks.load_new()
    for client in Client.objects.all():
        client.members.add(kari)
    altinn.delete("/requests")
    return agent


@pytest.fixture
def sample(read: SystemUser, altinn: Altinn, kari: User, now: datetime) -> Sample:
    """Give the dialog of a sample, as Kari has opened it."""

    def find(name: str) -> Dialog:
        dialog = Dialog.objects.select_related("client", "party", "service", "owner").get(
            pk=altinn.sample(name)
        )
        opening.fresh(dialog, user=kari, now=now)
        altinn.delete("/requests")
        return dialog

    return find


def offered(dialog: Dialog, user: User, now: datetime) -> list[Offer]:
    kept = opening.kept(dialog)
    assert kept is not None
    return offers(dialog, kept.details, user=user, now=now)


def one_of(dialog: Dialog, kind: str, user: User, now: datetime) -> Offer:
    """The one thing of a kind that can be done with a dialog."""
    [found] = [o for o in offered(dialog, user, now) if o.kind == kind and o.is_done_by_us]
    return found


@pytest.fixture
def press(kari: User, karis: Browser, now: datetime) -> Press:
    """Go to the question and press its button, as it was shown."""

    def _press(dialog: Dialog, kind: str, *, browser: Browser = karis, **sent: Any) -> Any:
        offer = one_of(dialog, kind, kari, now)
        kept = opening.kept(dialog)
        assert kept is not None
        sent = {"revision": str(kept.revision)} | sent
        return browser.post(f"/innboks/{dialog.pk}/handling/{offer.id}/", sent, follow=True)

    return _press


def the_only() -> ServiceAction:
    return ServiceAction.objects.get()
