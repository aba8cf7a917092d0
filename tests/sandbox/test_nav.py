"""Nav: documents, requests for income reports, and the reports that answer them."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox import samples
from tests.sandbox.kit import Json, Portal, eventually

FOLDER = Path(samples.__file__).parent / "services"
SCOPE = "nav:helseytelser/sykepenger"
PARENTAL = "nav:inntektsmelding/foreldrepenger"
OPEN = "nav-sykepenger-foresporsel-aktiv"
SEND = "/nav-sykepenger/v1/inntektsmelding"


@pytest.fixture
def services(portal: Portal) -> Portal:
    portal.reset(world="services")
    return portal


def token(portal: Portal, scope: str = SCOPE) -> str:
    return portal.token(portal.regnskap, scope=scope)


def attachment(dialog: Json, name: str) -> str:
    """Find the machine's address of a file in a dialog's transmissions."""
    return next(
        str(url["url"])
        for sent in dialog["transmissions"]
        for one in sent["attachments"]
        for url in one["urls"]
        if one["displayName"][0]["value"] == name and url["consumerType"] == "Api"
    )


def report(portal: Portal, template: str = OPEN, **changed: Any) -> Json:
    sample: Json = json.loads((FOLDER / "payload-nav-inntektsmelding-request.json").read_text())
    url = attachment(portal.sample(template), "inntektsmeldingforespoersel.json")
    return sample | {"navReferanseId": url.rsplit("/", 1)[1]} | changed


def send(portal: Portal, body: Json) -> httpx.Response:
    return portal.owner(SEND, token(portal), "POST", body)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["feilkode"]


def test_documents_are_read_with_navs_own_token_and_no_other(services: Portal) -> None:
    dialog = services.sample(OPEN)

    for name, kind in (("sykmelding", "application/json"), ("sykepengesoeknad", "application/pdf")):
        ending = "json" if kind.endswith("json") else "pdf"
        url = attachment(dialog, f"{name}.{ending}")
        got = services.owner(url, token(services))
        assert (got.status_code, got.headers["Content-Type"]) == (200, kind)
        for wrong in (
            "", dialog["dialogToken"], services.altinn_token(services.regnskap, scope=SCOPE),
            services.token(services.regnskap, scope=f"{SCOPE} altinn:instances.read"),
            services.token(services.regnskap),
        ):  # fmt: skip
            assert code(services.owner(url, wrong)) == (401, "UAUTORISERT")
    missing = f"/nav-sykepenger/v1/sykmelding/{services.regnskap['id']}"
    assert code(services.owner(missing, token(services))) == (404, "SYKMELDING_IKKE_FUNNET")


def test_without_a_delegation_nav_says_401(services: Portal) -> None:
    dialog, body = services.sample(OPEN), report(services)
    url = attachment(dialog, "sykmelding.pdf")
    services.control("delegations", {"system_user": services.regnskap["id"],
                                     "remove": dialog["party"]})  # fmt: skip

    assert code(services.owner(url, token(services))) == (401, "IKKE_TILGANG_TIL_RESSURS")
    assert code(send(services, body)) == (401, "IKKE_TILGANG_TIL_RESSURS")


def test_the_request_is_as_in_navs_sample(services: Portal) -> None:
    sample = json.loads((FOLDER / "payload-nav-foresporsel.json").read_text())
    url = attachment(services.sample(OPEN), "inntektsmeldingforespoersel.json")

    found = services.owner(url, token(services)).json()

    left_out = {"loepenr", "opprettetTid"}
    assert {name: found[name] for name in set(sample) - left_out} == {
        name: sample[name] for name in set(sample) - left_out
    }


def test_an_approved_report_ends_the_task_with_a_transmission(services: Portal) -> None:
    dialog, body = services.sample(OPEN), report(services)
    before = len(services.look("events"))

    taken = send(services, body)
    sent_id = taken.json()["innsendingId"]
    waiting = services.owner(f"{SEND}/{sent_id}", token(services)).json()
    services.control("clock", {"advance_seconds": 4})
    done = services.owner(f"{SEND}/{sent_id}", token(services)).json()
    after = services.ask(dialog["id"]).json()

    assert (taken.status_code, waiting["status"], done["status"]) == (201, "MOTTATT", "GODKJENT")
    last = after["transmissions"][-1]
    assert (last["type"], last["extendedType"]) == ("Submission", "INNTEKTSMELDING_GODKJENT")
    assert last["relatedTransmissionId"] == dialog["transmissions"][2]["id"]
    assert (after["status"], after["apiActions"]) == ("NotApplicable", [])
    assert after["guiActions"][0]["priority"] == "Secondary"
    assert attachment(after, "inntektsmelding.json").endswith(sent_id)
    assert len(services.look("events")) > before
    assert send(services, body).json()["feilkode"] == "DUPLIKAT_INNSENDING"


def test_a_report_turned_down_leaves_the_buttons_and_may_be_sent_again(services: Portal) -> None:
    services.control("nav", {"seconds": 0, "approves": False})
    dialog, body = services.sample(OPEN), report(services)

    send(services, body)
    eventually(lambda: services.ask(dialog["id"]).json()["status"] == "NotApplicable")
    after = services.ask(dialog["id"]).json()
    services.control("nav", {"approves": True})

    assert after["transmissions"][-1]["type"] == "Rejection"
    assert [one["name"] for one in after["apiActions"]] == ["Send inn inntektsmelding"]
    assert send(services, body).status_code == 201


def test_a_report_is_checked_in_navs_order(services: Portal) -> None:
    good = report(services)
    unknown = good | {"navReferanseId": services.regnskap["id"], "sykmeldtFnr": "x"}
    newest, old = good["navReferanseId"], report(services, "nav-sykepenger-utgaatt")
    too_much = good["refusjon"] | {"beloepPerMaaned": 60_000}
    late = good["inntekt"] | {"inntektsdato": "2026-10-01"}
    wrong = good | {"refusjon": too_much, "inntekt": late}
    without = {name: value for name, value in good.items() if name != "sykmeldtFnr"}

    assert code(send(services, unknown)) == (400, "UGYLDIG_NAV_REFERANSE_ID")
    stale = send(services, old | {"sykmeldtFnr": "x"})
    assert code(stale) == (400, "INNSENDING_PAA_GAMMEL_FORESPOERSEL")
    assert stale.json()["referanseId"] == newest
    faults = send(services, wrong | {"avsender": {"systemNavn": "NAV_PORTAL"}})
    assert code(faults) == (400, "UGYLDIG_INNSENDING")
    assert faults.json()["feilmelding"] == (
        "Refusjonsbeløp må være mindre eller lik månedsbeløp;"
        " Bestemmende fraværsdag er etter inntektsdato"
    )
    portal = good | {"avsender": {"systemNavn": "NAV_PORTAL", "systemVersjon": "1"}}
    assert code(send(services, portal)) == (400, "UGYLDIG_AVSENDER_NAV_PORTAL")
    unread = send(services, without)
    assert code(unread) == (400, "SERIALISERINGSFEIL")
    assert "'sykmeldtFnr' is required" in unread.json()["feilmelding"]
    assert code(send(services, good | {"tullball": 1})) == (400, "SERIALISERINGSFEIL")
    assert send(services, good).status_code == 201
    assert code(send(services, good)) == (400, "FEIL_INNSENDING_STATUS")


def test_what_was_sent_for_a_request_is_listed(services: Portal) -> None:
    body, url = report(services), "/nav-sykepenger/v1/inntektsmeldinger"
    first = send(services, body).json()["innsendingId"]
    asked = {"orgnr": "315010195", "navReferanseId": body["navReferanseId"]}

    found = services.owner(url, token(services), "POST", asked).json()
    everything = services.owner(url, token(services), "POST", {"orgnr": "315010195"}).json()

    assert [(one["id"], one["status"]) for one in found] == [(first, "MOTTATT")]
    assert sorted(one["status"] for one in everything) == ["FEILET", "GODKJENT", "MOTTATT"]
    other = services.owner(url, token(services), "POST", {"orgnr": "974761076"})
    assert code(other) == (401, "IKKE_TILGANG_TIL_RESSURS")


def test_the_embed_is_empty_and_opens_the_transmission_for_its_own_token(services: Portal) -> None:
    dialog, other = services.sample(OPEN), services.sample("app-draft")
    sent = dialog["transmissions"][1]
    url = sent["content"]["contentReference"]["value"][0]["value"]

    for wrong in ("", other["dialogToken"], token(services)):
        got = services.owner(url, wrong)
        assert (got.status_code, got.text) == (200, "")
        assert got.headers["Content-Type"] == "text/html; charset=utf-8"
    assert not services.ask(dialog["id"]).json()["transmissions"][1]["isOpened"]
    services.owner(url, dialog["dialogToken"])

    after = services.ask(dialog["id"]).json()
    assert after["transmissions"][1]["isOpened"]
    opened = [one for one in after["activities"] if one["type"] == "TransmissionOpened"]
    assert sent["id"] in {one["transmissionId"] for one in opened}


def test_navs_pages_are_for_a_browser(services: Portal) -> None:
    dialog = services.sample(OPEN)

    page = services.owner(dialog["guiActions"][0]["url"], dialog["dialogToken"])

    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert services.look("received")[-1]["token"] == "dialog"


def parental(portal: Portal, template: str = "nav-foreldrepenger-aktiv") -> tuple[Json, Json, Json]:
    """Give the dialog, what Nav asks for, and a report that answers it."""
    dialog = portal.sample(template)
    name = "Innsending av inntektsmelding på min side - arbeidsgiver hos Nav"
    asked = portal.owner(attachment(dialog, name), token(portal, PARENTAL)).json()
    return (
        dialog,
        asked,
        {
            "forespoerselId": asked["forespoerselId"],
            "soekerFnr": asked["soekerFnr"],
            "startdato": asked["startdato"],
            "ytelse": asked["ytelseType"],
            "inntekt": {"beloepPerMaaned": 50_000, "endringAarsaker": []},
            "kontaktinformasjon": {
                "arbeidsgiverNavn": "Kari Testesen",
                "arbeidsgiverTlf": "22334455",
            },
            "avsender": {"systemNavn": "Regnskapsportal", "systemVersjon": "1.0"},
        },
    )


def test_a_report_about_foreldrepenger_completes_the_dialog(services: Portal) -> None:
    dialog, asked, body = parental(services)
    url = dialog["apiActions"][0]["endpoints"][0]["url"]

    taken = services.owner(url, token(services, PARENTAL), "POST", body)
    services.control("clock", {"advance_seconds": 4})
    after = services.ask(dialog["id"]).json()

    assert (asked["status"], asked["startdato"]) == ("AKTIV", "2026-12-07")
    assert (taken.status_code, taken.json()["status"]) == (201, "MOTTATT")
    assert after["status"] == "Completed"
    assert len(after["apiActions"]) == 1
    last = after["transmissions"][-1]
    assert (last["type"], last["sender"]["actorType"]) == ("Acceptance", "PartyRepresentative")
    got = services.owner(last["attachments"][0]["urls"][0]["url"], token(services, PARENTAL))
    assert got.json()["status"] == "GODKJENT"
    listed = services.owner(
        "/nav-foreldrepenger/v1/inntektsmelding/hent/inntektsmeldinger",
        token(services, PARENTAL), "POST",
        {"orgnr": asked["orgnr"], "forespoerselId": asked["forespoerselId"]},
    )  # fmt: skip
    assert [one["inntektsmeldingId"] for one in listed.json()] == [
        taken.json()["inntektsmeldingId"]
    ]
    again = services.owner(url, token(services, PARENTAL), "POST", body)
    assert code(again) == (409, "DUPLIKAT")


def test_a_report_about_foreldrepenger_can_be_refused(services: Portal) -> None:
    dialog, _, body = parental(services)
    _, withdrawn, _ = parental(services, "nav-foreldrepenger-utgatt")
    url = dialog["apiActions"][0]["endpoints"][0]["url"]

    def answer(body: Json, scope: str = PARENTAL) -> tuple[int, str]:
        return code(services.owner(url, token(services, scope), "POST", body))

    assert answer(body, SCOPE) == (401, "FEIL_SCOPE")
    assert code(services.owner(url, dialog["dialogToken"], "POST", body)) == (401, "UGYLDIG_TOKEN")
    assert code(services.owner(url, "", "POST", body)) == (401, "MANGLER_TOKEN")
    assert answer(body | {"forespoerselId": services.regnskap["id"]}) == (404, "TOM_FORESPOERSEL")
    assert answer(body | {"soekerFnr": "08844397714"}) == (400, "MISMATCH_FOEDSELSNUMMER")
    old = body | {"forespoerselId": withdrawn["forespoerselId"]}
    assert answer(old) == (400, "UGYLDIG_FORESPOERSEL")
    assert answer({"forespoerselId": "x"}) == (400, "SERIALISERINGSFEIL")
    services.control("nav", {"seconds": 0, "approves": False})
    services.owner(url, token(services, PARENTAL), "POST", body)
    eventually(lambda: len(services.ask(dialog["id"]).json()["transmissions"]) == 2)
    after = services.ask(dialog["id"]).json()
    assert (after["transmissions"][-1]["type"], after["status"]) == (
        "Rejection",
        "RequiresAttention",
    )


def test_a_document_about_follow_up_is_gone_when_its_time_is_out(services: Portal) -> None:
    dialog = services.sample("nav-syfo-apionly")
    url = attachment(dialog, "Oppfølgingsplan.pdf")
    right = token(services, "nav:syfo/dokumentporten")

    got = services.owner(url, right)
    wrong = [services.owner(url, one) for one in ("", token(services), dialog["dialogToken"])]
    services.control("clock", {"advance_seconds": 200 * 86_400})
    gone = services.owner(url, right)
    services.control("clock", {"set": "real"})
    services.control("delegations", {"system_user": services.regnskap["id"],
                                     "remove": dialog["party"]})  # fmt: skip
    refused = services.owner(url, right)

    assert got.content.startswith(b"%PDF")
    assert [(one.status_code, one.content) for one in wrong] == [(401, b"")] * 3
    assert (gone.status_code, gone.content) == (404, b"")
    assert (refused.status_code, refused.content) == (403, b"")


def test_the_demos_requests_can_be_answered(portal: Portal) -> None:
    unit = portal.look("dialogs?template=nav-im-foresporsel")[0]["party"]
    made = portal.make(party=unit, template="nav-im-foresporsel")
    dialog = portal.ask(made["id"]).json()
    url = attachment(dialog, "inntektsmeldingforespoersel.json")
    asked = portal.owner(url, token(portal)).json()
    sample = json.loads((FOLDER / "payload-nav-inntektsmelding-request.json").read_text())
    body = sample | {
        "navReferanseId": asked["navReferanseId"], "sykmeldtFnr": asked["fnr"],
        "inntekt": sample["inntekt"] | {"inntektsdato": asked["inntektsdato"]},
    }  # fmt: skip

    assert asked["sykmeldingsperioder"]
    assert portal.owner(attachment(dialog, "sykmelding.pdf"), token(portal)).status_code == 200
    assert send(portal, body).status_code == 201
    portal.control("clock", {"advance_seconds": 4})
    assert portal.ask(made["id"]).json()["status"] == "NotApplicable"
    portal.control("clock", {"set": "real"})
