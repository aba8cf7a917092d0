"""How far a redirect is followed, and how much of an answer is read and for how long."""

import itertools
import threading
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from altinn.outside import NotReached, Outside, TooLarge, TooSlow, Unsafe
from altinn.streams import READ_BYTES

from .conftest import JWT, OPAQUE_TOKEN, PERSON
from .fetching import MOST, NAMED, Names, fetch, hello, local
from .serving import Asked, said, serving

HOSTS = frozenset({"platform.altinn.no"})


def test_a_fetch_has_the_token_and_asks_for_plain_bytes() -> None:
    with serving(hello) as server:
        assert fetch(local(server), f"{server.url}/x") == b"hei"

    asked = server.asked[0]
    assert asked.token == f"Bearer {OPAQUE_TOKEN}"
    assert (asked.headers["accept"], asked.headers["accept-encoding"]) == ("*/*", "identity")
    assert "cookie" not in asked.headers


def test_without_a_token_none_is_sent() -> None:
    with serving(hello) as server:
        fetch(local(server), f"{server.url}/x", bearer=None)

    assert server.asked[0].token is None


def test_the_environment_cannot_send_a_fetch_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(hello) as server, serving(hello) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert fetch(local(server), f"{server.url}/x") == b"hei"

    assert proxy.connections == 0


def test_a_refusal_is_given_as_it_is() -> None:
    with (
        serving(lambda _: said(403, b"nei")) as server,
        local(server).open(
            "DELETE", f"{server.url}/x", bearer=None, most_bytes=MOST, seconds=5
        ) as answer,
    ):
        assert (answer.status, answer.read()) == (403, b"nei")

    assert server.asked[0].method == "DELETE"


# Redirects


def to(location: str, status: int = 302) -> Any:
    return lambda asked: said(status, Location=location) if asked.path == "/x" else hello(asked)


def test_a_redirect_is_not_followed_unless_asked_for() -> None:
    with (
        serving(to("/y")) as server,
        local(server).open(
            "GET", f"{server.url}/x", bearer=OPAQUE_TOKEN, most_bytes=MOST, seconds=5
        ) as answer,
    ):
        assert answer.status == 302

    assert [asked.path for asked in server.asked] == ["/x"]


def test_a_redirect_to_the_log_in_is_given_as_it_is() -> None:
    login = "https://platform.altinn.no/authentication/api/v1/authentication?goto=x"
    with (
        serving(to(login)) as server,
        local(server).open(
            "GET", f"{server.url}/x", bearer=OPAQUE_TOKEN, most_bytes=MOST, seconds=5
        ) as answer,
    ):
        assert answer.headers["Location"] == login


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_host_keeps_the_token(status: int) -> None:
    with serving(to("/y", status)) as server:
        assert fetch(local(server), f"{server.url}/x", redirects=1) == b"hei"

    assert [asked.token for asked in server.asked] == [f"Bearer {OPAQUE_TOKEN}"] * 2


def test_more_redirects_than_asked_for_are_not_followed() -> None:
    with (
        serving(lambda _: said(302, Location="/x")) as server,
        local(server).open(
            "GET", f"{server.url}/x", bearer=None, most_bytes=MOST, seconds=5, redirects=3
        ) as answer,
    ):
        assert answer.status == 302

    assert len(server.asked) == 4


def test_a_redirect_to_another_host_of_ours_gets_no_token_and_none_on_the_way_back() -> None:
    away_from: dict[str, list[bytes]] = {"/z": said(body=b"hjem")}
    back: list[bytes] = []
    with serving(lambda asked: away_from[asked.path]) as home, serving(lambda _: back) as away:
        away_from["/x"] = said(302, Location=f"{away.url}/y")
        back += said(302, Location=f"{home.url}/z")
        assert fetch(local(home, away), f"{home.url}/x", redirects=2) == b"hjem"

    assert [asked.token for asked in home.asked] == [f"Bearer {OPAQUE_TOKEN}", None]
    assert [asked.token for asked in away.asked] == [None]


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/",
        "http://evil.example/",
        "//evil.example/",
        "http://127.0.0.1:1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://localhost/",
        "https://kari@platform.altinn.no/",
        "urn:dialogporten:expired",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://[",
        "/x y",
        "\\\\evil.example\\x",
    ],
)
def test_a_redirect_is_checked_as_the_first_address_was(location: str) -> None:
    with serving(to(location)) as server:
        with pytest.raises(Unsafe):
            fetch(local(server), f"{server.url}/x", redirects=5)

        assert server.connections == 1


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::ffff:7f00:1", "169.254.169.254"])
def test_a_redirect_to_a_name_that_leads_inside_is_not_followed(
    address: str, dialled: list[str]
) -> None:
    with serving(to(f"https://{NAMED}/inside")) as server:
        names = Names([address])
        with pytest.raises(Unsafe, match="private network"):
            fetch(local(server, names=names, more=[NAMED]), f"{server.url}/x", redirects=5)

        assert dialled == ["127.0.0.1"]
        assert server.connections == 1


def test_a_redirect_that_leads_nowhere_is_given_as_it_is() -> None:
    with serving(lambda _: said(302)) as server:
        assert fetch(local(server), f"{server.url}/x", redirects=5) == b""

    assert server.connections == 1


# How much, and how long


