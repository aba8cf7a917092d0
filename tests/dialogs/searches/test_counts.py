"""The counts of the menu's searches: right, one's own, and cheap."""

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from redis import Redis
from redis.exceptions import RedisError

from clients.models import Client
from dialogs.bus import bus
from dialogs.inbox import listing
from dialogs.models import Dialog
from dialogs.searches import counts
from staff.models import User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.searches.conftest import Save


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    for key in bus().scan_iter("searches:counts:*"):
        bus().delete(key)


def shown(browser: Browser) -> dict[str, str]:
    html = browser.get("/lagrede-sok/antall/").content.decode()
    return dict(re.findall(r'data-count-of="([\w-]+)".*?>([\d+]+)<', html))


def test_each_search_has_its_count_and_a_zero_is_not_shown(
    karis: Browser, kari: User, bakeren: Client, make_dialog: MakeDialog, save: Save
) -> None:
    for _ in range(3):
        make_dialog(bakeren, due_in=-2)
    make_dialog(bakeren, due_in=2, is_unread=True)
    search = save(kari, query="frist=har")
    save(kari, query="frist=har", shows_count=False)

    assert shown(karis) == {"over": "3", "uke": "1", "uleste": "1", f"s{search.pk}": "4"}


def test_a_colleague_counts_nothing_of_a_client_they_may_not_see(
    olas: Browser,
    leder: User,
    bakeren: Client,
    rorleggeren: Client,
    make_dialog: MakeDialog,
    save: Save,
) -> None:
    make_dialog(bakeren, due_in=-2)
    save(leder, query=f"klient={bakeren.pk}", visibility="ALL")
    assert shown(olas) == {}

    make_dialog(rorleggeren, due_in=-2)
    save(leder, query="frist=over", visibility="ALL")
    assert set(shown(olas).values()) == {"1"}


def test_many_are_not_counted_to_the_end(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (listing, counts):
        monkeypatch.setattr(module, "MOST_COUNTED", 2)
    for _ in range(4):
        make_dialog(bakeren, due_in=-2)

    assert shown(karis) == {"over": "2+"}


def test_counts_are_kept_for_a_while_for_each_reader(
    karis: Browser, kari: User, olas: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, due_in=-2)
    assert shown(karis) == {"over": "1"}

    make_dialog(bakeren, due_in=-2)
    assert shown(karis) == {"over": "1"}
    assert shown(olas) == {}
    [place] = bus().scan_iter(f"searches:counts:{kari.pk}:*")
    assert bus().ttl(place) in range(1, counts.KEPT_SECONDS + 1)


def test_a_search_that_is_changed_is_counted_anew(
    karis: Browser, kari: User, bakeren: Client, make_dialog: MakeDialog, save: Save
) -> None:
    make_dialog(bakeren, due_in=30)
    search = save(kari)
    assert f"s{search.pk}" not in shown(karis)

    search.query = "frist=har"
    search.save()
    assert shown(karis)[f"s{search.pk}"] == "1"


def test_without_redis_they_are_counted_all_the_same(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_options: object) -> None:
        raise RedisError

    monkeypatch.setattr(Redis, "get", away)
    monkeypatch.setattr(Redis, "set", away)
    make_dialog(bakeren, due_in=-2)

    assert shown(karis) == {"over": "1"}


@pytest.mark.django_db(transaction=True)
def test_a_search_that_takes_too_long_has_no_count(
    karis: Browser, bakeren: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = "SELECT NULL, NULL, 7, 1 FROM pg_sleep(1)"
    monkeypatch.setattr(listing, "SEARCH_SECONDS", 0.001)
    monkeypatch.setattr(listing.Query, "capped_count", lambda _it: (slow, []))

    assert shown(karis) == {}


def test_the_count_is_of_the_inbox_alone(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    dialog = make_dialog(bakeren, due_in=-2)
    Dialog.objects.filter(pk=dialog.pk).update(done_at=dialog.first_seen_at + timedelta(minutes=1))

    assert shown(karis) == {}
