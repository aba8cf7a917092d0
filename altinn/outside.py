"""Fetch what an address inside a dialog points to, without being led elsewhere.

The address is somebody else's input, and so is what its name resolves to. Only https and the
usual port (or an allow-listed one), no address inside a private network, checked on the very
address that is connected to, so that a name that changes its mind gains nothing. Redirects are
followed only where asked for, and each is checked as the first. An answer has an end: in bytes
and in seconds.
"""

import ipaddress
import socket
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
from altinn.streams import READ_BYTES, Bounded, Over, opened_over

# IPv6 outside this holds IPv4 in disguise (mapped, NAT64), site-local and other local networks.
_UNICAST = ipaddress.ip_network("2000::/3")
# Global by the register, and yet within reach of a machine's own network, or IPv4 in disguise.
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",  # protocols' own, some clouds' metadata
            "192.88.99.0/24",  # 6to4 relays
            "168.63.129.16/32",  # a cloud's own host
            "2001::/23",  # Teredo and other protocols' own
            "2002::/16",  # 6to4
        ),
    )
)
_MOST_ADDRESSES = 4  # of a name's, tried in turn
_PLAIN = {"Accept": "*/*", "Accept-Encoding": "identity"}  # packed bytes have no honest size

Resolve = Callable[[str, int], list[str]]  # host and port to addresses


class Unsafe(AltinnError):
    """An address we do not call. Nothing was sent; `message` says why, in English, for the log."""


class TooLarge(AltinnError):
    """The answer went over its cap, and was left."""


class TooSlow(AltinnError):
    """No answer in time, or it broke off. What was sent may have arrived."""


class NotReached(TooSlow):
    """No connection: nothing was sent."""


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
        silence_seconds: float | None = None,
        redirects: int = 0,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> Iterator[Answer]:
        """Send one request and give the answer to read, whatever its status.

        A redirect beyond `redirects` is given as it is. The token goes to the first host alone, and
        no more once a redirect has led away from it.

        Raises:
            Unsafe: the address, or one it redirects to, is not called.
            TooSlow: no answer within `seconds`, which also bounds reading it, or a silence that
                is longer than `silence_seconds`.
        """
        give_up_at = time.monotonic() + seconds
        with self._client(give_up_at, silence_seconds or seconds) as http:
            first = urlsplit(self.check(url)).netloc
            for left in reversed(range(redirects + 1)):
                sent = _PLAIN | {"User-Agent": self.user_agent} | (headers or {})
                bearer = bearer if urlsplit(url).netloc == first else None
                if bearer:
                    sent["Authorization"] = f"Bearer {bearer}"
                response = _send(http, method, url, headers=sent, content=content)
                with _closing(response):
                    if left and response.has_redirect_location:
                        url = self.check(_joined(url, response.headers["Location"]))
                        continue
                    yield Answer(
                        response.status_code,
                        response.headers,
                        url,
                        _capped(response, most_bytes=most_bytes, give_up_at=give_up_at),
                    )
                    return

    def _client(self, give_up_at: float, silence_seconds: float) -> httpx.Client:
        wait = max(min(give_up_at - time.monotonic(), silence_seconds), 0.1)
        return httpx.Client(
            transport=opened_over(_Pinned(self.resolve, self._local, give_up_at)),
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
        is_harmless = _is_this_machine if host in self._local else _is_public
        if not all(map(is_harmless, addresses)):
            raise Unsafe("The name leads into a private network", url=masked(host))
        failed: Exception = httpcore.ConnectError("The name has no address")
        for address in addresses[:_MOST_ADDRESSES]:
            wait = min(timeout or self._left(), self._left())
            try:
                stream = self._sockets.connect_tcp(
                    address, port, max(wait, 0.1), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failed = exc
            else:
                return Bounded(stream, self._left)
        raise failed

    def _left(self) -> float:
        return self._give_up_at - time.monotonic()

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise Unsafe("Not a network address")

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def _send(
    http: httpx.Client, method: str, url: str, *, headers: dict[str, str], content: bytes | None
) -> httpx.Response:
    try:
        request = http.build_request(method, url, headers=headers, content=content)
        return http.send(request, stream=True)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as exc:
        raise NotReached(type(exc).__name__, url=url) from None
    except (httpx.TransportError, Over) as exc:
        raise TooSlow(type(exc).__name__, url=url) from None
    except (httpx.InvalidURL, UnicodeError):
        raise Unsafe("Not an address", url=masked(url)) from None


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise Unsafe("Not an address", url=masked(location)) from None


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
    if response.headers.get("Content-Encoding", "").strip().lower() not in ("", "identity"):
        raise Unsafe("The answer is packed", url=url)
    try:
        for chunk in _pieces(response):
            seen += len(chunk)
            if seen > most_bytes:
                raise TooLarge(f"More than {most_bytes} bytes", url=url)
            if time.monotonic() > give_up_at:
                raise TooSlow("The answer came too slowly", url=url)
            yield chunk
    except (httpx.TransportError, httpcore.NetworkError, httpcore.TimeoutException, Over) as exc:
        raise TooSlow(type(exc).__name__, url=url) from None


def _pieces(response: httpx.Response) -> Iterator[bytes]:
    """Give the body as it comes.

    Where its length is known it is read past HTTP's parser after its beginning: the parser copies
    all of it several times, and there is nothing left for it to find. The connection is not used
    again.
    """
    length = response.headers.get("Content-Length", "")
    if not length.isdigit() or "Transfer-Encoding" in response.headers:
        yield from response.iter_raw()
        return
    parsed = response.iter_raw()  # held on to: when it goes, it closes the connection
    first = next(parsed, b"")  # all that the parser has read so far
    yield first
    left = int(length) - len(first) if first else 0  # nothing: an answer that has no body
    stream: httpcore.NetworkStream = response.extensions["network_stream"]
    silence = response.request.extensions["timeout"]["read"]
    while left > 0:
        piece = stream.read(READ_BYTES, silence)
        if not piece or len(piece) > left:
            raise httpx.RemoteProtocolError("Not as long as was said")
        left -= len(piece)
        yield piece


def _is_public(address: str) -> bool:
    """Whether it is an address of the internet itself, and not of what stands for another one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if found.version == 6 and found not in _UNICAST:
        return False
    inside = any(found.version == net.version and found in net for net in _NEVER)
    return found.is_global and not found.is_multicast and not found.is_reserved and not inside


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
