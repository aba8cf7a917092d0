"""ID-porten's token endpoint: a code or a refresh token becomes tokens, for its own client only.

Source: docs.digdir.no on ID-porten (tokens, client authentication), read 2026-10.
"""

import base64
import binascii
import hashlib
import secrets
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import jwt
from jwt.algorithms import RSAAlgorithm
from werkzeug.wrappers import Request, Response

from sandbox.idporten import HIGH, Grant, challenge_of
from sandbox.keys import RSA_ALGORITHMS, is_same_secret, now_seconds
from sandbox.model import Json
from sandbox.problems import Refused, json_response

if TYPE_CHECKING:
    from sandbox.state import Sandbox

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ID_TOKEN_SECONDS = 120


def _refuse(error: str, text: str, status: int = 400) -> Refused:
    told = f"{text} (correlation id: {uuid.uuid4()})"
    return Refused(json_response({"error": error, "error_description": told}, status))


def token(box: "Sandbox", request: Request) -> Response:
    _check_client(box, request)
    form = request.form
    match form.get("grant_type"):
        case "authorization_code":
            grant = _from_code(box, request)
        case "refresh_token":
            grant = _from_refresh_token(box, form.get("refresh_token", ""))
        case _:
            raise _refuse("unsupported_grant_type", "Unknown grant_type")
    return json_response(_tokens(box, grant))


def _check_client(box: "Sandbox", request: Request) -> None:
    """Check that it is our client: by its secret, or by an assertion it has signed."""
    form, own = request.form, box.idporten
    if form.get("client_assertion_type") == ASSERTION:
        _check_assertion(box, form.get("client_assertion", ""))
        return
    name, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as exc:
            raise _refuse("invalid_client", "Bad Authorization header", 401) from exc
        name, secret = unquote_plus(name), unquote_plus(secret)
    is_right = name == own.client_id and is_same_secret(secret, own.client_secret)
    if not is_right or own.is_secret_expired:
        raise _refuse("invalid_client", "Client authentication failed", 401)


def _check_assertion(box: "Sandbox", assertion: str) -> None:
    own = box.idporten
    try:
        key = own.keys[jwt.get_unverified_header(assertion)["kid"]]
        claims = jwt.decode(
            assertion, RSAAlgorithm.from_jwk(key), algorithms=list(RSA_ALGORITHMS),  # type: ignore[arg-type]
            audience=[own.issuer, f"{own.issuer}/token"], leeway=10,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "jti"]},
        )  # fmt: skip
    except (KeyError, jwt.InvalidTokenError) as exc:
        raise _refuse("invalid_client", f"Client authentication failed: {exc}", 401) from exc
    is_long = claims["exp"] - claims["iat"] > 120
    with box.lock:
        if {claims["iss"], claims["sub"]} != {own.client_id} or is_long:
            raise _refuse("invalid_client", "Client authentication failed", 401)
        if claims["jti"] in own.spent:
            raise _refuse("invalid_client", "The assertion is used before", 401)
        own.spent.add(claims["jti"])


def _from_code(box: "Sandbox", request: Request) -> Grant:
    form = request.form
    with box.lock:
        grant = box.idporten.codes.pop(form.get("code", ""), None)
    if grant is None or grant.until < now_seconds():
        raise _refuse("invalid_grant", "The code is unknown, used or too old")
    if form.get("redirect_uri") != grant.redirect_uri:
        raise _refuse("invalid_grant", "redirect_uri is not the same as before")
    if not is_same_secret(challenge_of(form.get("code_verifier", "")), grant.challenge):
        raise _refuse("invalid_grant", "code_verifier does not fit")
    grant.until = now_seconds() + box.idporten.session_seconds
    return grant


def _from_refresh_token(box: "Sandbox", value: str) -> Grant:
    """Take a refresh token, once: the answer has the next."""
    with box.lock:
        grant = box.idporten.refresh_tokens.pop(value, None)
    if grant is None or grant.until < now_seconds():
        raise _refuse("invalid_grant", "The refresh token is unknown, used or too old")
    return grant


def _tokens(box: "Sandbox", grant: Grant) -> Json:
    own, now = box.idporten, now_seconds()
    common: Json = {
        "iss": own.issuer,
        "sub": hashlib.sha256(f"{own.client_id}/{grant.pid}".encode()).hexdigest()[:40],
        "pid": grant.pid,
        "acr": grant.acr,
        "amr": ["BankID" if grant.acr == HIGH else "Minid-APP"],
        "auth_time": grant.at,
        "iat": now,
    }
    identity = common | {
        "aud": own.client_id,
        "exp": now + ID_TOKEN_SECONDS,
        "jti": str(uuid.uuid4()),
        "locale": "nb",
        "sid": grant.sid,
    }
    if grant.nonce:
        identity["nonce"] = grant.nonce
    access = common | {
        "scope": grant.scope,
        "client_id": own.client_id,
        "client_amr": "client_secret_post",
        "consumer": {"authority": "iso6523-actorid-upis", "ID": f"0192:{box.world.vendor}"},
        "token_type": "Bearer",
        "exp": now + own.token_seconds,
        "jti": str(uuid.uuid4()),
    }
    following = secrets.token_urlsafe(32)
    with box.lock:
        own.refresh_tokens[following] = grant
    return {
        "access_token": box.keys.idporten.sign(access),
        "id_token": box.keys.idporten.sign(identity),
        "refresh_token": following,
        "token_type": "Bearer",
        "expires_in": own.token_seconds,
        "refresh_token_expires_in": max(0, grant.until - now),
        "scope": grant.scope,
    }


ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("POST", "/idporten/token", "idporten-token", token),
]
