"""A connection with an end: httpx bounds each reading by itself, and never all of them together."""

import ssl
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import httpcore
import httpx

READ_BYTES = 1024 * 1024  # where there is so much; httpcore asks for 64 KiB at a time


class Over(Exception):
    """The connection's time is over."""


class Bounded(httpcore.NetworkStream):
    """A connection that is read for as long as `left` says that there are seconds left.

    It is asked again at least every `glance_seconds`.
    """

    def __init__(
        self,
        inner: httpcore.NetworkStream,
        left: Callable[[], float],
        glance_seconds: float = 60.0,
    ) -> None:
        self._inner = inner
        self._left = left
        self._glance_seconds = glance_seconds

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As httpcore wants it. Raises Over, or httpcore's own ReadTimeout after `timeout`."""
        give_up_at = time.monotonic() + (timeout or self._glance_seconds)
        while (left := self._left()) > 0:
            silence = max(give_up_at - time.monotonic(), 0.001)
            try:
                at_once = max(max_bytes, READ_BYTES)
                return self._inner.read(at_once, min(left, silence, self._glance_seconds))
            except httpcore.ReadTimeout:
                if time.monotonic() >= give_up_at:
                    raise
        raise Over

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(self, *args: Any, **kwargs: Any) -> "Bounded":
        inner = self._inner.start_tls(*args, **kwargs)
        return Bounded(inner, self._left, self._glance_seconds)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def opened_over(backend: httpcore.NetworkBackend) -> httpx.HTTPTransport:
    """What a client sends over, with every connection made by `backend`."""
    transport = httpx.HTTPTransport(verify=tls(), trust_env=False)
    # httpx has no way of its own to say how a connection is made.
    transport._pool = httpcore.ConnectionPool(ssl_context=tls(), network_backend=backend)
    return transport


@cache
def tls() -> ssl.SSLContext:
    """One for all: reading the authorities' certificates takes longer than many a fetch."""
    return httpx.create_ssl_context(trust_env=False)