def endless(piece: bytes, head: bytes, *, pause: float = 0) -> Iterator[bytes]:
    yield head
    until = time.monotonic() + 2
    while time.monotonic() < until:
        yield piece
        time.sleep(pause)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PLAIN = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.mark.parametrize(
    ("piece", "head"),
    [
        (b"x" * 100, PLAIN),
        (b"5\r\nxxxxx\r\n", CHUNKED),
        (b"x" * 100, b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
    ],
    ids=["until it ends", "chunked", "with a length"],
)
def test_an_answer_that_goes_over_its_cap_is_left(piece: bytes, head: bytes) -> None:
    with serving(lambda _: endless(piece, head)) as server, pytest.raises(TooLarge):
        fetch(local(server), f"{server.url}/x")


def test_an_answer_that_just_fits_is_whole() -> None:
    with serving(lambda _: said(body=b"x" * MOST)) as server:
        assert len(fetch(local(server), f"{server.url}/x")) == MOST


@pytest.mark.parametrize(
    ("piece", "head"),
    [
        (b"x", PLAIN),
        (b"1\r\nx\r\n", CHUNKED),
        (b"X-Drip: x\r\n", b"HTTP/1.1 200 OK\r\n"),
        (b"x", b"HTTP/1.1 200 OK\r\nX-Drip: "),
        (b" ", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b""),
        (b"", b""),
        (b"", PLAIN),
    ],
    ids=[
        "body", "chunks", "headers", "one header", "before the status", "informational",
        "nothing at all", "nothing after the headers",
    ],
)  # fmt: skip
def test_a_server_that_drips_is_left_in_time(piece: bytes, head: bytes) -> None:
    began = time.monotonic()
    with serving(lambda _: endless(piece, head, pause=0.05)) as server:
        with pytest.raises(TooSlow):
            fetch(local(server), f"{server.url}/x", seconds=0.5)
        took = time.monotonic() - began

    assert took < 1.5


def test_a_silence_that_is_too_long_is_left_before_the_time_is_up() -> None:
    began = time.monotonic()
    with serving(lambda _: endless(b"", PLAIN + b"x", pause=0.05)) as server:
        with pytest.raises(TooSlow):
            fetch(local(server), f"{server.url}/x", seconds=30, silence_seconds=0.3)
        took = time.monotonic() - began

    assert took < 1.5


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b"HTTP/1.1 200 OK\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nxxx"],
        [CHUNKED, b"5\r\nxx"],
        [b"SSH-2.0-OpenSSH\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"],
    ],
)
def test_an_answer_that_breaks_off_or_is_none_may_have_arrived(pieces: list[bytes]) -> None:
    with serving(lambda _: pieces) as server, pytest.raises(TooSlow) as caught:
        fetch(local(server), f"{server.url}/x")

    assert not isinstance(caught.value, NotReached)


@pytest.mark.parametrize("packing", ["gzip", "GZIP", "br", "deflate", "zstd", "identity, gzip"])
def test_a_packed_answer_is_refused_unread(packing: str) -> None:
    bomb = b"\x1f\x8b" + b"x" * 100
    answer = said(body=bomb, Content_Encoding=packing)
    with serving(lambda _: answer) as server, pytest.raises(Unsafe, match="packed"):
        fetch(local(server), f"{server.url}/x")


def test_an_answer_that_says_it_is_not_packed_is_read() -> None:
    with serving(lambda _: said(body=b"hei", Content_Encoding="Identity")) as server:
        assert fetch(local(server), f"{server.url}/x") == b"hei"


def test_no_connection_is_said_to_be_none() -> None:
    with serving(hello) as server:
        gone = server.host

    with pytest.raises(NotReached):
        fetch(Outside(frozenset({gone}), Names()), f"http://{gone}/x")


def test_a_large_file_goes_through_in_pieces_without_being_held() -> None:
    piece, pieces = b"x" * 64 * 1024, 1024  # 64 MiB
    length = len(piece) * pieces

    def answer(_: Asked) -> Iterator[bytes]:
        yield f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode()
        yield from itertools.repeat(piece, pieces)

    with serving(answer) as server:
        tracemalloc.start()
        try:
            with local(server).open(
                "GET", f"{server.url}/x", bearer=None, most_bytes=length, seconds=60
            ) as opened:
                sizes = [len(chunk) for chunk in opened.chunks]
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert sum(sizes) == length
    assert max(sizes) <= READ_BYTES
    assert peak < 4 * 1024 * 1024


def test_a_reading_that_is_given_up_closes_the_connection() -> None:
    gone = threading.Event()

    def answer(_: Asked) -> Iterator[bytes]:
        try:
            yield from endless(b"x" * 1000, PLAIN)
        finally:
            gone.set()

    with serving(answer) as server:
        with local(server).open(
            "GET", f"{server.url}/x", bearer=None, most_bytes=10**9, seconds=30
        ) as opened:
            next(opened.chunks)
        assert gone.wait(3)


@pytest.mark.parametrize("url", [f"https://evil.example/{PERSON}?access_token={OPAQUE_TOKEN}"])
def test_no_error_holds_a_token_or_a_person(url: str) -> None:
    with pytest.raises(Unsafe) as caught:
        fetch(Outside(HOSTS), url, bearer=JWT)
    refused = caught.value
    with serving(lambda _: []) as server, pytest.raises(TooSlow) as slow:
        fetch(local(server), f"{server.url}/{PERSON}", bearer=JWT)

    for error in (refused, slow.value):
        text = f"{error} {error!r} {error.args}"
        assert not any(secret in text for secret in (PERSON, OPAQUE_TOKEN, JWT))
