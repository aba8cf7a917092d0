"""Income reports to Nav: what is sent, byte for byte, and what each answer means."""

import json
import logging
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from altinn.environment import PRODUCTION
from altinn.errors import (
    AltinnError,
    Changed,
    Misunderstood,
    NotThere,
    Refused,
    TryLater,
    UnknownOutcome,
    Unreached,
)
from altinn.nav import NavForeldrepenger, NavSykepenger
from altinn.nav_errors import (
    BadToken,
    Duplicate,
    Invalid,
    NavBusy,
    NavError,
    NavFailed,
    NewerRequest,
    NoAccess,
    StillBeingHandled,
    UnknownReference,
    Unreadable,
    Withdrawn,
)
from altinn.nav_forms import (
    NATURALYTELSER,
    NEEDS,
    Aarsak,
    AarsakInnsending,
    Arbeidsgiverperiode,
    Avsender,
    Begrunnelse,
    EndringAarsak,
    ForeldrepengerForespoersel,
    ForeldrepengerInntekt,
    ForeldrepengerInntektsmelding,
    ForeldrepengerRefusjon,
    ForeldrepengerRefusjonEndring,
    Forespoersel,
    Inntekt,
    Inntektsmelding,
    Kontaktinformasjon,
    Naturalytelse,
    Periode,
    RedusertLoenn,
    Refusjon,
    RefusjonEndring,
    RequestStatus,
    SentStatus,
    Ytelse,
    body_of,
)

from .conftest import JWT, OPAQUE_TOKEN, PERSON, answering

REFERENCE = UUID("d2148ce4-47aa-4b75-b438-eb045a9f5632")
SENT = UUID("d6af549c-7fb5-408c-854b-f72edcc2f24f")
NEWEST = UUID("ac48f080-4eb9-4de7-9628-50d0829c494b")
SUB_UNIT = "315010195"
SYKEPENGER = "https://sykepenger-api.nav.no"
FORELDREPENGER = "https://foreldrepenger-inntektsmelding-api.ekstern.nav.no"

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


# What is sent


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


# What is answered


def test_what_nav_asks_for() -> None:
    api, requests = sykepenger(httpx.Response(200, json=REQUEST))

    asked = api.request(REFERENCE)

    assert str(requests[0].url) == f"{SYKEPENGER}/v1/forespoersel/{REFERENCE}"
    assert requests[0].headers["Authorization"] == f"Bearer {OPAQUE_TOKEN}"
    assert (asked.orgnr, asked.fnr, asked.status) == (SUB_UNIT, PERSON, RequestStatus.AKTIV)
    assert asked.sykmeldingsperioder == (Periode(fom=date(2026, 10, 19), tom=date(2026, 11, 15)),)
    assert asked.opprettet_tid == datetime(2026, 11, 5, 6, 31)  # noqa: DTZ001 -- as Nav sends it


def test_what_nav_asks_for_about_foreldrepenger() -> None:
    api, requests = foreldrepenger(httpx.Response(200, json=PARENTAL_REQUEST))

    asked = api.request(REFERENCE)

    assert str(requests[0].url) == f"{FORELDREPENGER}/v1/forespoersel/{REFERENCE}"
    assert (asked.startdato, asked.ytelse_type) == (date(2026, 12, 7), Ytelse.SVANGERSKAPSPENGER)


def test_a_report_is_sent_as_it_is_hashed_and_taken() -> None:
    api, requests = sykepenger(httpx.Response(201, json={"innsendingId": str(SENT)}))

    taken = api.send(report())

    assert (taken.id, taken.status) == (SENT, SentStatus.MOTTATT)
    asked = requests[0]
    assert (asked.method, str(asked.url)) == ("POST", f"{SYKEPENGER}/v1/inntektsmelding")
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.content == body_of(report())


@pytest.mark.parametrize("status", ["MOTTATT", "GODKJENT", "AVVIST"])
def test_a_report_for_foreldrepenger_may_be_judged_at_once(status: str) -> None:
    answer = httpx.Response(200, json={"inntektsmeldingId": str(SENT), "status": status})
    api, requests = foreldrepenger(answer)

    taken = api.send(parental_report())

    assert (taken.id, taken.status) == (SENT, SentStatus(status))
    assert str(requests[0].url) == f"{FORELDREPENGER}/v1/inntektsmelding/send-inn"
    assert requests[0].content == body_of(parental_report())


