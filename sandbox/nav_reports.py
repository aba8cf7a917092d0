"""Nav's requests for income reports and what is sent to answer them, for sykepenger.

Source: navikt/sykepenger-im-lps-api 69d000a9 (InntektsmeldingRouting.kt, ErrorResponse.kt), read
2026-08. Where Nav's sentences about a wrong report are not known, they are ours.
"""

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sandbox import ids, samples
from sandbox.clock import SECOND, written
from sandbox.language import pick
from sandbox.letters import OSLO
from sandbox.model import Dialog, Json

if TYPE_CHECKING:
    from sandbox.state import Sandbox

_PERIOD = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) - (\d\d)\.(\d\d)\.(\d{4})")
_DAY = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}|\d\d)\b")
_REPORT = re.compile(r"/nav-sykepenger/v1/inntektsmelding/([0-9a-f-]{36})")
_SAMPLES_PERSON = "08844397713"
FIELDS = ("navReferanseId", "agp", "inntekt", "refusjon", "naturalytelser", "sykmeldtFnr",
          "aarsakInnsending", "kontaktinformasjon", "arbeidsgiverTlf", "avsender")  # fmt: skip


def dialog_of(box: "Sandbox", key: str, service: str) -> Dialog | None:
    """Find the dialog that one of Nav's ids belongs to."""
    found = box.world.dialogs.get(box.world.by_ref.get(f"nav:{key.lower()}", key.lower()))
    if found is None or found.deleted is not None or service not in found.resource:
        return None
    return found


def person_of(dialog: Dialog) -> str:
    """Give the identity number of the one a dialog is about: nobody's."""
    if dialog.template in samples.sample_names():
        return _SAMPLES_PERSON
    day = dialog.number % 28 + 1
    return ids.identity_number(day, dialog.number % 12 + 1, 1960 + dialog.number % 40)


def periods_of(dialog: Dialog) -> list[Json]:
    """Read the periods of absence out of a dialog's summary."""
    return [
        {"fom": f"{found[3]}-{found[2]}-{found[1]}", "tom": f"{found[6]}-{found[5]}-{found[4]}"}
        for found in _PERIOD.finditer(pick(dialog.summary))
    ]


def local(stamp: int) -> str:
    """Write a time as Nav does: Norwegian, without saying so."""
    return datetime.fromtimestamp(stamp / SECOND, OSLO).isoformat()[:26]


def start_of(dialog: Dialog) -> str:
    """Read the first day of a leave out of a dialog's summary: 07.12.26 or 07.12.2026."""
    found = _DAY.search(pick(dialog.summary))
    return f"20{found[3][-2:]}-{found[2]}-{found[1]}" if found else written(dialog.created)[:10]


def status_of(box: "Sandbox", dialog: Dialog) -> str:
    """Say whether a request is open, answered or withdrawn, as its dialog's parts tell."""
    kinds = [str(one.get("extendedType", "")) for one in box.world.parts(dialog).transmissions]
    if any(kind.endswith("UTGAATT") for kind in kinds) or dialog.extended_status:
        return "FORKASTET"
    return "BESVART" if any(kind.endswith("GODKJENT") for kind in kinds) else "AKTIV"


def request_of(box: "Sandbox", dialog: Dialog, key: str) -> Json:
    """Write what Nav asks for."""
    periods = periods_of(dialog)
    first = periods[0]["fom"] if periods else written(dialog.created)[:10]
    return samples.payload("nav-foresporsel") | {
        "loepenr": dialog.number % 100_000,
        "navReferanseId": key.lower(),
        "orgnr": box.world.parties[dialog.party].orgnr,
        "fnr": person_of(dialog),
        "status": status_of(box, dialog),
        "sykmeldingsperioder": periods,
        "inntektsdato": first,
        "opprettetTid": local(dialog.created)[:19],
    }


