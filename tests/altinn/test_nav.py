"""Nav's APIs for income reports: what is asked, and what comes of it."""

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from altinn.nav_forms import (
    Periode,
    RequestStatus,
    SentStatus,
    Ytelse,
    body_of,
)

from .conftest import OPAQUE_TOKEN, PERSON
from .reporting import (
    FORELDREPENGER,
    NEWEST,
    PARENTAL_REQUEST,
    REFERENCE,
    REQUEST,
    SENT,
    SUB_UNIT,
    SYKEPENGER,
    foreldrepenger,
    parental_report,
    report,
    sykepenger,
)


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
