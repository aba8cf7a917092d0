"""How an answer that is streamed ends: read to its end, left, or cut off."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, StreamingHttpResponse

from portal.pages import Pages

PARTS = 50
SCOPE = {
    "type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [],
    "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1), "http_version": "1.1",
}  # fmt: skip
Take = Callable[[bytes], Awaitable[None]]


class Streams(WSGIHandler):
    """Answers everything with parts that are made as they are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.made = 0
        self.is_closed = False

    def get_response(self, request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(self)

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(PARTS):
            self.made += 1
            yield b"x"

    def close(self) -> None:
        self.is_closed = True


def ask(streams: Streams, take: Take, *, leaves_after: float = 60) -> None:
    """Ask as a server does for a reader who takes each part in their own way."""
    asked = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if asked:
            return asked.pop()
        await asyncio.sleep(leaves_after)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message.get("body"):
            await take(message["body"])

    asyncio.run(Pages(streams, stalled_seconds=0.2)(SCOPE, receive, send))


def test_a_reader_who_is_slow_gets_all_of_it() -> None:
    streams, got = Streams(), list[bytes]()

    async def take(part: bytes) -> None:
        await asyncio.sleep(0.005)
        got.append(part)

    ask(streams, take)

    assert len(got) == PARTS
    assert streams.is_closed


def test_a_reader_who_stalls_is_cut_off_and_what_was_held_for_them_is_let_go() -> None:
    streams, got = Streams(), list[bytes]()

    async def take(part: bytes) -> None:
        got.append(part)
        if len(got) == 3:
            await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        ask(streams, take)

    assert len(got) == 3
    assert streams.made <= 4  # one is made ahead
    assert streams.is_closed


def test_for_a_reader_who_leaves_no_more_is_made() -> None:
    streams = Streams()

    async def take(part: bytes) -> None:
        await asyncio.sleep(0.05)

    ask(streams, take, leaves_after=0.1)

    assert streams.made < PARTS / 2
    assert streams.is_closed
