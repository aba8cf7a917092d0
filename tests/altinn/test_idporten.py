"""A person signs in: what the browser is sent with, and that only a genuine answer counts."""

import base64
import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import jwt
import pytest

from altinn.environment import TT02, Environment
from altinn.errors import (
    AltinnError,
    LevelTooLow,
    Misunderstood,
    Refused,
    TokenRefused,
    TryLater,
    UnknownOutcome,
)
from altinn.idporten import (
    HIGH,
    SUBSTANTIAL,
    AltinnToken,
    Attempt,
    Client,
    IdPorten,
    NotGenuine,
    PersonTokens,
    SignInCancelled,
    SignInEnded,
    bearer,
)
from altinn.keys import Key, new_key

from .conftest import JWT, OPAQUE_TOKEN, PERSON, client

RETURN = "https://portal.example.no/id-porten/tilbake"
SCOPES = ("altinn:clientdelegations.read", "altinn:clientdelegations.write")
ISSUER = "http://127.0.0.1:8903/idporten"
CODE = "CANARYCODE"
REFRESH = "CANARYREFRESH"
SECRET = "CANARYSECRET"


@pytest.fixture(scope="module")
def theirs() -> Key:
    """ID-porten's own key."""
    return new_key("idporten-1")


class Porten:
    """ID-porten's token endpoint and keys, and Altinn's exchange: says what a test wants."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.keys: dict[str, Any] = {"keys": [{"kid": "other", "kty": "EC"}, key.public_jwk()]}
        self.answer: dict[str, Any] = {}
        self.status = 200
        self.exchanged = httpx.Response(200, json=JWT)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path == "/idporten/jwks.json":
            return httpx.Response(200, json=self.keys)
        if request.url.path == "/idporten/token":
            return httpx.Response(self.status, json=self.answer)
        assert request.url.path == "/authentication/api/v1/exchange/id-porten"
        return self.exchanged

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.requests[0].content.decode()))

    def claims(self, attempt: Attempt | None, **more: Any) -> dict[str, Any]:
        now = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": ISSUER,
            "aud": "portal",
            "sub": "pairwise-1",
            "pid": PERSON,
            "acr": "idporten-loa-high",
            "sid": "session-1",
            "nonce": attempt.nonce if attempt else None,
            "iat": now,
            "exp": now + 120,
        } | more
        return {name: value for name, value in claims.items() if value is not None}

    def says(self, claims: dict[str, Any], key: Key | None = None, **more: Any) -> None:
        key = key or self.key
        token = jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid})
        self.answer = {
            "access_token": OPAQUE_TOKEN,
            "expires_in": 600,
            "refresh_token": REFRESH,
            "refresh_token_expires_in": 7200,
            "id_token": token,
            "scope": "openid " + " ".join(SCOPES),
            "token_type": "Bearer",
        } | more


@pytest.fixture
def porten(theirs: Key) -> Porten:
    return Porten(theirs)


@pytest.fixture
def sign_in(porten: Porten, environment: Environment) -> IdPorten:
    us = Client(id="portal", redirect_uri=RETURN, secret=SECRET)
    return IdPorten(client(porten), environment, us)


TOKENS = PersonTokens(
    access_token=OPAQUE_TOKEN,
    expires_at=datetime.now(UTC) + timedelta(days=1),  # a run may take its time
    refresh_token=REFRESH,
    id_token=JWT,
    subject="pairwise-1",
    acr=SUBSTANTIAL,
    session_id="session-1",
)


# On the way there


def test_the_browser_is_sent_with_all_that_is_checked_afterwards() -> None:
    with httpx.Client() as http:
        us = Client(id="portal", redirect_uri=RETURN, secret=SECRET)
        attempt = IdPorten(http, TT02, us).begin(SCOPES, acr=HIGH, anew=True)

    url = urlsplit(attempt.url)
    assert (url.netloc, url.path) == ("login.test.idporten.no", "/authorize")
    challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest())
    assert dict(parse_qsl(url.query)) == {
        "response_type": "code",
        "client_id": "portal",
        "redirect_uri": RETURN,
        "scope": "openid altinn:clientdelegations.read altinn:clientdelegations.write",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge.decode().rstrip("="),
        "code_challenge_method": "S256",
        "acr_values": HIGH,
        "ui_locales": "nb",
        "prompt": "login",
    }
    assert attempt.verifier not in attempt.url


def test_no_two_attempts_share_anything(sign_in: IdPorten) -> None:
    one, other = sign_in.begin(SCOPES), sign_in.begin(SCOPES)

    assert not {one.state, one.nonce, one.verifier} & {other.state, other.nonce, other.verifier}
    assert len(one.verifier) >= 43
    assert "prompt" not in parse_qs(urlsplit(one.url).query)


# On the way back


def test_the_code_is_taken_from_the_answer_to_this_attempt(sign_in: IdPorten) -> None:
    attempt = sign_in.begin(SCOPES)

    assert sign_in.code_in({"code": CODE, "state": attempt.state}, attempt) == CODE
    query = {"code": CODE, "state": attempt.state, "iss": ISSUER}
    assert sign_in.code_in(query, attempt) == CODE


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"state": "other"}, NotGenuine),
        ({"state": ""}, NotGenuine),
        ({"iss": "https://evil.example"}, NotGenuine),
        ({"code": ""}, NotGenuine),
        ({"error": "access_denied"}, SignInCancelled),
        ({"error": "access_denied", "state": "other"}, NotGenuine),
        ({"error": "server_error"}, Refused),
        ({"error": "invalid_scope"}, Refused),
    ],
)
def test_another_answer_is_none(
    changes: dict[str, str], kind: type[AltinnError], sign_in: IdPorten, porten: Porten
) -> None:
    attempt = sign_in.begin(SCOPES)

    with pytest.raises(AltinnError) as caught:
        sign_in.code_in({"code": CODE, "state": attempt.state} | changes, attempt)

    assert type(caught.value) is kind
    assert porten.requests == []


# The tokens


def test_a_code_becomes_tokens_and_the_person_is_a_pseudonym(
    sign_in: IdPorten, porten: Porten
) -> None:
    attempt = sign_in.begin(SCOPES)
    porten.says(porten.claims(attempt))

    tokens = sign_in.exchange_code(CODE, attempt)

    assert porten.form == {
        "grant_type": "authorization_code",
        "code": CODE,
        "redirect_uri": RETURN,
        "code_verifier": attempt.verifier,
        "client_id": "portal",
        "client_secret": SECRET,
    }
    assert (tokens.access_token, tokens.refresh_token) == (OPAQUE_TOKEN, REFRESH)
    assert (tokens.subject, tokens.acr, tokens.session_id) == ("pairwise-1", HIGH, "session-1")
    assert set(SCOPES) < set(tokens.scopes)
    assert timedelta(minutes=9) < tokens.expires_at - datetime.now(UTC) <= timedelta(minutes=10)
    assert tokens.refresh_expires_at is not None
    shown = repr(tokens)
    assert not any(each in shown for each in (PERSON, OPAQUE_TOKEN, REFRESH, "eyJ"))


def test_with_a_key_no_secret_is_sent(porten: Porten, environment: Environment, key: Key) -> None:
    us = Client(id="portal", redirect_uri=RETURN, key=key)
    sign_in = IdPorten(client(porten), environment, us)
    attempt = sign_in.begin(SCOPES)
    porten.says(porten.claims(attempt))

    sign_in.exchange_code(CODE, attempt)

    form = porten.form
    assert "client_secret" not in form
    assert form["client_assertion_type"].endswith("jwt-bearer")
    proof = jwt.decode(
        form["client_assertion"], key.private.public_key(), algorithms=["RS256"], audience=ISSUER
    )
    assert (proof["iss"], proof["sub"], proof["exp"] - proof["iat"]) == ("portal", "portal", 60)
    assert proof["jti"]
    assert jwt.get_unverified_header(form["client_assertion"])["kid"] == key.kid


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": ["portal", "another"], "azp": "another"},
        {"exp": 1},
        {"exp": None},
        {"iat": 99999999999},
        {"sub": None},
    ],
    ids=str,
)
def test_an_id_token_with_anything_wrong_is_not_genuine(
    changes: dict[str, Any], sign_in: IdPorten, porten: Porten
) -> None:
    attempt = sign_in.begin(SCOPES)
    porten.says(porten.claims(attempt, **changes))

    with pytest.raises(NotGenuine):
        sign_in.exchange_code(CODE, attempt)


def test_an_id_token_must_be_signed_by_idporten(
    sign_in: IdPorten, porten: Porten, key: Key, theirs: Key
) -> None:
    attempt = sign_in.begin(SCOPES)
    claims = porten.claims(attempt)
    forged = Key(kid=theirs.kid, private=key.private)
    public = theirs.public_jwk()["n"]
    tokens = [
        jwt.encode(claims, forged.private, algorithm="RS256", headers={"kid": theirs.kid}),
        jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid}),
        jwt.encode(claims, key.private, algorithm="RS256"),
        jwt.encode(claims, "", algorithm="none", headers={"kid": theirs.kid}),
        jwt.encode(claims, public, algorithm="HS256", headers={"kid": theirs.kid}),
        "",
        "not.a.token",
    ]
    for token in tokens:
        porten.says(claims, id_token=token)
        with pytest.raises(NotGenuine):
            sign_in.exchange_code(CODE, attempt)


@pytest.mark.parametrize("keys", [{}, {"keys": None}, {"keys": ["x"]}, {"keys": [{}]}, []])
def test_keys_that_are_something_else_prove_nothing(
    keys: Any, sign_in: IdPorten, porten: Porten
) -> None:
    attempt = sign_in.begin(SCOPES)
    porten.says(porten.claims(attempt))
    porten.keys = keys

    with pytest.raises(NotGenuine):
        sign_in.exchange_code(CODE, attempt)


@pytest.mark.parametrize(("wanted", "reached"), [(SUBSTANTIAL, SUBSTANTIAL), (SUBSTANTIAL, HIGH)])
def test_the_level_that_was_asked_for_or_a_higher_one_will_do(
    wanted: str, reached: str, sign_in: IdPorten, porten: Porten
) -> None:
    attempt = sign_in.begin(SCOPES, acr=wanted)
    porten.says(porten.claims(attempt, acr=reached))

    assert sign_in.exchange_code(CODE, attempt).acr == reached


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        (HIGH, SUBSTANTIAL),
        (SUBSTANTIAL, "idporten-loa-low"),
        (SUBSTANTIAL, "Level4"),
        (SUBSTANTIAL, None),
    ],
)
def test_a_lower_level_than_was_asked_for_is_refused(
    wanted: str, reached: str | None, sign_in: IdPorten, porten: Porten
) -> None:
    attempt = sign_in.begin(SCOPES, acr=wanted)
    porten.says(porten.claims(attempt, acr=reached))

    with pytest.raises(LevelTooLow):
        sign_in.exchange_code(CODE, attempt)


REFUSALS: list[tuple[int, dict[str, Any], type[AltinnError], str]] = [
    (400, {"error": "invalid_grant", "error_description": "used"}, SignInEnded, "invalid_grant"),
    (401, {"error": "invalid_client"}, TokenRefused, "invalid_client"),
    (400, {"error": "invalid_scope"}, TokenRefused, "invalid_scope"),
    (400, {"error": "something_new"}, Misunderstood, ""),
    (400, {"error": 7}, Misunderstood, ""),
    (503, {"error": "temporarily_unavailable"}, TryLater, ""),
    (302, {}, Misunderstood, ""),
]


@pytest.mark.parametrize(("status", "body", "kind", "code"), REFUSALS)
def test_idportens_refusals_are_told_apart(
    status: int,
    body: dict[str, Any],
    kind: type[AltinnError],
    code: str,
    sign_in: IdPorten,
    porten: Porten,
) -> None:
    porten.status, porten.answer = status, body

    asks: list[Callable[[], PersonTokens]] = [
        lambda: sign_in.exchange_code(CODE, sign_in.begin(SCOPES)),
        lambda: sign_in.refresh(TOKENS),
    ]
    for ask in asks:
        with pytest.raises(AltinnError) as caught:
            ask()
        assert (type(caught.value), caught.value.code) == (kind, code)
        assert not isinstance(caught.value, UnknownOutcome)


def test_nothing_secret_is_in_an_error_or_a_log(
    sign_in: IdPorten, porten: Porten, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    attempt = sign_in.begin(SCOPES)
    said = f"{CODE} {REFRESH} {SECRET} {attempt.verifier} {PERSON} {JWT}"
    porten.status, porten.answer = 400, {"error": "invalid_grant", "error_description": said}
    secrets = (CODE, SECRET, attempt.verifier, PERSON, JWT)

    with pytest.raises(SignInEnded) as caught:
        sign_in.exchange_code(CODE, attempt)
    shown = f"{caught.value!r} {vars(caught.value)} {caplog.text}"
    assert not [each for each in secrets if each in shown]

    with pytest.raises(SignInEnded) as caught:
        sign_in.refresh(TOKENS)
    assert REFRESH not in f"{caught.value!r} {vars(caught.value)} {caplog.text}"


# Without the person


def test_a_sign_in_is_renewed_and_keeps_what_is_not_given_anew(
    sign_in: IdPorten, porten: Porten
) -> None:
    porten.answer = {"access_token": "NEW", "expires_in": "600"}

    tokens = sign_in.refresh(TOKENS)

    assert porten.form["grant_type"] == "refresh_token"
    assert porten.form["refresh_token"] == REFRESH
    assert tokens == replace(
        TOKENS, access_token="NEW", expires_at=tokens.expires_at, scopes=tokens.scopes
    )
    assert tokens.expires_at > datetime.now(UTC)


def test_a_renewed_token_is_the_same_persons(sign_in: IdPorten, porten: Porten) -> None:
    porten.says(porten.claims(None, acr=None), refresh_token="NEWER")

    tokens = sign_in.refresh(TOKENS)

    assert (tokens.refresh_token, tokens.subject) == ("NEWER", "pairwise-1")
    assert tokens.id_token != TOKENS.id_token

    porten.says(porten.claims(None, sub="pairwise-2"))
    with pytest.raises(NotGenuine):
        sign_in.refresh(TOKENS)


def test_without_a_refresh_token_the_person_must_sign_in_again(
    sign_in: IdPorten, porten: Porten
) -> None:
    with pytest.raises(SignInEnded):
        sign_in.refresh(replace(TOKENS, refresh_token=""))

    assert porten.requests == []


@pytest.mark.parametrize("token", ["", "line\nbreak", "ø"])
def test_a_token_that_no_header_can_hold_is_no_token(
    token: str, sign_in: IdPorten, porten: Porten
) -> None:
    porten.answer = {"access_token": token, "expires_in": 600}

    with pytest.raises(Misunderstood):
        sign_in.refresh(TOKENS)


# Altinn's own token


@pytest.mark.parametrize("wrap", [str, json.dumps], ids=["bare", "quoted"])
def test_altinns_token_lives_as_long_as_it_says(
    wrap: Callable[[str], str], sign_in: IdPorten, porten: Porten, theirs: Key
) -> None:
    expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=7)
    token = jwt.encode({"exp": expires_at}, theirs.private, algorithm="RS256")
    porten.exchanged = httpx.Response(200, text=wrap(token))

    exchanged = sign_in.altinn_token(TOKENS)

    assert exchanged == AltinnToken(token=token, expires_at=expires_at)
    assert porten.requests[0].headers["authorization"] == f"Bearer {OPAQUE_TOKEN}"
    assert token not in repr(exchanged)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401), Refused),
        (httpx.Response(403), Refused),
        (httpx.Response(500), TryLater),
        (httpx.Response(200, text=""), Misunderstood),
    ],
)
def test_an_exchange_may_be_refused(
    answer: httpx.Response, kind: type[AltinnError], sign_in: IdPorten, porten: Porten
) -> None:
    porten.exchanged = answer

    with pytest.raises(kind):
        sign_in.altinn_token(TOKENS)


def test_a_token_that_has_run_out_is_not_exchanged(sign_in: IdPorten, porten: Porten) -> None:
    with pytest.raises(SignInEnded):
        sign_in.altinn_token(replace(TOKENS, expires_at=datetime.now(UTC)))

    assert porten.requests == []


def test_a_persons_token_goes_to_altinn_and_nowhere_else(environment: Environment) -> None:
    heard: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        heard.append(request.headers["authorization"])
        return httpx.Response(401)

    token = AltinnToken(token=OPAQUE_TOKEN, expires_at=datetime.now(UTC))
    auth = bearer(environment, token)
    with client(answer) as http:
        http.get(f"{environment.platform_url}/x", auth=auth)
        for url in ("http://127.0.0.1:8903/idporten", "https://platform.altinn.no/x"):
            with pytest.raises(ValueError, match="nothing was sent"):
                http.get(url, auth=auth)

    assert heard == [f"Bearer {OPAQUE_TOKEN}"]
    assert OPAQUE_TOKEN not in repr(auth)


def test_the_session_is_ended_where_it_began(sign_in: IdPorten) -> None:
    url = urlsplit(sign_in.logout_url(TOKENS, "https://portal.example.no/", "s"))

    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{ISSUER}/logout"
    assert dict(parse_qsl(url.query)) == {
        "id_token_hint": JWT,
        "post_logout_redirect_uri": "https://portal.example.no/",
        "state": "s",
    }
