"""Follow one dialog while somebody waits: Dialogporten's GraphQL subscription, over SSE.

`watch(environment, dialog_id, get_token, stop)` gives a `Happening` whenever something happens to
the dialog, silent changes too. A happening says that there is something to look at, never what.
It is best effort: whoever waits looks now and then as well.

Source: Dialogporten 1.119.1 (schema, transport and what its own front end does), read 2026-08.
"""

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpcore
import httpx
import msgspec

from altinn.environment import Environment
from altinn.errors import Misunderstood, Refused, TryLater, error_in
from altinn.problems import UNREADABLE
from altinn.streams import Bounded, Over, opened_over
from altinn.wire import TolerantEnum, Wire

RENEW_AFTER_SECONDS = 540.0  # a dialog token lives for 600
LONGEST_SILENCE_SECONDS = 90.0  # Dialogporten sends a sign of life more often
CONNECT_SECONDS = 5.0
SHORTEST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0

_LARGEST_EVENT_BYTES = 64 * 1024
_GLANCE_SECONDS = 0.2  # how soon a stop is noticed


class Kind(TolerantEnum):
    DIALOG_UPDATED = "DIALOG_UPDATED"
    DIALOG_DELETED = "DIALOG_DELETED"
    MISSED = "MISSED"  # ours: we were away for a moment, and something may have happened
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Happening:
    dialog_id: UUID
    kind: Kind


class _Event(Wire, frozen=True, kw_only=True, rename="camel"):
    id: UUID
    type: Kind


class _Data(Wire, frozen=True, kw_only=True, rename="camel"):
    dialog_events: _Event | None = None


class _Next(Wire, frozen=True, kw_only=True, rename="camel"):
    data: _Data | None = None
    errors: list[object] | None = None


_next = msgspec.json.Decoder(_Next)


def watch(
    environment: Environment,
    dialog_id: UUID,
    get_token: Callable[[], str],
    stop: threading.Event | None = None,
) -> Iterator[Happening]:
    """Happenings to the dialog until it is deleted, or `stop` is set. Waits in between.

    `get_token` gives a dialog token of this very dialog, and is asked for one at every connection:
    at first, every nine minutes, and after a break. A break is waited out, for 1 to 30 seconds.

    Raises:
        Refused: the token is not accepted, and neither was a new one. Look now and then instead.
        AltinnError: what `get_token` raised, other than TryLater.
    """
    dialog_id, stop = UUID(str(dialog_id)), stop or threading.Event()
    url = f"{environment.dialogporten_url}/graphql/stream"
    breaks, refusals, was_connected = 0, 0, False
    while not stop.is_set():
        begun_at = time.monotonic()
        try:
            with _subscribed(url, dialog_id, get_token(), stop) as events:
                if was_connected:
                    yield Happening(dialog_id, Kind.MISSED)
                was_connected = True
                for kind in _kinds(events, dialog_id):
                    breaks = refusals = 0
                    yield Happening(dialog_id, kind)
                    if kind == Kind.DIALOG_DELETED:
                        return
            breaks += 1
        except Over:
            breaks = refusals = 0  # our own doing: a new token, or a stop
            continue
        except Refused:
            refusals += 1
            if refusals > 1:
                raise
        except (TryLater, Misunderstood):
            breaks = breaks + 1 if time.monotonic() - begun_at < LONGEST_PAUSE_SECONDS else 1
        stop.wait(_pause_seconds(breaks))


def _pause_seconds(breaks: int) -> float:
    """Twice as long for each break in a row, with up to a second more so as not to come in step."""
    doubled = SHORTEST_PAUSE_SECONDS * 2.0 ** min(max(breaks - 1, 0), 10)
    return min(doubled, LONGEST_PAUSE_SECONDS) + random.uniform(0, 1)  # noqa: S311 -- not a secret


@contextmanager
def _subscribed(
    url: str, dialog_id: UUID, token: str, stop: threading.Event
) -> Iterator[Iterator[tuple[str, bytes]]]:
    """One connection's events, by name. Raises `Over` inside when it is to end."""
    query = f'subscription sub {{ dialogEvents(dialogId: "{dialog_id}") {{ id type }} }}'
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "text/event-stream",
        "Accept-Encoding": "identity",
    }
    body = {"query": query, "operationName": "sub", "variables": {}}
    with _client(stop, time.monotonic() + RENEW_AFTER_SECONDS) as http:
        try:
            with http.stream("POST", url, json=body, headers=headers) as response:
                _check(response, url)
                yield _events(response.iter_raw())
        except httpx.TransportError as exc:
            raise TryLater(type(exc).__name__, url=url) from None


def _client(stop: threading.Event, ends_at: float) -> httpx.Client:
    timeout = httpx.Timeout(LONGEST_SILENCE_SECONDS, connect=CONNECT_SECONDS)
    return httpx.Client(
        transport=opened_over(_Glancing(stop, ends_at)),
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
    )


def _check(response: httpx.Response, url: str) -> None:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if response.is_success and kind == "text/event-stream":
        return
    body = b""
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > _LARGEST_EVENT_BYTES:
            break
    now = datetime.now(UTC)
    error = error_in(response.status_code, response.headers, body, url=url, now=now)
    # GraphQL says no with a 200.
    raise error or Refused("The subscription was refused", status=response.status_code, url=url)


def _events(chunks: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Server-sent events: (name, data). Comments, which are signs of life, give nothing."""
    name, data, rest = "", b"", b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) + len(data) > _LARGEST_EVENT_BYTES:
            raise Misunderstood("An event without an end")
        for line in lines:
            field, _, value = line.rstrip(b"\r").partition(b":")
            if field == b"event":
                name = value.strip().decode("ascii", "replace")
            elif field == b"data":
                data += value.strip()
            elif not line.rstrip(b"\r"):
                if name or data:
                    yield name, data
                name, data = "", b""


def _kinds(events: Iterable[tuple[str, bytes]], dialog_id: UUID) -> Iterator[Kind]:
    for name, data in events:
        if name == "complete":
            return
        if name != "next" or not data:
            continue
        try:
            found = _next.decode(data)
        except UNREADABLE:
            raise Misunderstood("Not an event we know") from None
        if found.errors:
            raise Refused("The subscription was refused")
        event = found.data.dialog_events if found.data else None
        if event and event.id == dialog_id:
            yield event.type


class _Glancing(httpcore.NetworkBackend):
    """Looks up from reading, now and then, to see whether it is to go on."""

    def __init__(self, stop: threading.Event, ends_at: float) -> None:
        self._stop = stop
        self._ends_at = ends_at
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        stream = self._sockets.connect_tcp(*args, **kwargs)
        return Bounded(stream, self._left, _GLANCE_SECONDS)

    def _left(self) -> float:
        return 0.0 if self._stop.is_set() else self._ends_at - time.monotonic()
