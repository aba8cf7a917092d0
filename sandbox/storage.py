"""Altinn Storage and Dialogporten's adapter for apps: instances, their files, receipts, deleting.

Storage takes an exchanged token, the adapter a dialog token and nothing else.

Source: altinn-storage d9364e40, altinn-dialogporten-adapter e09798f0, read 2026-08.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec
from werkzeug.wrappers import Request, Response

from sandbox import changes, files, samples, tokens
from sandbox.clock import DAY, read, written
from sandbox.language import pick
from sandbox.model import Dialog, Json
from sandbox.owners import File
from sandbox.problems import Refused, json_response

if TYPE_CHECKING:
    from sandbox.state import Sandbox

SCOPES = ("altinn:instances.read", "altinn:instances.write")
KEPT_DAYS = 60  # after archiving, before an instance may be deleted
TASK = "urn:altinn:task:"
# Whose first file is not to be fetched: one is being scanned for viruses, one has one.
SCANS = {"app-awaiting-signature": "Pending", "app-rejected": "Infected"}
_DATA = re.compile(r"/instances/(\d+/[0-9a-f-]{36})/data/([0-9a-f-]{36})")


def _found(box: "Sandbox", key: str) -> Dialog | None:
    ref = f"urn:altinn:instance-id:{key.lower()}"
    dialog = box.world.dialogs.get(box.world.by_ref.get(ref, ""))
    return dialog if dialog and dialog.deleted is None else None


def _instance(box: "Sandbox", request: Request, key: str) -> Json:
    """Find an instance for one who may read it, and remember it from now on."""
    who = tokens.with_altinn_token(box, request, *SCOPES)
    dialog = _found(box, key)
    if dialog is None:
        raise Refused(Response(f"Instance {key} not found", 404, content_type="text/plain"))
    if not tokens.may_read(box, who, dialog):
        raise Refused(Response(status=403))
    known = box.world.owners.instances.get(key)
    if known is None:
        known = box.world.owners.instances[key] = _made(box, dialog, key)
    for element in known["data"]:
        asked = box.world.owners.files.get(element["id"], File())
        element["fileScanResult"] = asked.state or element["fileScanResult"]
        element["size"] = element["size"] if asked.bytes is None else asked.bytes
    return known


def _made(box: "Sandbox", dialog: Dialog, key: str) -> Json:
    """Tell from the dialog what the instance is like."""
    party_id, _, guid = key.partition("/")
    org, _, app = dialog.resource.partition("app_")[2].partition("_")
    org, base = org or dialog.org, f"{box.base_url}/storage/api/v1/instances/{key}"
    archived = archived_at(box, dialog)
    tasks = _tasks(box, dialog)
    label, text = pick(dialog.label), pick(dialog.summary)
    party = box.world.parties[dialog.party]
    usual = samples.payload("app-instance")
    started = written(dialog.created)
    return usual | {
        "id": key,
        "instanceOwner": usual["instanceOwner"]
        | {"partyId": party_id, "organisationNumber": party.orgnr},
        "appId": f"{org}/{app}",
        "org": org,
        "selfLinks": {
            "apps": f"{box.base_url}/elsewhere/apps/{org}/{org}/{app}/instances/{key}",
            "platform": base,
        },
        "dueBefore": written(dialog.due) if dialog.due else None,
        "process": {
            "started": started,
            "startEvent": "StartEvent_1",
            "currentTask": {"elementId": tasks[0], "started": started} if tasks else None,
            "ended": archived and written(archived),
            "endEvent": "EndEvent_1" if archived else None,
        },
        "status": usual["status"]
        | {
            "isArchived": bool(archived),
            "archived": archived and written(archived),
            "substatus": {"label": label, "description": text} if label else None,
        },
        "presentationTexts": None,
        "data": _elements(box, dialog, key, guid, base),
        "created": started,
        "lastChanged": written(dialog.updated),
    }


def _tasks(box: "Sandbox", dialog: Dialog) -> list[str]:
    """List the process steps that the dialog's buttons name."""
    named = {
        str(entry.get("authorizationAttribute", ""))
        for entry in box.world.parts(dialog).gui_actions
    }
    return sorted(name.removeprefix(TASK) for name in named if name.startswith(TASK))


def archived_at(box: "Sandbox", dialog: Dialog) -> int | None:
    """Say when an instance was archived: when it was sent in; None while it is being worked on."""
    if dialog.status not in ("Completed", "Awaiting") or _tasks(box, dialog):
        return None
    sent = box.world.parts(dialog).transmissions
    return read(sent[-1]["createdAt"]) if sent else dialog.updated


