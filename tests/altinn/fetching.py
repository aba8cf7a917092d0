"""Fetching what a stranger's address points to: a resolver that is a fake, and who is dialled."""

import itertools
from collections.abc import Iterable
from typing import Any

from altinn.outside import Outside

from .conftest import OPAQUE_TOKEN
from .serving import Asked, Server, said

NAMED = "files.altinn.example"
MOST = 1000


class Names:
    """A resolver that answers what it is told to, in turn, and remembers what it was asked."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = itertools.chain(answers, itertools.repeat(answers[-1] if answers else []))
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return [host] if host == "127.0.0.1" else next(self._answers)


def fetch(
    outside: Outside,
    url: str,
    *,
    seconds: float = 5,
    bearer: str | None = OPAQUE_TOKEN,
    **more: Any,
) -> bytes:
    with outside.open(
        "GET", url, seconds=seconds, bearer=bearer, most_bytes=MOST, **more
    ) as answer:
        return answer.read()


def local(*servers: Server, names: Names | None = None, more: Iterable[str] = ()) -> Outside:
    return Outside(frozenset([server.host for server in servers]) | {*more}, names or Names())


def hello(_: Asked) -> list[bytes]:
    return said(body=b"hei")
