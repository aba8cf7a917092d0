import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import httpx
import jwt
import pytest

from altinn.environment import Environment
from altinn.errors import (
    KeyExpired,
    Misunderstood,
    NoSystemUser,
    Refused,
    TokenRefused,
    TryLater,
)
from altinn.keys import Key
from altinn.maskinporten import Grant, Maskinporten, MemoryTokenCache
from altinn.token_errors import ADVICE

from .conftest import Handler, client

GRANT = Grant(("digdir:dialogporten", "altinn:events.subscribe"), "314250052", "post")
API = "http://127.0.0.1:8901/dialogporten/api/v1/enduser/parties"


class Altinn:
    """Maskinporten, the exchange and an API, each as a list of answers or a rule."""

    def __init__(self) -> None:
        self.assertions: list[str] = []
        self.exchanges: list[str] = []
        self.calls: list[str] = []
        self.failures: list[httpx.Response | Exception] = []
        self.exchange_failures: list[httpx.Response] = []
        self.call_failures: list[httpx.Response] = []
        self.expires_in: object = 599
        self.exchanged: Callable[[int], str] = lambda number: f'"exchanged-{number}"'
        self.slow_seconds = 0.0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/maskinporten/token":
            return self._token(request)
        if request.url.path.startswith("/authentication/"):
            self.exchanges.append(request.headers["Authorization"])
            if self.exchange_failures:
                return self.exchange_failures.pop(0)
            return httpx.Response(200, text=self.exchanged(len(self.exchanges)))
        self.calls.append(request.headers["Authorization"])
        return self.call_failures.pop(0) if self.call_failures else httpx.Response(200)

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode())
        assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        self.assertions += form["assertion"]
        number = len(self.assertions)
        time.sleep(self.slow_seconds)
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return failure
        answer = {"access_token": f"token-{number}", "expires_in": self.expires_in}
        return httpx.Response(200, json=answer)


class Clock:
    def __init__(self) -> None:
        self.now = 1_780_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def altinn() -> Altinn:
    return Altinn()


@pytest.fixture
def clock() -> Clock:
    return Clock()


Connect = Callable[..., Maskinporten]


@pytest.fixture
def connect(altinn: Altinn, clock: Clock, environment: Environment, key: Key) -> Connect:
    cache = MemoryTokenCache(clock)

    def connect(
        environment: Environment = environment,
        client_id: str = "client",
        handler: Handler = altinn,
    ) -> Maskinporten:
        return Maskinporten(
            environment, client_id, key, cache, client(handler), clock=clock, sleep=clock.sleep
        )

    return connect


def refusal(code: str, status: int = 400) -> httpx.Response:
    said = f"{code}: Something. (correlation id: abc-123)"
    return httpx.Response(status, json={"error": "invalid_grant", "error_description": said})


# What is asked


def test_the_assertion_is_as_maskinporten_wants_it(
    altinn: Altinn, clock: Clock, connect: Connect, environment: Environment, key: Key
) -> None:
    connect().token(replace(GRANT, resource="https://api.example"))

    (signed,) = altinn.assertions
    claims = jwt.decode(
        signed,
        jwt.PyJWK(key.public_jwk()),
        algorithms=["RS256"],
        audience=environment.maskinporten_issuer,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert jwt.get_unverified_header(signed)["kid"] == key.kid
    assert claims["iss"] == "client"
    assert claims["scope"] == "digdir:dialogporten altinn:events.subscribe"
    assert claims["iat"] == int(clock.now)
    assert 0 < claims["exp"] - claims["iat"] <= 120
    assert claims["resource"] == ["https://api.example"]
    assert claims["authorization_details"] == [
        {
            "type": "urn:altinn:systemuser",
            "systemuser_org": {"authority": "iso6523-actorid-upis", "ID": "0192:314250052"},
            "externalRef": "post",
        }
    ]


def test_a_vendors_own_grant_names_no_system_user(altinn: Altinn, connect: Connect) -> None:
    connect().token(Grant(("altinn:authentication/systemregister.write",)))

    claims = jwt.decode(altinn.assertions[0], options={"verify_signature": False})
    assert "authorization_details" not in claims
    assert "resource" not in claims


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": ()},
        {"scopes": "digdir:dialogporten"},
        {"systemuser_orgnr": "0192:314250052"},
        {"systemuser_orgnr": "123456789"},
        {"systemuser_orgnr": None},
    ],
)
def test_a_grant_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"scopes|systemuser_orgnr"):
        replace(GRANT, **wrong)


