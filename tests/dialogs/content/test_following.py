"""After an action: what the service owner makes of it is found, told to open pages, and no more."""

import contextlib
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connections
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from altinn.dialogporten import DialogStatus
from clients.models import SystemUser
from dialogs.bus import bus
from dialogs.content import following, opening
from dialogs.models import Dialog
from dialogs.work import presence
from staff.models import User
from tests.dialogs.content.conftest import Sample, calls
from tests.stand_in import Altinn, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Short waits, nobody looking, and no thread left when the test is over."""
    for key in bus().scan_iter("dialogs.open*"):
        bus().delete(key)
    monkeypatch.setattr(following, "OFTEN_SECONDS", 1.0)
    monkeypatch.setattr(following, "EVERY_SECONDS", 0.1)
    monkeypatch.setattr(following, "SELDOM_SECONDS", 20.0)
    yield
    names = {"following", "listening"}
    wait_until(lambda: not [it for it in threading.enumerate() if it.name in names])
    connections.close_all()


@pytest.fixture
def task(sample: Sample) -> Dialog:
    return sample("generic-service-with-write-actions")


def update(altinn: Altinn, dialog: Dialog) -> None:
    altinn.post(f"/dialogs/{dialog.pk}", {"do": "update", "status": "Completed"})


def status(dialog: Dialog) -> str:
    return Dialog.objects.get(pk=dialog.pk).status


def test_an_outcome_is_found_by_looking(task: Dialog, altinn: Altinn, now: datetime) -> None:
    following.follow(task, None, now=timezone.now())
    assert following.followed(task, now=timezone.now()) is not None

    update(altinn, task)

    wait_until(lambda: status(task) == DialogStatus.COMPLETED)
    wait_until(lambda: following.followed(task, now=timezone.now()) is None)
    assert "details" not in calls(altinn)


def test_an_outcome_that_takes_its_time_is_heard_of_while_the_page_is_open(
    task: Dialog, altinn: Altinn, leder: User, leders: Browser
) -> None:
    _details, token = opening.fresh(task, user=leder, now=timezone.now())
    presence.stay(task.pk, leder, page="a", now=timezone.now())
    following.follow(task, token, now=timezone.now())
    time.sleep(2)
    page = leders.get(reverse("dialogs:whole", args=[task.pk])).content.decode()
    assert "Behandles hos tjenesteeier." in page
    looked = calls(altinn)["search"]
    assert calls(altinn)["details"] == 1

    began = time.monotonic()
    altinn.post(f"/dialogs/{task.pk}", {"do": "silent-update", "status": "Completed"})

    wait_until(lambda: status(task) == DialogStatus.COMPLETED)
    assert time.monotonic() - began < 10  # told, long before the next look by itself
    assert calls(altinn)["search"] > looked
    assert calls(altinn)["details"] == 1  # no token but the one of the press


def test_nobody_is_followed_for_who_has_left(task: Dialog, altinn: Altinn) -> None:
    following.follow(task, None, now=timezone.now())

    wait_until(lambda: not [it for it in threading.enumerate() if it.name == "following"])
    assert status(task) == DialogStatus.REQUIRES_ATTENTION
    assert calls(altinn)["search"] < 20


def test_what_is_found_is_told_to_open_pages(task: Dialog, altinn: Altinn) -> None:
    pubsub = bus().pubsub()  # type: ignore[no-untyped-call]
    with contextlib.closing(pubsub) as heard:
        heard.subscribe("dialogs.live")
        following.follow(task, None, now=timezone.now())
        update(altinn, task)
        wait_until(lambda: status(task) == DialogStatus.COMPLETED)

        def told() -> bool:
            message = heard.get_message(timeout=1)
            return bool(message) and str(task.pk) in str(message["data"])

        wait_until(told)


def test_the_token_is_kept_nowhere(task: Dialog, leder: User) -> None:
    _details, token = opening.fresh(task, user=leder, now=timezone.now())
    assert token

    following.follow(task, token, now=timezone.now())

    for key in bus().scan_iter("*"):
        assert token.encode() not in (bus().dump(key) or b"")


def test_a_refused_stream_is_looked_past(
    task: Dialog, altinn: Altinn, services: SystemUser
) -> None:
    following.follow(task, "not a token", now=timezone.now())

    update(altinn, task)

    wait_until(lambda: status(task) == DialogStatus.COMPLETED)


def test_an_old_wait_is_slow(task: Dialog) -> None:
    at = timezone.now()
    bus().set(f"dialogs.followed:{task.pk}", at.isoformat(), ex=5)

    soon = following.followed(task, now=at + timedelta(seconds=0.5))
    late = following.followed(task, now=at + timedelta(seconds=3))

    assert soon is not None
    assert late is not None
    assert (soon.is_slow, late.is_slow) == (False, True)
