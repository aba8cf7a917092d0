"""Correspondence's refusals by code, with what can be done about each.

Source: altinn-correspondence da785168 (Errors.cs), read 2026-08.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

import msgspec

from altinn.errors import AltinnError, Changed, Misunderstood, NotThere, Refused, TryLater, error_in
from altinn.problems import UNREADABLE, problem_in, trace_id_in


class CorrespondenceError(AltinnError):
    """A refusal with an error code. `advice` tells staff, in Norwegian, what to do."""

    error_code: ClassVar[int] = 0
    advice: ClassVar[str] = ""


class NoSuchLetter(CorrespondenceError, NotThere):
    """Unknown, or deleted by somebody. Fetch the dialog again: it is most likely gone too."""

    error_code = 1001
    advice = "Meldingen finnes ikke lenger i Altinn. Hent dialogen på nytt."


class NotFetched(CorrespondenceError, Misunderstood):
    """Confirmed before it was fetched. Call `overview`, then `confirm` once more."""

    error_code = 1025
    advice = "Meldingen må åpnes før den kan bekreftes. Åpne den, og bekreft på nytt."


class NotConfirmed(CorrespondenceError, Misunderstood):
    """Deleted before it was confirmed. Confirm it first, if that is what the client wants."""

    error_code = 1026
    advice = "Meldingen må bekreftes før den kan slettes."


class AlreadyRead(CorrespondenceError, Changed):
    """Marked as read already: what was wanted is so."""

    error_code = 1040
    advice = "Meldingen er allerede lest."


class AlreadyConfirmed(CorrespondenceError, Changed):
    """Somebody was first. Fetch the dialog again, and count it as done if it says so."""

    error_code = 1041
    advice = "Meldingen er allerede bekreftet. Hent dialogen på nytt for å se når."


class PartOfADialog(CorrespondenceError, Misunderstood):
    """The letter is a transmission in somebody's dialog, and cannot be deleted."""

    error_code = 1043
    advice = "Meldingen er en del av en større dialog og kan ikke slettes."


class AttachmentGone(CorrespondenceError, NotThere):
    """Taken away by the sender. Only the sender can give it again."""

    error_code = 2019
    advice = "Vedlegget er slettet. Be avsenderen om å sende det på nytt."


class AttachmentExpired(CorrespondenceError, NotThere):
    """Its time is over; the letter stays. Only the sender can give it again."""

    error_code = 2020
    advice = "Vedlegget er utløpt. Be avsenderen om å sende det på nytt."


class NoAccess(CorrespondenceError, Refused):
    """A delegation is missing, for the letter or for this one attachment; a new token is no help.

    `EndUser.lookup` tells which.
    """

    error_code = 4001
    advice = "Systembrukeren mangler tilgang. Be klienten om å gi tilgangen i Altinn."


class DialogNotPatched(CorrespondenceError, TryLater):
    """Confirmed or not, Dialogporten could not be told. The same `confirm` again does no harm."""

    error_code = 500
    advice = "Altinn svarte ikke i tide. Prøv en gang til; det gjør ingen skade."


_KINDS: dict[int, type[CorrespondenceError]] = {
    kind.error_code: kind
    for kind in (
        NoSuchLetter,
        NotFetched,
        NotConfirmed,
        AlreadyRead,
        AlreadyConfirmed,
        PartOfADialog,
        AttachmentGone,
        AttachmentExpired,
        NoAccess,
    )
}


class _Coded(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    error_code: object = None


_coded = msgspec.json.Decoder(_Coded)


def correspondence_error_in(
    status: int, headers: Mapping[str, str], body: bytes, *, url: str, now: datetime
) -> AltinnError | None:
    """What an answer means to the caller: code first, status last; None when it is a success."""
    kind = None if 200 <= status < 300 else _KINDS.get(_code_in(body))
    if kind is None:
        return error_in(status, headers, body, url=url, now=now)
    problem = problem_in(body)
    headers = {name.lower(): value for name, value in headers.items()}
    return kind(problem.said(), status=status, url=url, trace_id=trace_id_in(problem, headers))


def _code_in(body: bytes) -> int:
    try:
        code = _coded.decode(body).error_code
    except UNREADABLE:
        return 0
    return code if isinstance(code, int) else 0
