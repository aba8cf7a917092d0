"""Serve Django's synchronous pages from an ASGI server, each on one thread from start to end.

Under Django's own ASGI handler every layer around a view hops between the event loop and a
thread, a dozen times a page. Here a page is handed to a thread whole.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

from asgiref.wsgi import WsgiToAsgiInstance
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections

from dialogs.webhook import Receive, Scope, Send, read_body

MOST_BYTES = 6 * 1024 * 1024  # of a request: a list of clients may have five
THREADS = 16
STALLED_SECONDS = 120  # how long a reader may take nothing of an answer that is streamed


def _environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """Say the request in WSGI's words."""
    translator = WsgiToAsgiInstance(None)  # type: ignore[no-untyped-call]
    translator.scope = dict(scope)
    environ: dict[str, Any] = translator.build_environ(  # type: ignore[no-untyped-call]
        translator.scope, BytesIO(body)
    )
    return environ


class Pages:
    """An ASGI app around a WSGI one."""

    def __init__(self, wsgi: WSGIHandler, *, stalled_seconds: float = STALLED_SECONDS) -> None:
        self._wsgi = wsgi
        self._stalled_seconds = stalled_seconds
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="page")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive, most_bytes=MOST_BYTES)
        if body is None:
            await send({"type": "http.response.start", "status": 413, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        loop = asyncio.get_running_loop()
        environ = _environ(scope, body)
        status, headers, answer = await loop.run_in_executor(self._threads, self._ask, environ)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if isinstance(answer, bytes):
            await send({"type": "http.response.body", "body": answer})
            return
        try:
            await self._stream(answer, receive, send)
            await send({"type": "http.response.body", "body": b""})
        finally:
            await loop.run_in_executor(self._threads, answer.close)

    async def _stream(self, response: Any, receive: Receive, send: Send) -> None:
        """Send part by part, until the reader leaves or takes no more.

        Each part is made on a thread, while the one before is being sent.
        """
        loop = asyncio.get_running_loop()
        gone = asyncio.ensure_future(receive())  # all that comes after the body is that they left
        parts = iter(response)
        ahead = loop.run_in_executor(self._threads, _next, parts)
        try:
            while (part := await ahead) is not None and not gone.done():
                ahead = loop.run_in_executor(self._threads, _next, parts)
                message = {"type": "http.response.body", "body": part, "more_body": True}
                await asyncio.wait_for(send(message), self._stalled_seconds)
        finally:
            gone.cancel()
            await asyncio.wait([ahead])  # before what it reads from is closed
            ahead.exception()

    def _ask(self, environ: dict[str, Any]) -> tuple[int, list[tuple[bytes, bytes]], Any]:
        """Have a page made: its bytes, or what is to be streamed. No connection stays behind."""
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            started.append((status, headers))

        response = self._wsgi(environ, start_response)
        [(status, headers)] = started
        encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
        if response.streaming:
            close_old_connections()  # its parts are made on whichever thread is free
            return int(status[:3]), encoded, response
        body = b"".join(response)
        response.close()
        return int(status[:3]), encoded, body


def _next(parts: Iterator[bytes]) -> bytes | None:
    """Make the next part, and give back the database's connection if it took one."""
    try:
        return next(parts, None)
    finally:
        close_old_connections()
