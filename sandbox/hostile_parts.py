"""The parts of a hostile dialog: one of each kind, with a text or an address wherever it can be."""

from urllib.parse import quote

from sandbox import ids
from sandbox.clock import written
from sandbox.model import EMBED, Dialog, Json, content_value, localized

HTML = EMBED.replace("markdown", "html")


def attachment(dialog: Dialog, url: str, title: str, key: str = "") -> Json:
    key = key or ids.uuid7_of(dialog.created, dialog.id, "attachment")
    return {
        "id": key,
        "displayName": localized({"nb": title}),
        "name": title,
        "urls": [
            {
                "id": ids.uuid7_of(dialog.created, key, consumer),
                "url": url,
                "mediaType": "application/pdf",
                "consumerType": consumer,
            }
            for consumer in ("Gui", "Api")
        ],
    }


def transmission(dialog: Dialog, url: str, text: str, sender: Json) -> Json:
    """Make one whose embed says it is HTML, as the old ones did."""
    reference = content_value({"nb": url}, HTML) | {"isAuthorized": True}
    return {
        "id": ids.uuid7_of(dialog.created, dialog.id, "transmission"),
        "createdAt": written(dialog.created),
        "isAuthorized": True,
        "extendedType": f"urn:x:{quote(text[:100])}",
        "type": "Information",
        "sender": sender,
        "isOpened": False,
        "content": {
            "title": content_value({"nb": text}),
            "summary": content_value({"nb": text}),
            "contentReference": reference,
        },
        "attachments": [attachment(dialog, url, text, ids.uuid7_of(0, dialog.id, "in"))],
        "navigationalActions": [{"title": localized({"nb": text}), "url": url}],
    }


def button(dialog: Dialog, url: str, text: str, *, method: str) -> Json:
    return {
        "id": ids.uuid7_of(dialog.created, dialog.id, "button", method),
        "action": "read",
        "url": url,
        "isAuthorized": True,
        "isDeleteDialogAction": False,
        "priority": "Primary" if method == "GET" else "Secondary",
        "httpMethod": method,
        "title": localized({"nb": text}),
        "prompt": localized({"nb": text}),
    }


def machine(dialog: Dialog, url: str, text: str) -> Json:
    endpoint = {
        "id": ids.uuid7_of(dialog.created, dialog.id, "endpoint"),
        "version": text,
        "url": url,
        "httpMethod": "POST",
        "documentationUrl": url,
        "requestSchema": url,
        "responseSchema": url,
        "deprecated": False,
    }
    return {
        "id": ids.uuid7_of(dialog.created, dialog.id, "machine"),
        "action": "read",
        "isAuthorized": True,
        "name": text,
        "endpoints": [endpoint],
    }


def activity(dialog: Dialog, text: str, actor: Json) -> Json:
    return {
        "id": ids.uuid7_of(dialog.created, dialog.id, "activity"),
        "createdAt": written(dialog.created),
        "extendedType": f"urn:x:{quote(text[:100])}",
        "type": "Information",
        "performedBy": actor,
        "description": localized({"nb": text}),
    }
