import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest

from altinn import http as altinn_http
from altinn.errors import Misunderstood, Refused, TryLater, UnknownOutcome, Unreached
from altinn.http import deliver, is_below, open_http, receive, send
from altinn.streams import tls

from .conftest import OPAQUE_TOKEN, Bearer, answering

PACKED = {"Content-Encoding": "gzip"}
BASE = "http://127.0.0.1:8901/dialogporten/api/v1"


def ask(http: httpx.Client, url: str = f"{BASE}/x", auth: httpx.Auth | None = None) -> bytes:
    return send(http, http.build_request("GET", url), base=BASE, auth=auth).content


@contextmanager
def server(*answers: bytes, pause_seconds: float = 0.0) -> Iterator[str]:
    """Sends these bytes to whoever connects, with a pause between, and then holds the line."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            for answer in answers:
                with suppress(OSError):  # the other side has hung up
                    connection.sendall(answer)
                if done.wait(pause_seconds):
                    return
            done.wait(5)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        done.set()
        thread.join(5)
        listener.close()


def test_a_redirect_is_not_followed() -> None:
    elsewhere = httpx.Response(302, headers={"Location": f"{BASE}/y"})
    http, requests = answering(elsewhere)

    with http, pytest.raises(Misunderstood, match="redirect"):
        ask(http, auth=Bearer())

    assert len(requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8902/dialogporten/api/v1/x",
        "https://127.0.0.1:8901/dialogporten/api/v1/x",
        "http://evil.example/dialogporten/api/v1/x",
        "http://127.0.0.1:8901@evil.example/dialogporten/api/v1/x",
        "http://kari@127.0.0.1:8901/dialogporten/api/v1/x",
        "http://127.0.0.1:8901/dialogporten/api/v10/x",
        "http://127.0.0.1:8901/events",
        "http://127.0.0.1:8901/dialogporten/api/v1/../../events",
    ],
)
def test_nothing_is_sent_to_other_addresses(url: str) -> None:
    http, requests = answering()

    with http, pytest.raises(ValueError, match="Not an address of ours"):
        ask(http, url, auth=Bearer())

    assert requests == []


def test_addresses_below_a_base() -> None:
    assert is_below(f"{BASE}/enduser?a=b", BASE)
    assert is_below(BASE, BASE)
    assert is_below("https://a.example:443/x", "https://a.example")
    assert not is_below("http://[", BASE)
    assert not is_below(f"{BASE}/../../../events", BASE)
    assert not is_below(f"{BASE}/%2e%2e/%2E./events", BASE)
    assert not is_below(f"{BASE}/..%2f..%2fevents", BASE)
    assert not is_below(f"{BASE}/..\\events", BASE)


def test_user_info_in_the_base_makes_no_password() -> None:
    http, requests = answering(httpx.Response(200))

    ask(http)

    assert "Authorization" not in requests[0].headers


def test_headers_are_what_altinn_wants() -> None:
    http, requests = answering(httpx.Response(200))

    ask(http)

    assert requests[0].headers["Accept"] == "application/json"
    assert requests[0].headers["User-Agent"] == "Regnskapsportalen"


def test_the_environment_cannot_send_us_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as url, open_http() as http:
        assert receive(http, http.build_request("GET", url), base=url).content == b"{}"


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_an_answer_that_is_too_large_is_cut_off(
    monkeypatch: pytest.MonkeyPatch, *, packed: bool
) -> None:
    monkeypatch.setattr(altinn_http, "LARGEST_ANSWER_BYTES", 1000)
    body = b" " * 1001
    headers = {"Content-Encoding": "gzip"} if packed else {}
    answer = httpx.Response(200, headers=headers, content=gzip.compress(body) if packed else body)
    http, _ = answering(answer)

    with http, pytest.raises(Misunderstood, match="larger than 1000"):
        ask(http)


def test_a_packed_answer_is_unpacked() -> None:
    answer = httpx.Response(
        200, headers={"Content-Encoding": "gzip"}, content=gzip.compress(b'{"a":1}')
    )
    http, _ = answering(answer)

    assert ask(http) == b'{"a":1}'


def test_an_answer_that_cannot_be_unpacked() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        stream = httpx.ByteStream(b"not gzip")
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=stream)

    with open_http(transport=httpx.MockTransport(answer)) as http, pytest.raises(Misunderstood):
        ask(http)


@pytest.mark.parametrize(
    "broken",
    [
        httpx.ConnectError("x"),
        httpx.ConnectTimeout("x"),
        httpx.ReadTimeout("x"),
        httpx.ReadError("x"),
        httpx.RemoteProtocolError("x"),
        httpx.PoolTimeout("x"),
    ],
)
def test_a_broken_connection_is_for_later(broken: httpx.TransportError) -> None:
    http, _ = answering(broken)

    with http, pytest.raises(TryLater) as caught:
        ask(http)

    assert caught.value.url == f"{BASE}/x"
    assert caught.value.wait_seconds is None
    assert type(broken).__name__ in str(caught.value)


def test_no_answer_in_time_is_for_later() -> None:
    with server() as url, open_http(read_seconds=0.1) as http, pytest.raises(TryLater):
        receive(http, http.build_request("GET", url), base=url)


def test_an_answer_that_breaks_off_is_for_later() -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
    with server(half) as url, open_http(read_seconds=0.1) as http, pytest.raises(TryLater):
        receive(http, http.build_request("GET", url), base=url)


def test_an_answer_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(altinn_http, "LONGEST_ANSWER_SECONDS", 0.3)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    started = time.monotonic()

    with (
        server(head, *[b"x"] * 100, pause_seconds=0.1) as url,
        open_http(read_seconds=5) as http,
        pytest.raises(TryLater, match="slowly"),
    ):
        receive(http, http.build_request("GET", url), base=url)

    assert time.monotonic() - started < 3


def test_the_token_is_taken_out_of_what_altinn_repeats() -> None:
    http, _ = answering(httpx.Response(403, json=f"the token {OPAQUE_TOKEN} is bad"))

    with http, pytest.raises(Refused) as caught:
        ask(http, auth=Bearer())

    assert caught.value.message == "the token *** is bad"


@pytest.mark.parametrize(
    "broken",
    [
        httpx.ReadTimeout("x"),
        httpx.WriteError("x"),
        httpx.RemoteProtocolError("x"),
        httpx.Response(408),
        httpx.Response(502, text="<html>"),
        httpx.Response(504),
        httpx.Response(
            200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"not gzip")
        ),
    ],
)
def test_a_change_that_may_have_been_made_has_an_unknown_outcome(
    broken: httpx.Response | Exception,
) -> None:
    http, requests = answering(broken)

    with http, pytest.raises(UnknownOutcome):
        deliver(http, http.build_request("POST", f"{BASE}/x"), base=BASE)

    assert len(requests) == 1


@pytest.mark.parametrize(
    "broken", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")]
)
def test_a_change_that_was_never_sent_was_not_made(broken: Exception) -> None:
    http, _ = answering(broken)

    with http, pytest.raises(Unreached):
        deliver(http, http.build_request("POST", f"{BASE}/x"), base=BASE)


@pytest.mark.parametrize("status", [200, 204, 400, 401, 409, 500])
def test_a_change_is_answered_as_its_receiver_says(status: int) -> None:
    http, _ = answering(httpx.Response(status, text="x"))

    with http:
        response = deliver(http, http.build_request("POST", f"{BASE}/x"), base=BASE)

    assert (response.status_code, response.text) == (status, "x")


def test_a_refusal_by_what_stands_in_front_that_is_the_receivers_own_is_given() -> None:
    http, _ = answering(httpx.Response(503, json={"feilkode": "NEDETID_AINNTEKT"}))

    with http:
        response = deliver(http, http.build_request("POST", f"{BASE}/x"), base=BASE)

    assert response.status_code == 503


def test_a_change_goes_to_our_own_addresses_only() -> None:
    http, requests = answering()

    with http, pytest.raises(ValueError, match="Not an address of ours"):
        deliver(http, http.build_request("POST", "https://evil.example/x"), base=BASE)
    assert requests == []


def test_the_certificates_are_read_once() -> None:
    assert tls() is tls()
