"""The income reports that Nav wants, and what it says of those it has got.

`Inntektsmelding` is sent for sykepenger, `ForeldrepengerInntektsmelding` for foreldrepenger and
svangerskapspenger. The fields have Nav's names. A `None` is sent as null, for Nav demands the key;
an `UNSET` is left out. No `repr` shows whom a report is about.

Source: navikt/sykepenger-im-lps-api 69d000a9, fp-inntektsmelding-api 498063eb, read 2026-08.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from altinn.nav_foreldrepenger_forms import (
    ForeldrepengerAarsak,
    ForeldrepengerForespoersel,
    ForeldrepengerInntekt,
    ForeldrepengerInntektsmelding,
    ForeldrepengerNaturalytelse,
    ForeldrepengerRefusjon,
    ForeldrepengerRefusjonEndring,
    Kontaktinformasjon,
    Ytelse,
)
from altinn.nav_sykepenger_forms import (
    NATURALYTELSER,
    NEEDS,
    Aarsak,
    AarsakInnsending,
    Arbeidsgiverperiode,
    Avsender,
    Begrunnelse,
    EndringAarsak,
    Forespoersel,
    Inntekt,
    Inntektsmelding,
    Naturalytelse,
    Periode,
    RedusertLoenn,
    Refusjon,
    RefusjonEndring,
    RequestStatus,
)
from altinn.wire import TolerantEnum, Wire

__all__ = [
    "NATURALYTELSER",
    "NEEDS",
    "Aarsak",
    "AarsakInnsending",
    "Arbeidsgiverperiode",
    "Avsender",
    "Begrunnelse",
    "EndringAarsak",
    "ForeldrepengerAarsak",
    "ForeldrepengerForespoersel",
    "ForeldrepengerInntekt",
    "ForeldrepengerInntektsmelding",
    "ForeldrepengerNaturalytelse",
    "ForeldrepengerRefusjon",
    "ForeldrepengerRefusjonEndring",
    "Forespoersel",
    "Inntekt",
    "Inntektsmelding",
    "Kontaktinformasjon",
    "Naturalytelse",
    "Periode",
    "RedusertLoenn",
    "Refusjon",
    "RefusjonEndring",
    "RequestStatus",
    "SentReport",
    "SentStatus",
    "Valideringsfeil",
    "Ytelse",
    "body_of",
]


class SentStatus(TolerantEnum):
    """Nav checks a report after it has taken it: MOTTATT becomes one of the others."""

    MOTTATT = "MOTTATT"
    GODKJENT = "GODKJENT"
    FEILET = "FEILET"  # sykepenger
    AVVIST = "AVVIST"  # foreldrepenger
    UNKNOWN = "UNKNOWN"


class Valideringsfeil(Wire, frozen=True, kw_only=True, rename="camel"):
    """Why a report was turned down: INNTEKT_AVVIKER_FRA_A_ORDNINGEN, DUPLIKAT, TEKNISK_FEIL."""

    feilkode: str = ""
    feilmelding: str | None = None


class SentReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report that Nav has. `sent_at` is Norwegian time, without a zone."""

    id: UUID
    status: SentStatus = SentStatus.MOTTATT
    sent_at: datetime | None = None
    is_change: bool = False
    fault: Valideringsfeil | None = None


_encoder = msgspec.json.Encoder(decimal_format="number")


def body_of(report: Inntektsmelding | ForeldrepengerInntektsmelding) -> bytes:
    """The very bytes that are sent: what a receipt's hash is made of. Never logged."""
    return _encoder.encode(report)
