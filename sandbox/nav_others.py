"""Nav's other doors: foreldrepenger, dokumentporten, the embed that marks as read, and its pages.

Source: navikt/fp-inntektsmelding-api, navikt/arkivporten 4c8218b2, navikt/hag-dokument-proxy
d45115d3, read 2026-11.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from werkzeug.wrappers import Request, Response

from sandbox import changes, files, ids, nav_judging, nav_reports, tokens
from sandbox.access import Caller
from sandbox.clock import read
from sandbox.model import Dialog, Json
from sandbox.parts import party_actor
from sandbox.problems import Refused, json_response

if TYPE_CHECKING:
    from sandbox.state import Sandbox

FORELDREPENGER, DOCUMENTS = "nav:inntektsmelding/foreldrepenger", "nav:syfo/dokumentporten"
SERVICE = "nav_foreldrepenger_inntektsmelding"
NEEDED = ("forespoerselId", "soekerFnr", "startdato", "ytelse", "inntekt", "kontaktinformasjon",
          "avsender")  # fmt: skip
TEXTS = {
    "MANGLER_TOKEN": "Mangler token i header",
    "UGYLDIG_TOKEN": "Oppgitt token er ugyldig",
    "FEIL_SCOPE": "Token inneholder ikke riktig scope for denne operasjonen",
    "IKKE_TILGANG_ALTINN": "Systemet har ikke registrert tilgang til organisasjonen i Altinn",
    "SERIALISERINGSFEIL": "Serialiseringsfeil",
    "TOM_FORESPOERSEL": "Finner ikke forespørsel",
    "TOM_INNTEKTSMELDING": "Finner ikke inntektsmelding",
    "UGYLDIG_FORESPOERSEL": "Det er ikke tillatt å sende inn en inntektsmelding på en forkastet"
    " forespørsel.",
    "MISMATCH_FOEDSELSNUMMER": "Fødselsnummer fra inntektsmelding og forespørsel matcher ikke",
    "MISMATCH_YTELSE": "Ytelse fra inntektsmelding og ytelse fra etterspurt forespørsel matcher"
    " ikke",
    "DUPLIKAT": "Inntektsmelding avvises. Ingen endring på ny inntektsmelding sammenlignet med"
    " tidligere innsendt inntektsmelding",
}  # fmt: skip


def _refused(status: int, code: str, reference: str | None = None) -> Refused:
    told = {"feilkode": code, "feilmelding": TEXTS[code], "referanseId": reference}
    return Refused(json_response(told, status))


def _caller(box: "Sandbox", request: Request) -> Caller:
    if "Authorization" not in request.headers:
        raise _refused(401, "MANGLER_TOKEN")
    if tokens.kind_of(box, request) != "maskinporten":
        raise _refused(401, "UGYLDIG_TOKEN")
    who = tokens.with_raw_token(box, request, FORELDREPENGER)
    if who is None or who.user is None:
        raise _refused(401, "FEIL_SCOPE")
    return who


def _request(box: "Sandbox", request: Request, key: str) -> tuple[Dialog, Json]:
    """Find what Nav asks for, for one who may answer it."""
    who = _caller(box, request)
    dialog = nav_reports.dialog_of(box, key, SERVICE)
    if dialog is None:
        raise _refused(404, "TOM_FORESPOERSEL", key)
    if not tokens.may_read(box, who, dialog):
        raise _refused(403, "IKKE_TILGANG_ALTINN")
    status = {"RequiresAttention": "AKTIV", "Completed": "BESVART"}.get(dialog.status, "FORKASTET")
    start = nav_reports.start_of(dialog)
    return dialog, {
        "forespoerselId": key.lower(),
        "orgnr": box.world.parties[dialog.party].orgnr,
        "soekerFnr": nav_reports.person_of(dialog),
        "startdato": start,
        "inntektsdato": start,
        "status": status,
        "ytelseType": "FORELDREPENGER",
        "opprettetTid": nav_reports.local(dialog.created)[:19],
    }


def ask(box: "Sandbox", request: Request, key: str) -> Response:
    with box.world.lock:
        return json_response(_request(box, request, key)[1])


def send(box: "Sandbox", request: Request) -> Response:
    """Take an income report for foreldrepenger, to be judged after a while."""
    with box.world.lock:
        _caller(box, request)
        try:
            report: Json = msgspec.json.decode(request.get_data(), type=dict[str, object])
        except msgspec.MsgspecError as exc:
            raise _refused(400, "SERIALISERINGSFEIL") from exc
        if any(name not in report for name in NEEDED):
            raise _refused(400, "SERIALISERINGSFEIL")
        key = str(report["forespoerselId"]).lower()
        dialog, asked = _request(box, request, key)
        if asked["status"] == "FORKASTET":
            raise _refused(400, "UGYLDIG_FORESPOERSEL", key)
        if report["soekerFnr"] != asked["soekerFnr"]:
            raise _refused(400, "MISMATCH_FOEDSELSNUMMER", key)
        if report["ytelse"] != asked["ytelseType"]:
            raise _refused(400, "MISMATCH_YTELSE", key)
        good = [one for one in box.world.owners.submissions.values()
                if one["for"] == key and one["status"] != "AVVIST"]  # fmt: skip
        if good and nav_reports.same(report, good[-1]["report"]):
            raise _refused(409, "DUPLIKAT", good[-1]["id"])
        sent_id = nav_judging.take(box, dialog, key, report, "judged-fp")
        return json_response(_shown(box.world.owners.submissions[sent_id]), 201)


def _shown(one: Json) -> Json:
    report: Json = one["report"]
    names = ("soekerFnr", "ytelse", "startdato", "inntekt", "refusjon", "naturalytelser",
             "avsender")  # fmt: skip
    return {name: report[name] for name in names if name in report} | {
        "inntektsmeldingId": one["id"],
        "forespoerselId": one["for"],
        "arbeidsgiver": {"orgnr": one["orgnr"]},
        "innsendtTid": nav_reports.local(one["at"]),
        "status": one["status"],
    }


def sent(box: "Sandbox", request: Request, key: str) -> Response:
    with box.world.lock:
        who = _caller(box, request)
        one = box.world.owners.submissions.get(key.lower())
        if one is None or "soekerFnr" not in one["report"]:
            raise _refused(404, "TOM_INNTEKTSMELDING", key)
        if not tokens.may_read(box, who, box.world.dialogs[one["dialog"]]):
            raise _refused(403, "IKKE_TILGANG_ALTINN")
        return json_response(_shown(one))


def sent_for(box: "Sandbox", request: Request) -> Response:
    with box.world.lock:
        who = _caller(box, request)
        try:
            asked: Json = msgspec.json.decode(request.get_data(), type=dict[str, object])
        except msgspec.MsgspecError as exc:
            raise _refused(400, "SERIALISERINGSFEIL") from exc
        orgnr = str(asked.get("orgnr", ""))
        if who.user is None or ids.ORGANIZATION + orgnr not in who.user.parties:
            raise _refused(403, "IKKE_TILGANG_ALTINN")
        return json_response(
            [
                _shown(one)
                for one in box.world.owners.submissions.values()
                if "soekerFnr" in one["report"]
                and one["orgnr"] == orgnr
                and asked.get("forespoerselId") in (None, one["for"])
            ]
        )


def document(box: "Sandbox", request: Request, key: str) -> Response:
    """Send a document about follow-up: 401, 403 and 404 have no body."""
    with box.world.lock:
        who = tokens.with_raw_token(box, request, DOCUMENTS)
        if who is None:
            raise Refused(Response(status=401))
        dialog = nav_reports.dialog_of(box, key, "nav_syfo")
        if dialog is None:
            raise Refused(Response(status=404))
        if not tokens.may_read(box, who, dialog):
            raise Refused(Response(status=403))
        name = _document_name(box, dialog, key.lower())
    if name is None:
        raise Refused(Response(status=404))
    return files.answer(box, key.lower(), name=name, in_place=True)


def _document_name(box: "Sandbox", dialog: Dialog, key: str) -> str | None:
    now = box.clock.now()
    for attachment in (a for t in box.world.parts(dialog).transmissions for a in t["attachments"]):
        if any(url["url"].endswith(f"/{key}") for url in attachment["urls"]):
            has_expired = "expiresAt" in attachment and read(attachment["expiresAt"]) <= now
            return None if has_expired else str(attachment["displayName"][0]["value"])
    return None


def mark_as_read(box: "Sandbox", request: Request) -> Response:
    """Answer nothing to anybody; with the dialog's token a transmission is opened by it."""
    claims = tokens.dialog_claims(box, request) if "Authorization" in request.headers else None
    key = request.args.get("transmissionId", "")
    with box.world.lock:
        dialog = box.world.dialogs.get(claims["i"]) if claims else None
        if dialog is not None:
            _open(box, dialog, key)
    response = Response(b"", content_type="text/html; charset=utf-8")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _open(box: "Sandbox", dialog: Dialog, key: str) -> None:
    for sent in box.world.keep_parts(dialog).transmissions:
        if sent["id"] == key and not sent["isOpened"]:
            sent["isOpened"] = True
            opened = changes.new_activity(
                box, kind="TransmissionOpened", actor=party_actor(box.world, box.world.firm),
                transmission_id=key,
            )  # fmt: skip
            changes.change(box, dialog, fields={}, activities=[opened], silent=True)


_FP = "/nav-foreldrepenger/v1"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", f"{_FP}/forespoersel/<key>", "nav-fp-forespoersel", ask),
    ("POST", f"{_FP}/inntektsmelding/send-inn", "nav-fp-inntektsmelding", send),
    ("GET", f"{_FP}/inntektsmelding/hent/<key>", "nav-fp-inntektsmeldinger", sent),
    ("POST", f"{_FP}/inntektsmelding/hent/inntektsmeldinger", "nav-fp-inntektsmeldinger",
     sent_for),
    ("GET", "/nav-dokumentporten/api/v1/documents/<key>", "nav-dokument", document),
    ("GET", "/nav-no/dokument/fce/sett-transmission-lest", "nav-fce", mark_as_read),
]  # fmt: skip
