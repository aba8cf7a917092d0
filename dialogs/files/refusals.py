"""Why a file is not given, in words for the person who pressed, and what to try instead.

Source: altinn-correspondence da785168, altinn-storage d9364e40, navikt/sykepenger-im-lps-api
69d000a9 (which answer is a missing delegation, which an expired file), read 2026-08.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from altinn.errors import AltinnError, NotThere, Refused, TokenRefused, TryLater, error_in
from altinn.outside import Answer, TooLarge, TooSlow, Unsafe
from clients.connect import NotConfigured

_LARGEST_PROBLEM_BYTES = 64 * 1024
_REDIRECTS = range(300, 400)
_GONE_CODES = frozenset({2019, 2020})  # Correspondence: purged, expired


class Reason(StrEnum):
    EXPIRED = "EXPIRED"
    NOT_AUTHORISED = "NOT_AUTHORISED"
    OF_ANOTHER = "OF_ANOTHER"
    NOT_LET_IN = "NOT_LET_IN"
    GONE = "GONE"
    SCANNING = "SCANNING"
    INFECTED = "INFECTED"
    PROGRAM = "PROGRAM"
    TOO_LARGE = "TOO_LARGE"
    TOO_SLOW = "TOO_SLOW"
    NOT_NOW = "NOT_NOW"
    ELSEWHERE = "ELSEWHERE"
    NOT_SHOWN = "NOT_SHOWN"
    BUSY = "BUSY"
    NOT_SET_UP = "NOT_SET_UP"
    ODD = "ODD"


class Said(NamedTuple):
    """What is told of a reason: the fact, what to do, and the status of the page that tells it."""

    title: str | Promise
    advice: str | Promise
    status: int


_WHY = _("Klienten kan gi fullmakten. «Hvorfor?» sier hva som mangler.")
_AGAIN = _("Prøv igjen om litt. Ingenting er mistet.")
SAID: dict[Reason, Said] = {
    Reason.EXPIRED: Said(
        _("Filen er utløpt."),
        _("Tjenesteeieren har slettet den. Be tjenesteeieren om den på nytt hvis den trengs."),
        410,
    ),
    Reason.NOT_AUTHORISED: Said(_("Systemtilgangen har ikke fullmakt til denne filen."), _WHY, 403),
    Reason.OF_ANOTHER: Said(
        _("Filen tilhører en annen enn klienten, og hentes ikke."),
        _("Adressen i dialogen er feil. Si fra til tjenesteeieren."),
        403,
    ),
    Reason.NOT_LET_IN: Said(
        _("Altinn slipper ikke systemtilgangen inn."),
        _("Be en administrator se på systemtilgangen til klienten."),
        403,
    ),
    Reason.GONE: Said(
        _("Tjenesteeieren finner ikke filen lenger."),
        _("Den kan være slettet. Åpne dialogen på nytt for å se hva som er der nå."),
        404,
    ),
    Reason.SCANNING: Said(
        _("Filen blir undersøkt for virus."), _("Den kan lastes ned når det er gjort."), 409
    ),
    Reason.INFECTED: Said(
        _("Filen er ikke godkjent av viruskontrollen, og hentes ikke."),
        _("Si fra til tjenesteeieren."),
        403,
    ),
    Reason.PROGRAM: Said(
        _("Filen ser ut til å være et program, og hentes ikke."),
        _("Si fra til tjenesteeieren hvis den er ventet."),
        403,
    ),
    Reason.TOO_LARGE: Said(
        _("Filen er større enn det portalen henter."),
        _("Åpne dialogen i Altinn for å få den."),
        502,
    ),
    Reason.TOO_SLOW: Said(_("Tjenesteeieren sendte ikke filen i tide."), _AGAIN, 504),
    Reason.NOT_NOW: Said(_("Tjenesteeieren kan ikke svare nå."), _AGAIN, 502),
    Reason.ELSEWHERE: Said(
        _("Filen ligger et sted portalen ikke henter fra."),
        _("Åpne den med lenken på dialogens side, eller i Altinn."),
        403,
    ),
    Reason.NOT_SHOWN: Said(
        _("Filen er ikke av et slag som kan vises her."), _("Last den ned i stedet."), 415
    ),
    Reason.BUSY: Said(_("Mange henter filer akkurat nå."), _("Prøv igjen om et øyeblikk."), 503),
    Reason.NOT_SET_UP: Said(
        _("Portalen er ikke satt opp til å lese fra Altinn ennå."),
        _("En administrator må legge inn det som mangler."),
        503,
    ),
    Reason.ODD: Said(
        _("Tjenesteeieren og portalen forsto ikke hverandre."),
        _("Meld fra til en administrator, eller åpne dialogen i Altinn."),
        502,
    ),
}


class NotGiven(Exception):
    """A file that is not given. Nothing of it has been sent on."""

    def __init__(self, reason: Reason, code: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code  # what the other side answered

    @property
    def said(self) -> Said:
        return SAID[self.reason]

    @property
    def asks_why(self) -> bool:
        """Whether Altinn can be asked what is missing."""
        return self.reason is Reason.NOT_AUTHORISED


def from_error(exc: AltinnError | NotConfigured) -> NotGiven:
    """Say what an error in a call means to the person."""
    if isinstance(exc, NotConfigured):
        return NotGiven(Reason.NOT_SET_UP)
    reasons: dict[type[AltinnError], Reason] = {
        TooLarge: Reason.TOO_LARGE,
        TooSlow: Reason.TOO_SLOW,
        Unsafe: Reason.ELSEWHERE,
        TokenRefused: Reason.NOT_LET_IN,
        Refused: Reason.NOT_AUTHORISED,
        NotThere: Reason.GONE,
        TryLater: Reason.NOT_NOW,
    }
    found = next((reason for kind, reason in reasons.items() if isinstance(exc, kind)), Reason.ODD)
    return NotGiven(found, exc.status)


def from_answer(answer: Answer) -> NotGiven | None:
    """Say why an answer is no file; nothing if it may be one.

    A redirect is the way to a log-in: for us it is a «no». 401 is a missing delegation at
    Correspondence and Nav, as 403 is elsewhere.
    """
    if answer.status == 200:
        return None
    if answer.status in _REDIRECTS:
        return NotGiven(Reason.NOT_AUTHORISED, answer.status)
    body = _read(answer)
    if answer.status == 400 and _code_in(body) in _GONE_CODES:
        return NotGiven(Reason.EXPIRED, answer.status)
    error = error_in(answer.status, answer.headers, body, url=answer.url, now=datetime.now(UTC))
    return from_error(error) if error else NotGiven(Reason.ODD, answer.status)


def _read(answer: Answer) -> bytes:
    """Return the beginning of an error's body; what breaks off says nothing more."""
    body = b""
    try:
        while len(body) < _LARGEST_PROBLEM_BYTES and (chunk := next(answer.chunks, b"")):
            body += chunk
    except (TooLarge, TooSlow):
        return b""
    return body


def _code_in(body: bytes) -> int | None:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    code = found.get("errorCode") if isinstance(found, dict) else None
    return code if isinstance(code, int) else None
