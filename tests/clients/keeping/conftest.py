"""A door that Altinn's pushes reach, and a firm whose clients' services are known."""

import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pytest_django import Settings

from altinn.events import Subscriptions
from clients import connect
from clients.models import Access, Subscription, SystemUser
from tests.stand_in import Altinn, wait_until

RESOURCE = "urn:altinn:resource:skd-mva"
OTHER = "urn:altinn:resource:altinn-taushetsbelagt-post-varsel"  # refuses subscribers


class Door:
    """Answers what Altinn pushes, and keeps the paths. `answers` is the status."""

    def __init__(self) -> None:
        self.answers = 200
        self.paths: list[str] = []
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                door.paths.append(self.path)
                self.send_response(door.answers)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def door(settings: Settings) -> Iterator[Door]:
    door = Door()
    settings.WEBHOOK_URL = door.url
    settings.WEBHOOK_KEYS = ["the key now"]
    yield door
    door.close()


@pytest.fixture
def api(registered: SystemUser, door: Door) -> Iterator[Subscriptions]:
    with connect.subscriptions(registered) as api:
        yield api


def want(
    registered: SystemUser, now: datetime, *, parties: int = 2, resource: str = RESOURCE
) -> list[Subscription]:
    """Want a service at some parties, as ingest does when it sees a dialog of it."""
    accesses = Access.objects.filter(system_user=registered).order_by("pk")[:parties]
    return [
        Subscription.objects.create(access=access, resource=resource, wanted_at=now)
        for access in accesses
    ]


def at_altinn(altinn: Altinn) -> list[dict[str, object]]:
    found: list[dict[str, object]] = altinn.get("/deliveries")["subscriptions"]
    return found


def pushes_are_over(altinn: Altinn) -> None:
    wait_until(lambda: altinn.get("/deliveries")["idle"])
