"""How Dialogporten says no. Bodies, titles and `type` follow its own problem details."""

import secrets
from http import HTTPStatus

import msgspec
from werkzeug.wrappers import Request, Response

_RFC = "https://datatracker.ietf.org/doc/html/"
_KINDS = {
    400: ("rfc7231#section-6.5.1", "One or more validation errors occurred."),
    403: ("rfc7231#section-6.5.3", "Forbidden."),
    404: ("rfc7231#section-6.5.4", "Resource not found."),
    406: ("rfc7231#section-6.5.6", "Requested content type is not acceptable."),
    409: ("rfc7231#section-6.5.8", "Conflict."),
    410: ("rfc7231#section-6.5.9", "Resource no longer available."),
    412: ("rfc7232#section-4.2", "Precondition failed."),
    413: ("rfc7231#section-6.5.11", "Payload too large. The maximum allowed size is 20 MB."),
    422: ("rfc4918#section-11.2", "Unprocessable request."),
    500: ("rfc7231#section-6.6.1", "An error occurred while processing the request."),
    502: ("rfc7231#section-6.6.3", "Bad gateway."),
}

Errors = dict[str, list[str]]


class Refused(Exception):
    """Ends the handling of a request with this answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def json_response(body: object, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(body), status=status, content_type="application/json; charset=utf-8"
    )


def problem(
    request: Request, status: int, errors: Errors | None = None, detail: str | None = None
) -> Response:
    """Answer with problem details; `instance` is the path without `/dialogporten`."""
    kind, title = _KINDS.get(status, ("rfc7231", HTTPStatus(status).phrase))
    body: dict[str, object] = {"type": _RFC + kind, "title": title, "status": status}
    if detail:
        body["detail"] = detail
    body["instance"] = request.path.removeprefix("/dialogporten")
    if errors is not None:
        body["errors"] = errors
    body["traceId"] = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
    return Response(
        msgspec.json.encode(body), status=status, content_type="application/problem+json"
    )


def refuse(
    request: Request, status: int, errors: Errors | None = None, detail: str | None = None
) -> Refused:
    return Refused(problem(request, status, errors, detail))


def not_found(request: Request, entity: str, key: str) -> Refused:
    text = f"Entity '{entity}' with the following key(s) was not found: ({key})."
    return refuse(request, 404, {entity: [text]})


def removed(request: Request, entity: str, key: str) -> Refused:
    text = f"Entity '{entity}' with the following key(s) is removed: ({key})."
    return refuse(request, 410, {entity: [text]})


def forbidden(request: Request, text: str = "Forbidden") -> Refused:
    return refuse(request, 403, {"Forbidden": [text]})
