"""A person's sign-in at ID-porten: what it gives, what can go wrong, and whether it is genuine.

Source: Digdir's documentation of ID-porten; read 2026-07.
"""

import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt
import msgspec

from altinn.errors import (
    AltinnError,
    LevelTooLow,
    Misunderstood,
    Refused,
    TokenRefused,
    error_in,
)
from altinn.keys import Key
from altinn.masking import masked
from altinn.problems import UNREADABLE

SUBSTANTIAL = "idporten-loa-substantial"
HIGH = "idporten-loa-high"

_LEVELS = ("idporten-loa-low", SUBSTANTIAL, HIGH)
_ALGORITHMS = ["RS256", "RS384", "RS512"]
_CLOCKS_DIFFER_SECONDS = 10
_OURS = frozenset({"invalid_client", "unauthorized_client", "invalid_scope", "invalid_request"})


class SignInEnded(Refused):
    """The person's sign-in, or their consent, has run out or is withdrawn: sign in again."""


class SignInCancelled(Refused):
    """The person turned back before signing in."""


class NotGenuine(Misunderstood):
    """The answer is not the one to our question: another sign-in, or somebody meddles."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """Our integration at ID-porten («api-klient»): with a key, or with a secret."""

    id: str
    redirect_uri: str
    key: Key | None = None
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt to sign in. All but `url` are to be kept in the session until the answer."""

    url: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    acr: str


@dataclass(frozen=True, kw_only=True)
class PersonTokens:
    """What a person's sign-in gave. `subject` is the person, the same each time for our client.

    The national identity number is read and thrown away. Keep the tokens sealed.
    """

    access_token: str = field(repr=False)
    expires_at: datetime
    refresh_token: str = field(default="", repr=False)
    refresh_expires_at: datetime | None = None
    id_token: str = field(default="", repr=False)
    subject: str = ""
    acr: str = ""
    session_id: str = ""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AltinnToken:
    """The person's token as Altinn wants it. It lives as long as the one it was made of."""

    token: str = field(repr=False)
    expires_at: datetime


class _Refusal(msgspec.Struct, frozen=True, kw_only=True):
    error: object = None
    error_description: object = None


class TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    access_token: str
    expires_in: float = 0.0
    refresh_token: str = ""
    refresh_token_expires_in: float | None = None
    refresh_expires_in: float | None = None  # as others call it
    id_token: str = ""
    scope: str = ""


_refusal = msgspec.json.Decoder(_Refusal)
_token_answer = msgspec.json.Decoder(TokenAnswer, strict=False)


def answer_in(response: httpx.Response, body: bytes, *, now: datetime) -> TokenAnswer:
    """The tokens in an answer from the token endpoint; `body` is without secrets.

    Raises:
        SignInEnded, TokenRefused, TryLater, Misunderstood: what ID-porten answered in their place.
    """
    url = str(response.request.url)
    if not response.is_success:
        raise _error_in(response, body, url=url, now=now)
    try:
        return _token_answer.decode(response.content)
    except UNREADABLE:
        raise Misunderstood("ID-porten's answer holds no token", url=url) from None


def _error_in(response: httpx.Response, body: bytes, *, url: str, now: datetime) -> AltinnError:
    try:
        refusal = _refusal.decode(body)
    except UNREADABLE:
        refusal = _Refusal()
    error = refusal.error if isinstance(refusal.error, str) else ""
    said = refusal.error_description
    message = f"{error}: {said}" if isinstance(said, str) else error
    if error == "invalid_grant":
        return SignInEnded(message, status=response.status_code, url=url, code=error)
    if error in _OURS:
        return TokenRefused(message, status=response.status_code, url=url, code=error)
    status = response.status_code
    return error_in(status, response.headers, body, url=url, now=now) or Misunderstood(message)


def read_identity(
    id_token: str, keys: bytes, *, client_id: str, issuer: str, nonce: str | None, acr: str
) -> dict[str, Any]:
    """The claims of an id token, when all is as it must be. `keys` is ID-porten's JWKS.

    Without a nonce it is a refreshed token, which need not repeat the level; the rest is checked.

    Raises:
        NotGenuine: signature, issuer, audience, times or nonce.
        LevelTooLow: below `acr`.
    """
    try:
        claims: dict[str, Any] = jwt.decode(
            id_token,
            _signing_key(id_token, keys),
            algorithms=_ALGORITHMS,
            audience=client_id,
            issuer=issuer,
            leeway=_CLOCKS_DIFFER_SECONDS,
            options={"require": ["exp", "iat", "aud", "iss", "sub"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError, LookupError, AttributeError) as exc:
        raise NotGenuine(f"The id token is not valid: {type(exc).__name__}") from None
    if nonce is not None and not same(str(claims.get("nonce", "")), nonce):
        raise NotGenuine("The id token answers another question: nonce")
    if claims.get("azp", client_id) != client_id:
        raise NotGenuine("The id token is for another client: azp")
    reached = claims.get("acr", acr if nonce is None else None)
    if reached not in _LEVELS or _LEVELS.index(reached) < _LEVELS.index(acr):
        raise LevelTooLow(f"Signed in at {masked(str(reached))[:50]}, wanted {acr}")
    return claims


def same(one: str, other: str) -> bool:
    """Whether two texts are the same, in the same time whether or not."""
    return bool(other) and hmac.compare_digest(one.encode(), other.encode())


def _signing_key(id_token: str, keys: bytes) -> Any:
    kid = jwt.get_unverified_header(id_token).get("kid")
    for jwk in json.loads(keys)["keys"]:
        if jwk.get("kid") == kid and jwk.get("kty") == "RSA" and jwk.get("use", "sig") == "sig":
            return jwt.PyJWK(jwk, algorithm="RS256").key
    raise ValueError("No such key")


def client_proof(client: Client, *, issuer: str, now: int, token_id: str) -> dict[str, str]:
    """What proves to ID-porten that it is us: a signed assertion, or the secret."""
    if client.key is None:
        return {"client_id": client.id, "client_secret": client.secret}
    claims = {
        "iss": client.id,
        "sub": client.id,
        "aud": issuer,
        "iat": now,
        "exp": now + 60,
        "jti": token_id,
    }
    key = client.key
    return {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(
            claims, key.private, algorithm="RS256", headers={"kid": key.kid}
        ),
    }


def with_query(url: str, query: dict[str, str]) -> str:
    return f"{url}?{urlencode({name: value for name, value in query.items() if value})}"
