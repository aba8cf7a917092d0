"""Which token was sent to a service owner, and whether it opens the door.

Each owner takes its own kinds and refuses all others, so that a client that sends a credential to
the wrong place is found out.
"""

from typing import TYPE_CHECKING

import jwt
from werkzeug.wrappers import Request, Response

from sandbox.access import Caller, bearer, caller, claims_of, unauthorized
from sandbox.model import Dialog, Json
from sandbox.problems import Refused

if TYPE_CHECKING:
    from sandbox.state import Sandbox


def kind_of(box: "Sandbox", request: Request) -> str:
    """Name the kind of token: dialog, altinn, maskinporten, other, or none."""
    try:
        token = bearer(request)
    except Refused:
        return "other" if "Authorization" in request.headers else "none"
    try:
        box.keys.dialog.read(token)
    except jwt.InvalidTokenError:
        pass
    else:
        return "dialog"
    try:
        issuer = claims_of(box, token)["iss"]
    except Refused:
        return "other"
    return "altinn" if issuer == box.exchange_issuer else "maskinporten"


def dialog_claims(box: "Sandbox", request: Request) -> Json | None:
    """Read a dialog token: signature, time and issuer. None: it is another kind, or no longer."""
    try:
        claims = box.keys.dialog.read(bearer(request))
    except jwt.InvalidTokenError:
        return None
    if claims["iss"] != f"{box.base_url}/dialogporten/api/v1":
        return None
    request.environ["sandbox.caller"] = claims["y"].rsplit(":", 1)[1]
    return claims


def grants(claims: Json, dialog: Dialog, action: str) -> bool:
    """Tell whether a dialog token is for this dialog and has the action among what it grants."""
    granted = {entry.partition(",")[0] for entry in claims["a"].split(";")}
    return claims["i"] == dialog.id and action in granted


def with_dialog_token(
    box: "Sandbox", request: Request, dialog: Dialog | None, action: str
) -> Dialog:
    """Let nothing but a dialog token pass that grants the action: 401 without a body if not."""
    claims = dialog_claims(box, request)
    if claims is None or (dialog is not None and not grants(claims, dialog, action)):
        raise Refused(Response(status=401))
    if dialog is None or dialog.deleted is not None:
        raise Refused(Response(status=404))
    return dialog


def with_altinn_token(box: "Sandbox", request: Request, *scopes: str) -> Caller:
    """Let nothing but an exchanged token pass that has one of the scopes."""
    claims = claims_of(box, bearer(request))
    if claims["iss"] != box.exchange_issuer:
        raise unauthorized()
    found = caller(box, request, claims)
    if not found.scopes.intersection(scopes):
        raise Refused(Response(status=403))
    return found


def with_raw_token(box: "Sandbox", request: Request, scope: str) -> Caller | None:
    """Take Maskinporten's own token with exactly the one scope; None for any other."""
    try:
        claims = claims_of(box, bearer(request))
    except Refused:
        return None
    if claims["iss"] != box.issuer or claims.get("scope") != scope:
        return None
    return caller(box, request, claims)


def may_read(box: "Sandbox", who: Caller, dialog: Dialog) -> bool:
    return who.user is not None and box.world.may_list(who.user, dialog)
