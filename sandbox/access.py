"""Bearer tokens: whose they are, and what they may call. Also Altinn's token exchange."""

import uuid
from typing import TYPE_CHECKING

import jwt
import msgspec
from werkzeug.wrappers import Request, Response

from sandbox import ids, persons
from sandbox.keys import now_seconds
from sandbox.model import Json, SystemUser
from sandbox.problems import Refused, refuse

if TYPE_CHECKING:
    from sandbox.state import Sandbox

EXCHANGED_SECONDS = 1800
DIALOGPORTEN = ("digdir:dialogporten", "digdir:dialogporten.noconsent")
NO_USER = (
    "The request was authenticated, but we were unable to determine valid user type in order to"
    " authorize the request."
)


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a token. `user` is None for a token without a system user."""

    user: SystemUser | None
    consumer: str  # organisation number
    scopes: frozenset[str]

    @property
    def key(self) -> str:
        return self.user.id if self.user else f"org:{self.consumer}"


def unauthorized(error: str = "invalid_token") -> Refused:
    response = Response(status=401)
    told = f'Bearer error="{error}"' if error else "Bearer"
    response.headers["WWW-Authenticate"] = told
    return Refused(response)


def bearer(request: Request) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value:
        raise unauthorized("")
    return value.strip()


def claims_of(box: "Sandbox", token: str) -> Json:
    """Check a token of Maskinporten's or the exchange's: signature, issuer and time."""
    known = box.checked_tokens.get(token)
    now = now_seconds() + box.maskinporten_skew
    if known is None:
        try:
            known = jwt.decode(
                token, box.keys.issuer.private.public_key(), algorithms=["RS256"],
                options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
            )  # fmt: skip
        except jwt.InvalidTokenError as exc:
            raise unauthorized() from exc
        if len(box.checked_tokens) > 1000:
            box.checked_tokens.clear()
        box.checked_tokens[token] = known
    if known.get("iss") not in (box.issuer, box.exchange_issuer) or known["exp"] + 2 < now:
        raise unauthorized()
    if token in box.revoked:
        raise unauthorized()
    return known


def caller(box: "Sandbox", request: Request, claims: Json | None = None) -> Caller:
    """Tell who calls. A system user that is gone keeps its token, and sees nothing with it."""
    claims = claims or claims_of(box, bearer(request))
    details = claims.get("authorization_details")
    if isinstance(details, list):
        details = details[0] if details else None
    user = None
    if isinstance(details, dict) and details.get("type") == "urn:altinn:systemuser":
        key = str(details["systemuser_id"][0]).lower()
        user = box.world.users.get(key) or SystemUser(
            id=key, owner="", external_ref="", kind="", name="Systembruker", parties=set(),
            is_deleted=True,
        )  # fmt: skip
    found = Caller(
        user=user,
        consumer=str(claims.get("consumer", {}).get("ID", "")).partition(":")[2],
        scopes=frozenset(str(claims.get("scope", "")).split()),
    )
    request.environ["sandbox.caller"] = found.key
    return found


def end_user(box: "Sandbox", request: Request) -> SystemUser:
    """Let a system user with Dialogporten's scope pass, as Dialogporten does."""
    found = caller(box, request)
    if not found.scopes.intersection(DIALOGPORTEN):
        raise Refused(Response(status=403))
    if found.user is None:
        raise refuse(request, 403, {"Type": [NO_USER]})
    return found.user


def exchange(box: "Sandbox", request: Request, provider: str) -> Response:
    if provider not in ("maskinporten", "id-porten", "altinnstudio"):
        return Response(f"Invalid token provider: {provider}", 400, content_type="text/plain")
    if provider == "id-porten":
        return _as_body(request, persons.exchanged(box, bearer(request)))
    claims = claims_of(box, bearer(request))
    if provider != "maskinporten" or claims["iss"] != box.issuer:
        raise unauthorized()
    now = now_seconds() + box.maskinporten_skew
    consumer = str(claims["consumer"]["ID"]).partition(":")[2]
    answer: Json = {
        "iss": box.exchange_issuer,
        "scope": claims["scope"],
        "consumer": claims["consumer"],
        "client_id": claims["client_id"],
        "token_type": "Bearer",
        "urn:altinn:orgNumber": consumer,
        "urn:altinn:authenticatemethod": "maskinporten",
        "urn:altinn:authlevel": 3,
        "iat": now,
        "nbf": now,
        "exp": now + EXCHANGED_SECONDS,
        "jti": str(uuid.uuid4()),
    }
    if claims.get("authorization_details"):
        answer["authorization_details"] = claims["authorization_details"][0]
    return _as_body(request, box.keys.issuer.sign(answer))


def _as_body(request: Request, token: str) -> Response:
    if "application/json" in request.headers.get("Accept", ""):
        return Response(f'"{token}"', content_type="application/json; charset=utf-8")
    return Response(token, content_type="text/plain; charset=utf-8")


def actor(user: SystemUser) -> Json:
    return {
        "actorType": "PartyRepresentative",
        "actorName": user.name or "Systembruker",
        "actorId": ids.SYSTEM_USER + user.id,
    }
