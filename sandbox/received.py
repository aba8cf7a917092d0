"""What service owners received: bodies, headers without secrets, and which kind of token."""

import base64
from typing import TYPE_CHECKING

import jwt
from werkzeug.wrappers import Request

from sandbox import tokens
from sandbox.access import bearer
from sandbox.clock import written
from sandbox.model import Json

if TYPE_CHECKING:
    from sandbox.state import Sandbox

SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization"}


def write_down(box: "Sandbox", request: Request, operation: str, status: int) -> None:
    """Keep what came to a service owner, and what it was answered."""
    data = request.get_data()
    try:
        body: Json = {"body": data.decode()}
    except UnicodeDecodeError:
        body = {"body_base64": base64.b64encode(data).decode()}
    kind = tokens.kind_of(box, request)
    entry = {
        "at": written(box.clock.now()),
        "operation": operation,
        "method": request.method,
        "path": request.path,
        "query": request.query_string.decode("latin-1"),
        "token": kind,
        "claims": _claims(request) if kind not in ("none", "other") else {},
        "headers": {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in SECRET_HEADERS
        },
        "status": status,
    }
    with box.lock:
        box.received.append(entry | body)


def _claims(request: Request) -> Json:
    """Tell what a token that was checked before is for; never the token."""
    claims = jwt.decode(bearer(request), options={"verify_signature": False})
    return {name: claims[name] for name in ("scope", "i", "a") if name in claims}


def shown(box: "Sandbox") -> list[Json]:
    with box.lock:
        return list(box.received)
