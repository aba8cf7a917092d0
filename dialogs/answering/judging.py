"""What a service owner's answer to an action means. Reads statuses and codes, and sends nothing."""

from dataclasses import dataclass

import msgspec

from altinn.problems import UNREADABLE
from dialogs.models import ServiceAction

State = ServiceAction.State

ACCEPTED_STATUS = 202
UNAUTHORIZED = 401
SLOW = 408
NO_DELEGATION = "CORR-04001"  # 401 for what a new token does not help
LONGEST_CODE = 100


@dataclass(frozen=True)
class Answer:
    """How a call ended. `body` may hold anything, and is kept sealed."""

    state: State
    response_code: int | None = None
    code: str = ""
    body: bytes = b""
    reference: str = ""

    @property
    def wants_a_new_token(self) -> bool:
        return self.response_code == UNAUTHORIZED and self.code != NO_DELEGATION

    def __repr__(self) -> str:
        return f"Answer({self.state}, {self.response_code}, {self.code})"


class _Told(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where services put their codes: problem details, Correspondence's, and Nav's own."""

    code: object = None
    feilkode: object = None
    type: object = None


_decoder = msgspec.json.Decoder(_Told)


def judge(status: int, body: bytes) -> Answer:
    """Say what an answer means.

    202: taken in, and done within a while. 5xx and 408: it may have been done. A redirect leads to
    a page for logging in, and everything else is a refusal.

    Source: Altinn's guide to write actions; altinn-correspondence da785168; read 2026-08.
    """
    code = code_in(body)
    if status == ACCEPTED_STATUS:
        return Answer(State.ACCEPTED, status, code, body)
    if 200 <= status < 300:
        return Answer(State.DONE, status, code, body)
    if status >= 500 or status == SLOW:
        return Answer(State.UNKNOWN, status, code, body)
    return Answer(State.REFUSED, status, code, body)


def code_in(body: bytes) -> str:
    """Return the code that a refusal names, or nothing."""
    try:
        told = _decoder.decode(body)
    except UNREADABLE:
        return ""
    for value in (told.code, told.feilkode, told.type):
        if isinstance(value, str) and value.isprintable():
            return value[:LONGEST_CODE]
    return ""
