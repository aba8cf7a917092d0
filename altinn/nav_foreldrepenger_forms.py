"""What Nav asks and wants to be told about foreldrepenger and svangerskapspenger.

`ForeldrepengerInntektsmelding` is what is sent.

Source: navikt/fp-inntektsmelding-api 498063eb, read 2026-08.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from altinn.nav_sykepenger_forms import Avsender, RequestStatus
from altinn.wire import Wire


class Ytelse(StrEnum):
    FORELDREPENGER = "FORELDREPENGER"
    SVANGERSKAPSPENGER = "SVANGERSKAPSPENGER"


class ForeldrepengerAarsak(Wire, frozen=True, kw_only=True, rename="camel"):
    """`aarsak` is a text as in `Aarsak`, with InntektIkkeRapportertEndaAordning and
    MangelfullRapporteringAordning besides, and without Feilregistrert.
    """

    aarsak: str
    fom: date | None = None
    tom: date | None = None
    gjelder_fra: date | None = None


class ForeldrepengerInntekt(Wire, frozen=True, kw_only=True, rename="camel"):
    beloep_per_maaned: Decimal
    endring_aarsaker: tuple[ForeldrepengerAarsak, ...] = ()


class ForeldrepengerRefusjonEndring(Wire, frozen=True, kw_only=True, rename="camel"):
    beloep_per_maaned: Decimal
    startdato: date


class ForeldrepengerRefusjon(Wire, frozen=True, kw_only=True, rename="camel"):
    beloep_per_maaned: Decimal
    endringer: tuple[ForeldrepengerRefusjonEndring, ...] = ()


class ForeldrepengerNaturalytelse(Wire, frozen=True, kw_only=True, rename="camel"):
    naturalytelse: str
    beloep_per_maaned: Decimal
    bortfaller_fra: date
    bortfaller_til: date | None = None


class Kontaktinformasjon(Wire, frozen=True, kw_only=True, rename="camel"):
    arbeidsgiver_navn: str
    arbeidsgiver_tlf: str


class ForeldrepengerInntektsmelding(Wire, frozen=True, kw_only=True, rename="camel"):
    """An income report for foreldrepenger or svangerskapspenger; `startdato` as in the request."""

    forespoersel_id: UUID
    soeker_fnr: str
    startdato: date
    ytelse: Ytelse
    inntekt: ForeldrepengerInntekt
    refusjon: ForeldrepengerRefusjon | None = None
    naturalytelser: tuple[ForeldrepengerNaturalytelse, ...] = ()
    kontaktinformasjon: Kontaktinformasjon
    avsender: Avsender

    def __repr__(self) -> str:
        return f"ForeldrepengerInntektsmelding({self.forespoersel_id}, {self.ytelse})"


class ForeldrepengerForespoersel(Wire, frozen=True, kw_only=True, rename="camel"):
    forespoersel_id: UUID
    orgnr: str
    soeker_fnr: str
    startdato: date
    inntektsdato: date | None = None
    status: RequestStatus = RequestStatus.UNKNOWN
    ytelse_type: Ytelse = Ytelse.FORELDREPENGER
    opprettet_tid: datetime | None = None

    def __repr__(self) -> str:
        return f"ForeldrepengerForespoersel({self.forespoersel_id}, {self.status})"
