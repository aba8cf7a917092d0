"""The portal as it runs in production, with the stand-in beside it, and a plain reader."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil

from tests.processes import Processes

MIB = 1024 * 1024


class Got(NamedTuple):
    status: int
    headers: dict[str, str]
    size_bytes: int
    is_whole: bool  # as HTTP says it: no less than was announced, or the last chunk seen


def ask(url: str, session: str) -> socket.socket:
    """Send a GET as a browser does after a press, and leave the answer to be read."""
    parts = urlsplit(url)
    asking = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=60)
    asking.sendall(
        f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: session={session}\r\n"
        "Sec-Fetch-Site: same-origin\r\nConnection: close\r\n\r\n".encode()
    )
    return asking


def read(asking: socket.socket, *, pause: float = 0) -> Got:
    """Read an answer to its end, and throw it away."""
    head, tail, size = b"", b"", 0
    with asking:
        while b"\r\n\r\n" not in head:
            head += asking.recv(65536)
        head, _, rest = head.partition(b"\r\n\r\n")
        chunk = rest
        while True:
            size += len(chunk)
            tail = (tail + chunk)[-7:]
            with contextlib.suppress(ConnectionResetError):
                chunk = asking.recv(MIB)
            if not chunk:
                break
            time.sleep(pause)
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    headers = {name.lower(): value for name, _, value in pairs}
    announced = headers.get("content-length")
    is_whole = size == int(announced) if announced else tail.endswith(b"0\r\n\r\n")
    return Got(int(first.split()[1]), headers, size, is_whole)


def worker_of(portal: Processes) -> psutil.Process:
    """The process that serves: granian's one child."""
    [child] = psutil.Process(portal.pid_of("web")).children()
    return child


@contextlib.contextmanager
def watched(process: psutil.Process) -> Iterator[list[int]]:
    """Note how much memory a process holds, every few milliseconds."""
    seen: list[int] = [process.memory_info().rss]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.02):
            seen.append(process.memory_info().rss)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        ended.set()
        looking.join()
