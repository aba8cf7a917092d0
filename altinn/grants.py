"""What to ask Maskinporten for, and the signed question (RFC 7523)."""

import uuid
from dataclasses import dataclass

import jwt

from altinn.identifiers import is_orgnr
from altinn.keys import Key

ASSERTION_SECONDS = 100  # Maskinporten takes at most 120


@dataclass(frozen=True)
class Grant:
    """What to ask a token for. `systemuser_orgnr` is the firm's nine digits, never a client's.

    `external_ref` must be the one the system user was made with; always give it.

    Raises:
        ValueError: no scope, or not an organisation number.
    """

    scopes: tuple[str, ...]
    systemuser_orgnr: str | None = None
    external_ref: str | None = None
    resource: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.scopes, str) or not self.scopes:
            raise ValueError("Give scopes as a tuple of at least one")
        if self.systemuser_orgnr is not None and not is_orgnr(self.systemuser_orgnr):
            raise ValueError("systemuser_orgnr must be an organisation number: nine digits")
        if self.external_ref is not None and self.systemuser_orgnr is None:
            raise ValueError("external_ref needs systemuser_orgnr")


def assertion(grant: Grant, *, issuer: str, client_id: str, key: Key, now: int) -> str:
    """A signed question, good for one use. `now` in seconds since 1970.

    `issuer` is Maskinporten's id, which is its `aud`. Source: Digdir's documentation, read 2026-08.
    """
    claims: dict[str, object] = {
        "aud": issuer,
        "iss": client_id,
        "scope": " ".join(grant.scopes),
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
        "jti": str(uuid.uuid4()),
    }
    if grant.resource is not None:
        claims["resource"] = [grant.resource]
    if grant.systemuser_orgnr is not None:
        claims["authorization_details"] = [_system_user(grant)]
    return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid})


def _system_user(grant: Grant) -> dict[str, object]:
    detail: dict[str, object] = {
        "type": "urn:altinn:systemuser",
        "systemuser_org": {
            "authority": "iso6523-actorid-upis",
            "ID": f"0192:{grant.systemuser_orgnr}",
        },
    }
    if grant.external_ref is not None:
        detail["externalRef"] = grant.external_ref
    return detail