# The cache


def test_a_token_is_asked_for_once_while_it_lives(
    altinn: Altinn, clock: Clock, connect: Connect
) -> None:
    assert connect().token(GRANT) == "token-1"
    clock.now += 599 - 31
    assert connect().token(GRANT) == "token-1"
    clock.now += 2  # less than 30 seconds left
    assert connect().token(GRANT) == "token-2"


def test_the_order_of_scopes_does_not_matter(altinn: Altinn, connect: Connect) -> None:
    connect().token(GRANT)
    connect().token(replace(GRANT, scopes=GRANT.scopes[::-1]))

    assert len(altinn.assertions) == 1


def test_whatever_differs_gets_a_token_of_its_own(
    altinn: Altinn, connect: Connect, environment: Environment
) -> None:
    for tokens, grant in [
        (connect(), GRANT),
        (connect(), replace(GRANT, scopes=("digdir:dialogporten",))),
        (connect(), replace(GRANT, systemuser_orgnr="310923044")),
        (connect(), replace(GRANT, external_ref="lonn")),
        (connect(), replace(GRANT, external_ref=None)),
        (connect(), replace(GRANT, resource="x")),
        (connect(client_id="other"), GRANT),
        (connect(environment=replace(environment, name="other")), GRANT),
    ]:
        tokens.token(grant)

    assert len(altinn.assertions) == 8


@pytest.mark.parametrize(
    ("expires_in", "kept_seconds"),
    [
        (599, 569),
        (120, 90),
        ("119", 89),
        (40, 20),
        (1e9, 3570),
        (1, 0.5),
        (0, 0),
        (-1, 0),
        (None, 0),
    ],
)
def test_odd_lifetimes_are_tolerated(
    expires_in: object, kept_seconds: float, altinn: Altinn, clock: Clock, connect: Connect
) -> None:
    altinn.expires_in = expires_in
    if expires_in is None:
        with pytest.raises(Misunderstood):
            connect().token(GRANT)
        return
    connect().token(GRANT)

    clock.now += kept_seconds - 0.1
    connect().token(GRANT)
    asked_while_it_lived = len(altinn.assertions)
    clock.now += 0.2
    connect().token(GRANT)

    assert asked_while_it_lived == (1 if kept_seconds else 2)
    assert len(altinn.assertions) == asked_while_it_lived + 1


@pytest.mark.parametrize("exchange", [False, True])
def test_eight_threads_ask_once(altinn: Altinn, connect: Connect, *, exchange: bool) -> None:
    altinn.slow_seconds = 0.1
    tokens = connect()
    got: list[str] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        got.append(tokens.exchanged(GRANT) if exchange else tokens.token(GRANT))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(got)) == 1
    assert len(got) == 8
    assert len(altinn.assertions) == 1
    assert len(altinn.exchanges) == (1 if exchange else 0)


# Refusals


@pytest.mark.parametrize("code", sorted(ADVICE))
def test_each_refusal_has_its_advice(code: str, altinn: Altinn, connect: Connect) -> None:
    altinn.failures = [refusal(code), refusal(code)]

    with pytest.raises(TokenRefused) as caught:
        connect().token(GRANT)

    error = caught.value
    assert error.code == code
    assert error.advice == ADVICE[code]
    assert error.advice.endswith(".")
    assert error.trace_id == "abc-123"
    assert error.status == 400
    assert type(error) is {"MP-303": NoSystemUser, "MP-121": KeyExpired}.get(code, TokenRefused)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (
            httpx.Response(400, json={"error": "invalid_altinn_customer_configuration"}),
            NoSystemUser,
        ),
        (httpx.Response(500, json={"error_description": "MP-303: x"}), NoSystemUser),
        (httpx.Response(403, json={"error_description": "MP-999: new"}), TokenRefused),
        (httpx.Response(401), TokenRefused),
        (httpx.Response(404, text="<html>"), TokenRefused),
        (httpx.Response(400, json=[1]), TokenRefused),
        (httpx.Response(400, json={"error": 7, "error_description": None}), TokenRefused),
        (httpx.Response(302, headers={"Location": "https://evil.example"}), Misunderstood),
        (httpx.Response(200, text="<html>"), Misunderstood),
        (httpx.Response(200, json={"expires_in": 599}), Misunderstood),
        (httpx.Response(200, json={"access_token": "a\nb", "expires_in": 599}), Misunderstood),
        (httpx.Response(200, json={"access_token": "", "expires_in": 599}), Misunderstood),
        (httpx.Response(200, json={"access_token": "a" * 20_000}), Misunderstood),
    ],
)
def test_the_code_counts_before_the_error_before_the_status(
    answer: httpx.Response, kind: type[Exception], altinn: Altinn, connect: Connect
) -> None:
    altinn.failures = [answer]

    with pytest.raises(kind) as caught:
        connect().token(GRANT)

    assert type(caught.value) is kind
    assert len(altinn.assertions) == 1


