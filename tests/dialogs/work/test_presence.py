"""Who looks at a dialog just now."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from clients.models import Client
from dialogs.bus import bus
from dialogs.models import Dialog
from dialogs.work import presence
from staff.models import User
from tests.dialogs.work.conftest import panel

LogIn = Callable[[User], Browser]


@pytest.fixture
def marits(leder: User, logged_in: LogIn) -> Browser:
    return logged_in(leder)


@pytest.fixture
def no_redis(settings: Settings) -> Iterator[None]:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    bus.cache_clear()
    yield
    bus.cache_clear()


def here(browser: Browser, dialog: Dialog, page: str = "a", **more: str) -> Any:
    return browser.post(f"/innboks/{dialog.pk}/her/", {"side": page, **more})


def seen_by(browser: Browser, dialog: Dialog) -> str:
    return str(here(browser, dialog, "annen side").json()["her"])


def test_each_is_told_of_the_other_and_never_of_oneself(
    karis: Browser, marits: Browser, dialog: Dialog
) -> None:
    assert seen_by(karis, dialog) == ""
    assert seen_by(marits, dialog) == "Kari Hansen ser på denne nå."
    assert seen_by(karis, dialog) == "Marit Solberg ser på denne nå."


def test_leaving_is_noticed_at_once_but_one_page_is_not_the_other(
    karis: Browser, marits: Browser, dialog: Dialog
) -> None:
    here(marits, dialog, "a")
    here(marits, dialog, "b")

    here(marits, dialog, "a", borte="ja")
    assert seen_by(karis, dialog) == "Marit Solberg ser på denne nå."
    here(marits, dialog, "b", borte="ja")
    assert seen_by(karis, dialog) == ""


def test_who_is_silent_is_gone(kari: User, leder: User, dialog: Dialog, now: datetime) -> None:
    presence.stay(dialog.pk, leder, page="a", now=now)

    def found(seconds: int) -> list[str]:
        later = now + timedelta(seconds=seconds)
        return presence.who_looks([dialog.pk], now=later, but=kari).get(dialog.pk, [])

    assert found(15) == ["Marit Solberg"]
    assert found(29) == []


def test_the_list_asks_for_many_at_once(
    kari: User,
    leder: User,
    ola: User,
    dialog: Dialog,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    others = [uuid4() for _ in range(50)]
    presence.stay(dialog.pk, leder, page="a", now=now)
    presence.stay(dialog.pk, ola, page="a", now=now)
    presence.stay(others[0], kari, page="a", now=now)
    connection_class = bus().connection_pool.connection_class
    sent: list[Any] = []
    send = connection_class.send_packed_command

    def noted(self: Any, *given: Any, **more: Any) -> None:
        sent.append(given)
        send(self, *given, **more)

    monkeypatch.setattr(connection_class, "send_packed_command", noted)

    found = presence.who_looks([dialog.pk, *others], now=now, but=kari)

    assert found == {dialog.pk: ["Marit Solberg", "Ola Berg"]}
    assert len(sent) == 1
    assert presence.who_looks([], now=now, but=kari) == {}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], ""),
        (["Ola Berg"], "Ola Berg ser på denne nå."),
        (["Ola Berg", "Kari Hansen"], "Ola Berg og Kari Hansen ser på denne nå."),
        (["Ola Berg", "B", "C"], "Ola Berg og 2 til ser på denne nå."),
    ],
)
def test_it_is_said_in_a_sentence(names: list[str], words: str) -> None:
    assert presence.in_words(names) == words


def test_a_stranger_is_neither_noted_nor_told(
    olas: Browser, karis: Browser, dialog: Dialog
) -> None:
    here(karis, dialog)

    assert here(olas, dialog).status_code == 404
    assert seen_by(karis, dialog) == ""


def test_nothing_depends_on_redis(
    karis: Browser, kari: User, dialog: Dialog, now: datetime, no_redis: None
) -> None:
    assert here(karis, dialog).json() == {"her": ""}
    assert here(karis, dialog, borte="ja").status_code == 200
    assert presence.who_looks([dialog.pk], now=now, but=kari) == {}
    assert "Mva-melding" in panel(karis, dialog)


def test_what_a_page_calls_itself_is_kept_short(
    karis: Browser, bakeren: Client, dialog: Dialog
) -> None:
    here(karis, dialog, "x" * 5000)

    everybody = cast("list[bytes]", bus().zrange(presence.OPEN, 0, -1))
    [member] = [one for one in everybody if one.startswith(str(dialog.pk).encode())]
    assert len(member) < 100
    assert 0 < bus().ttl(presence.OPEN) <= presence.GONE_AFTER_SECONDS
