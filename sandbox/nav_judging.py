"""What Nav does with an income report after a while: it is judged, and its dialog is told.

Source: navikt/hag-dialog e65a4b5e, navikt/fp-inntektsmelding bd2039e9, read 2026-08.
"""

from typing import TYPE_CHECKING

from sandbox import changes, ids
from sandbox.clock import SECOND
from sandbox.later import deed
from sandbox.model import EMBED, UNAUTHORIZED, Dialog, Json, content_value
from sandbox.owners import Pending
from sandbox.parts import party_actor

if TYPE_CHECKING:
    from sandbox.state import Sandbox

REJECTED = (
    "Inntektsmeldingen ble avvist fordi oppgitt inntekt avviker fra a-ordningen uten oppgitt"
    " endringsårsak"
)


def take(box: "Sandbox", dialog: Dialog, key: str, report: Json, what: str) -> str:
    """Keep a report until it is judged, and give its id."""
    now = box.clock.now()
    sent_id = ids.uuid4(box.dice)
    box.world.owners.submissions[sent_id] = {
        "id": sent_id, "for": key, "dialog": dialog.id, "report": report, "status": "MOTTATT",
        "at": now, "orgnr": box.world.parties[dialog.party].orgnr,
    }  # fmt: skip
    due = now + int(box.nav_seconds * SECOND)
    box.later.add(what, sent_id, due=due, is_good=box.nav_approves)
    return sent_id


def _judged(box: "Sandbox", waiting: Pending, bad: str) -> tuple[Json, Dialog] | None:
    """Give a report its judgement; None when it, or its dialog, is gone."""
    sent = box.world.owners.submissions.get(waiting.key)
    dialog = box.world.dialogs.get(sent["dialog"]) if sent else None
    if sent is None or dialog is None:
        return None
    sent["status"] = "GODKJENT" if waiting.more["is_good"] else bad
    return sent, dialog


@deed("judged")
def _judge(box: "Sandbox", waiting: Pending) -> None:
    """Judge a report about sykepenger. One turned down leaves the buttons, and no task."""
    judged = _judged(box, waiting, "FEILET")
    if judged is None:
        return
    sent, dialog = judged
    is_good = sent["status"] == "GODKJENT"
    parts = box.world.keep_parts(dialog)
    page = f"{box.base_url}/nav-no/im-dialog/{sent['for']}"
    told = _transmission(box, dialog, sent, page, is_good=is_good)
    if is_good:
        parts.api_actions = []
        parts.gui_actions = [
            one | {"priority": "Secondary", "url": page,
                   "title": [{"value": "Se og endre inntektsmelding", "languageCode": "nb"}]}
            for one in parts.gui_actions if one["url"] != UNAUTHORIZED
        ]  # fmt: skip
    changes.change(box, dialog, fields={"status": "NotApplicable"}, transmissions=[told])


def _transmission(box: "Sandbox", dialog: Dialog, sent: Json, page: str, *, is_good: bool) -> Json:
    found = changes.new_transmission(
        box, dialog, kind="Submission" if is_good else "Rejection", sender=changes.OWNER,
        title="Inntektsmelding mottatt" if is_good else "Inntektsmelding avvist",
    )  # fmt: skip
    kind = "INNTEKTSMELDING_GODKJENT" if is_good else "INNTEKTSMELDING_AVVIST"
    found["extendedType"] = kind
    for earlier in box.world.parts(dialog).transmissions:
        if earlier["type"] == "Request":
            found["relatedTransmissionId"] = earlier["id"]
    embed = f"{box.base_url}/nav-no/dokument/fce/sett-transmission-lest"
    found["content"]["contentReference"] = content_value(
        {"nb": f"{embed}?transmissionId={found['id']}&extendedType={kind}"}, EMBED
    ) | {"isAuthorized": True}
    url = f"{box.base_url}/nav-sykepenger/v1/inntektsmelding/{sent['id']}"
    found["attachments"] = [_attachment(box, "inntektsmelding.json", url, "application/json")]
    if is_good:
        found["attachments"].append(_attachment(box, "Se og endre inntektsmelding", page))
    return found


def _attachment(box: "Sandbox", name: str, url: str, kind: str = "text/html") -> Json:
    now = box.clock.now()
    consumer = "Gui" if kind == "text/html" else "Api"
    return {
        "id": ids.uuid7(now, box.dice),
        "displayName": [{"value": name, "languageCode": "nb"}],
        "urls": [
            {
                "id": ids.uuid7(now, box.dice),
                "url": url,
                "mediaType": kind,
                "consumerType": consumer,
            }
        ],
    }


@deed("judged-fp")
def _judge_foreldrepenger(box: "Sandbox", waiting: Pending) -> None:
    """Judge a report about foreldrepenger: it is told as from the employer, and no button goes."""
    judged = _judged(box, waiting, "AVVIST")
    if judged is None:
        return
    sent, dialog = judged
    is_good = sent["status"] == "GODKJENT"
    told = changes.new_transmission(
        box, dialog, kind="Acceptance" if is_good else "Rejection",
        sender=party_actor(box.world, dialog.party),
        title="Inntektsmelding er mottatt" if is_good else REJECTED,
    )  # fmt: skip
    told["extendedType"] = "INNTEKTSMELDING" if is_good else "INNTEKTSMELDING_AVVIST"
    del told["relatedTransmissionId"]
    if is_good:
        base, page = f"{box.base_url}/nav-foreldrepenger", f"{box.base_url}/nav-no/fp-im-dialog"
        one = _attachment(
            box, "Innsendt inntektsmelding", f"{base}/v1/inntektsmelding/hent/{sent['id']}",
            "application/json",
        )  # fmt: skip
        pdf = f"{page}/server/api/ekstern/pdf/inntektsmelding/{sent['id']}"
        one["urls"].append(one["urls"][0] | {
            "id": ids.uuid7(box.clock.now(), box.dice), "url": pdf, "consumerType": "Gui",
            "mediaType": "application/pdf",
        })  # fmt: skip
        told["attachments"] = [one]
    fields = {"status": "Completed"} if is_good else {}
    changes.change(box, dialog, fields=fields, transmissions=[told])
