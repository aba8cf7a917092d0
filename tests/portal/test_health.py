"""Is the portal alive, and is it ready? Anybody may ask."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from staff.logs import hide


def test_it_is_alive_without_a_database(client: Client) -> None:
    assert client.get(reverse("alive")).status_code == 200


@pytest.mark.django_db
def test_it_is_ready_with_one(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get(reverse("ready")).status_code == 200

    from django.db import DatabaseError

    def gone() -> None:
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", gone)
    assert client.get(reverse("ready")).status_code == 503


SECRETS = [
    "Bearer eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl",
    "bearer abc.def",
    "assertion=abcdef&grant_type=x",
    '{"access_token": "abc123"}',
    "password: hunter2",
    "POST /altinn/hendelser/0123456789abcdef HTTP/1.1",
    "urn:altinn:person:identifier-no:08844397713",
]


@pytest.mark.parametrize("line", SECRETS)
def test_no_secret_or_national_id_number_stays_in_a_log_line(line: str) -> None:
    shown = hide(line)

    secrets = [
        "c2lnbmF0dXJl",
        "abc.def",
        "abcdef&",
        "abc123",
        "hunter2",
        "0123456789ab",
        "08844397713",
    ]
    assert not any(secret in shown for secret in secrets)


def test_what_is_no_secret_stays() -> None:
    line = "GET /innboks/019cd12e-6612-71fc-9e1c-9c00146e6042/ 310495921 1234567890123"
    assert hide(line) == line
