"""Maskinporten: an assertion signed with a registered key becomes an access token.

Source: docs.digdir.no on Maskinporten (error codes, limits of the assertion), read 2026-09.
"""

import hashlib
import uuid
from typing import TYPE_CHECKING, Any

import jwt
from werkzeug.wrappers import Request, Response

from sandbox.keys import RSA_ALGORITHMS, now_seconds
from sandbox.model import Json, SystemUser
from sandbox.problems import Refused, json_response
from sandbox.system_users import system_of

if TYPE_CHECKING:
    from sandbox.state import Sandbox

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPES = (
    "digdir:dialogporten",
    "digdir:dialogporten.noconsent",
    "altinn:events.subscribe",
    "altinn:correspondence.read",
    "altinn:correspondence.write",
    "altinn:instances.read",
    "nav:helseytelser/sykepenger",
    "nav:inntektsmelding/foreldrepenger",
    "nav:syfo/dokumentporten",
    "altinn:accessmanagement/authorizedparties",
    "altinn:authentication/systemregister.write",
    "altinn:authentication/systemuser.request.write",
    "altinn:authentication/systemuser.request.read",
)
ERRORS = {
    "MP-010": (400, "invalid_request", "Invalid assertion. Invalid parameter value"),
    "MP-011": (400, "invalid_request", "Invalid assertion. Invalid parameter value"),
    "MP-012": (400, "invalid_grant", "Grant is used before"),
    "MP-100": (401, "invalid_client", "Client authentication failed"),
    "MP-110": (400, "invalid_grant", "Invalid JWT claim aud"),
    "MP-120": (400, "invalid_grant", "Signed with an invalid certificate"),
    "MP-121": (400, "invalid_grant", "Expired key"),
    "MP-122": (401, "invalid_client", "The certificate is not the client's"),
    "MP-123": (401, "invalid_client", "x5c is not a list"),
    "MP-124": (401, "invalid_client", "Client authentication failed. Bad signature"),
    "MP-130": (400, "invalid_grant", "Expired assertion"),
    "MP-200": (400, "invalid_scope", "Scope is not granted to the client"),
    "MP-201": (400, "invalid_scope", "The scope is not for this type of integration"),
    "MP-250": (403, "forbidden", "The provider has not granted the scope"),
    "MP-251": (403, "forbidden", "The consumer has not delegated the scope"),
    "MP-301": (400, "invalid_authorization_details", "Unknown authorization details type"),
    "MP-302": (400, "invalid_authorization_details", "Unknown authorization details fields"),
    "MP-303": (400, "invalid_altinn_customer_configuration",
               "Invalid authorization details values"),
}  # fmt: skip


def error_response(code: str, text: str | None = None) -> Response:
    status, error, usual = ERRORS[code]
    told = f"{code}: {text or usual}. Correlation id: {uuid.uuid4()}"
    return json_response({"error": error, "error_description": told}, status)


def _refuse(code: str, text: str | None = None) -> Refused:
    return Refused(error_response(code, text))


def _refuse_without_code(error: str, text: str) -> Refused:
    told = f"{text}. Correlation id: {uuid.uuid4()}"
    return Refused(json_response({"error": error, "error_description": told}, 400))


def metadata(box: "Sandbox", request: Request) -> Response:
    issuer = box.issuer
    return json_response(
        {
            "issuer": issuer,
            "token_endpoint": f"{issuer}token",
            "jwks_uri": f"{issuer}jwk",
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(RSA_ALGORITHMS),
            "grant_types_supported": [GRANT],
            "authorization_details_types_supported": [
                "urn:altinn:systemuser", "urn:altinn:consent",
            ],
        }
    )  # fmt: skip


def keys(box: "Sandbox", request: Request) -> Response:
    return json_response({"keys": [box.keys.issuer.public_jwk()]})


def token(box: "Sandbox", request: Request) -> Response:
    if not request.mimetype == "application/x-www-form-urlencoded":
        raise _refuse_without_code("invalid_request", "The body must be a form")
    if request.form.get("grant_type") != GRANT:
        raise _refuse_without_code("unsupported_grant_type", "Unknown grant_type")
    assertion = request.form.get("assertion", "")
    claims = _verified(box, assertion)
    scope = _checked_scope(claims)
    details = claims.get("authorization_details")
    granted: Json = {}
    if details is not None:
        user, asked = _system_user(box, details)
        granted["authorization_details"] = [
            {
                "type": asked["type"],
                "systemuser_org": asked["systemuser_org"],
                "systemuser_id": [user.id],
                "system_id": system_of(user, box.world.vendor),
            }
        ]
    _spend(box, assertion, claims)
    now = now_seconds() + box.maskinporten_skew
    answer = {
        "iss": box.issuer,
        "client_id": box.client_id,
        "client_amr": "private_key_jwt",
        "token_type": "Bearer",
        "scope": scope,
        "consumer": {"authority": "iso6523-actorid-upis", "ID": f"0192:{box.world.vendor}"},
        "iat": now,
        "exp": now + box.token_seconds,
        "jti": str(uuid.uuid4()),
    } | granted
    if claims.get("resource"):
        answer["aud"] = claims["resource"]
    return json_response(
        {
            "access_token": box.keys.issuer.sign(answer),
            "token_type": "Bearer",
            "expires_in": box.token_seconds,
            "scope": scope,
        }
    )