def sent_one(id: UUID, at: str, status: str = "MOTTATT", **more: Any) -> dict[str, Any]:
    return {
        "loepenr": 1,
        "id": str(id),
        "navReferanseId": str(REFERENCE),
        "agp": None,
        "sykmeldtFnr": PERSON,
        "aarsakInnsending": "Ny",
        "innsendtTid": at,
        "status": status,
        "valideringsfeil": None,
    } | more


def test_what_nav_has_got_for_a_request_is_given_newest_first() -> None:
    fault = {"feilkode": "INNTEKT_AVVIKER_FRA_A_ORDNINGEN", "feilmelding": "Avviker"}
    older = sent_one(NEWEST, "2026-11-20T08:00:00", "FEILET", valideringsfeil=fault)
    newer = sent_one(SENT, "2026-11-21T09:00:00.123456789", aarsakInnsending="Endring")
    api, requests = sykepenger(httpx.Response(200, json=[older, newer]))

    found = api.sent_for(REFERENCE, SUB_UNIT)

    assert [(each.id, each.status) for each in found] == [
        (SENT, SentStatus.MOTTATT),
        (NEWEST, SentStatus.FEILET),
    ]
    assert [each.is_change for each in found] == [True, False]
    assert found[1].fault is not None
    assert found[1].fault.feilkode == "INNTEKT_AVVIKER_FRA_A_ORDNINGEN"
    assert str(requests[0].url) == f"{SYKEPENGER}/v1/inntektsmeldinger"
    assert json.loads(requests[0].content) == {
        "orgnr": SUB_UNIT,
        "navReferanseId": str(REFERENCE),
    }


def test_whose_a_request_is_is_asked_for_when_it_is_not_known() -> None:
    api, requests = sykepenger(httpx.Response(200, json=REQUEST), httpx.Response(200, json=[]))

    assert api.sent_for(REFERENCE) == []

    assert [request.method for request in requests] == ["GET", "POST"]
    assert json.loads(requests[1].content)["orgnr"] == SUB_UNIT


def test_what_nav_has_got_for_a_request_about_foreldrepenger() -> None:
    one = {
        "loepenr": 1,
        "inntektsmeldingId": str(SENT),
        "forespoerselId": str(REFERENCE),
        "soekerFnr": PERSON,
        "innsendtTid": "2026-11-21T09:00:00",
        "status": "GODKJENT",
        "typeInnsending": "FORESPURT_EKSTERN",
    }
    api, requests = foreldrepenger(
        httpx.Response(200, json=PARENTAL_REQUEST), httpx.Response(200, json=[one])
    )

    found = api.sent_for(REFERENCE)

    assert [(each.id, each.status) for each in found] == [(SENT, SentStatus.GODKJENT)]
    url = f"{FORELDREPENGER}/v1/inntektsmelding/hent/inntektsmeldinger"
    assert str(requests[1].url) == url
    assert json.loads(requests[1].content) == {
        "orgnr": SUB_UNIT,
        "forespoerselId": str(REFERENCE),
    }


def test_how_it_goes_with_one_report() -> None:
    api, requests = sykepenger(
        httpx.Response(200, json=sent_one(SENT, "2026-11-21T09:00:00", "GODKJENT"))
    )
    other, others = foreldrepenger(
        httpx.Response(200, json={"inntektsmeldingId": str(SENT), "status": "SomethingNew"})
    )

    assert api.sent(SENT).status == SentStatus.GODKJENT
    assert other.sent(SENT).status == SentStatus.UNKNOWN
    assert str(requests[0].url) == f"{SYKEPENGER}/v1/inntektsmelding/{SENT}"
    assert str(others[0].url) == f"{FORELDREPENGER}/v1/inntektsmelding/hent/{SENT}"


