"""A dialog token is in nobody's hands but Altinn's and the call's: not in what we keep or show."""

import logging
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from dialogs.bus import bus
from dialogs.content import opening
from dialogs.models import OpenedBody, OpenedDialog
from staff.models import User
from staff.sealing import unseal
from tests.dialogs.content.conftest import Open, Sample
from tests.stand_in import Altinn

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
LETTER = "correspondence-confirmation-required"
SAMPLES = ["correspondence-as-transmission", LETTER, "app-completed"]


def everything_in_the_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        names = [row[0] for row in cursor.fetchall()]
        found = []
        for name in names:
            cursor.execute(f'SELECT t::text FROM "{name}" t')  # noqa: S608
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def everything_in_redis() -> bytes:
    values: list[Any] = []
    for key in bus().scan_iter("*"):
        kind = bus().type(key)
        if kind == b"string":
            values.append(bus().get(key))
        elif kind == b"hash":
            values.append(repr(bus().hgetall(key)).encode())
        elif kind == b"list":
            values.append(repr(bus().lrange(key, 0, -1)).encode())
        elif kind == b"zset":
            values.append(repr(bus().zrange(key, 0, -1)).encode())
    return b"\n".join([value or b"" for value in values])


def test_no_dialog_token_is_kept_logged_or_shown(
    sample: Sample,
    press_open: Open,
    leders: Browser,
    leder: User,
    altinn: Altinn,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    pages = []
    tokens = []
    for name in SAMPLES:
        dialog = sample(name)
        pages.append(press_open(dialog).content.decode())
        details, token = opening.fresh(dialog, user=leder, now=timezone.now())
        tokens.append(token or "")
        for sent in details.transmissions:
            address = reverse("dialogs:whole-body", args=[dialog.pk])
            shown = leders.post(address, {"forsendelse": str(sent.id)}, follow=True)
            pages.append(shown.content.decode())
        pages.append(leders.post(reverse("dialogs:whole-why", args=[dialog.pk])).content.decode())
    altinn.post("/faults", {"operation": "*", "contains": "/content", "status": 403})
    pages.append(press_open(sample(LETTER)).content.decode())
    kept = [unseal(row.sealed).decode() for row in OpenedDialog.objects.all()]
    kept += [unseal(row.sealed).decode() for row in OpenedBody.objects.exclude(sealed=b"")]

    # The head and, as tokens are ours for ten minutes only, every other one made by the same key.
    heads = {token.split(".")[0] for token in tokens}
    assert all(len(head) > 20 for head in heads)
    places = {
        "the database": everything_in_the_database(),
        "what is sealed in it": "\n".join(kept),
        "Redis": everything_in_redis().decode("latin-1"),
        "the pages": "\n".join(pages),
        "the log": caplog.text,
    }
    for place, text in places.items():
        assert text, place
        for secret in [*tokens, *heads]:
            assert secret not in text, place


def test_the_tokens_that_processes_share_are_sealed(
    sample: Sample, press_open: Open, settings: Settings
) -> None:
    press_open(sample(LETTER))

    assert list(bus().scan_iter("altinn:token:*"))
    assert b"eyJ" not in everything_in_redis()
    settings.SEALING_KEYS = ["another key altogether, with many letters in it"]
    assert press_open(sample(LETTER)).status_code == 200  # what cannot be read is fetched anew


def test_nothing_but_a_sealed_text_holds_what_was_opened(sample: Sample, press_open: Open) -> None:
    dialog = sample(LETTER)
    press_open(dialog)

    assert "en tidel av rettsgebyret" not in everything_in_the_database()


def test_the_seal_holds_no_field_for_a_token(sample: Sample, press_open: Open) -> None:
    dialog = sample(LETTER)
    press_open(dialog)

    plain = msgspec.json.decode(unseal(OpenedDialog.objects.get(pk=dialog.pk).sealed))

    assert plain["dialogToken"] is None