def _verified(box: "Sandbox", assertion: str) -> Json:
    """Check who signed the assertion, for whom and when."""
    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.InvalidTokenError as exc:
        raise _refuse("MP-010") from exc
    if header.get("alg") not in RSA_ALGORITHMS or "kid" not in header:
        raise _refuse("MP-010", "Invalid assertion. The header needs alg RS256 and a kid")
    if header["kid"] in box.expired_keys:
        raise _refuse("MP-121")
    key = box.keys.registered.get(header["kid"])
    if key is None:
        raise _refuse("MP-100")
    try:
        claims: Json = jwt.decode(
            assertion, key, algorithms=list(RSA_ALGORITHMS),
            options={"verify_aud": False, "verify_exp": False, "verify_iat": False,
                     "verify_nbf": False},
        )  # fmt: skip
    except jwt.InvalidTokenError as exc:
        raise _refuse("MP-124") from exc
    if claims.get("iss") != box.client_id:
        raise _refuse("MP-100", "Client not found")
    audience = claims.get("aud")
    if not {box.issuer, f"{box.issuer}token"} & set(
        audience if isinstance(audience, list) else [audience]
    ):
        raise _refuse("MP-110")
    _check_times(claims, now_seconds() + box.maskinporten_skew)
    return claims


def _check_times(claims: Json, now: int) -> None:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        raise _refuse("MP-010", "Invalid assertion. iat and exp are needed")
    if issued > now + 10:
        raise _refuse_without_code("invalid_grant", "Issue time is after now")
    if expires - issued > 120:
        raise _refuse("MP-010", "Invalid assertion. exp may be at most 120 seconds after iat")
    if expires <= now:
        raise _refuse("MP-130")


def _checked_scope(claims: Json) -> str:
    scope = claims.get("scope")
    if not isinstance(scope, str) or not scope.split():
        raise _refuse_without_code("invalid_scope", "At least one scope is needed")
    for name in scope.split():
        if name not in SCOPES:
            raise _refuse("MP-200", f"Scope {name} is not granted to the client")
    return scope


def _system_user(box: "Sandbox", details: Any) -> tuple[SystemUser, Json]:
    """Find the approved system user that was asked for."""
    if not isinstance(details, list) or len(details) != 1 or not isinstance(details[0], dict):
        raise _refuse("MP-302", "Exactly one authorization details element is needed")
    asked: Json = details[0]
    if asked.get("type") != "urn:altinn:systemuser":
        raise _refuse("MP-301")
    if set(asked) - {"type", "systemuser_org", "externalRef"}:
        raise _refuse("MP-302")
    org = asked.get("systemuser_org")
    if not isinstance(org, dict) or set(org) != {"authority", "ID"}:
        raise _refuse("MP-302", "systemuser_org needs authority and ID")
    prefix, _, owner = str(org["ID"]).partition(":")
    user = _approved(box, owner, str(asked.get("externalRef", owner)))
    if prefix != "0192" or user is None:
        raise _refuse("MP-303")
    return user, asked


def _approved(box: "Sandbox", owner: str, external_ref: str) -> SystemUser | None:
    """Find a system user of a system that this client is registered for."""
    with box.world.lock:
        for user in box.world.users.values():
            if (user.owner, user.external_ref) != (owner, external_ref) or user.is_deleted:
                continue
            system = box.world.registers.systems.get(system_of(user, box.world.vendor))
            if system and not system.is_deleted and box.client_id in system.client_ids:
                return user
    return None


def _spend(box: "Sandbox", assertion: str, claims: Json) -> None:
    mark = str(claims.get("jti") or hashlib.sha256(assertion.encode()).hexdigest())
    with box.lock:
        if mark in box.spent:
            raise _refuse("MP-012")
        box.spent[mark] = claims["exp"]
        if len(box.spent) > 5000:
            now = now_seconds()
            box.spent = {mark: until for mark, until in box.spent.items() if until > now - 600}