KINDS: list[tuple[int, str, type[NavError], type[AltinnError]]] = [
    (400, "UGYLDIG_NAV_REFERANSE_ID", UnknownReference, NotThere),
    (404, "TOM_FORESPOERSEL", UnknownReference, NotThere),
    (400, "INNSENDING_PAA_GAMMEL_FORESPOERSEL", NewerRequest, Changed),
    (400, "UGYLDIG_FORESPOERSEL", Withdrawn, Changed),
    (401, "IKKE_TILGANG_TIL_RESSURS", NoAccess, Refused),
    (403, "IKKE_TILGANG_ALTINN", NoAccess, Refused),
    (401, "UAUTORISERT", BadToken, Refused),
    (401, "FEIL_SCOPE", BadToken, Refused),
    (400, "UGYLDIG_INNSENDING", Invalid, Misunderstood),
    (400, "MISMATCH_FOEDSELSNUMMER", Invalid, Misunderstood),
    (400, "FEIL_INNSENDING_STATUS", StillBeingHandled, Changed),
    (409, "DUPLIKAT_INNSENDING", Duplicate, Changed),
    (409, "DUPLIKAT", Duplicate, Changed),
    (400, "SERIALISERINGSFEIL", Unreadable, Misunderstood),
    (400, "UGYLDIG_AVSENDER_NAV_PORTAL", Unreadable, Misunderstood),
    (500, "EN_FEIL_OPPSTOD", NavFailed, UnknownOutcome),
    (500, "STANDARD_FEIL", NavFailed, UnknownOutcome),
    (503, "NEDETID_AINNTEKT", NavBusy, TryLater),
]


@pytest.mark.parametrize(("status", "feilkode", "kind", "family"), KINDS)
def test_each_feilkode_is_an_error_of_its_own_that_says_what_to_do(
    status: int, feilkode: str, kind: type[NavError], family: type[AltinnError]
) -> None:
    nav, asked = sykepenger(no(status, feilkode))
    parental_nav, parental_asked = foreldrepenger(no(status, feilkode))

    with pytest.raises(kind) as caught:
        nav.send(report())
    with pytest.raises(kind):
        parental_nav.send(parental_report())

    error = caught.value
    assert isinstance(error, family)
    assert (error.feilkode, error.status, error.messages) == (feilkode, status, ("Fordi",))
    assert error.advice.endswith(".")
    assert len(asked) == len(parental_asked) == 1


def test_an_outdated_request_names_the_newest_one() -> None:
    api, _ = sykepenger(no(400, "INNSENDING_PAA_GAMMEL_FORESPOERSEL", "Utgått", NEWEST))

    with pytest.raises(NewerRequest) as caught:
        api.send(report())
    assert caught.value.newest == NEWEST


def test_a_duplicate_names_the_one_there_is() -> None:
    api, _ = sykepenger(no(409, "DUPLIKAT_INNSENDING", "Duplikat", SENT))

    with pytest.raises(Duplicate) as caught:
        api.send(report())
    assert caught.value.existing == SENT


def test_every_complaint_about_a_report_is_a_message_of_its_own() -> None:
    said = (
        "Refusjonsbeløp må være mindre eller lik månedsbeløp; "
        "Bestemmende fraværsdag er etter inntektsdato; "
    )
    api, _ = sykepenger(no(400, "UGYLDIG_INNSENDING", said))

    with pytest.raises(Invalid) as caught:
        api.send(report())
    assert caught.value.messages == (
        "Refusjonsbeløp må være mindre eller lik månedsbeløp",
        "Bestemmende fraværsdag er etter inntektsdato",
    )


@pytest.mark.parametrize("reference", ["not a uuid", 1, None, {"a": 1}])
def test_a_reference_that_is_none_is_left_out(reference: object) -> None:
    told = {"feilkode": "DUPLIKAT", "feilmelding": None, "referanseId": reference}
    api, _ = foreldrepenger(httpx.Response(409, json=told))

    with pytest.raises(Duplicate) as caught:
        api.send(parental_report())
    assert (caught.value.existing, caught.value.messages) == (None, ())


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401), Refused),
        (httpx.Response(403), Refused),
        (httpx.Response(404), NotThere),
        (httpx.Response(400, text="<html>"), Misunderstood),
        (httpx.Response(400, json={"feilkode": None}), Misunderstood),
        (httpx.Response(400, json={"feilkode": ["x"]}), Misunderstood),
        (httpx.Response(302, headers={"Location": "https://evil.example"}), Misunderstood),
        (httpx.Response(429), TryLater),
    ],
)
def test_a_refusal_without_a_feilkode_is_judged_by_its_status(
    answer: httpx.Response, kind: type[AltinnError]
) -> None:
    api, _ = sykepenger(answer)

    with pytest.raises(kind) as caught:
        api.send(report())
    assert not isinstance(caught.value, NavError)


