"""Nav's refusals by feilkode, with what can be done about each.

Source: navikt/sykepenger-im-lps-api 69d000a9 (ErrorResponse.kt), fp-inntektsmelding-api 498063eb
(EksponertFeilmelding.java), read 2026-08.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from altinn.errors import (
    AltinnError,
    Changed,
    Misunderstood,
    NotThere,
    Refused,
    TryLater,
    UnknownOutcome,
    error_in,
)
from altinn.masking import masked
from altinn.problems import UNREADABLE


class NavError(AltinnError):
    """A refusal with a feilkode. `advice` tells staff, in Norwegian, what to do.

    `messages` are Nav's sentences, without identity numbers; `reference` is Nav's referanseId.
    """

    advice: ClassVar[str] = "Nav tok ikke imot. Les hva Nav svarte, og rett opp."

    def __init__(
        self,
        message: str = "",
        *,
        feilkode: str = "",
        messages: tuple[str, ...] = (),
        reference: UUID | None = None,
        **about: Any,
    ) -> None:
        super().__init__(message, **about)
        self.feilkode = masked(feilkode)[:100]
        self.messages = messages
        self.reference = reference


class UnknownReference(NavError, NotThere):
    """UGYLDIG_NAV_REFERANSE_ID: Nav knows of no such request. Open the dialog again."""

    advice = "Nav kjenner ikke forespørselen. Åpne dialogen på nytt."


class NewerRequest(NavError, Changed):
    """INNSENDING_PAA_GAMMEL_FORESPOERSEL: answer `newest` in its place; it has its own data."""

    advice = "Nav har laget en nyere forespørsel. Svar på den nyeste."

    @property
    def newest(self) -> UUID | None:
        return self.reference


class Withdrawn(NavError, Changed):
    """UGYLDIG_FORESPOERSEL: the request is withdrawn. There is nothing to answer."""

    advice = "Nav har trukket forespørselen. Det er ikke noe å svare på."


class NoAccess(NavError, Refused):
    """IKKE_TILGANG_TIL_RESSURS: a delegation is missing; a new token is no help."""

    advice = (
        "Systembrukeren mangler tilgang til tjenesten hos Nav. Be klienten om å gi tilgangen i "
        "Altinn, for underenheten."
    )


class BadToken(NavError, Refused):
    """UAUTORISERT and its like: the token has the wrong scope, or none: for an administrator."""

    advice = "Nav godtok ikke portalens token. Kontroller at klienten har Navs scope."


class Invalid(NavError, Misunderstood):
    """UGYLDIG_INNSENDING: correct what `messages` say, and send again."""

    advice = "Nav fant feil i inntektsmeldingen. Rett opp, og send på nytt."


class StillBeingHandled(NavError, Changed):
    """FEIL_INNSENDING_STATUS: the one before is MOTTATT still. Look with `sent_for`, and wait.

    After a time-out this is what a report that did arrive gives.
    """

    advice = "Nav behandler fortsatt den forrige. Vent til den er ferdig."


class Duplicate(NavError, Changed):
    """DUPLIKAT_INNSENDING: Nav has this very report already, as `existing`. Count it as sent."""

    advice = "Nav har allerede fått akkurat denne inntektsmeldingen."

    @property
    def existing(self) -> UUID | None:
        return self.reference


class Unreadable(NavError, Misunderstood):
    """SERIALISERINGSFEIL: a mistake in the portal, or Nav has changed its form."""

    advice = "Feil i portalen. Send inn hos Nav, og meld fra til leverandøren."


class NavFailed(NavError, UnknownOutcome):
    """EN_FEIL_OPPSTOD: look with `sent_for` before anything is sent again."""

    advice = "Noe feilet hos Nav. Se om den kom fram før den sendes på nytt."


class NavBusy(NavError, TryLater):
    """NEDETID_AINNTEKT, and whatever fails in a reading. Nothing was taken: try again later."""

    advice = "Nav kan ikke svare nå. Prøv igjen om litt."


_KINDS: dict[str, type[NavError]] = {
    "UGYLDIG_NAV_REFERANSE_ID": UnknownReference,
    "FORESPOERSEL_IKKE_FUNNET": UnknownReference,
    "TOM_FORESPOERSEL": UnknownReference,
    "INNTEKTSMELDING_IKKE_FUNNET": UnknownReference,
    "TOM_INNTEKTSMELDING": UnknownReference,
    "INNSENDING_PAA_GAMMEL_FORESPOERSEL": NewerRequest,
    "UGYLDIG_FORESPOERSEL": Withdrawn,
    "IKKE_TILGANG_TIL_RESSURS": NoAccess,
    "IKKE_TILGANG_ALTINN": NoAccess,
    "UAUTORISERT": BadToken,
    "MANGLER_BRUKERIDENTIFIKASJON": BadToken,
    "MANGLER_TOKEN": BadToken,
    "UTGAATT_TOKEN": BadToken,
    "UGYLDIG_TOKEN": BadToken,
    "FEIL_SCOPE": BadToken,
    "FEIL_INNSENDING_STATUS": StillBeingHandled,
    "DUPLIKAT_INNSENDING": Duplicate,
    "DUPLIKAT": Duplicate,
    "SERIALISERINGSFEIL": Unreadable,
    "UGYLDIG_REQUEST_BODY": Unreadable,
    "UGYLDIG_AVSENDER_NAV_PORTAL": Unreadable,
    "FEIL_OPPSLAG_ALTINN": NavBusy,
    "NEDETID_AINNTEKT": NavBusy,
}


class _Refusal(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    feilkode: object = None
    feilmelding: object = None
    referanse_id: object = None


_refusal = msgspec.json.Decoder(_Refusal)


def nav_error_in(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    url: str,
    now: datetime,
    is_change: bool = False,
) -> AltinnError | None:
    """What an answer of Nav's means to the caller: feilkode first, status last."""
    if 200 <= status < 300:
        return None
    try:
        refusal = _refusal.decode(body)
    except UNREADABLE:
        refusal = _Refusal()
    feilkode, said = refusal.feilkode, refusal.feilmelding
    if not isinstance(feilkode, str) or not feilkode:
        return error_in(status, headers, body, url=url, now=now)
    messages = masked(said).split("; ") if isinstance(said, str) else []
    # Every other complaint about what was sent has a feilkode of its own at foreldrepenger.
    otherwise: type[NavError] = Invalid if status == 400 else NavError
    if status >= 500:
        otherwise = NavFailed if is_change else NavBusy
    return _KINDS.get(feilkode, otherwise)(
        f"Nav: {feilkode}",
        feilkode=feilkode,
        messages=tuple(each.strip()[:500] for each in messages if each.strip())[:50],
        reference=_uuid(refusal.referanse_id),
        status=status,
        url=url,
    )


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
