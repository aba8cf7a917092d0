"""ID-porten: a person lets the portal call Altinn for them.

For what only a person may do, and never for logging in to the portal. The steps: `begin` and send
the browser to `Attempt.url`; keep the attempt in the session; `code_in` the answer's query;
`exchange_code`; `altinn_token`; `bearer` for `altinn.delegation`.

Source: Digdir's documentation of ID-porten, altinn-authentication ad4f6f36; read 2026-07.
"""

import hashlib
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any
from uuid import uuid4

import httpx
import jwt

from altinn.environment import Environment, origin
from altinn.errors import Misunderstood, Refused
from altinn.http import receive, send, without_secrets
from altinn.sign_in import (
    HIGH,
    SUBSTANTIAL,
    AltinnToken,
    Attempt,
    Client,
    NotGenuine,
    PersonTokens,
    SignInCancelled,
    SignInEnded,
    TokenAnswer,
    answer_in,
    client_proof,
    read_identity,
    same,
    with_query,
)

__all__ = [
    "HIGH",
    "SUBSTANTIAL",
    "AltinnToken",
    "Attempt",
    "Client",
    "IdPorten",
    "NotGenuine",
    "PersonTokens",
    "SignInCancelled",
    "SignInEnded",
    "bearer",
]

_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")  # what may stand in a header
_TURNED_BACK = frozenset({"access_denied", "login_required", "interaction_required"})
_LONGEST_SECONDS = 24 * 3600.0


