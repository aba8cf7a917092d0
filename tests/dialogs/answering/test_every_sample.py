"""Each press that any sample offers: done, refused, without an answer, stale, and twice at once."""

import threading
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.test import Client as Browser
from pytest_django import Settings

from dialogs.answering.offers import Offer
from dialogs.answering.receipts import Receipt
from dialogs.content import opening
from dialogs.models import Dialog, ServiceAction
from staff.models import User
from tests.dialogs.answering.conftest import Sample, offered, text, the_only
from tests.dialogs.answering.test_offers import OFFERED
from tests.stand_in import Altinn, wait_until

State = ServiceAction.State
PRESSES = [
    (name, title)
    for name, found in sorted(OFFERED.items())
    for way, _kind, title in found
    if way == "PRESS"
]
# A letter that wants confirming cannot be deleted before, nor what was sent in a while ago.
NOT_YET = {
    ("correspondence-confirmation-required", "Slett"): 400,
    ("app-archived-unconfirmed", "Slett"): 422,
    ("app-completed", "Slett"): 422,
}

each_press = pytest.mark.parametrize(("name", "title"), PRESSES)


def press_of(dialog: Dialog, title: str, user: User, now: datetime) -> Offer:
    return next(o for o in offered(dialog, user, now) if o.title == title and o.is_done_by_us)


def send(browser: Browser, dialog: Dialog, offer: Offer) -> Any:
    kept = opening.kept(dialog)
    assert kept is not None
    fields = {"revision": str(kept.revision), "ord": "slett"}
    return browser.post(f"/innboks/{dialog.pk}/handling/{offer.id}/", fields, follow=True)


def sent_to(altinn: Altinn, offer: Offer) -> list[dict[str, Any]]:
    """What the service owner got at the action's own address."""
    path = urlsplit(offer.url).path
    return [
        one for one in altinn.received() if (one["method"], one["path"]) == (offer.method, path)
    ]


@each_press
def test_done_once_with_a_receipt_that_is_right(
    name: str, title: str, sample: Sample, karis: Browser, kari: User, altinn: Altinn, now: datetime
) -> None:
    dialog = sample(name)
    offer = press_of(dialog, title, kari, now)

    page = send(karis, dialog, offer)

    [sent] = sent_to(altinn, offer)
    assert sent["token"] == "dialog"
    action = the_only()
    refused = NOT_YET.get((name, title))
    assert action.state in ({State.REFUSED} if refused else {State.DONE, State.ACCEPTED})
    assert action.response_code == sent["status"]
    assert refused in (None, sent["status"])
    said = text(page)
    for _label, value in [*Receipt(action).facts, *Receipt(action).results]:
        assert " ".join(value.split()) in said
    if not refused:
        send(karis, dialog, offer)
        assert len(sent_to(altinn, offer)) == 1


@each_press
def test_refused_is_told_and_not_tried_again(
    name: str, title: str, sample: Sample, karis: Browser, kari: User, altinn: Altinn, now: datetime
) -> None:
    dialog = sample(name)
    offer = press_of(dialog, title, kari, now)
    altinn.post("/faults", {"contains": urlsplit(offer.url).path, "status": 403, "times": None})

    page = send(karis, dialog, offer)

    assert the_only().state == State.REFUSED
    assert "mangler fullmakt" in text(page)
    assert len(sent_to(altinn, offer)) <= 1


@each_press
def test_without_an_answer_it_is_unknown_and_not_tried_again(
    name: str,
    title: str,
    sample: Sample,
    karis: Browser,
    kari: User,
    altinn: Altinn,
    settings: Settings,
    now: datetime,
) -> None:
    settings.ANSWER_SECONDS = 1
    dialog = sample(name)
    offer = press_of(dialog, title, kari, now)
    path = urlsplit(offer.url).path
    altinn.post("/faults", {"contains": path, "status": 504, "delay_seconds": 1.5, "times": None})

    page = send(karis, dialog, offer)
    send(karis, dialog, offer)

    assert the_only().state == State.UNKNOWN
    assert "Vi vet ikke om den ble utført" in text(page)
    assert ServiceAction.objects.count() == 1
    wait_until(lambda: sent_to(altinn, offer))  # or the next test would meet it
    assert len(sent_to(altinn, offer)) == 1


@each_press
def test_stale_is_told_and_nothing_is_sent(
    name: str, title: str, sample: Sample, karis: Browser, kari: User, altinn: Altinn, now: datetime
) -> None:
    dialog = sample(name)
    offer = press_of(dialog, title, kari, now)
    altinn.post(f"/dialogs/{dialog.pk}", {"do": "update", "title": "Noe annet"})

    page = send(karis, dialog, offer)

    assert page.status_code == 409
    assert "Tittelen er nå «Noe annet»." in text(page)
    assert altinn.received() == []
    assert not ServiceAction.objects.exists()


@pytest.mark.django_db(transaction=True)
@each_press
def test_twice_at_once_is_one_call(
    name: str, title: str, sample: Sample, kari: User, altinn: Altinn, now: datetime
) -> None:
    dialog = sample(name)
    offer = press_of(dialog, title, kari, now)
    altinn.post("/faults", {"contains": f"dialogs/{dialog.pk}", "delay_seconds": 0.4, "times": 2})

    def press() -> None:
        browser = Browser()
        browser.force_login(kari)
        send(browser, dialog, offer)
        connections.close_all()

    both = [threading.Thread(target=press) for _each in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    if (name, title) not in NOT_YET:  # what was refused may be tried again
        the_only()
        assert len(sent_to(altinn, offer)) == 1
