"""Tokens from Maskinporten, and their exchange for Altinn's own.

One token of a system user serves all the firm's clients, so a handful are alive at any time.

Source: Maskinporten's documentation and Altinn's source, read 2026-08.
"""

import hashlib
import json
import random
import re
import time
from collections.abc import AsyncGenerator, Callable, Generator
from datetime import UTC, datetime

import httpx
import jwt
import msgspec

from altinn.environment import Environment, origin
from altinn.errors import Misunderstood, NoSystemUser, Refused, TokenRefused, TryLater
from altinn.grants import Grant, assertion
from altinn.http import receive, send
from altinn.keys import Key, new_key
from altinn.problems import UNREADABLE
from altinn.token_errors import token_error_in
from altinn.tokens import MemoryTokenCache, RedisTokenCache, TokenCache

__all__ = [
    "Grant",
    "Key",
    "Maskinporten",
    "MemoryTokenCache",
    "RedisTokenCache",
    "TokenCache",
    "new_key",
]

SAFETY_SECONDS = 30  # a token must outlive the call it is used in
LONGEST_TOKEN_SECONDS = 3600
EXCHANGED_SECONDS = 30 * 60  # always, whatever the source token had
NEGATIVE_SECONDS = 60  # how long «no system user» is believed
TRIES = 3

_TOKEN_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")  # what may stand in a header
_GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class _TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    access_token: str
    expires_in: float = 0.0


_token_answer = msgspec.json.Decoder(_TokenAnswer, strict=False)