class IdPorten:
    """Signing in at one environment's ID-porten. Every method raises `altinn.errors.AltinnError`.

    `TokenRefused` means that our integration is wrong; see `advice_for`.
    """

    def __init__(
        self,
        http: httpx.Client,
        environment: Environment,
        client: Client,
        *,
        clock: Callable[[], float] = time,
    ) -> None:
        self._http = http
        self._environment = environment
        self._issuer = environment.idporten_issuer
        self._client = client
        self._clock = clock

    def begin(
        self,
        scopes: Sequence[str],
        *,
        acr: str = SUBSTANTIAL,
        language: str = "nb",
        anew: bool = False,
    ) -> Attempt:
        """Where to send the browser, and what to remember. `anew` asks even who is signed in."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        query = {
            "response_type": "code",
            "client_id": self._client.id,
            "redirect_uri": self._client.redirect_uri,
            "scope": " ".join(("openid", *scopes)),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge.decode().rstrip("="),
            "code_challenge_method": "S256",
            "acr_values": acr,
            "ui_locales": language,
            "prompt": "login" if anew else "",
        }
        url = with_query(f"{self._environment.idporten_login_url}/authorize", query)
        return Attempt(url=url, state=state, nonce=nonce, verifier=verifier, acr=acr)

    def code_in(self, query: Mapping[str, str], attempt: Attempt) -> str:
        """The code in the query the browser came back with. Nothing is sent.

        Raises:
            SignInCancelled: the person turned back.
            NotGenuine: another attempt's answer.
            Refused: ID-porten would not.
        """
        issuer = query.get("iss", self._issuer)
        if not same(query.get("state", ""), attempt.state) or issuer.rstrip("/") != self._issuer:
            raise NotGenuine("The answer is to another sign-in: state or issuer")
        error = query.get("error", "")
        if error in _TURNED_BACK:
            raise SignInCancelled(error, code=error)
        if error:
            said = query.get("error_description", "")
            raise Refused(f"{error}: {said}", code=error if error.isidentifier() else "")
        if not query.get("code"):
            raise NotGenuine("The answer holds no code")
        return query["code"]

    def exchange_code(self, code: str, attempt: Attempt) -> PersonTokens:
        """The person's tokens. A code is good once, for a minute or two.

        Raises:
            NotGenuine: signature, issuer, audience or nonce is not right.
            LevelTooLow: signed in at a lower level than was asked for.
            SignInEnded: the code is used or too old.
        """
        answer = self._ask(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._client.redirect_uri,
                "code_verifier": attempt.verifier,
            },
            secrets_sent=(code, attempt.verifier),
        )
        claims = self._identity(answer.id_token, nonce=attempt.nonce, acr=attempt.acr)
        return replace(
            self._tokens(answer),
            subject=str(claims["sub"]),
            acr=str(claims["acr"]),
            session_id=str(claims.get("sid", "")),
        )

    def refresh(self, tokens: PersonTokens) -> PersonTokens:
        """New tokens without the person. Keep these: the old refresh token may be dead.

        Raises:
            SignInEnded: the person must sign in again.
        """
        if not tokens.refresh_token:
            raise SignInEnded("There is no refresh token")
        answer = self._ask(
            {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token},
            secrets_sent=(tokens.refresh_token,),
        )
        if answer.id_token:
            claims = self._identity(answer.id_token, nonce=None, acr=tokens.acr)
            if not same(str(claims["sub"]), tokens.subject):
                raise NotGenuine("The new token is another person's")
        return replace(
            self._tokens(answer),
            subject=tokens.subject,
            acr=tokens.acr,
            session_id=tokens.session_id,
            refresh_token=answer.refresh_token or tokens.refresh_token,
            id_token=answer.id_token or tokens.id_token,
        )

    def altinn_token(self, tokens: PersonTokens) -> AltinnToken:
        """The access token exchanged for Altinn's own.

        Raises:
            SignInEnded: ID-porten's token has run out; `refresh` it first.
            Refused: no scope of Altinn's in it, or a person Altinn does not know.
        """
        if tokens.expires_at <= self._now():
            raise SignInEnded("The access token has run out")
        base = f"{self._environment.platform_url}/authentication/api/v1/exchange"
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        request = self._http.build_request("GET", f"{base}/id-porten", headers=headers)
        response = send(self._http, request, base=base)
        # Quoted when JSON was asked for, bare otherwise.
        token = response.content.decode("ascii", errors="replace").strip().strip('"')
        if not _TOKEN.fullmatch(token):
            raise Misunderstood("The exchange gave no token", url=str(request.url))
        return AltinnToken(token=token, expires_at=_expiry(token) or tokens.expires_at)

    def logout_url(self, tokens: PersonTokens, return_url: str, state: str = "") -> str:
        """Where to send the browser to end the session at ID-porten."""
        query = {
            "id_token_hint": tokens.id_token,
            "post_logout_redirect_uri": return_url,
            "state": state,
        }
        return with_query(f"{self._environment.idporten_login_url}/logout", query)

    def _ask(self, form: dict[str, str], *, secrets_sent: tuple[str, ...]) -> TokenAnswer:
        proof = client_proof(
            self._client, issuer=self._issuer, now=int(self._clock()), token_id=str(uuid4())
        )
        url = f"{self._issuer}/token"
        request = self._http.build_request(
            "POST", url, data={"client_id": self._client.id, **form, **proof}
        )
        response = receive(self._http, request, base=self._issuer)
        secret = (proof.get("client_secret", ""), proof.get("client_assertion", ""))
        body = without_secrets(response, (*secrets_sent, *secret))
        answer = answer_in(response, body, now=self._now())
        if not _TOKEN.fullmatch(answer.access_token):
            raise Misunderstood("ID-porten's token cannot be sent in a header", url=url)
        return answer

    def _identity(self, id_token: str, *, nonce: str | None, acr: str) -> dict[str, Any]:
        request = self._http.build_request("GET", f"{self._issuer}/jwks.json")
        return read_identity(
            id_token,
            send(self._http, request, base=self._issuer).content,
            client_id=self._client.id,
            issuer=self._issuer,
            nonce=nonce,
            acr=acr,
        )

    def _tokens(self, answer: TokenAnswer) -> PersonTokens:
        now = self._now()
        lasts = answer.refresh_token_expires_in or answer.refresh_expires_in
        return PersonTokens(
            access_token=answer.access_token,
            expires_at=now + timedelta(seconds=min(answer.expires_in, _LONGEST_SECONDS)),
            refresh_token=answer.refresh_token,
            refresh_expires_at=now + timedelta(seconds=lasts) if lasts else None,
            id_token=answer.id_token,
            scopes=tuple(answer.scope.split()),
        )

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def bearer(environment: Environment, token: AltinnToken) -> httpx.Auth:
    """Puts the person's token on requests to this environment's Altinn, and nowhere else."""
    return _PersonBearer(environment, token.token)


class _PersonBearer(httpx.Auth):
    def __init__(self, environment: Environment, token: str) -> None:
        self._origin = origin(environment.platform_url)
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        if origin(str(request.url)) != self._origin:
            raise ValueError("A person's token goes to Altinn's platform only; nothing was sent")
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _expiry(token: str) -> datetime | None:
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        return datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (jwt.PyJWTError, KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
