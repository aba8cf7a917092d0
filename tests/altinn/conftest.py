"""An environment, a key, and a stand-in for the network: nothing else is replaced."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from altinn.environment import Environment
from altinn.http import open_http
from altinn.keys import Key, new_key

SAMPLES = Path(__file__).parent.parent / "samples"

# A national identity number (synthetic), and tokens that look like nothing in particular.
PERSON = "08844397713"
OPAQUE_TOKEN = "CANARYTOKENq8Zr"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJwaWQiOiJDQU5BUlkifQ.c2lnbmF0dXJlQ0FOQVJZ"

Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(scope="session")
def environment() -> Environment:
    return Environment(
        name="sandbox",
        maskinporten_issuer="http://127.0.0.1:8900/maskinporten/",
        maskinporten_token_url="http://127.0.0.1:8900/maskinporten/token",
        platform_url="http://127.0.0.1:8901",
        dialogporten_url="http://127.0.0.1:8901/dialogporten",
        events_url="http://127.0.0.1:8901/events/api/v1",
        enhetsregisteret_url="http://127.0.0.1:8902/enhetsregisteret/api",
        idporten_issuer="http://127.0.0.1:8903/idporten",
        idporten_login_url="http://127.0.0.1:8903/idporten",
        access_management_url="http://127.0.0.1:8904",
    )


@pytest.fixture(scope="session")
def key() -> Key:
    return new_key()


class Bearer(httpx.Auth):
    """A token that is just there."""

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        request.headers["Authorization"] = f"Bearer {OPAQUE_TOKEN}"
        yield request


def client(handler: Handler) -> httpx.Client:
    return open_http(transport=httpx.MockTransport(handler))


def answering(*answers: httpx.Response | Exception) -> tuple[httpx.Client, list[httpx.Request]]:
    """A client that gets these answers, one for each request, and the requests it made."""
    left = list(answers)
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        each = left.pop(0)
        if isinstance(each, Exception):
            raise each
        return each

    return client(answer), requests


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that are connected to; other than loopback, none of them takes the call."""
    dialled: list[str] = []
    connect = socket.create_connection

    def dial(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
        dialled.append(address[0])
        if address[0] != "127.0.0.1":
            raise ConnectionRefusedError
        return connect(address, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", dial)
    return dialled