def test_a_clock_that_is_wrong_is_told_without_a_code(altinn: Altinn, connect: Connect) -> None:
    altinn.failures = [httpx.Response(400, json={"error_description": "Issue time is after now"})]

    with pytest.raises(TokenRefused) as caught:
        connect().token(GRANT)

    assert "NTP" in caught.value.advice


def test_no_system_user_is_remembered_for_a_minute(
    altinn: Altinn, clock: Clock, connect: Connect
) -> None:
    altinn.failures = [refusal("MP-303")]
    for _ in range(3):
        with pytest.raises(NoSystemUser) as caught:
            connect().token(GRANT)
        assert caught.value.trace_id == "abc-123"
    assert len(altinn.assertions) == 1

    clock.now += 61
    assert connect().token(GRANT) == "token-2"


def test_after_an_approval_it_is_asked_at_once(altinn: Altinn, connect: Connect) -> None:
    altinn.failures = [refusal("MP-303")]
    with pytest.raises(NoSystemUser):
        connect().token(GRANT)

    connect().forget(GRANT)

    assert connect().token(GRANT) == "token-2"


def test_forgetting_fetches_anew(altinn: Altinn, connect: Connect) -> None:
    connect().token(GRANT)
    connect().forget(GRANT)

    assert connect().token(GRANT) == "token-2"


# Trying again


@pytest.mark.parametrize(
    "failure",
    [httpx.ConnectTimeout("x"), httpx.ConnectError("x"), httpx.Response(500), httpx.Response(503)],
)
def test_a_stumble_is_tried_again_with_a_new_assertion(
    failure: httpx.Response | Exception, altinn: Altinn, clock: Clock, connect: Connect
) -> None:
    altinn.failures = [failure, failure]

    assert connect().token(GRANT) == "token-3"
    assert len(jtis(altinn)) == 3
    assert len(clock.slept) == 2
    assert all(0 < seconds < 2 for seconds in clock.slept)


def test_three_stumbles_are_enough(altinn: Altinn, connect: Connect) -> None:
    altinn.failures = [httpx.ConnectError("x")] * 5

    with pytest.raises(TryLater):
        connect().token(GRANT)

    assert len(altinn.assertions) == 3


def test_a_wait_that_is_asked_for_is_the_callers(altinn: Altinn, connect: Connect) -> None:
    altinn.failures = [httpx.Response(429, headers={"Retry-After": "7"})]

    with pytest.raises(TryLater) as caught:
        connect().token(GRANT)

    assert caught.value.wait_seconds == 7
    assert len(altinn.assertions) == 1


def test_a_grant_used_before_is_signed_again_once(altinn: Altinn, connect: Connect) -> None:
    altinn.failures = [refusal("MP-012")]
    assert connect().token(GRANT) == "token-2"
    assert len(jtis(altinn)) == 2

    altinn.failures = [refusal("MP-012")] * 3
    with pytest.raises(TokenRefused):
        connect().token(replace(GRANT, external_ref="other"))
    assert len(altinn.assertions) == 4


def jtis(altinn: Altinn) -> set[str]:
    return {
        jwt.decode(each, options={"verify_signature": False})["jti"] for each in altinn.assertions
    }


# The exchange


@pytest.mark.parametrize("body", ["exchanged", '"exchanged"', ' "exchanged"\n'])
def test_the_exchanged_token_is_bare(body: str, altinn: Altinn, connect: Connect) -> None:
    altinn.exchanged = lambda _: body

    assert connect().exchanged(GRANT) == "exchanged"
    assert altinn.exchanges == ["Bearer token-1"]


