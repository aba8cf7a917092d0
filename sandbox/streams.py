"""Dialogporten's live subscription to one dialog: GraphQL over server-sent events.

The dialog token is looked at when the connection is made and not again. An update fires silent or
not, and so does a first reading.

Source: Altinn/dialogporten, `Subscriptions.cs` and the sending of domain events, read 2026-11.
"""

import queue
import re
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec
from werkzeug.wrappers import Request, Response

from sandbox import tokens
from sandbox.access import bearer, unauthorized
from sandbox.model import Json
from sandbox.problems import json_response

if TYPE_CHECKING:
    from sandbox.state import Sandbox

UPDATED, DELETED = "DIALOG_UPDATED", "DIALOG_DELETED"
ALIVE_SECONDS = 12
# The operation comes first in the document, with the id written out in it.
_QUERY = re.compile(
    r'\s*subscription\b[^{(]*\{\s*dialogEvents\s*\(\s*dialogId\s*:\s*"([0-9a-fA-F-]{36})"\s*\)'
    r"\s*\{([\w\s,]*)\}\s*\}"
)
_NOT_AUTHORIZED: Json = {
    "errors": [
        {
            "message": "The current user is not authorized to access this resource.",
            "extensions": {"code": "AUTH_NOT_AUTHORIZED"},
        }
    ]
}
Waiting = queue.SimpleQueue[str | None]


class Streams:
    """Who listens to which dialog."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, set[Waiting]] = {}
        self.is_mute = False  # a control's doing: nothing is told, as when Redis has forgotten

    def join(self, key: str) -> Waiting:
        waiting: Waiting = queue.SimpleQueue()
        with self._lock:
            self._open.setdefault(key, set()).add(waiting)
        return waiting

    def leave(self, key: str, waiting: Waiting) -> None:
        with self._lock:
            self._open.get(key, set()).discard(waiting)

    def tell(self, key: str, kind: str) -> None:
        with self._lock:
            for waiting in () if self.is_mute else self._open.get(key, ()):
                waiting.put(kind)

    def cut(self) -> None:
        """End every stream there is."""
        with self._lock:
            for waiting in (one for listening in self._open.values() for one in listening):
                waiting.put(None)

    def counts(self) -> dict[str, int]:
        with self._lock:
            return {key: len(listening) for key, listening in self._open.items() if listening}


def _event(name: str, body: Json | None = None) -> bytes:
    told = f"data: {msgspec.json.encode(body).decode()}\n" if body is not None else "data:\n"
    return f"event: {name}\n{told}\n".encode()


def _events(waiting: Waiting, key: str, fields: list[str]) -> Iterator[bytes]:
    while True:
        try:
            kind = waiting.get(timeout=ALIVE_SECONDS)
        except queue.Empty:
            yield b":\n\n"
            continue
        if kind is None:
            yield _event("complete")
            return
        told = {"id": key, "type": kind}
        found = {name: told[name] for name in fields if name in told}
        yield _event("next", {"data": {"dialogEvents": found}})


def subscribe(box: "Sandbox", request: Request) -> Response:
    """Let the holder of a dialog's token listen to that dialog."""
    bearer(request)
    claims = tokens.dialog_claims(box, request)
    if claims is None:
        raise unauthorized()
    try:
        query = msgspec.json.decode(request.get_data(), type=dict[str, object]).get("query")
    except msgspec.MsgspecError:
        query = None
    if not isinstance(query, str):
        return json_response({"errors": [{"message": "Invalid GraphQL Request."}]}, 400)
    asked = _QUERY.match(query)
    if asked is None or asked[1].lower() != claims["i"]:
        body = iter([_event("next", _NOT_AUTHORIZED), _event("complete")])
        return Response(body, content_type="text/event-stream; charset=utf-8")
    key = asked[1].lower()
    waiting = box.streams.join(key)
    response = Response(
        _events(waiting, key, re.findall(r"\w+", asked[2])),
        content_type="text/event-stream; charset=utf-8",
    )
    response.call_on_close(lambda: box.streams.leave(key, waiting))
    response.headers["Cache-Control"] = "no-cache"
    return response


ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("POST", "/dialogporten/graphql/stream", "stream", subscribe)
]