def _elements(box: "Sandbox", dialog: Dialog, key: str, guid: str, base: str) -> list[Json]:
    """Make a data element of each file that the dialog points to."""
    parts = box.world.parts(dialog)
    usual: Json = samples.payload("app-instance")["data"][0]
    found: list[Json] = []
    for one in (*parts.attachments, *(a for t in parts.transmissions for a in t["attachments"])):
        for url in one["urls"]:
            match = _DATA.search(unquote(url["url"]))
            if not match or match[1] != key:
                continue
            name = files.named(one["displayName"][0]["value"], url.get("mediaType", ""))
            scan = "NotApplicable" if "Api" in url["consumerType"] else "Clean"
            apps = f"{box.base_url}/elsewhere/apps/{dialog.org}/instances/{key}/data/{match[2]}"
            found.append(
                usual | {
                    "id": match[2],
                    "instanceGuid": guid,
                    "dataType": one.get("name", "vedlegg"),
                    "filename": name,
                    "contentType": url.get("mediaType") or files.type_of(name),
                    "selfLinks": {"apps": apps, "platform": f"{base}/data/{match[2]}"},
                    "size": len(files.content_of(name)),
                    "fileScanResult": scan,
                    "created": written(dialog.created),
                    "lastChanged": written(dialog.updated),
                }
            )  # fmt: skip
    if found and dialog.template in SCANS:
        found[0]["fileScanResult"] = SCANS[dialog.template]
    return found


def instance(box: "Sandbox", request: Request, party: str, key: str, **_: str) -> Response:
    with box.world.lock:
        return json_response(_instance(box, request, f"{party}/{key.lower()}"))


def data(box: "Sandbox", request: Request, party: str, key: str, part: str) -> Response:
    """Send a file, whatever the scan said of it; it is marked as read."""
    with box.world.lock:
        known = _instance(box, request, f"{party}/{key.lower()}")
        element = next((one for one in known["data"] if one["id"] == part.lower()), None)
        if element is None:
            raise Refused(Response("Data element not found", 404, content_type="text/plain"))
        element["isRead"] = True
    return files.answer(
        box, part.lower(), name=element["filename"], content_type=element["contentType"]
    )


def delete(box: "Sandbox", request: Request, party: str, key: str) -> Response:
    """Delete an instance and its dialog, unless its owner keeps it for a while yet."""
    with box.world.lock:
        found = _found(box, f"{party}/{key}")
        dialog = tokens.with_dialog_token(box, request, found, "delete")
        archived = archived_at(box, dialog)
        until = (archived or 0) + KEPT_DAYS * DAY
        if archived and until > box.clock.now():
            body = samples.payload("app-delete-422") | {
                "instance": f"{box.base_url}/instance/{party}/{key}",
                "archivedAt": written(archived),
                "gracePeriodDays": KEPT_DAYS,
                "deletionAllowedAt": written(until),
            }
            return Response(
                msgspec.json.encode(body), status=422, content_type="application/problem+json"
            )
        changes.delete(box, dialog)
    return Response(status=204)


def receipt(box: "Sandbox", request: Request, key: str, part: str) -> Response:
    """Give the receipt of something sent in, as Markdown."""
    with box.world.lock:
        dialog = box.world.dialogs.get(key.lower())
        dialog = tokens.with_dialog_token(box, request, dialog, "read")
        sent = next(
            (one for one in box.world.parts(dialog).transmissions if one["id"] == part.lower()),
            None,
        )
    if sent is None:
        raise Refused(Response(status=404))
    day, _, rest = sent["createdAt"].partition("T")
    year, month, date = day.split("-")
    sender, owner = sent["sender"], box.world.services[dialog.resource].owner_name
    number = str(sender.get("actorId", "")).rsplit(":", 1)[-1]
    told = {
        "nb": ("Kvittering", "Dato sendt", "Avsender", "Mottaker", "Referansenummer"),
        "nn": ("Kvittering", "Dato sendt", "Avsendar", "Mottakar", "Referansenummer"),
        "en": ("Receipt", "Date sent", "Sender", "Receiver", "Reference number"),
    }
    title, *words = told.get(request.args.get("lang", "nb"), told["nb"])
    values = (f"{date}.{month}.{year} / {rest[:5]}", f"{number}-{sender.get('actorName', '')}",
              owner, (dialog.instance_ref or dialog.id)[-12:])  # fmt: skip
    lines = [f"**{word}:** {value}" for word, value in zip(words, values, strict=True)]
    return files.answer(
        box, f"content:{part.lower()}", name="", usual="\n\n".join([f"### {title}", *lines]),
        content_type="text/markdown; charset=utf-8",
    )  # fmt: skip


_INSTANCE = "/storage/api/v1/instances/<party>/<key>"
_APP = "/elsewhere/apps/<org>/<owner>/<app>/instances/<party>/<key>"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", _INSTANCE, "instance", instance),
    ("GET", _APP, "instance", instance),
    ("GET", f"{_INSTANCE}/data/<part>", "instance-file", data),
    ("DELETE", "/storage/dialogporten/api/v1/instance/<party>/<key>", "instance-delete", delete),
    ("GET", "/storage/dialogporten/api/v1/receipt/<key>/<part>", "receipt", receipt),
]
