"""A person's tokens: ID-porten's, and what Altinn's exchange makes of them."""

import uuid
from typing import TYPE_CHECKING

import jwt
from werkzeug.wrappers import Response

from sandbox.keys import now_seconds
from sandbox.model import Json
from sandbox.problems import Refused

if TYPE_CHECKING:
    from sandbox.state import Sandbox

LEVELS = {"idporten-loa-low": 2, "idporten-loa-substantial": 3, "idporten-loa-high": 4}


def exchanged(box: "Sandbox", token: str) -> str:
    """Make Altinn's token of ID-porten's, which lives as long.

    Raises:
        Refused: 401 for a token that is no good or a person Altinn does not know, 403 for one
            without a scope of Altinn's.
    """
    try:
        claims: Json = jwt.decode(
            token, box.keys.idporten.private.public_key(), algorithms=["RS256"],
            issuer=box.idporten.issuer, options={"verify_aud": False, "verify_iat": False},
        )  # fmt: skip
    except jwt.InvalidTokenError as exc:
        raise Refused(Response(status=401)) from exc
    person = box.world.registers.people.get(str(claims.get("pid")))
    if person is None or claims.get("acr") not in LEVELS or "scope" not in claims:
        raise Refused(Response(status=401))
    if not any(scope.startswith("altinn:") for scope in str(claims["scope"]).split()):
        raise Refused(Response(status=403))
    now = now_seconds()
    answer: Json = {
        "iss": box.exchange_issuer,
        "token_type": "Bearer",
        "scope": claims["scope"],
        "client_id": claims["client_id"],
        "pid": person.pid,
        "acr": claims["acr"],
        "urn:altinn:userid": person.user_id,
        "urn:altinn:username": "",
        "urn:altinn:partyid": 30_000_000 + person.user_id,
        "urn:altinn:party:uuid": person.uuid,
        "urn:altinn:authenticatemethod": "idporten",
        "urn:altinn:authlevel": LEVELS[claims["acr"]],
        "iat": now,
        "nbf": now,
        "exp": claims["exp"],
        "jti": str(uuid.uuid4()),
    }
    return box.keys.issuer.sign(answer)
