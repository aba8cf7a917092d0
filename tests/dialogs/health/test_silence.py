"""A client that used to get three dialogs a month and gets none is told of, until it does."""

from datetime import datetime, timedelta

import pytest
from django.test import Client as Browser

from clients.health.sentences import say
from clients.models import Alarm, Category, Client
from dialogs.health.tasks import notice_silence
from dialogs.home.silence import silent_since
from staff.models import User
from tests.dialogs.conftest import MakeDialog

DAY = timedelta(days=1)


@pytest.fixture
def usual(bakeren: Client, make_dialog: MakeDialog, now: datetime) -> Client:
    """Three a month for half a year, and the last one 46 days ago."""
    for number in range(18):
        at = now - 46 * DAY - number * 9 * DAY
        make_dialog(bakeren, content_updated_at=at)
    return bakeren


def test_a_client_that_became_silent_is_told_of_until_something_comes(
    usual: Client, rorleggeren: Client, make_dialog: MakeDialog, now: datetime
) -> None:
    make_dialog(rorleggeren, content_updated_at=now - 60 * DAY)  # never got much

    notice_silence()

    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.client) == ("SILENT", usual)
    assert "Ingenting har kommet til Bakeren AS siden" in say(alarm).text

    make_dialog(usual, content_updated_at=now)
    notice_silence()

    alarm.refresh_from_db()
    assert alarm.cleared_at is not None


@pytest.mark.parametrize(("fewer", "alarms"), [(0, 1), (1, 0)])
def test_three_a_month_is_usual(fewer: int, alarms: int, usual: Client, now: datetime) -> None:
    newest = usual.dialog_set.order_by("created_at")
    usual.dialog_set.filter(pk__in=newest.values("pk")[:fewer]).delete()

    notice_silence()

    assert Alarm.objects.count() == alarms
    assert (silent_since(usual.pk, now=now) is not None) == bool(alarms)


def test_an_archived_client_is_silent_by_right(usual: Client, now: datetime) -> None:
    Client.objects.update(archived_at=now)

    notice_silence()

    assert not Alarm.objects.exists()


def test_the_clients_own_page_says_the_same(usual: Client, kari: User, now: datetime) -> None:
    browser = Browser()
    browser.force_login(kari)

    assert "Ingenting har kommet siden" in browser.get(f"/klienter/{usual.pk}/").content.decode()


def test_what_only_some_may_read_is_not_told_by_the_silence(
    usual: Client, health: Category, kari: User, make_dialog: MakeDialog, now: datetime
) -> None:
    usual.category_restrictions.create(category=health).readers.set([kari])
    notice_silence()
    before = say(Alarm.objects.get()).text
    for days in (1, 50):
        make_dialog(usual, owner="nav_sykepenger_", content_updated_at=now - days * DAY)

    notice_silence()

    alarm = Alarm.objects.open().get()
    assert say(alarm).text == before
    assert before.endswith("Det som bare noen kan lese, er ikke regnet med.")
    assert (
        silent_since(usual.pk, now=now)
        == usual.dialog_set.filter(restriction=None).latest("created_at").created_at
    )


def test_nor_does_it_make_a_client_one_that_usually_gets_much(
    bakeren: Client, health: Category, kari: User, make_dialog: MakeDialog, now: datetime
) -> None:
    bakeren.category_restrictions.create(category=health).readers.set([kari])
    for number in range(18):
        at = now - 46 * DAY - number * 9 * DAY
        make_dialog(bakeren, owner="nav_sykepenger_", content_updated_at=at)

    notice_silence()

    assert not Alarm.objects.exists()
    assert silent_since(bakeren.pk, now=now) is None
