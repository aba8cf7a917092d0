"""Fetch what an address inside a dialog points to, without being led elsewhere.

The address is somebody else's input, and so is what its name resolves to. Only https and the
usual port (or an allow-listed one), no address inside a private network, checked on the very
address that is connected to, so that a name that changes its mind gains nothing. Redirects are
followed only where asked for, and each is checked as the first. An answer has an end: in bytes
and in seconds.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from altinn.errors import AltinnError
from altinn.masking import masked

_PLAIN = {"Accept": "*/*", "Accept-Encoding": "identity"}  # packed bytes have no honest size

Resolve = Callable[[str, int], list[str]]  # host and port to addresses


class Unsafe(AltinnError):
    """An address we do not call. Nothing was sent; `message` says why, in English, for the log."""


class TooLarge(AltinnError):
    """The answer went over its cap, and was left."""


class TooSlow(AltinnError):
    """No connection, no answer in time, or it broke off. What was sent may have arrived."""


def resolve(host: str, port: int) -> list[str]:
    """Ask the machine's resolver. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


@dataclass
class Answer:
    """An answer being read. `chunks` raises TooLarge or TooSlow in the middle."""

    status: int
    headers: httpx.Headers
    url: str
    chunks: Iterator[bytes]

    def read(self) -> bytes:
        return b"".join(self.chunks)


@dataclass(frozen=True)
class Outside:
    """Calls addresses on allow-listed hosts. `hosts` may name this machine, for a stand-in."""

    hosts: frozenset[str]  # «platform.altinn.no», «127.0.0.1:8900»
    resolve: Resolve = resolve
    user_agent: str = "Regnskapsportalen"
    connect_seconds: float = 5.0
    _local: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        local = {name.rpartition(":")[0] or name for name in self.hosts}
        object.__setattr__(self, "_local", frozenset(filter(_is_this_machine, local)))

    def check(self, url: str) -> str:
        """Return the address as it is called, or refuse it without sending anything.

        Raises:
            Unsafe: not https, not an allow-listed host, user-info in it, or not an address.
        """
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            raise Unsafe("Not an address", url=masked(url)) from None
        usual = {"https": 443, "http": 80}.get(parts.scheme)
        is_odd = any(letter <= " " or letter == "\\" for letter in url)
        if usual is None or not host or is_odd or "@" in parts.netloc:
            raise Unsafe("Not an address we call", url=masked(url))
        if parts.scheme == "http" and host not in self._local:
            raise Unsafe("Not https", url=masked(url))
        if (host if port in (None, usual) else f"{host}:{port}") not in self.hosts:
            raise Unsafe("Not an allow-listed host", url=masked(url))
        return url

    @contextmanager
    def open(
        self,
        method: str,
        url: str,
        *,
        bearer: str | None,
        most_bytes: int,
        seconds: float,
        redirects: int = 0,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> Iterator[Answer]:
        """Send one request and give the answer to read, whatever its status.

        A redirect beyond `redirects` is given as it is, and never followed with the token to
        another host than the first.

        Raises:
            Unsafe: the address, or one it redirects to, is not called.
            TooSlow: no answer within `seconds`, which also bounds reading it.
        """
        give_up_at = time.monotonic() + seconds
        with self._client(give_up_at) as http:
            first = urlsplit(self.check(url)).netloc
            for left in reversed(range(redirects + 1)):
                sent = _PLAIN | {"User-Agent": self.user_agent} | (headers or {})
                if bearer and urlsplit(url).netloc == first:
                    sent["Authorization"] = f"Bearer {bearer}"
                request = http.build_request(method, url, headers=sent, content=content)
                response = _send(http, request)
                with _closing(response):
                    if left and response.is_redirect:
                        url = self.check(urljoin(url, response.headers.get("Location", "")))
                        continue
                    yield Answer(
                        response.status_code,
                        response.headers,
                        url,
                        _capped(response, most_bytes=most_bytes, give_up_at=give_up_at),
                    )
                    return

    def _client(self, give_up_at: float) -> httpx.Client:
        transport = httpx.HTTPTransport()
        # httpx has no way of its own to say how a connection is made.
        transport._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            network_backend=_Pinned(self.resolve, self._local, give_up_at),
        )
        wait = max(give_up_at - time.monotonic(), 0.1)
        return httpx.Client(
            transport=transport,
            timeout=httpx.Timeout(wait, connect=min(self.connect_seconds, wait)),
            follow_redirects=False,
            trust_env=False,
        )


class _Pinned(httpcore.NetworkBackend):
    """Resolves a name itself, and connects to the very address that it found harmless."""

    def __init__(self, resolve: Resolve, local: frozenset[str], give_up_at: float) -> None:
        self._resolve = resolve
        self._local = local
        self._give_up_at = give_up_at
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = self._resolve(host, port)
        except OSError as exc:
            raise httpcore.ConnectError(f"The name is unknown: {exc}") from exc
        if not addresses:
            raise httpcore.ConnectError("The name has no address")
        if host not in self._local and not all(map(_is_public, addresses)):
            raise Unsafe("The name leads into a private network", url=masked(host))
        wait = max(min(timeout or 5.0, self._give_up_at - time.monotonic()), 0.1)
        return self._sockets.connect_tcp(addresses[0], port, wait, local_address, socket_options)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise Unsafe("Not a network address")

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def _send(http: httpx.Client, request: httpx.Request) -> httpx.Response:
    try:
        return http.send(request, stream=True)
    except httpx.TransportError as exc:
        raise TooSlow(type(exc).__name__, url=str(request.url)) from None
    except (httpx.InvalidURL, UnicodeError):
        raise Unsafe("Not an address", url=masked(str(request.url))) from None


@contextmanager
def _closing(response: httpx.Response) -> Iterator[None]:
    try:
        yield
    finally:
        response.close()


def _capped(
    response: httpx.Response, *, most_bytes: int, give_up_at: float
) -> Generator[bytes, None, None]:
    """Read as sent. What is packed although we asked for plain bytes is refused."""
    seen, url = 0, str(response.request.url)
    if response.headers.get("Content-Encoding", "identity") not in ("", "identity"):
        raise Unsafe("The answer is packed", url=url)
    try:
        for chunk in response.iter_raw(64 * 1024):
            seen += len(chunk)
            if seen > most_bytes:
                raise TooLarge(f"More than {most_bytes} bytes", url=url)
            if time.monotonic() > give_up_at:
                raise TooSlow("The answer came too slowly", url=url)
            yield chunk
    except httpx.TransportError as exc:
        raise TooSlow(type(exc).__name__, url=url) from None


def _is_public(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return found.is_global and not found.is_multicast and (inner is None or inner.is_global)


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
