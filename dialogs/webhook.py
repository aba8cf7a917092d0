"""The door Altinn Events knocks on: check the code, write the push down, answer 200.

In front of Django, because it must answer fast and must not lose: pushes that arrive together are
committed together, and each is answered only after its commit. Pushes are unsigned; the code in
the address is all there is, compared in constant time. What is in a push is not looked into here.

Source: altinn-events d7232ac8, WebhookService and retry settings; read 2026-08: any 2xx counts,
45 s time-out, twelve attempts over 34.8 hours.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from django.db import connections

from clients.models import subscription_behind
from dialogs.bell import ring

log = logging.getLogger(__name__)

PREFIX = "/altinn/hendelser/"
MOST_BYTES = 64 * 1024
MOST_TOGETHER = 500
MOST_WAITING = 5000  # beyond this we say «later», which Altinn understands

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_INSERT = """
INSERT INTO dialogs_inboundevent (
  received_at, subscription_id, ce_source, ce_id, body, state, attempts, next_at, error)
SELECT now(), s, src, i, b, 0, 0, now(), ''
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bytea[]) AS t (s, src, i, b)
ON CONFLICT (ce_source, ce_id) DO NOTHING
"""


class _Identity(msgspec.Struct, frozen=True):
    """What makes two pushes the same event, by the CloudEvents standard."""

    source: str
    id: str


_identity = msgspec.json.Decoder(_Identity)


@dataclass(eq=False)
class _Waiting:
    subscription_id: UUID
    body: bytes
    committed: "asyncio.Future[None]"


def identity_of(body: bytes) -> tuple[str, str]:
    """Return (source, id); for what cannot be read, an empty source and the body's SHA-256."""
    try:
        found = _identity.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return "", hashlib.sha256(body).hexdigest()
    if "\x00" in found.source or "\x00" in found.id or len(found.source) + len(found.id) > 2000:
        return "", hashlib.sha256(body).hexdigest()
    return found.source, found.id


class Webhook:
    """An ASGI app that takes Altinn's pushes itself and leaves the rest to Django."""

    def __init__(self, django: App) -> None:
        self._django = django
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue(MOST_WAITING)
        self._writer: asyncio.Task[None] | None = None
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await _answer(send, await self._accept(scope, receive))
        else:
            await self._django(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                if self._writer is not None:
                    self._writer.cancel()
                return

    async def _accept(self, scope: Scope, receive: Receive) -> int:
        """Return the status to answer with; 200 only after the commit."""
        subscription = subscription_behind(scope["path"].removeprefix(PREFIX).rstrip("/"))
        if subscription is None:
            return 404
        if scope["method"] != "POST":
            return 405
        body = await read_body(receive, most_bytes=MOST_BYTES)
        if body is None:
            return 413
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        one = _Waiting(subscription, body, asyncio.get_running_loop().create_future())
        try:
            self._waiting.put_nowait(one)
            await one.committed
        except asyncio.QueueFull:
            return 503
        except (psycopg.Error, OSError) as exc:
            log.warning("A push was not written down and will come again: %s", exc)
            return 503
        return 200

    async def _write(self) -> None:
        """Commit what waits, together; one statement at a time."""
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < MOST_TOGETHER and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            try:
                await self._insert(batch)
            except (psycopg.Error, OSError) as exc:
                await self._disconnect()
                for one in batch:
                    if not one.committed.done():
                        one.committed.set_exception(exc)
            else:
                for one in batch:
                    if not one.committed.done():
                        one.committed.set_result(None)
                ring()

    async def _insert(self, batch: list[_Waiting]) -> None:
        identities = [identity_of(one.body) for one in batch]
        if self._connection is None or self._connection.closed:
            self._connection = await _connect()
        await self._connection.execute(
            _INSERT,
            (
                [one.subscription_id for one in batch],
                [source for source, _ in identities],
                [event_id for _, event_id in identities],
                [one.body for one in batch],
            ),
        )

    async def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                await connection.close()
            except psycopg.Error as exc:
                log.info("The broken connection did not close: %s", exc)


async def _connect() -> psycopg.AsyncConnection[Any]:
    """Open a connection of our own with Django's parameters, committing each statement."""
    parameters = connections["default"].get_connection_params()
    wanted = {"dbname", "user", "password", "host", "port"}
    return await psycopg.AsyncConnection.connect(
        **{name: value for name, value in parameters.items() if name in wanted},
        autocommit=True,
        connect_timeout=5,
        prepare_threshold=1,
        application_name="webhook",
        options="-c statement_timeout=10s",
    )


async def read_body(receive: Receive, *, most_bytes: int) -> bytes | None:
    """Return the body, or None when it is too large or the sender has gone."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most_bytes:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


async def _answer(send: Send, status: int) -> None:
    headers = [(b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
