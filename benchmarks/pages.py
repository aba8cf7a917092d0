"""People who look at the inbox, over HTTP with one kept connection."""

import http.client
import time
from typing import TYPE_CHECKING

from benchmarks.workplace import CannotMeasure

if TYPE_CHECKING:
    from staff.models import User

ADDRESS = "/innboks/"
IDLE_SECONDS = 5


def leader() -> "User":
    """Somebody who sees every client."""
    from staff.models import User

    return User.objects.create_user("leder@firmaet.invalid", role=User.Role.MANAGER)


def session_of(user: "User") -> str:
    """Log in, and return the session's key."""
    from django.conf import settings
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


class Visitor:
    """Somebody logged in, with a browser that keeps its connection."""

    def __init__(self, port: int, user: "User") -> None:
        from django.conf import settings

        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._last_at = time.monotonic()
        self._headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session_of(user)}"}

    def get(self, address: str = ADDRESS) -> tuple[float, str]:
        """Return how many seconds the page took, and the page."""
        if time.monotonic() - self._last_at > IDLE_SECONDS:
            self._http.close()  # the server would; the next request connects anew
        began = time.perf_counter()
        self._http.request("GET", address, headers=self._headers)
        answer = self._http.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - began
        self._last_at = time.monotonic()
        if answer.status != 200:
            raise CannotMeasure(f"{address} answered {answer.status}: {body[-1500:]!r}")
        return seconds, body.decode()

    def close(self) -> None:
        self._http.close()
