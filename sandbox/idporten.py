"""ID-porten as an OpenID Connect provider, for one client that acts for a person.

Source: docs.digdir.no on ID-porten (discovery, PKCE, claims, client authentication), read 2026-10.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import jwt
import msgspec
from werkzeug.wrappers import Request, Response

from sandbox import pages
from sandbox.keys import now_seconds
from sandbox.model import Json
from sandbox.persons import LEVELS
from sandbox.problems import Refused, json_response
from sandbox.system_reading import is_near

if TYPE_CHECKING:
    from sandbox.state import Sandbox

SCOPES = (
    "openid", "profile", "altinn:clientdelegations.read", "altinn:clientdelegations.write",
    "altinn:accessmanagement/authorizedparties", "digdir:dialogporten",
)  # fmt: skip
CODE_SECONDS = 60
HIGH, SUBSTANTIAL = "idporten-loa-high", "idporten-loa-substantial"


class Grant(msgspec.Struct, kw_only=True):
    """What a person has let the client do: behind a code, then behind refresh tokens."""

    pid: str
    acr: str
    scope: str
    nonce: str
    redirect_uri: str
    challenge: str
    at: int  # of logging in
    sid: str
    until: int


class Idporten:
    """The issuer's own: its one client, and what is given out."""

    def __init__(self, base_url: str) -> None:
        self.issuer = f"{base_url}/idporten"
        self.client_id = f"sandbox-idporten-{secrets.token_hex(4)}"
        self.client_secret = secrets.token_urlsafe(32)
        self.redirect_uris: set[str] = set()
        self.logout_uris: set[str] = set()
        self.keys: dict[str, Json] = {}  # the client's public JWKs, by kid
        self.token_seconds = 600
        self.session_seconds = 8 * 3600  # how long refresh tokens work
        self.is_secret_expired = False
        self.codes: dict[str, Grant] = {}
        self.refresh_tokens: dict[str, Grant] = {}
        self.spent: set[str] = set()

    def shown(self) -> Json:
        return {
            "issuer": self.issuer,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }

    def end_sessions(self, sid: str = "") -> None:
        """End one log-in, or all."""
        for kept in (self.codes, self.refresh_tokens):
            for key in [key for key, grant in kept.items() if sid in ("", grant.sid)]:
                del kept[key]


def discovery(box: "Sandbox", request: Request) -> Response:
    issuer = box.idporten.issuer
    return json_response(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks.json",
            "end_session_endpoint": f"{issuer}/logout",
            "scopes_supported": ["openid", "profile"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "acr_values_supported": list(LEVELS),
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "ui_locales_supported": ["nb", "nn", "en", "se"],
            "token_endpoint_auth_methods_supported": [
                "client_secret_basic", "client_secret_post", "private_key_jwt",
            ],
            "authorization_response_iss_parameter_supported": True,
            "frontchannel_logout_supported": True,
            "frontchannel_logout_session_supported": True,
        }
    )  # fmt: skip


def keys(box: "Sandbox", request: Request) -> Response:
    return json_response({"keys": [box.keys.idporten.public_jwk()]})


def is_registered(box: "Sandbox", uri: str, registered: set[str]) -> bool:
    """Tell whether an address is registered exactly so; on this machine any is."""
    if uri in registered:
        return True
    try:
        parts = urlsplit(uri)
        return parts.scheme == "http" and not parts.fragment and is_near(box, parts.hostname or "")
    except ValueError:
        return False


def _back(request: Request, box: "Sandbox", **told: str) -> Response:
    """Send the browser back to the client, with its state."""
    uri = request.args["redirect_uri"]
    found = told | {"iss": box.idporten.issuer}
    if "state" in request.args:
        found["state"] = request.args["state"]
    return pages.to(f"{uri}{'&' if '?' in uri else '?'}{urlencode(found)}")


