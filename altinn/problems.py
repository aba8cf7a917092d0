"""Reads error answers: problem details, JSON strings, gateways' own shapes, dates. Never raises."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

LONGEST_WAIT_SECONDS = 3600.0

# What msgspec and Python raise for bytes that are not the JSON we want.
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_LARGEST_PROBLEM_BYTES = 256 * 1024
_CODE = re.compile(r"[A-Z][A-Z.]{1,15}-\d{1,6}", re.ASCII)  # «AUTH-00004», «AUTH.VLD-00014»


class Problem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """RFC 7807, with Dialogporten's `errors` and `traceId`, and Altinn Authentication's codes.

    Any of it may be missing or odd.
    """

    title: object = None
    detail: object = None
    message: object = None  # the gateway's own shape
    errors: object = None
    trace_id: object = None
    code: object = None
    validation_errors: object = None

    def said(self) -> str:
        """The texts a person could read, in one line."""
        texts: list[object] = []
        for messages in self._errors().values():
            texts += messages if isinstance(messages, list) else [messages]
        texts += [each.get("title") for each in self._validation_errors()]
        texts += [self.detail, self.title, self.message]
        return " · ".join(text.strip() for text in texts if isinstance(text, str) and text.strip())

    def is_about(self, name: str) -> bool:
        """Whether one of the errors is about this property or entity."""
        return name in self._errors()

    def known_code(self) -> str:
        """Altinn's code for what is wrong, or empty."""
        return _code(self.code)

    def validation_codes(self) -> tuple[str, ...]:
        """Altinn's codes for what is wrong with what we sent, in its order."""
        codes = [_code(each.get("code")) for each in self._validation_errors()]
        return tuple(dict.fromkeys(filter(None, codes)))

    def _validation_errors(self) -> list[dict[object, object]]:
        errors = self.validation_errors if isinstance(self.validation_errors, list) else []
        return [each for each in errors if isinstance(each, dict)]

    def _errors(self) -> dict[object, object]:
        return self.errors if isinstance(self.errors, dict) else {}


def _code(value: object) -> str:
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


_decoder = msgspec.json.Decoder(Problem | str)


def problem_in(body: bytes) -> Problem:
    """The problem in an error's body. HTML and other free text count as nothing said."""
    if len(body) > _LARGEST_PROBLEM_BYTES:
        return Problem()
    try:
        problem = _decoder.decode(body)
    except UNREADABLE:
        return Problem()
    return Problem(detail=problem) if isinstance(problem, str) else problem


def trace_id_in(problem: Problem, headers: Mapping[str, str]) -> str | None:
    """What Altinn's support asks for; from the body, else from a header (lower case names)."""
    if isinstance(problem.trace_id, str) and problem.trace_id:
        return problem.trace_id
    names = ("traceparent", "x-trace-id", "x-correlation-id", "x-azure-ref")
    return next((headers[name] for name in names if headers.get(name)), None)


def wait_seconds(retry_after: str | None, *, now: datetime) -> float | None:
    """How long `Retry-After` asks for, at most an hour; None when it says nothing we can read.

    Dialogporten sends a date in maintenance; gateways send seconds.
    """
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        at = http_date(retry_after)
        if at is None:
            return None
        seconds = (at - now).total_seconds()
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)


def http_date(text: str) -> datetime | None:
    """An RFC 1123 date as an aware datetime; None when it is not one."""
    try:
        at = parsedate_to_datetime(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def iso_date(text: str) -> datetime | None:
    """An ISO date and time, UTC when it has no zone; None when it is not one."""
    try:
        at = datetime.fromisoformat(text.rstrip(".,;"))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
