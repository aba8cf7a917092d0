"""Strings known to break software do nothing in a browser, in any field that holds a text."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

import pytest

from clients.models import Client
from dialogs.models import SavedSearch
from dialogs.notes.actions import add_note
from dialogs.notes.place import Place
from staff.models import User
from tests.dialogs.content.conftest import firms_agent, read_all
from tests.dialogs.content.watching import Watch, open_all
from tests.naughty import naughty_strings
from tests.stand_in import Altinn

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NAUGHTY = [
    text.replace("\x00", "")  # which no database of ours or theirs holds
    for text in naughty_strings()
    if text.strip("\x00")
]
PER_DIALOG = 60


def packed(most: int) -> Iterator[str]:
    """All strings, as many as there is room for together."""
    held = ""
    for text in NAUGHTY:
        if held and len(held) + len(text) >= most:
            yield held[:most]
            held = ""
        held = f"{held} {text}" if held else text
    yield held[:most]


def test_all_of_the_list_is_tried() -> None:
    assert len(NAUGHTY) > 500
    for most in (80, 255, 800):
        assert sum(map(len, packed(most))) >= sum(len(text[:most]) for text in NAUGHTY)


def test_in_dialogs_they_are_shown_and_do_nothing(
    transactional_db: None, watch: Watch, altinn: Altinn, now: datetime
) -> None:
    altinn.reset("services")
    starts = range(0, len(NAUGHTY), PER_DIALOG)
    parts = [NAUGHTY[start : start + PER_DIALOG] for start in starts]
    keys = [altinn.post("/hostile", {"texts": some, "together": True})[-1]["id"] for some in parts]
    with_addresses = [
        altinn.post("/hostile", {"addresses": some, "together": "only"})[-1]["id"] for some in parts
    ]
    read_all(firms_agent(altinn), altinn, now=now)

    listed, path = 0, "innboks/?antall=500"
    while path:
        watch.go(path)
        listed += watch.page.locator("#liste tr[data-dialog]").count()
        more = watch.page.locator("#liste a[href*='etter=']")
        path = more.first.evaluate("it => it.pathname + it.search")[1:] if more.count() else ""
    watch.go("hjem/")
    open_all(watch.page, [*keys, *with_addresses], marked_by=":")
    for key, some in zip([*keys, *with_addresses], [*parts, *parts], strict=True):
        watch.go(f"innboks/{key}/dialog/")
        assert watch.page.locator(".transmissions article").count() == len(some) + 1

    assert listed > len(NAUGHTY)
    assert watch.end() == []
    assert altinn.counts()["canary"] == 0


def test_in_our_own_fields_they_are_shown_and_do_nothing(
    transactional_db: None, watch: Watch, leder: User, now: datetime
) -> None:
    clients = [Client(name=name, added_at=now) for name in packed(255)]
    first, *_ = Client.objects.bulk_create(clients)
    for text in packed(800):
        add_note(Place(first), text, author=leder, now=now)
    SavedSearch.objects.bulk_create(
        SavedSearch(name=name, owner=leder, query=f"q={quote(name)}", created_at=now)
        for name in packed(80)
    )

    watch.go(f"klienter/{first.pk}/alle-notater/")
    watch.go(f"klienter/{first.pk}/")
    watch.go("klienter/")
    watch.go("lagrede-sok/")
    SavedSearch.objects.update(in_menu=False)
    watch.go(f"klienter/?q={quote(NAUGHTY[-1])}")
    watch.go(f"hurtigmeny/?q={quote(NAUGHTY[-1])}")
    for text in packed(800):
        watch.go(f"innboks/?q={quote(text)}")
        assert watch.page.locator("input[name=q]").first.input_value().strip()

    assert watch.end() == []
