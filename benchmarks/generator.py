"""A small closed-loop load generator over raw sockets, for loopback only.

Each connection sends its next request when the last was answered. A server that closes the
connection after each answer is connected to again, as any client would have to.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

HOST = "127.0.0.1"
PATIENCE_SECONDS = 30
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@dataclass
class Load:
    """What came back."""

    seconds: float = 0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)  # seconds

    @property
    def per_second(self) -> float:
        """Answers with 200 per second: nothing else counts."""
        return self.statuses[200] / self.seconds


class _Run:
    def __init__(self, port: int, request: Callable[[], bytes], *, most: int | None) -> None:
        self.port = port
        self.request = request
        self.left = most
        self.load = Load()
        self.is_over = False
        self.running: set[_Connection] = set()
        self.connecting: set[asyncio.Task[None]] = set()
        self.emptied = asyncio.Event()

    def connect(self) -> None:
        task = asyncio.get_running_loop().create_task(self._connect())
        self.connecting.add(task)
        task.add_done_callback(self.connecting.discard)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: _Connection(self), HOST, self.port)

    def next_request(self) -> bytes | None:
        if self.is_over or self.left == 0:
            return None
        if self.left is not None:
            self.left -= 1
        return self.request()


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run) -> None:
        self._run = run
        self._got = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._run.running.add(self)
        self._send()

    def _send(self) -> None:
        request = self._run.next_request()
        if request is None:
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._got[: end + 2]
        length = _LENGTH.search(head)
        if length:
            if len(self._got) < end + 4 + int(length[1]):
                return
        elif _CHUNKED.search(head) and not self._got.endswith(b"0\r\n\r\n"):
            return
        load = self._run.load
        load.statuses[int(head[9:12])] += 1
        load.latencies.append(time.perf_counter() - self._began)
        self._got = b""
        if _CLOSES.search(head):
            self._transport.close()
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        run = self._run
        run.running.discard(self)
        if not run.is_over and run.left != 0:
            run.connect()
        elif not run.running:
            run.emptied.set()


async def _drive(
    port: int, request: Callable[[], bytes], connections: int, seconds: float, most: int | None
) -> Load:
    run = _Run(port, request, most=most)
    began = time.perf_counter()
    for _ in range(connections):
        run.connect()
    if most is None:
        await asyncio.sleep(seconds)
    else:
        await asyncio.wait_for(run.emptied.wait(), seconds)
    run.load.seconds = time.perf_counter() - began
    run.is_over = True
    found = run.load
    run.load = Load()  # what is answered after the time does not count
    for task in [*run.connecting]:
        task.cancel()
    for connection in [*run.running]:
        connection._transport.abort()
    await asyncio.sleep(0.05)
    return found


def for_seconds(
    port: int, request: Callable[[], bytes], *, connections: int, seconds: float
) -> Load:
    """Send as fast as the answers come, for so long."""
    return asyncio.run(_drive(port, request, connections, seconds, None))


def so_many(port: int, request: Callable[[], bytes], *, connections: int, most: int) -> Load:
    """Send this many requests."""
    return asyncio.run(_drive(port, request, connections, PATIENCE_SECONDS + most / 100, most))


def post(path: str, body: bytes) -> bytes:
    """Return a request as bytes."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/cloudevents+json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
