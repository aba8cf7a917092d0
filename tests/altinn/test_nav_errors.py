"""What each of Nav's refusals means, and what a report that may have arrived does."""

import logging

import httpx
import pytest

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

from .conftest import JWT, OPAQUE_TOKEN, PERSON
from .reporting import (
    NEWEST,
    REFERENCE,
    REQUEST,
    SENT,
    SUB_UNIT,
    foreldrepenger,
    no,
    parental_report,
    report,
    sykepenger,
)

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