@pytest.mark.parametrize(
    "broken",
    [
        httpx.ReadTimeout("x"),
        httpx.WriteTimeout("x"),
        httpx.ReadError("x"),
        httpx.RemoteProtocolError("x"),
        httpx.Response(500),
        httpx.Response(502, text="<html>"),
        httpx.Response(503),
        httpx.Response(504),
        httpx.Response(201),
        httpx.Response(201, json={}),
        httpx.Response(201, json={"innsendingId": "x"}),
    ],
    ids=str,
)
def test_a_report_that_may_have_arrived_is_sent_once_and_has_an_unknown_outcome(
    broken: httpx.Response | Exception,
) -> None:
    api, requests = sykepenger(broken)

    with pytest.raises(UnknownOutcome) as caught:
        api.send(report())

    assert not isinstance(caught.value, TryLater)
    assert len(requests) == 1


@pytest.mark.parametrize("broken", [httpx.ConnectError("x"), httpx.ConnectTimeout("x")])
def test_a_report_that_was_never_sent_may_be_sent_later(broken: Exception) -> None:
    api, _ = sykepenger(broken)

    with pytest.raises(Unreached):
        api.send(report())


@pytest.mark.parametrize(
    "broken",
    [
        httpx.ReadTimeout("x"),
        httpx.Response(500),
        no(500, "FEIL_VED_HENTING_INNTEKTSMELDINGER"),
        no(500, "EN_FEIL_OPPSTOD"),
    ],
    ids=str,
)
def test_a_question_that_fails_is_asked_again_later(broken: httpx.Response | Exception) -> None:
    api, _ = sykepenger(broken)

    with pytest.raises(TryLater):
        api.sent_for(REFERENCE, SUB_UNIT)


@pytest.mark.parametrize("feilkode", ["NOE_NYTT", ""])
def test_a_feilkode_nobody_knows_is_still_a_refusal(feilkode: str) -> None:
    api, _ = sykepenger(no(409, feilkode))

    with pytest.raises(NavError if feilkode else Changed):
        api.send(report())


def test_an_id_cannot_lead_to_another_address() -> None:
    api, requests = sykepenger()

    with pytest.raises(ValueError, match="UUID"):
        api.request("../inntektsmeldinger")  # type: ignore[arg-type]
    assert requests == []


# Nobody is named


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


def test_no_error_and_no_log_names_a_person_or_the_token(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    said = f"fnr {PERSON} token {OPAQUE_TOKEN} {JWT}; Kunne ikke lese {PERSON}"
    answers = [
        no(400, "SERIALISERINGSFEIL", said),
        no(400, "UGYLDIG_INNSENDING", said),
        no(400, f"NOE_{PERSON}", said),
        no(500, "EN_FEIL_OPPSTOD", said),
        httpx.Response(400, text=said),
        httpx.Response(201, text=said),
        httpx.ReadTimeout(f"{PERSON} {JWT}"),
    ]
    for answer in answers:
        api, _ = sykepenger(answer)
        with pytest.raises(AltinnError) as caught:
            api.send(report())
        text = f"{caught.value} {caught.value!r} {caught.value.__dict__}"
        assert not any(secret in text for secret in (PERSON, OPAQUE_TOKEN, JWT))
    reading, _ = sykepenger(httpx.Response(200, json=REQUEST | {"orgnr": [PERSON]}))
    with pytest.raises(Misunderstood) as misread:
        reading.request(REFERENCE)
    assert PERSON not in str(misread.value)

    assert not any(secret in caplog.text for secret in (PERSON, OPAQUE_TOKEN, JWT))
