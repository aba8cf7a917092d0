"""Asking one of Altinn's APIs, and reading its answers: what the vendors' and persons' ones share.

Source: altinn-authentication ad4f6f36; read 2026-07.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import msgspec

from altinn.errors import Misunderstood
from altinn.http import send
from altinn.problems import UNREADABLE

_T = TypeVar("_T")
Params = Mapping[str, str]


class AnyCase(msgspec.Struct, frozen=True, kw_only=True, rename=lambda name: name.replace("_", "")):
    """A struct whose names are read in any case: Altinn's own samples differ («accesspackages»)."""


class Links(AnyCase, frozen=True, kw_only=True):
    next: str | None = None


class Neighbour:
    """One API below one address, with one token. Redirects and links are never followed."""

    def __init__(self, http: httpx.Client, base: str, auth: httpx.Auth | None = None) -> None:
        self._http = http
        self._base = base
        self._auth = auth

    def send(
        self, method: str, path: str, *, params: Params | None = None, json: object = None
    ) -> httpx.Response:
        """Send one request, and give back a successful answer. Raises AltinnError."""
        request = self._http.build_request(
            method, f"{self._base}{path}", params=dict(params) if params else None, json=json
        )
        return send(self._http, request, base=self._base, auth=self._auth)

    def get(self, path: str, kind: type[_T], *, params: Params | None = None) -> _T:
        """Ask, and read the answer. Raises AltinnError."""
        return read(self.send("GET", path, params=params), kind)

    def rows(
        self, path: str, page: Callable[[httpx.Response], tuple[list[_T], str]], params: Params
    ) -> Iterator[_T]:
        """All rows of all pages. `page` gives a page's rows and its link to the next, or empty.

        Of the link, which may point at a host inside Altinn, the token alone is used.
        """
        tokens: set[str] = set()
        asked = dict(params)
        while True:
            response = self.send("GET", path, params=asked)
            rows, link = page(response)
            yield from rows
            if not link:
                return
            token = parse_qs(urlsplit(link).query).get("token", [""])[0]
            if not token or token in tokens:
                raise Misunderstood(
                    "More pages are promised, but the token does not move on",
                    url=str(response.request.url),
                )
            tokens.add(token)
            asked["token"] = token


def read(response: httpx.Response, kind: type[_T]) -> _T:
    """The answer as `kind`; names in any case where it is an `AnyCase`.

    Raises:
        Misunderstood: it is something else.
    """
    try:
        return msgspec.convert(_lowered(msgspec.json.decode(response.content)), kind)
    except UNREADABLE as exc:
        raise Misunderstood(
            str(exc), status=response.status_code, url=str(response.request.url)
        ) from None


def segment(text: str) -> str:
    """A piece of a path, which cannot become more than one.

    Raises:
        ValueError: empty, or dots only.
    """
    if not text.strip("."):
        raise ValueError("Not a piece of an address")
    return quote(text, safe="")


def _lowered(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name).lower(): _lowered(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_lowered(each) for each in value]
    return value