@pytest.mark.parametrize("body", ["", '""', "<html> </html>", "a b", "æ"])
def test_other_answers_are_no_token(body: str, altinn: Altinn, connect: Connect) -> None:
    altinn.exchanged = lambda _: body

    with pytest.raises(Misunderstood):
        connect().exchanged(GRANT)


@pytest.mark.parametrize(
    ("claims", "kept_seconds"),
    [
        ({"exp": 1_780_000_000 + 1800}, 1770),
        ({"exp": 1_780_000_000 + 600}, 570),
        ({"exp": 1_780_000_000 + 10**9}, 1800),
        ({"exp": 1_780_000_000 - 5}, 0),
        ({"exp": "soon"}, 1740),
        ({}, 1740),
        (None, 1740),
    ],
)
def test_the_exchanged_token_has_its_own_lifetime(
    claims: dict[str, object] | None,
    kept_seconds: float,
    altinn: Altinn,
    clock: Clock,
    connect: Connect,
) -> None:
    def exchanged(number: int) -> str:
        if claims is None:
            return f"opaque-{number}"
        return jwt.encode({**claims, "jti": str(number)}, "a key of no importance, but long enough")

    altinn.exchanged = exchanged
    first = connect().exchanged(GRANT)
    if kept_seconds:
        clock.now += kept_seconds - 1
        assert connect().exchanged(GRANT) == first
        clock.now += 2

    assert connect().exchanged(GRANT) != first


def test_a_token_the_exchange_does_not_take_is_fetched_anew(
    altinn: Altinn, connect: Connect
) -> None:
    altinn.exchange_failures = [httpx.Response(401)]
    assert connect().exchanged(GRANT) == "exchanged-2"
    assert altinn.exchanges == ["Bearer token-1", "Bearer token-2"]

    altinn.exchange_failures = [httpx.Response(401)] * 2
    with pytest.raises(Refused):
        connect().exchanged(replace(GRANT, external_ref="other"))
    assert len(altinn.exchanges) == 4


def test_a_refused_exchange_is_not_tried_again(altinn: Altinn, connect: Connect) -> None:
    altinn.exchange_failures = [httpx.Response(403)]

    with pytest.raises(Refused):
        connect().exchanged(GRANT)

    assert len(altinn.exchanges) == 1


# On requests


@pytest.mark.parametrize(("exchange", "prefix"), [(False, "token"), (True, "exchanged")])
def test_requests_get_the_token(
    altinn: Altinn, connect: Connect, prefix: str, *, exchange: bool
) -> None:
    auth = connect().auth(GRANT, exchange=exchange)

    with client(altinn) as http:
        assert http.get(API, auth=auth).status_code == 200

    assert altinn.calls == [f"Bearer {prefix}-1"]


@pytest.mark.parametrize(("exchange", "prefix"), [(False, "token"), (True, "exchanged")])
def test_after_a_401_a_new_token_is_tried_once(
    altinn: Altinn, connect: Connect, prefix: str, *, exchange: bool
) -> None:
    auth = connect().auth(GRANT, exchange=exchange)
    altinn.call_failures = [httpx.Response(401), httpx.Response(401)]

    with client(altinn) as http:
        assert http.post(API, json={"a": 1}, auth=auth).status_code == 401

    assert altinn.calls == [f"Bearer {prefix}-1", f"Bearer {prefix}-2"]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "http://127.0.0.1:8902/x",
        "http://127.0.0.1:8900/maskinporten/token",
        "https://127.0.0.1:8901/x",
        "https://platform.altinn.no/dialogporten/api/v1/enduser/parties",
    ],
)
def test_no_token_goes_to_other_addresses(url: str, altinn: Altinn, connect: Connect) -> None:
    with client(altinn) as http, pytest.raises(ValueError, match="own addresses"):
        http.get(url, auth=connect().auth(GRANT))

    assert altinn.calls == []


def test_a_test_token_cannot_go_to_production(connect: Connect, altinn: Altinn) -> None:
    with client(altinn) as http, pytest.raises(ValueError, match="nothing was sent"):
        http.get("https://platform.altinn.no/x", auth=connect().auth(GRANT))

    assert altinn.assertions == []


def test_an_asynchronous_client_is_refused(connect: Connect, altinn: Altinn) -> None:
    async def call() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(altinn)) as http:
            await http.get(API, auth=connect().auth(GRANT))

    with pytest.raises(RuntimeError, match="synchronously"):
        asyncio.run(call())

    assert altinn.calls == []
