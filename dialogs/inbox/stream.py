"""Tell open pages of changes, as server-sent events.

One Redis subscription per process feeds every open page. A page hears only of dialogs whose client
its reader may see, and of what only some may read, if they may. While Redis is away the pages are
told so, and ask now and then instead.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import close_old_connections, connections
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from redis.asyncio import Redis
from redis.exceptions import RedisError

from clients.models import CategoryRestriction, Client
from dialogs.live import CHANNEL
from dialogs.models import Dialog
from staff.models import User

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15
REREAD_SECONDS = 60  # how long a lost right to see a client may still be heard
RETRY_SECONDS = 2
MOST_WAITING = 100  # messages a page may be behind; a slower one is told to look again

LOST, FOUND = "borte", "tilbake"


@dataclass(frozen=True)
class Ears:
    """Which clients a page may hear of. None: all. Of some of them, only in part."""

    user_id: Any
    clients: frozenset[int] | None
    in_part: frozenset[int] = frozenset()

    async def hear(self, rows: list[list[Any]]) -> list[list[Any]]:
        """Keep [dialog, is_new] of what may be heard."""
        heard = [row for row in rows if self.clients is None or row[1] in self.clients]
        asked = [dialog for dialog, client, _is_new in heard if client in self.in_part]
        readable = await _readable(self.user_id, asked) if asked else set()
        return [
            [dialog, is_new]
            for dialog, client, is_new in heard
            if client not in self.in_part or dialog in readable
        ]


class Hub:
    """The process's one subscription, fanned out. Runs as long as somebody listens."""

    def __init__(self) -> None:
        self._pages: set[asyncio.Queue[Any]] = set()
        self._reader: asyncio.Task[None] | None = None
        self.is_connected = False

    def join(self) -> "asyncio.Queue[Any]":
        queue: asyncio.Queue[Any] = asyncio.Queue(MOST_WAITING)
        self._pages.add(queue)
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read())
        elif not self.is_connected:
            queue.put_nowait(LOST)
        return queue

    def leave(self, queue: "asyncio.Queue[Any]") -> None:
        self._pages.discard(queue)
        if not self._pages and self._reader is not None:
            self._reader.cancel()
            self._reader = None
            self.is_connected = False

    async def _read(self) -> None:
        while True:
            redis = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)
            try:
                async with redis.pubsub() as pubsub:
                    await pubsub.subscribe(CHANNEL)
                    self._say(FOUND, is_connected=True)
                    async for message in pubsub.listen():
                        if message["type"] == "message":
                            self._tell(json.loads(message["data"]))
            except (RedisError, OSError) as exc:
                log.warning("The live channel is away: %s", exc)
            except ValueError as exc:
                log.warning("A live message could not be read: %s", exc)
            finally:
                await redis.aclose()
            self._say(LOST, is_connected=False)
            await asyncio.sleep(RETRY_SECONDS)

    def _say(self, word: str, *, is_connected: bool) -> None:
        self.is_connected = is_connected
        self._tell(word)

    def _tell(self, message: Any) -> None:
        for queue in self._pages:
            if queue.full():  # too far behind: what waits is replaced by «look again»
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(LOST)
                queue.put_nowait(FOUND)
            else:
                queue.put_nowait(message)


_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def hub() -> Hub:
    """Return the hub of this event loop; a process serves from one."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


async def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Answer with events until the page closes, or its reader is logged out."""
    user = await request.auser()
    ears = await _ears(user.pk, request.session.session_key)
    events = _events(user.pk, request.session.session_key, ears)
    response = StreamingHttpResponse(events, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(user_id: Any, session_key: str | None, ears: Ears | None) -> AsyncIterator[str]:
    queue = hub().join()
    clock = asyncio.get_running_loop().time
    reread_at = clock() + REREAD_SECONDS
    try:
        yield "retry: 3000\n\n" + _event("klar", [])
        while ears is not None:
            try:
                message = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                message = None
            is_told = message == {"person": user_id}  # what they may hear has changed
            if is_told or clock() >= reread_at:
                ears = await _ears(user_id, session_key)
                reread_at = clock() + REREAD_SECONDS
                if ears is None:
                    break
            if message is None:
                yield ": her\n\n"
            elif isinstance(message, str):
                yield _event(message, [])
            elif isinstance(message, list) and (heard := await ears.hear(message)):
                yield _event("endret", heard)
        yield _event("ut", [])
    finally:
        hub().leave(queue)


def _event(name: str, data: list[Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


@sync_to_async
def _ears(user_id: Any, session_key: str | None) -> Ears | None:
    """Return what may be heard now, or None when the person is logged out or no longer works here.

    Gives the connection back at once: a page stays open for hours, and the pool is small.
    """
    with _connection_for_now():
        user = User.objects.filter(pk=user_id, is_active=True).first()
        if user is None or not _is_logged_in(session_key):
            return None
        kept = CategoryRestriction.objects.exclude(readers=user).values_list("client", flat=True)
        seen = None
        if not user.may_see_all_clients:
            seen = frozenset(Client.objects.visible_to(user).values_list("pk", flat=True))
        return Ears(user_id, seen, frozenset(kept))


@sync_to_async
def _readable(user_id: Any, dialogs: list[str]) -> set[str]:
    """Return which of some dialogs may be read."""
    with _connection_for_now():
        readable = Dialog.objects.readable_by(User(pk=user_id)).filter(pk__in=dialogs)
        return {str(pk) for pk in readable.values_list("pk", flat=True)}


@contextmanager
def _connection_for_now() -> Iterator[None]:
    close_old_connections()
    try:
        yield
    finally:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close()


def _is_logged_in(session_key: str | None) -> bool:
    sessions = Session.objects.filter(session_key=session_key, expire_date__gt=timezone.now())
    return sessions.exists()
