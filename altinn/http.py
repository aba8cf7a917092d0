"""The HTTP client under every call, and the one function that sends with it."""

import logging
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

import httpx

from altinn.environment import origin
from altinn.errors import Misunderstood, TryLater, UnknownOutcome, Unreached, error_in
from altinn.masking import masked
from altinn.streams import tls

LARGEST_ANSWER_BYTES = 64 * 1024 * 1024
LONGEST_ANSWER_SECONDS = 120.0  # from the first byte sent to the last one read

_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_GATEWAY_STATUSES = frozenset({408, 502, 503, 504})  # said by what stands in front, mostly


def open_http(
    *,
    connect_seconds: float = 5.0,
    read_seconds: float = 30.0,
    connections: int = 20,
    user_agent: str = "Regnskapsportalen",
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """A client for Altinn's APIs; the caller closes it, or uses it in a `with`.

    Never follows a redirect and never takes a proxy or a password from the environment.
    Dialogporten gives up a search after 20 seconds, so `read_seconds` is above that.
    Source: Dialogporten 1.119.1, read 2026-08.

    Side effect: httpx logs every URL, and a URL may name a person; from now on they are masked.
    """
    logging.getLogger("httpx").addFilter(_mask_arguments)
    return httpx.Client(
        timeout=httpx.Timeout(
            connect=connect_seconds, read=read_seconds, write=read_seconds, pool=read_seconds
        ),
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        headers={"Accept": "application/json", "User-Agent": user_agent},
        follow_redirects=False,
        trust_env=False,
        transport=transport,
        verify=tls(),
    )


def send(
    http: httpx.Client,
    request: httpx.Request,
    *,
    base: str,
    auth: httpx.Auth | None = None,
    secrets: Iterable[str] = (),
) -> httpx.Response:
    """Send one request below `base` and give back a successful, fully read answer.

    `secrets` are taken out of any error's text, as the token itself always is.

    Raises:
        ValueError: the URL is not below `base`; nothing was sent.
        AltinnError: see `altinn.errors`.
    """
    response = receive(http, request, base=base, auth=auth)
    body = without_secrets(response, secrets)
    error = error_in(
        response.status_code,
        response.headers,
        body,
        url=str(request.url),
        now=datetime.now(UTC),
    )
    if error:
        raise error
    return response


def receive(
    http: httpx.Client, request: httpx.Request, *, base: str, auth: httpx.Auth | None = None
) -> httpx.Response:
    """Send one request below `base` and give back whatever was answered, fully read.

    Raises:
        ValueError: the URL is not below `base`; nothing was sent.
        Unreached: no connection; nothing was sent.
        TryLater: no answer in time, or it broke off.
        Misunderstood: the answer is too large or cannot be unpacked.
    """
    if not is_below(str(request.url), base):
        raise ValueError(f"Not an address of ours: {masked(str(request.url))}")
    url = str(request.url)
    give_up_at = time.monotonic() + LONGEST_ANSWER_SECONDS
    try:
        # `auth` is given even when None: httpx would else make Basic auth of the URL's user-info.
        response = http.send(request, auth=auth or _no_auth, stream=True, follow_redirects=False)
        try:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER_BYTES:
                    raise Misunderstood(
                        f"The answer is larger than {LARGEST_ANSWER_BYTES} bytes",
                        status=response.status_code,
                        url=url,
                    )
                if time.monotonic() > give_up_at:
                    raise TryLater("The answer came too slowly", url=url)
        finally:
            response.close()
    except _NOTHING_SENT as exc:
        raise Unreached(f"{type(exc).__name__}: {exc}", url=url) from None
    except httpx.TransportError as exc:
        # Not chained: an httpx message may quote what the other side sent.
        raise TryLater(f"{type(exc).__name__}: {exc}", url=url) from None
    except (httpx.DecodingError, httpx.InvalidURL) as exc:
        raise Misunderstood(f"{type(exc).__name__}", url=url) from None
    packed = ("content-encoding", "content-length", "transfer-encoding")
    headers = [
        (name, value) for name, value in response.headers.multi_items() if name not in packed
    ]
    return httpx.Response(
        response.status_code, headers=headers, content=bytes(body), request=response.request
    )


def without_secrets(response: httpx.Response, secrets: Iterable[str] = ()) -> bytes:
    """The body; of a refused answer without the token that was sent, should it be quoted there."""
    body = response.content
    if response.is_success:
        return body
    token = response.request.headers.get("Authorization", "").partition(" ")[2]
    for secret in (token, *secrets):
        if secret:
            body = body.replace(secret.encode(), b"***")
    return body


def deliver(http: httpx.Client, request: httpx.Request, *, base: str) -> httpx.Response:
    """Send one request that changes something, once, and give back what was answered.

    Raises:
        ValueError: the URL is not below `base`; nothing was sent.
        Unreached: no connection; nothing was sent.
        UnknownOutcome: it was sent, and no answer of the receiver's own came back.
    """
    try:
        response = receive(http, request, base=base)
    except Unreached:
        raise
    except (TryLater, Misunderstood) as exc:
        raise UnknownOutcome(exc.message, status=exc.status, url=str(request.url)) from None
    if response.status_code in _GATEWAY_STATUSES and not response.content.startswith(b"{"):
        raise UnknownOutcome(
            "Only what stands in front answered",
            status=response.status_code,
            url=str(request.url),
        )
    return response


def is_below(url: str, base: str) -> bool:
    """Whether `url` has the origin of `base` and its path, or one below it."""
    try:
        ours, theirs = urlsplit(base), urlsplit(url)
        same = origin(url) == origin(base) and "@" not in theirs.netloc
    except ValueError:
        return False
    below = f"{theirs.path}/".startswith(f"{ours.path.rstrip('/')}/")
    plain = f"{unquote(theirs.path)}/"
    return same and below and "/../" not in plain and "\\" not in plain


def _no_auth(request: httpx.Request) -> httpx.Request:
    return request


def _mask_arguments(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(
            masked(str(each)) if isinstance(each, httpx.URL | str) else each for each in record.args
        )
    return True
