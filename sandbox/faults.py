"""Faults on demand: what a control has asked to go wrong, and how often."""

import threading
import time
from typing import Any

import msgspec
from werkzeug.wrappers import Request, Response

from sandbox import auth_problems, maskinporten
from sandbox.access import unauthorized
from sandbox.clock import SECOND, http_date
from sandbox.model import Json
from sandbox.problems import json_response, problem

TOO_MANY = (
    "The search matched too many dialogs to complete. Narrow it with a date range"
    " (contentUpdatedAfter), fewer parties, or a service resource."
)


class Aborted(ConnectionError):
    """The connection is to be cut, after so many bytes of the answer."""

    def __init__(self, response: Response | None = None, sent_bytes: int = 0) -> None:
        super().__init__("cut by a fault")
        self.response = response
        self.sent_bytes = sent_bytes


class Drip(msgspec.Struct, frozen=True):
    seconds: float = 0.05  # between pieces
    bytes: int = 1


class Fault(msgspec.Struct, kw_only=True):
    """One thing to go wrong. `times` None is for ever; without a status the answer is real."""

    operation: str = "*"
    contains: str = ""  # only requests whose path and query have this in them
    system_user: str = ""
    skip: int = 0  # let so many pass first
    times: int | None = 1
    status: int | None = None
    error: str = ""  # an MP code, for the operation token, or an AUTH code
    body: Any = None
    content_type: str = ""
    headers: dict[str, str] = {}
    retry_after: str = ""  # seconds, a date, or "date+30": an HTTP date so many seconds ahead
    delay_seconds: float = 0
    abort: bool = False
    abort_after_bytes: int | None = None
    content_length: int | None = None  # a wrong one
    drip: Drip | bool | None = None
    after_effect: bool = False  # let the request be done, then answer with the fault


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.waiting: list[Fault] = []
        self.struck = 0

    def add(self, fault: Fault) -> None:
        with self._lock:
            self.waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self.waiting.clear()
            self.struck = 0

    def pick(self, operation: str, target: str, caller: str) -> Fault | None:
        """Take the first fault that fits, and count it down."""
        if not self.waiting:
            return None
        with self._lock:
            for fault in self.waiting:
                if fault.operation not in ("*", operation) or fault.contains not in target:
                    continue
                if fault.system_user and fault.system_user != caller:
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                self.struck += 1
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.waiting.remove(fault)
                return fault
        return None


def answer(fault: Fault, request: Request) -> Response:
    """Write the answer a fault with a status (or a code, or a body) gives."""
    status = fault.status or 200
    if fault.error in maskinporten.ERRORS:
        response = maskinporten.error_response(fault.error)
    elif auth_problems.is_code(fault.error):
        response = auth_problems.with_code(fault.error)
    elif fault.body is not None:
        raw = (
            fault.body.encode() if isinstance(fault.body, str) else msgspec.json.encode(fault.body)
        )
        response = Response(raw, status=status)
        response.headers["Content-Type"] = fault.content_type or (
            "text/html" if raw[:1] == b"<" else "application/json; charset=utf-8"
        )
    elif status == 401:
        response = unauthorized().response
    elif status == 503:
        response = Response("Service Unavailable", status=503, content_type="text/plain")
    elif status == 429:
        told = "Rate limit is exceeded."
        response = json_response({"statusCode": 429, "message": told}, 429)
    elif status == 422:
        response = problem(request, 422, {"Search": [TOO_MANY]})
    elif status in (500, 502):
        response = problem(request, status, detail="Something went wrong during the request.")
    else:
        response = problem(request, status, {"": ["Asked for by a fault."]})
    return response


def dress(fault: Fault, response: Response) -> Response:
    """Add the headers a fault asks for."""
    if fault.retry_after:
        value = fault.retry_after
        if value.startswith("date"):
            ahead = float(value.removeprefix("date") or 0)
            value = http_date(int((time.time() + ahead) * SECOND))
        response.headers["Retry-After"] = value
    for name, value in fault.headers.items():
        response.headers[name] = value
    if fault.content_type:
        response.headers["Content-Type"] = fault.content_type
    return response


def described(fault: Fault) -> Json:
    found: Json = msgspec.to_builtins(fault)
    return {name: value for name, value in found.items() if value not in ("", None, {}, False)}
