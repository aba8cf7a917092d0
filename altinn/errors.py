"""What can go wrong when calling Altinn, named by what the caller can do about it.

AltinnError
├── TryLater          Altinn is down, slow or asks us to wait
│   └── Unreached         no connection: nothing was sent
├── UnknownOutcome    a change was sent, and may have been made: look, never send it again unseen
├── Refused           we may not; trying again as we are does not help
│   ├── LevelTooLow       a person must log in to altinn.no (level 4)
│   └── TokenRefused      Maskinporten gives no token; `advice` is for an administrator
│       ├── NoSystemUser      the firm has not approved, or has withdrawn, the system user
│       └── KeyExpired        the key in Maskinporten is more than a year old
├── NotThere          gone, unknown, deleted or expired
├── NotYet            becomes visible at `until`
└── Misunderstood     one of us did not understand the other: a bug, or Altinn changed
    ├── TooBroad          the search took more than its 20 seconds: narrow it
    └── Changed           someone changed it first: read again

No message holds a token or a national identity number, whatever Altinn put in its answer.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from altinn.masking import masked
from altinn.problems import http_date, iso_date, problem_in, trace_id_in, wait_seconds

_LONGEST_URL_SHOWN = 300
_LONGEST_MESSAGE = 1000

_TIMEOUT_STATUSES = frozenset({408, 425, 429})
_NOT_VISIBLE = re.compile(r"not visible until (\S+)", re.IGNORECASE)
_EXPIRED = re.compile(r"\bexpired at\b", re.IGNORECASE)
_LEVEL = re.compile(r"authentication level too low", re.IGNORECASE)
_TOO_BROAD = re.compile(r"matched too many", re.IGNORECASE)


class About(TypedDict, total=False):
    """What every error can tell: for support, and for the caller to decide on."""

    status: int | None
    url: str
    trace_id: str | None
    retry_at: datetime | None
    code: str
    validation_codes: tuple[str, ...]


class AltinnError(Exception):
    """Something went wrong in a call.

    `url` is the request's, masked. `trace_id` is what Altinn's support asks for. `retry_at`
    (aware) is set when Altinn said when. `code` is Altinn's or Maskinporten's own («AUTH-00004»,
    «MP-110»), or empty; `validation_codes` are what is wrong with what we sent («AUTH.VLD-00004»).
    """

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        url: str = "",
        trace_id: str | None = None,
        retry_at: datetime | None = None,
        code: str = "",
        validation_codes: tuple[str, ...] = (),
    ) -> None:
        self.message = masked(message)[:_LONGEST_MESSAGE]
        self.status = status
        self.url = masked(url)
        self.trace_id = masked(trace_id)[:100] if trace_id else None
        self.retry_at = retry_at
        self.code = code
        self.validation_codes = validation_codes
        super().__init__(self.message)

    def __str__(self) -> str:
        url = self.url
        if len(url) > _LONGEST_URL_SHOWN:
            url = f"{url[:_LONGEST_URL_SHOWN]}…"
        facts = {"status": self.status, "url": url, "trace": self.trace_id}
        shown = ", ".join(f"{name} {value}" for name, value in facts.items() if value)
        return f"{self.message or type(self).__name__}{f' ({shown})' if shown else ''}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Celery moves exceptions between processes.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[AltinnError], args: tuple[Any, ...], state: dict[str, Any]) -> AltinnError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class TryLater(AltinnError):
    """Altinn could not answer. `wait_seconds` is what it asked us to wait, if it did."""

    def __init__(
        self, message: str = "", *, wait_seconds: float | None = None, **about: Unpack[About]
    ) -> None:
        super().__init__(message, **about)
        self.wait_seconds = wait_seconds


class Unreached(TryLater):
    """There was no connection, so that nothing can have happened there."""


class UnknownOutcome(AltinnError):
    """A change was sent, and no answer says whether it was made.

    Not a `TryLater`, so that no one sends it again without having looked.
    """


class Refused(AltinnError):
    """We may not do this."""


class LevelTooLow(Refused):
    """The service wants a person logged in at level 4; a system user is always at level 3."""


class TokenRefused(Refused):
    """Maskinporten gave no token.

    `advice` tells an administrator, in Norwegian, what to do.
    """

    def __init__(self, message: str = "", *, advice: str = "", **about: Unpack[About]) -> None:
        super().__init__(message, **about)
        self.advice = advice


class NoSystemUser(TokenRefused):
    """No approved system user for this firm: a state of the business, not an outage."""


class KeyExpired(TokenRefused):
    """The public key registered with Maskinporten is too old. Nothing works until it is renewed."""


class NotThere(AltinnError):
    """There is no such thing for us. At most one of `deleted` and `expired` is true."""

    def __init__(
        self,
        message: str = "",
        *,
        deleted: bool = False,
        expired: bool = False,
        **about: Unpack[About],
    ) -> None:
        super().__init__(message, **about)
        self.deleted = deleted
        self.expired = expired


class NotYet(AltinnError):
    """The dialog becomes visible at `until` (aware). No event is sent then."""

    def __init__(self, message: str = "", *, until: datetime, **about: Unpack[About]) -> None:
        super().__init__(message, **about)
        self.until = until


class Misunderstood(AltinnError):
    """Altinn did not understand us, or we did not understand Altinn."""


class TooBroad(Misunderstood):
    """The search matched too much: fewer parties, or a later `content_updated_after`."""


class Changed(Misunderstood):
    """What we wanted to change has been changed by someone else."""


def error_in(
    status: int, headers: Mapping[str, str], body: bytes, *, url: str, now: datetime
) -> AltinnError | None:
    """What an answer means to the caller; None when it is a success (2xx).

    `headers` are looked up in lower case. `url` is the request's, `now` is aware.

    Source: Dialogporten 1.119.1 (problem details, the three kinds of 404, search time-out) and
    Altinn Events (400 as a JSON string), read 2026-08.
    """
    if 200 <= status < 300:
        return None
    headers = {name.lower(): value for name, value in headers.items()}
    problem = problem_in(body)
    said = problem.said()
    about: About = {
        "status": status,
        "url": url,
        "trace_id": trace_id_in(problem, headers),
        "code": problem.known_code(),
        "validation_codes": problem.validation_codes(),
    }
    if status >= 500 or status in _TIMEOUT_STATUSES:
        wait = wait_seconds(headers.get("retry-after"), now=now)
        if wait is not None:
            about["retry_at"] = now + timedelta(seconds=wait)
        return TryLater(said or "Altinn could not answer", wait_seconds=wait, **about)
    if status in (401, 403):
        kind = LevelTooLow if _LEVEL.search(said) else Refused
        return kind(said or "Altinn refused", **about)
    if status == 410:
        return NotThere(said or "Deleted", deleted=True, **about)
    if status == 404:
        return _not_found(said, headers, about, now=now)
    if status in (409, 412):
        return Changed(said or "Changed by someone else", **about)
    if status == 422 and (_TOO_BROAD.search(said) or problem.is_about("Search")):
        return TooBroad(said or "The search took too long", **about)
    return Misunderstood(said or _odd(status), **about)


def _not_found(
    said: str, headers: Mapping[str, str], about: About, *, now: datetime
) -> AltinnError:
    expires = http_date(headers.get("expires", ""))
    not_visible = _NOT_VISIBLE.search(said)
    if not_visible and (until := expires or iso_date(not_visible[1])):
        about["retry_at"] = until
        return NotYet(said, until=until, **about)
    if expires and expires > now and not said:
        # A gateway's own cache header on a 404 is a date in the past, or «-1».
        about["retry_at"] = expires
        return NotYet("Not visible yet", until=expires, **about)
    return NotThere(said or "Not found", expired=bool(_EXPIRED.search(said)), **about)


def _odd(status: int) -> str:
    if 300 <= status < 400:
        return "A redirect, which we never follow"
    return "Altinn did not understand us"