def newest_instead(box: "Sandbox", dialog: Dialog) -> str | None:
    """Find the open request that has replaced a withdrawn one, about the same person."""
    for other in box.world.by_party[dialog.party].values():
        if (other.resource, other.title) != (dialog.resource, dialog.title):
            continue
        if other.status == "RequiresAttention" and status_of(box, other) == "AKTIV":
            return reference_in(box, other)
    return None


def reference_in(box: "Sandbox", dialog: Dialog) -> str:
    """Find the reference of the request in a dialog."""
    for sent in box.world.parts(dialog).transmissions:
        for attachment in sent["attachments"]:
            for url in attachment["urls"]:
                if "/v1/forespoersel/" in url["url"]:
                    return str(url["url"]).rsplit("/", 1)[1]
    return dialog.id


def remember(box: "Sandbox", dialog: Dialog) -> None:
    """Take up the reports that a dialog's transmissions tell of from before the world began."""
    for sent in box.world.parts(dialog).transmissions:
        for attachment in sent["attachments"]:
            for url in attachment["urls"]:
                found = _REPORT.search(url["url"])
                if found and found[1] not in box.world.owners.submissions:
                    _remember(box, dialog, found[1], str(sent.get("extendedType", "")))


def _remember(box: "Sandbox", dialog: Dialog, key: str, kind: str) -> None:
    reference = reference_in(box, dialog)
    box.world.owners.submissions[key] = {
        "id": key,
        "for": reference,
        "dialog": dialog.id,
        "report": samples.payload("nav-inntektsmelding-request")
        | {"navReferanseId": reference, "sykmeldtFnr": person_of(dialog)},
        "status": "FEILET" if kind.endswith("AVVIST") else "GODKJENT",
        "at": dialog.updated,
        "orgnr": box.world.parties[dialog.party].orgnr,
    }


def misread(report: Json) -> str | None:
    """Say what of a report cannot be read as one, as Nav's reader of JSON would."""
    for name in report:
        if name not in FIELDS:
            return f"Illegal input: Encountered an unknown key '{name}'"
    for name in FIELDS:
        if name not in report:
            return f"Illegal input: Field '{name}' is required, but it was missing"
    if report["aarsakInnsending"] not in ("Ny", "Endring"):
        return "Illegal input: AarsakInnsending does not contain element"
    return None


def faults_in(report: Json, asked: Json) -> list[str]:
    """List what is wrong with a report, held against what was asked for."""
    found: list[str] = []
    agp, income, refund = report["agp"], report["inntekt"], report["refusjon"]
    if report["sykmeldtFnr"] != asked["fnr"]:
        found.append("Fødselsnummer stemmer ikke med forespørselen")
    if asked["arbeidsgiverperiodePaakrevd"] and agp is None:
        found.append("Arbeidsgiverperiode må oppgis")
    if asked["inntektPaakrevd"] and income is None:
        found.append("Inntekt må oppgis")
    if not re.fullmatch(r"(?:\+47|0047)?\d{8}", str(report["arbeidsgiverTlf"])):
        found.append("Telefonnummer er ugyldig")
    if income is not None and income["beloep"] < 0:
        found.append("Beløp må være større eller lik 0")
    if income is not None and refund is not None and refund["beloepPerMaaned"] > income["beloep"]:
        found.append("Refusjonsbeløp må være mindre eller lik månedsbeløp")
    if income is not None and income["inntektsdato"] < asked["inntektsdato"]:
        found.append("Bestemmende fraværsdag er etter inntektsdato")
    if agp is not None and sum(map(_days, agp["perioder"])) > 16:
        found.append("Arbeidsgiverperioden kan være maksimum 16 dager")
    return found


def _days(period: Json) -> int:
    first, last = date.fromisoformat(period["fom"]), date.fromisoformat(period["tom"])
    return (last - first).days + 1


def same(first: Any, second: Any) -> bool:
    """Tell whether two reports say the same, whoever sent them and why."""
    left_out = ("aarsakInnsending", "avsender", "kontaktinformasjon")
    return all(
        first.get(name) == second.get(name) for name in first | second if name not in left_out
    )
