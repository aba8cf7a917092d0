"""How Altinn's authentication API says no: AUTH codes, and validation errors gathered under one.

Source: Altinn/altinn-authentication ad4f6f36, its problem and validation descriptors; read 2026-07.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from werkzeug.wrappers import Request, Response

from sandbox.access import Caller, bearer, caller, claims_of, unauthorized
from sandbox.auth_codes import PROBLEMS, VALIDATIONS
from sandbox.model import Json
from sandbox.problems import Refused

if TYPE_CHECKING:
    from sandbox.state import Sandbox


NO_AGENT = "The agent query parameter is missing or invalid"  # the other text of validation 14


def _answer(status: int, code: str, title: str, more: Json) -> Refused:
    body: Json = {
        "type": f"urn:altinn:error:{code}",
        "title": title,
        "status": status,
        "code": code,
        "statusDescription": HTTPStatus(status).phrase,
    }
    return Refused(
        Response(
            msgspec.json.encode(body | more), status, content_type="application/problem+json"
        )
    )  # fmt: skip


def refuse(number: int, **more: object) -> Refused:
    """Make the refusal with an AUTH code."""
    status, title = PROBLEMS[number]
    return _answer(status, f"AUTH-{number:05d}", title, dict(more))


def invalid(*errors: tuple[int, str], title: str | None = None) -> Refused:
    """Make the refusal that lists validation errors, each a number and a path in what was sent."""
    found = [
        {"code": f"AUTH.VLD-{number:05d}", "title": title or VALIDATIONS[number], "paths": [path]}
        for number, path in errors
    ]
    usual = "One or more validation errors occurred."
    return _answer(400, "STD-00000", usual, {"validationErrors": found})


def is_code(text: str) -> bool:
    """Tell whether a text is a code that a fault can ask for."""
    head, _, number = text.rpartition("-")
    if not number.isdigit():
        return False
    known = set(PROBLEMS) if head == "AUTH" else set(VALIDATIONS) if head == "AUTH.VLD" else set()
    return int(number) in known


def with_code(text: str) -> Response:
    head, _, number = text.rpartition("-")
    if head == "AUTH.VLD":
        return invalid((int(number), "/")).response
    return refuse(int(number)).response


def malformed(request: Request, text: str) -> Refused:
    """Refuse a body that cannot be read, as the framework under Altinn's API does."""
    body = {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": "One or more validation errors occurred.",
        "status": 400,
        "errors": {"$": [text]},
    }
    return Refused(
        Response(msgspec.json.encode(body), 400, content_type="application/problem+json")
    )


def lowered(value: object) -> object:
    """Write all names in lower case: Altinn takes them in any."""
    if isinstance(value, dict):
        return {str(name).lower(): lowered(member) for name, member in value.items()}
    if isinstance(value, list):
        return [lowered(member) for member in value]
    return value


def body_of(request: Request) -> object:
    try:
        return lowered(msgspec.json.decode(request.get_data()))
    except msgspec.MsgspecError as exc:
        raise malformed(request, str(exc)) from exc


def object_of(request: Request) -> Json:
    body = body_of(request)
    if not isinstance(body, dict):
        raise malformed(request, "The JSON value could not be converted.")
    return body


def vendor(box: "Sandbox", request: Request, scopes: Iterable[str]) -> Caller:
    """Let a vendor's token with one of the scopes pass, raw or exchanged."""
    claims = claims_of(box, bearer(request))
    if "consumer" not in claims:
        raise refuse(23)
    found = caller(box, request, claims)
    if not found.scopes.intersection(scopes):
        raise Refused(Response(status=403))
    return found


def human(box: "Sandbox", request: Request, scope: str) -> str:
    """Let a person's exchanged token with the scope pass; give the person's identity number."""
    claims = claims_of(box, bearer(request))
    if claims["iss"] != box.exchange_issuer or "urn:altinn:userid" not in claims:
        raise unauthorized()
    if scope not in str(claims["scope"]).split():
        raise Refused(Response(status=403))
    request.environ["sandbox.caller"] = f"person:{claims['urn:altinn:userid']}"
    return str(claims["pid"])
