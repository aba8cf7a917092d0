"""What is sent to Nav, byte for byte."""

import json
from datetime import date
from decimal import Decimal

import msgspec

from altinn.nav_forms import (
    NATURALYTELSER,
    NEEDS,
    Aarsak,
    AarsakInnsending,
    Arbeidsgiverperiode,
    Begrunnelse,
    EndringAarsak,
    ForeldrepengerForespoersel,
    Forespoersel,
    Inntekt,
    Inntektsmelding,
    Naturalytelse,
    Periode,
    RedusertLoenn,
    Refusjon,
    RefusjonEndring,
    body_of,
)

from .conftest import PERSON
from .reporting import (
    PARENTAL_REQUEST,
    REFERENCE,
    REQUEST,
    parental_report,
    report,
)

# As Nav's older sample has it, with the keys that Nav has since taken away.
OLDER_SAMPLE = (
    '{"navReferanseId":"d2148ce4-47aa-4b75-b438-eb045a9f5632",'
    '"agp":{"perioder":[{"fom":"2026-10-19","tom":"2026-11-03"}],"egenmeldinger":[],'
    '"redusertLoennIAgp":null},'
    '"inntekt":{"beloep":48500.0,"inntektsdato":"2026-10-19","naturalytelser":[],'
    '"endringAarsaker":[]},'
    '"refusjon":{"beloepPerMaaned":48500.0,"endringer":[],"sluttdato":null},'
    '"naturalytelser":[],"sykmeldtFnr":"08844397713","aarsakInnsending":"Ny",'
    '"kontaktinformasjon":"Kari Testesen","arbeidsgiverTlf":"22334455",'
    '"avsender":{"systemNavn":"Regnskapsportal","systemVersjon":"1.0.0"}}'
)


def test_a_report_has_the_keys_that_nav_demands_and_no_more() -> None:
    assert json.loads(body_of(report())) == {
        "navReferanseId": str(REFERENCE),
        "agp": {
            "perioder": [{"fom": "2026-10-19", "tom": "2026-11-03"}],
            "redusertLoennIAgp": None,
        },
        "inntekt": {"beloep": 48500.5, "inntektsdato": "2026-10-19", "endringAarsaker": []},
        "refusjon": {"beloepPerMaaned": 48500, "endringer": []},
        "naturalytelser": [],
        "sykmeldtFnr": PERSON,
        "aarsakInnsending": "Ny",
        "kontaktinformasjon": "Kari Testesen",
        "arbeidsgiverTlf": "22334455",
        "avsender": {"systemNavn": "Regnskapsportal", "systemVersjon": "1.0.0"},
    }


def test_a_report_in_the_older_shape_goes_through_unchanged() -> None:
    read = msgspec.json.decode(OLDER_SAMPLE, type=Inntektsmelding)

    assert body_of(read).decode() == OLDER_SAMPLE


def test_what_nav_did_not_ask_for_is_sent_as_null() -> None:
    sent = json.loads(body_of(report(agp=None, inntekt=None, refusjon=None)))

    assert (sent["agp"], sent["inntekt"], sent["refusjon"]) == (None, None, None)


def test_everything_that_can_be_told_is_told_in_navs_words() -> None:
    sent = json.loads(
        body_of(
            report(
                agp=Arbeidsgiverperiode(
                    perioder=(),
                    redusert_loenn_i_agp=RedusertLoenn(
                        beloep=Decimal("23456.10"), begrunnelse=Begrunnelse.ARBEID_OPPHOERT
                    ),
                ),
                inntekt=Inntekt(
                    beloep=Decimal(1),
                    inntektsdato=date(2026, 10, 19),
                    endring_aarsaker=(
                        EndringAarsak(aarsak=Aarsak.BONUS),
                        EndringAarsak(
                            aarsak=Aarsak.FERIE,
                            perioder=(Periode(fom=date(2026, 7, 1), tom=date(2026, 7, 20)),),
                        ),
                        EndringAarsak(
                            aarsak=Aarsak.TARIFFENDRING,
                            gjelder_fra=date(2026, 5, 1),
                            ble_kjent=date(2026, 6, 1),
                        ),
                    ),
                ),
                refusjon=Refusjon(
                    beloep_per_maaned=Decimal(1),
                    endringer=(RefusjonEndring(beloep=Decimal(0), startdato=date(2026, 12, 1)),),
                ),
                naturalytelser=(
                    Naturalytelse(
                        naturalytelse="BIL",
                        verdi_beloep=Decimal("434.00"),
                        sluttdato=date(2026, 10, 12),
                    ),
                ),
                aarsak_innsending=AarsakInnsending.ENDRING,
            )
        )
    )

    assert sent["agp"]["redusertLoennIAgp"] == {
        "beloep": 23456.1,
        "begrunnelse": "ArbeidOpphoert",
    }
    assert sent["inntekt"]["endringAarsaker"] == [
        {"aarsak": "Bonus"},
        {"aarsak": "Ferie", "perioder": [{"fom": "2026-07-01", "tom": "2026-07-20"}]},
        {"aarsak": "Tariffendring", "gjelderFra": "2026-05-01", "bleKjent": "2026-06-01"},
    ]
    assert sent["refusjon"]["endringer"] == [{"beloep": 0, "startdato": "2026-12-01"}]
    assert sent["naturalytelser"] == [
        {"naturalytelse": "BIL", "verdiBeloep": 434.0, "sluttdato": "2026-10-12"}
    ]
    assert sent["aarsakInnsending"] == "Endring"


def test_what_a_reason_needs_is_a_part_of_it() -> None:
    parts = set(EndringAarsak.__struct_fields__)

    assert {part for needed in NEEDS.values() for part in needed} <= parts
    assert NATURALYTELSER["KOSTDOEGN"] == "KostDoegn"
    assert len(NATURALYTELSER) == 19


def test_a_report_for_foreldrepenger_has_the_keys_that_nav_demands() -> None:
    assert json.loads(body_of(parental_report())) == {
        "forespoerselId": str(REFERENCE),
        "soekerFnr": PERSON,
        "startdato": "2026-12-07",
        "ytelse": "FORELDREPENGER",
        "inntekt": {"beloepPerMaaned": 52000, "endringAarsaker": []},
        "refusjon": {
            "beloepPerMaaned": 52000,
            "endringer": [{"beloepPerMaaned": 0, "startdato": "2027-03-01"}],
        },
        "naturalytelser": [],
        "kontaktinformasjon": {"arbeidsgiverNavn": "Kari Testesen", "arbeidsgiverTlf": "22334455"},
        "avsender": {"systemNavn": "Regnskapsportal", "systemVersjon": "1.0.0"},
    }


def test_no_repr_names_a_person_or_an_income() -> None:
    shown = [
        report(),
        parental_report(),
        msgspec.convert(REQUEST, Forespoersel),
        msgspec.convert(PARENTAL_REQUEST, ForeldrepengerForespoersel),
        [report()],
    ]

    text = repr(shown) + str(shown)
    for secret in (PERSON, "Kari", "48500", "52000", "2026-10-19"):
        assert secret not in text
