"""Nav's API for sykepenger. It takes Maskinporten's own token with its one scope, and no other.

A report is taken at once (MOTTATT) and judged after a while: GODKJENT or FEILET, which the dialog
is told by a new transmission.

Source: navikt/sykepenger-im-lps-api 69d000a9, navikt/hag-dialog e65a4b5e, read 2026-08.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from werkzeug.wrappers import Request, Response

from sandbox import files, ids, nav_judging, nav_reports, samples, tokens
from sandbox.access import Caller
from sandbox.model import Dialog, Json
from sandbox.problems import Refused, json_response

if TYPE_CHECKING:
    from sandbox.state import Sandbox

SCOPE = "nav:helseytelser/sykepenger"
SERVICE = "nav_sykepenger_dialog"
TEXTS = {
    "UAUTORISERT": "Uautorisert tilgang",
    "SYKMELDING_IKKE_FUNNET": "Sykmelding med oppgitt sykmeldingId ikke funnet, se vedlagt"
    " referanseId",
    "SOEKNAD_IKKE_FUNNET": "Søknad med oppgitt soeknadId ikke funnet, se vedlagt referanseId",
    "FORESPOERSEL_IKKE_FUNNET": "Forespørsel med oppgitt navReferanseId ikke funnet, se vedlagt"
    " referanseId",
    "INNTEKTSMELDING_IKKE_FUNNET": "Inntektsmelding med oppgitt innsendingId ikke funnet, se"
    " vedlagt referanseId",
    "UGYLDIG_AVSENDER_NAV_PORTAL": "systemNavn kan ikke være NAV_PORTAL",
    "UGYLDIG_REQUEST_BODY": "Ugyldig request",
}
FAILED = {
    "feilkode": "INNTEKT_AVVIKER_FRA_A_ORDNINGEN",
    "feilmelding": "Oppgitt inntekt avviker fra inntekten i A-ordningen uten at det er oppgitt en"
    " årsak.",
}


def refused(status: int, code: str, text: str = "", reference: str | None = None) -> Refused:
    told = {"feilkode": code, "feilmelding": text or TEXTS[code], "referanseId": reference}
    return Refused(json_response(told, status))


def _as_sample(name: str, **more: object) -> Refused:
    """Say no as one of the payloads does; its name begins with the status."""
    body: Json = samples.payload("nav-inntektsmelding-responses")[name]
    return Refused(json_response(body | more, int(name[:3])))


def _caller(box: "Sandbox", request: Request) -> Caller:
    who = tokens.with_raw_token(box, request, SCOPE)
    if who is None or who.user is None:
        raise refused(401, "UAUTORISERT")
    return who


def _check_access(box: "Sandbox", who: Caller, dialog: Dialog) -> None:
    if not tokens.may_read(box, who, dialog):
        raise _as_sample("401_ingen_tilgang")


def _document(missing: str, name: str) -> Callable[..., Response]:
    """Make the handler of a document that comes both as JSON and as a PDF."""

    def handler(box: "Sandbox", request: Request, key: str, kind: str = "") -> Response:
        with box.world.lock:
            who = _caller(box, request)
            dialog = nav_reports.dialog_of(box, key, SERVICE)
            if dialog is None or kind not in ("", "pdf"):
                raise refused(404, missing, reference=key)
            _check_access(box, who, dialog)
            asked = f"{key.lower()}/pdf" if kind else key.lower()
            if kind:
                return files.answer(box, asked, name=f"{name}.pdf", in_place=True)
            about = {
                f"{name}Id": key.lower(),
                "loepenr": dialog.number % 100_000,
                "orgnr": box.world.parties[dialog.party].orgnr,
                "fnr": nav_reports.person_of(dialog),
                "perioder": nav_reports.periods_of(dialog),
                "mottattTid": nav_reports.local(dialog.created)[:19],
            }
        return files.answer(box, asked, name="", usual=msgspec.json.encode(about),
                            content_type="application/json")  # fmt: skip

    return handler


sick_note = _document("SYKMELDING_IKKE_FUNNET", "sykmelding")
application = _document("SOEKNAD_IKKE_FUNNET", "sykepengesoeknad")


def ask(box: "Sandbox", request: Request, key: str) -> Response:
    """Tell what Nav asks for."""
    with box.world.lock:
        who = _caller(box, request)
        dialog = nav_reports.dialog_of(box, key, SERVICE)
        if dialog is None:
            raise refused(404, "FORESPOERSEL_IKKE_FUNNET", reference=key)
        _check_access(box, who, dialog)
        return json_response(nav_reports.request_of(box, dialog, key))


def _read(request: Request) -> Json:
    try:
        found = msgspec.json.decode(request.get_data(), type=dict[str, object])
    except msgspec.MsgspecError as exc:
        raise _as_sample("400_serialisering", feilmelding="Illegal input: Not JSON") from exc
    return dict(found)


def send(box: "Sandbox", request: Request) -> Response:
    """Take an income report, after Nav's checks in Nav's order."""
    with box.world.lock:
        who = _caller(box, request)
        report = _read(request)
        if told := nav_reports.misread(report):
            raise _as_sample("400_serialisering", feilmelding=told)
        key = str(report["navReferanseId"]).lower()
        dialog = nav_reports.dialog_of(box, key, SERVICE)
        if dialog is None:
            raise _as_sample("400_ukjent_ref")
        asked = nav_reports.request_of(box, dialog, key)
        newest = nav_reports.newest_instead(box, dialog)
        if asked["status"] == "FORKASTET":
            raise _as_sample("400_gammel_foresporsel", referanseId=newest)
        _check_access(box, who, dialog)
        if faults := nav_reports.faults_in(report, asked):
            raise _as_sample("400_valideringsfeil", feilmelding="; ".join(faults))
        if report["avsender"]["systemNavn"] == "NAV_PORTAL":
            raise refused(400, "UGYLDIG_AVSENDER_NAV_PORTAL")
        nav_reports.remember(box, dialog)
        _check_earlier(box, key, report)
        return _taken(box, dialog, key, report)


def _check_earlier(box: "Sandbox", key: str, report: Json) -> None:
    earlier = [one for one in box.world.owners.submissions.values() if one["for"] == key]
    if earlier and earlier[-1]["status"] == "MOTTATT":
        raise _as_sample("400_forrige_ikke_ferdig")
    good = [one for one in earlier if one["status"] != "FEILET"]
    if good and nav_reports.same(report, good[-1]["report"]):
        raise _as_sample("409_duplikat", referanseId=good[-1]["id"])


def _taken(box: "Sandbox", dialog: Dialog, key: str, report: Json) -> Response:
    sent_id = nav_judging.take(box, dialog, key, report, "judged")
    return json_response({"innsendingId": sent_id}, 201)


def _shown(sent: Json) -> Json:
    report: Json = sent["report"]
    found = {name: value for name, value in report.items() if name != "arbeidsgiverTlf"}
    return found | {
        "id": sent["id"],
        "typeInnsending": "FORESPURT",
        "innsendtTid": nav_reports.local(sent["at"]),
        "versjon": 1,
        "arbeidsgiver": {"orgnr": sent["orgnr"], "tlf": report.get("arbeidsgiverTlf", "")},
        "status": sent["status"],
        "valideringsfeil": FAILED if sent["status"] == "FEILET" else None,
    }


def sent(box: "Sandbox", request: Request, key: str) -> Response:
    """Tell how it goes with one report."""
    with box.world.lock:
        who = _caller(box, request)
        dialog = nav_reports.dialog_of(box, key, SERVICE)
        if dialog is not None:
            nav_reports.remember(box, dialog)
        one = box.world.owners.submissions.get(key.lower())
        if one is None:
            raise refused(404, "INNTEKTSMELDING_IKKE_FUNNET", reference=key)
        _check_access(box, who, box.world.dialogs[one["dialog"]])
        return files.answer(box, key.lower(), name="", usual=msgspec.json.encode(_shown(one)),
                            content_type="application/json")  # fmt: skip


def sent_for(box: "Sandbox", request: Request) -> Response:
    """List the reports about an employer, narrowed by the filter."""
    with box.world.lock:
        who = _caller(box, request)
        asked = _read(request)
        orgnr = str(asked.get("orgnr", ""))
        if not ids.is_orgnr(orgnr):
            raise refused(400, "UGYLDIG_REQUEST_BODY")
        if who.user is None or ids.ORGANIZATION + orgnr not in who.user.parties:
            raise _as_sample("401_ingen_tilgang")
        for dialog in list(box.world.by_party.get(ids.ORGANIZATION + orgnr, {}).values()):
            if SERVICE in dialog.resource:
                nav_reports.remember(box, dialog)
        found = [
            _shown(one)
            for one in box.world.owners.submissions.values()
            if one["orgnr"] == orgnr and "soekerFnr" not in one["report"]
        ]
    names = {"navReferanseId": "navReferanseId", "innsendingId": "id", "fnr": "sykmeldtFnr",
             "status": "status"}  # fmt: skip
    for name, field in names.items():
        if asked.get(name) is not None:
            found = [one for one in found if one[field] == asked[name]]
    return json_response(found)


_BASE = "/nav-sykepenger/v1"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", f"{_BASE}/sykmelding/<key>", "nav-sykmelding", sick_note),
    ("GET", f"{_BASE}/sykmelding/<key>/<kind>", "nav-sykmelding", sick_note),
    ("GET", f"{_BASE}/sykepengesoeknad/<key>", "nav-soeknad", application),
    ("GET", f"{_BASE}/sykepengesoeknad/<key>/<kind>", "nav-soeknad", application),
    ("GET", f"{_BASE}/forespoersel/<key>", "nav-forespoersel", ask),
    ("POST", f"{_BASE}/inntektsmelding", "nav-inntektsmelding", send),
    ("GET", f"{_BASE}/inntektsmelding/<key>", "nav-inntektsmeldinger", sent),
    ("POST", f"{_BASE}/inntektsmeldinger", "nav-inntektsmeldinger", sent_for),
]