def _check(box: "Sandbox", request: Request) -> None:
    """Refuse what ID-porten refuses: on its own page, or by sending the browser back."""
    query = request.args
    if query.get("client_id") != box.idporten.client_id:
        text = pages.paragraph("invalid_client: klienten er ikke kjent.")
        raise Refused(pages.page("Feil i innlogging", text, 400))
    if not is_registered(box, query.get("redirect_uri", ""), box.idporten.redirect_uris):
        text = pages.paragraph("invalid_request: redirect_uri er ikke registrert på klienten.")
        raise Refused(pages.page("Feil i innlogging", text, 400))

    def refuse(error: str, text: str) -> Refused:
        return Refused(_back(request, box, error=error, error_description=text))

    scopes = query.get("scope", "").split()
    if query.get("response_type") != "code":
        raise refuse("unsupported_response_type", "response_type must be code")
    if query.get("response_mode", "query") != "query":
        raise refuse("invalid_request", "response_mode is not supported here")
    if "openid" not in scopes or set(scopes) - set(SCOPES):
        raise refuse("invalid_scope", "The client does not have one of the scopes")
    if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
        raise refuse("invalid_request", "PKCE with S256 is needed")
    if set(query.get("acr_values", HIGH).split()) - set(LEVELS):
        raise refuse("invalid_request", "Unknown acr_values")
    if query.get("prompt") == "none":
        raise refuse("login_required", "The user is not logged in")


def authorize(box: "Sandbox", request: Request) -> Response:
    """Show who can log in; what is chosen is posted to this same address."""
    _check(box, request)
    people = list(box.world.registers.people.values())
    asked = (request.args.get("acr_values") or HIGH).split()[0]
    body = '<form method="post">'
    body += pages.choices(
        "person", "Hvem logger inn?",
        [(one.pid, f"{one.name}: {one.title}") for one in people], people[0].pid,
    )  # fmt: skip
    body += pages.choices("acr", "Nivå", [(level, level) for level in LEVELS], asked)
    body += pages.buttons("do", [("login", "Logg inn"), ("cancel", "Avbryt")])
    return pages.page("Logg inn med ID-porten", f"{body}</form>")


def log_in(box: "Sandbox", request: Request) -> Response:
    _check(box, request)
    form, query = request.form, request.args
    person = box.world.registers.people.get(form.get("person", ""))
    if form.get("do") == "cancel":
        return _back(request, box, error="access_denied", error_description="User cancelled")
    if person is None or form.get("acr") not in LEVELS:
        text = pages.paragraph("Velg en person og et nivå.")
        return pages.page("Logg inn med ID-porten", text, 400)
    now = now_seconds()
    code = secrets.token_urlsafe(24)
    with box.lock:
        box.idporten.codes[code] = Grant(
            pid=person.pid, acr=form["acr"], scope=query["scope"], nonce=query.get("nonce", ""),
            redirect_uri=query["redirect_uri"], challenge=query["code_challenge"], at=now,
            sid=secrets.token_urlsafe(12), until=now + CODE_SECONDS,
        )  # fmt: skip
    return _back(request, box, code=code)


def challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def log_out(box: "Sandbox", request: Request) -> Response:
    """End the log-in that is hinted at (or all), then go where the client wants, if registered."""
    try:
        hint: Json = jwt.decode(
            request.args.get("id_token_hint", ""), box.keys.idporten.private.public_key(),
            algorithms=["RS256"], options={"verify_aud": False, "verify_exp": False},
        )  # fmt: skip
    except jwt.InvalidTokenError:
        hint = {}
    with box.lock:
        box.idporten.end_sessions(str(hint.get("sid", "")))
    uri = request.args.get("post_logout_redirect_uri", "")
    if uri and is_registered(box, uri, box.idporten.logout_uris):
        state = request.args.get("state")
        tail = f"{'&' if '?' in uri else '?'}{urlencode({'state': state})}" if state else ""
        return pages.to(uri + tail)
    return pages.page("Du er logget ut", pages.paragraph("Du er logget ut av ID-porten."))


_BASE = "/idporten"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", f"{_BASE}/.well-known/openid-configuration", "metadata", discovery),
    ("GET", f"{_BASE}/jwks.json", "jwks", keys),
    ("GET", f"{_BASE}/authorize", "idporten-authorize", authorize),
    ("POST", f"{_BASE}/authorize", "idporten-authorize", log_in),
    ("GET", f"{_BASE}/logout", "idporten-logout", log_out),
]
