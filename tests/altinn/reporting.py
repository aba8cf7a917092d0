"""Income reports, and what Nav asks for: valid ones."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx

from altinn.environment import PRODUCTION
from altinn.nav import NavForeldrepenger, NavSykepenger
from altinn.nav_forms import (
    AarsakInnsending,
    Arbeidsgiverperiode,
    Avsender,
    ForeldrepengerInntekt,
    ForeldrepengerInntektsmelding,
    ForeldrepengerRefusjon,
    ForeldrepengerRefusjonEndring,
    Inntekt,
    Inntektsmelding,
    Kontaktinformasjon,
    Periode,
    Refusjon,
    Ytelse,
)

from .conftest import OPAQUE_TOKEN, PERSON, answering

REFERENCE = UUID("d2148ce4-47aa-4b75-b438-eb045a9f5632")
SENT = UUID("d6af549c-7fb5-408c-854b-f72edcc2f24f")
NEWEST = UUID("ac48f080-4eb9-4de7-9628-50d0829c494b")
SUB_UNIT = "315010195"
SYKEPENGER = "https://sykepenger-api.nav.no"
FORELDREPENGER = "https://foreldrepenger-inntektsmelding-api.ekstern.nav.no"

REQUEST = {
    "loepenr": 48112,
    "navReferanseId": str(REFERENCE),
    "orgnr": SUB_UNIT,
    "fnr": PERSON,
    "status": "AKTIV",
    "sykmeldingsperioder": [{"fom": "2026-10-19", "tom": "2026-11-15"}],
    "egenmeldingsperioder": [],
    "inntektsdato": "2026-10-19",
    "arbeidsgiverperiodePaakrevd": True,
    "inntektPaakrevd": True,
    "opprettetTid": "2026-11-05T06:31:00",
}
PARENTAL_REQUEST = {
    "loepenr": 1,
    "forespoerselId": str(REFERENCE),
    "orgnr": SUB_UNIT,
    "soekerFnr": PERSON,
    "startdato": "2026-12-07",
    "inntektsdato": "2026-12-07",
    "status": "AKTIV",
    "ytelseType": "SVANGERSKAPSPENGER",
    "opprettetTid": "2026-11-10T04:00:00.123",
}


def report(**more: Any) -> Inntektsmelding:
    fields: dict[str, Any] = {
        "nav_referanse_id": REFERENCE,
        "agp": Arbeidsgiverperiode(
            perioder=(Periode(fom=date(2026, 10, 19), tom=date(2026, 11, 3)),)
        ),
        "inntekt": Inntekt(beloep=Decimal("48500.50"), inntektsdato=date(2026, 10, 19)),
        "refusjon": Refusjon(beloep_per_maaned=Decimal(48500)),
        "sykmeldt_fnr": PERSON,
        "aarsak_innsending": AarsakInnsending.NY,
        "kontaktinformasjon": "Kari Testesen",
        "arbeidsgiver_tlf": "22334455",
        "avsender": Avsender(system_navn="Regnskapsportal", system_versjon="1.0.0"),
    }
    return Inntektsmelding(**fields | more)


def parental_report() -> ForeldrepengerInntektsmelding:
    return ForeldrepengerInntektsmelding(
        forespoersel_id=REFERENCE,
        soeker_fnr=PERSON,
        startdato=date(2026, 12, 7),
        ytelse=Ytelse.FORELDREPENGER,
        inntekt=ForeldrepengerInntekt(beloep_per_maaned=Decimal(52000)),
        refusjon=ForeldrepengerRefusjon(
            beloep_per_maaned=Decimal(52000),
            endringer=(
                ForeldrepengerRefusjonEndring(
                    beloep_per_maaned=Decimal(0), startdato=date(2027, 3, 1)
                ),
            ),
        ),
        kontaktinformasjon=Kontaktinformasjon(
            arbeidsgiver_navn="Kari Testesen", arbeidsgiver_tlf="22334455"
        ),
        avsender=Avsender(system_navn="Regnskapsportal", system_versjon="1.0.0"),
    )


def sykepenger(
    *answers: httpx.Response | Exception,
) -> tuple[NavSykepenger, list[httpx.Request]]:
    http, requests = answering(*answers)
    return NavSykepenger(http, PRODUCTION, lambda: OPAQUE_TOKEN), requests


def foreldrepenger(
    *answers: httpx.Response | Exception,
) -> tuple[NavForeldrepenger, list[httpx.Request]]:
    http, requests = answering(*answers)
    return NavForeldrepenger(http, PRODUCTION, lambda: OPAQUE_TOKEN), requests


def no(status: int, feilkode: str, said: str = "Fordi", reference: UUID | None = None) -> Any:
    told = {"feilkode": feilkode, "feilmelding": said}
    return httpx.Response(
        status, json=told | {"referanseId": str(reference) if reference else None}
    )
