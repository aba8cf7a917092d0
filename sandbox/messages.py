"""Altinn Correspondence's messages: which dialog each is in, what has happened to it, its files.

Source: altinn-correspondence da785168, its mappers, handlers and `ProblemDetailsHelper.cs`, read
2026-08.
"""

import re
import secrets
from typing import TYPE_CHECKING

import msgspec
from werkzeug.wrappers import Response

from sandbox import files, samples
from sandbox.clock import SECOND, read, written
from sandbox.model import Dialog, Json
from sandbox.owners import Message
from sandbox.problems import Refused

if TYPE_CHECKING:
    from sandbox.state import Sandbox

DEBOUNCE = 15 * SECOND
LADDER = ("Published", "Fetched", "Read", "Confirmed")
FILE_ADDRESS = re.compile(r"/correspondence/([0-9a-f-]{36})/attachment/([^/\"]+)/download")


class Attached(msgspec.Struct, frozen=True):
    name: str
    has_expired: bool


def refused(name: str, **more: object) -> Refused:
    """Say no as Correspondence does: problem details with its own number."""
    body = samples.payload("correspondence-problems")[name] | more
    body["traceId"] = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
    return Refused(
        Response(
            msgspec.json.encode(body), status=body["status"],
            content_type="application/problem+json",
        )
    )  # fmt: skip


def find(box: "Sandbox", key: str) -> tuple[Message, Dialog]:
    """Find a message and the dialog it is (in), and remember it from now on."""
    key = key.lower()
    dialog = box.world.dialogs.get(box.world.by_ref.get(f"urn:altinn:correspondence-id:{key}", ""))
    if dialog is None or dialog.deleted is not None:
        raise refused("not_found")
    known = box.world.owners.messages.get(key)
    if known is None:
        known = box.world.owners.messages[key] = _remembered(box, key, dialog)
    return known, dialog


def _remembered(box: "Sandbox", key: str, dialog: Dialog) -> Message:
    """Tell from the dialog what has happened to a message so far."""
    parts = box.world.parts(dialog)
    sent = next(
        (sent for sent in parts.transmissions if f"/{key}/" in msgspec.json.encode(sent).decode()),
        None,
    )
    history = [("Published", dialog.created)]
    kinds = {entry["type"] for entry in parts.activities}
    if "CorrespondenceOpened" in kinds or (sent and sent["isOpened"]):
        history += [("Fetched", dialog.created), ("Read", dialog.created)]
    asks = any(entry["url"].endswith(f"/{key}/confirm") for entry in parts.gui_actions)
    is_confirmed = "CorrespondenceConfirmed" in kinds
    if is_confirmed:
        history += [("Fetched", dialog.created), ("Confirmed", dialog.created)]
    return Message(
        id=key, dialog=dialog.id, transmission=sent["id"] if sent else "",
        needs_confirmation=asks or is_confirmed, history=history,
    )  # fmt: skip


def overview(box: "Sandbox", message: Message, dialog: Dialog) -> Json:
    status = max((one for one, _ in message.history), key=LADDER.index)
    created = written(dialog.created)
    title, summary = texts(box, message, dialog)
    service = box.world.services[dialog.resource]
    return samples.payload("correspondence-overview") | {
        "correspondenceId": message.id,
        "content": {
            "language": "nb",
            "messageTitle": title,
            "messageSummary": summary,
            "messageBody": "",
            "attachments": [
                _about(dialog, key, one) for key, one in attached(box, message).items()
            ],
        },
        "created": created,
        "status": status,
        "statusText": status,
        "statusChanged": written(message.latest(status)),
        "published": created,
        "sender": f"0192:{service.owner_orgnr}",
        "resourceId": dialog.resource.rsplit(":", 1)[1],
        "sendersReference": dialog.external_reference or "",
        "messageSender": (dialog.sender or {}).get("nb"),
        "requestedPublishTime": created,
        "dueDateTime": written(dialog.due) if dialog.due else None,
        "externalReferences": [
            {"referenceValue": dialog.id, "referenceType": "DialogportenDialogId"}
        ],
        "propertyList": {},
        "isConfirmationNeeded": message.needs_confirmation,
        "recipient": dialog.party,
    }


def _about(dialog: Dialog, key: str, one: Attached) -> Json:
    usual: Json = samples.payload("correspondence-overview")["content"]["attachments"][0]
    return usual | {
        "fileName": one.name,
        "displayName": one.name,
        "id": key,
        "dataType": files.type_of(one.name),
        "sendersReference": f"vedlegg-{key[:8]}",
        "created": written(dialog.created),
    }


def texts(box: "Sandbox", message: Message, dialog: Dialog) -> tuple[str, str]:
    for sent in box.world.parts(dialog).transmissions:
        if sent["id"] == message.transmission:
            content: Json = sent["content"]
            empty: Json = {"value": [{"value": ""}]}
            return (str(content["title"]["value"][0]["value"]),
                    str(content.get("summary", empty)["value"][0]["value"]))  # fmt: skip
    return (dialog.title or {}).get("nb", ""), (dialog.summary or {}).get("nb", "")


def body(box: "Sandbox", message: Message, dialog: Dialog) -> str:
    if made := box.world.parts(dialog).content:
        return made
    if dialog.template in ("correspondence-confirmation-required", "correspondence-after-confirm"):
        return samples.embed_sample("correspondence-body")
    title, summary = texts(box, message, dialog)
    return f"# {title}\n\n{summary}\n\nHilsen **{(dialog.sender or {}).get('nb', 'avsenderen')}**"


def attached(box: "Sandbox", message: Message) -> dict[str, Attached]:
    """List a message's files by id, named as its dialog names them.

    One that only an action still leads to is a file whose time is out.
    """
    parts = box.world.parts(box.world.dialogs[message.dialog])
    now = box.clock.now()
    found: dict[str, Attached] = {}
    for one in (*parts.attachments, *(a for t in parts.transmissions for a in t["attachments"])):
        has_expired = "expiresAt" in one and read(one["expiresAt"]) <= now
        for key in _keys(message, one["urls"]):
            found[key] = Attached(str(one["displayName"][0]["value"]), has_expired)
    for action in parts.api_actions:
        for key in _keys(message, action["endpoints"]):
            found.setdefault(key, Attached("vedlegg.pdf", has_expired=True))
    return found


def _keys(message: Message, addresses: list[Json]) -> list[str]:
    matches = (FILE_ADDRESS.search(one["url"]) for one in addresses)
    return [match[2] for match in matches if match and match[1] == message.id]