class Maskinporten:
    """Gets tokens for one Maskinporten client in one environment. Safe to share between threads."""

    def __init__(
        self,
        environment: Environment,
        client_id: str,
        key: Key,
        cache: TokenCache,
        http: httpx.Client,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._environment = environment
        self._client_id = client_id
        self._key = key
        self._cache = cache
        self._http = http
        self._clock = clock
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"Maskinporten({self._environment.name!r}, client_id={self._client_id!r})"

    def token(self, grant: Grant) -> str:
        """A Maskinporten token, from the cache when it lives for another 30 seconds.

        Raises:
            NoSystemUser: not approved, or withdrawn. Remembered for a minute; see `forget`.
            TokenRefused: the set-up is wrong; `advice` says what to do.
            TryLater: Maskinporten is down or slow, after three tries.
        """
        return self._shared(self._name(grant, "token"), grant, self._fetch)

    def exchanged(self, grant: Grant) -> str:
        """The grant's token exchanged for Altinn's own, which Altinn Events and others want.

        Raises:
            AltinnError: as `token`, and as any call to Altinn.
        """
        return self._shared(self._name(grant, "exchanged"), grant, self._exchange)

    def auth(self, grant: Grant, *, exchange: bool = False) -> httpx.Auth:
        """Puts the token on requests to this environment's Altinn, and nowhere else.

        After a 401 the token is dropped from the cache and the request sent once more.
        """
        return _Bearer(self, grant, exchange=exchange)

    def drop(self, grant: Grant, token: str) -> None:
        """Forget a token that was not accepted; a newer one that others fetched is kept."""
        for kind in ("token", "exchanged"):
            self._cache.forget(self._name(grant, kind), token)

    def forget(self, grant: Grant) -> None:
        """Ask Maskinporten anew next time: after an approval, or a change of rights."""
        for name in (self._name(grant, kind) for kind in ("token", "exchanged", "refused")):
            if token := self._cache.get(name):
                self._cache.forget(name, token)

    @property
    def token_origins(self) -> frozenset[str]:
        """Where a token of ours may go."""
        return self._environment.token_origins

    def _shared(self, name: str, grant: Grant, fetch: Callable[[Grant], tuple[str, float]]) -> str:
        if token := self._cache.get(name):
            return token
        with self._cache.lock(name):
            if token := self._cache.get(name):  # someone else fetched it while we waited
                return token
            token, seconds = fetch(grant)
            self._cache.put(name, token, seconds)
            return token

    def _fetch(self, grant: Grant) -> tuple[str, float]:
        refused = self._name(grant, "refused")
        if trace_id := self._cache.get(refused):
            raise token_error_in(
                400,
                {},
                _remembered(trace_id),
                url=self._environment.maskinporten_token_url,
                now=self._now(),
            )
        try:
            answer = self._ask_until_answered(grant)
        except NoSystemUser as exc:
            self._cache.put(refused, exc.trace_id or "-", NEGATIVE_SECONDS)
            raise
        return answer.access_token, _usable_seconds(answer.expires_in)

    def _ask_until_answered(self, grant: Grant) -> _TokenAnswer:
        """Each try signs anew: Maskinporten takes an assertion once only."""
        for tries_left in reversed(range(TRIES)):
            try:
                return self._ask(grant)
            except TryLater as exc:
                if not tries_left or exc.wait_seconds is not None:
                    raise
            except TokenRefused as exc:
                if exc.code != "MP-012" or tries_left < TRIES - 1:
                    raise
            self._sleep((TRIES - tries_left) * random.uniform(0.1, 0.5))  # noqa: S311 -- jitter
        raise AssertionError("unreachable")

    def _ask(self, grant: Grant) -> _TokenAnswer:
        url = self._environment.maskinporten_token_url
        signed = assertion(
            grant,
            issuer=self._environment.maskinporten_issuer,
            client_id=self._client_id,
            key=self._key,
            now=int(self._clock()),
        )
        request = self._http.build_request(
            "POST",
            url,
            data={"grant_type": _GRANT_TYPE, "assertion": signed},
            timeout=_TOKEN_TIMEOUT,
        )
        response = receive(self._http, request, base=url)
        if not response.is_success:
            raise token_error_in(
                response.status_code,
                response.headers,
                response.content,
                url=url,
                now=self._now(),
            )
        try:
            answer = _token_answer.decode(response.content)
        except UNREADABLE:
            raise Misunderstood("Maskinporten's answer holds no token", url=url) from None
        if not _TOKEN.fullmatch(answer.access_token):
            raise Misunderstood("Maskinporten's token cannot be sent in a header", url=url)
        return answer

    def _exchange(self, grant: Grant) -> tuple[str, float]:
        token = self.token(grant)
        try:
            exchanged = self._exchange_once(token)
        except Refused as exc:
            if exc.status != httpx.codes.UNAUTHORIZED:
                raise
            self.drop(grant, token)
            exchanged = self._exchange_once(self.token(grant))
        return exchanged, self._exchanged_seconds(exchanged)

    def _exchange_once(self, token: str) -> str:
        base = self._environment.platform_url
        url = f"{base}/authentication/api/v1/exchange/maskinporten"
        request = self._http.build_request(
            "GET", url, headers={"Authorization": f"Bearer {token}"}, timeout=_TOKEN_TIMEOUT
        )
        response = send(self._http, request, base=base)
        # Quoted when JSON was asked for, bare otherwise.
        exchanged = response.content.decode("ascii", errors="replace").strip().strip('"')
        if not _TOKEN.fullmatch(exchanged):
            raise Misunderstood("The exchange gave no token", url=url)
        return exchanged

    def _exchanged_seconds(self, token: str) -> float:
        try:
            expires_at = float(jwt.decode(token, options={"verify_signature": False})["exp"])
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, OverflowError):
            return EXCHANGED_SECONDS - 2 * SAFETY_SECONDS
        return min(_usable_seconds(expires_at - self._clock()), EXCHANGED_SECONDS)

    def _name(self, grant: Grant, kind: str) -> str:
        """A name for the cache. Nothing in it is secret, and it cannot be read back."""
        parts = [
            kind,
            self._environment.name,
            self._environment.maskinporten_token_url,
            self._environment.platform_url,
            self._client_id,
            sorted(set(grant.scopes)),
            grant.systemuser_orgnr,
            grant.external_ref,
            grant.resource,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _remembered(trace_id: str) -> bytes:
    description = f"MP-303: remembered from a moment ago (correlation id: {trace_id})"
    return json.dumps({"error_description": description}).encode()


def _usable_seconds(expires_in: float) -> float:
    """How long to keep a token: less the safety; half its life when it is a short one."""
    expires_in = min(expires_in, LONGEST_TOKEN_SECONDS)
    return max(expires_in - SAFETY_SECONDS, expires_in / 2, 0.0)


class _Bearer(httpx.Auth):
    def __init__(self, tokens: Maskinporten, grant: Grant, *, exchange: bool) -> None:
        self._tokens = tokens
        self._grant = grant
        self._get = tokens.exchanged if exchange else tokens.token

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        if origin(str(request.url)) not in self._tokens.token_origins:
            raise ValueError("Tokens go to the environment's own addresses only; nothing was sent")
        token = self._get(self._grant)
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._tokens.drop(self._grant, token)
            request.headers["Authorization"] = f"Bearer {self._get(self._grant)}"
            yield request

    def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        raise RuntimeError("Tokens are fetched synchronously: use httpx.Client")
