"""What happens to a dialog, by Altinn's rules for times, labels, revisions and events.

Called with the world's lock held. A silent change moves no time, keeps labels and sends no event.
"""

import random
import re
from typing import TYPE_CHECKING

from sandbox import ids, streams
from sandbox.clock import SECOND, written
from sandbox.model import FROM_PARTY, PLACES, Dialog, Json, Seen

if TYPE_CHECKING:
    from sandbox.state import Sandbox

PREFIX = "dialogporten.dialog."
OWNER: Json = {"actorType": "ServiceOwner"}
# Fields whose change is a change of content, for `contentUpdatedAt`.
CONTENT = frozenset({"title", "summary", "sender", "label", "status", "extended_status",
                     "additional_info", "public_title"})  # fmt: skip
PLAIN = frozenset({"due", "progress", "process", "preceding_process", "external_reference",
                   "expires", "visible_from", "is_api_only"})  # fmt: skip


def publish(
    box: "Sandbox", dialog: Dialog, name: str, *, at: int, key: str = "", tail: str = "",
    data: Json | None = None,
) -> None:  # fmt: skip
    """Send a CloudEvent about a dialog; `key` is its id where Altinn's follows from something."""
    body: Json = {
        "specversion": "1.0",
        "id": key or ids.uuid4(box.dice),
        "type": f"{PREFIX}{name}.v1",
        "time": written(at),
        "resource": dialog.resource,
        "resourceinstance": dialog.id,
        "subject": dialog.party,
        "source": f"{box.base_url}/dialogporten/api/v1/enduser/dialogs/{dialog.id}{tail}",
    }
    extra: Json = {}
    if dialog.process:
        extra["process"] = dialog.process
    if dialog.preceding_process:
        extra["precedingProcess"] = dialog.preceding_process
    extra |= data or {}
    if extra:
        body["data"] = extra
    box.delivery.offer(body)


def _advance(box: "Sandbox", dialog: Dialog, *, content: bool) -> int:
    """Move the dialog's times for a change that is not silent, and put its label back."""
    now = box.clock.now()
    if dialog.visible_from is not None and dialog.visible_from > now:
        dialog.created = dialog.visible_from
        stamp = dialog.visible_from
    else:
        stamp = max(now, dialog.updated)
    dialog.updated = stamp
    if content:
        dialog.content_updated = stamp
        dialog.content_seen = False
    if dialog.place != "Default":
        _log_label(dialog, dialog.place, "remove", OWNER, now)
        dialog.place = "Default"
        dialog.context_revision = ids.uuid4(box.dice)
    return now


def change(
    box: "Sandbox",
    dialog: Dialog,
    *,
    fields: Json,
    transmissions: list[Json] = [],  # noqa: B006 - only read
    activities: list[Json] = [],  # noqa: B006
    silent: bool = False,
    content: bool = False,
) -> None:
    """Change a dialog as its service owner, in one go; `content` says that parts changed too."""
    parts = box.world.keep_parts(dialog)
    for name, value in fields.items():
        setattr(dialog, name, value)
    parts.transmissions += transmissions
    parts.activities += activities
    if any(sent["type"] in FROM_PARTY for sent in transmissions) and not dialog.is_sent:
        dialog.is_sent = True
        dialog.context_revision = ids.uuid4(box.dice)
        _log_label(dialog, "Sent", "set", OWNER, box.clock.now())
    dialog.revision = ids.uuid4(box.dice)
    is_content = content or bool(transmissions) or bool(CONTENT & set(fields))
    if not silent:
        now = _advance(box, dialog, content=is_content)
        publish(box, dialog, "updated", at=now)
        _publish_parts(box, dialog, transmissions, activities, now)
    box.world.touch(dialog, moved=True)
    box.streams.tell(dialog.id, streams.UPDATED)


def _publish_parts(
    box: "Sandbox", dialog: Dialog, transmissions: list[Json], activities: list[Json], now: int
) -> None:
    for sent in transmissions:
        publish(
            box, dialog, "transmission.created", at=now, tail=f"/transmissions/{sent['id']}",
            data={"senderType": sent["sender"]["actorType"]},
        )  # fmt: skip
    for activity in activities:
        name = re.sub(r"(?<!^)(?=[A-Z])", "-", activity["type"]).lower()
        data = {"activityId": activity["id"]}
        if activity.get("extendedType"):
            data["extendedActivityType"] = activity["extendedType"]
        publish(
            box, dialog, f"activity.{name.removeprefix('dialog-') if name in _SHORT else name}",
            at=now, tail=f"/activities/{activity['id']}", data=data,
        )  # fmt: skip


_SHORT = ("dialog-created", "dialog-closed")


def create(box: "Sandbox", dialog: Dialog, *, silent: bool = False) -> Dialog:
    """Add a dialog; one that is not visible yet gets that moment as all its times."""
    now = box.clock.now()
    if dialog.visible_from is not None and dialog.visible_from > now:
        dialog.created = dialog.updated = dialog.content_updated = dialog.visible_from
    box.world.add(dialog)
    if not silent:
        publish(box, dialog, "created", at=now)
        parts = box.world.parts(dialog)
        _publish_parts(box, dialog, parts.transmissions, parts.activities, now)
    return dialog


def delete(box: "Sandbox", dialog: Dialog, *, silent: bool = False) -> None:
    now = box.clock.now()
    dialog.deleted = now
    dialog.revision = ids.uuid4(box.dice)
    if not silent:
        dialog.updated = max(now, dialog.updated)
        publish(box, dialog, "deleted", at=now)
    box.world.touch(dialog, moved=True)
    box.streams.tell(dialog.id, streams.DELETED)


def restore(box: "Sandbox", dialog: Dialog, *, silent: bool = False) -> None:
    """Bring a deleted dialog back. Its `updatedAt` stays: polling never sees it come."""
    dialog.deleted = None
    dialog.revision = ids.uuid4(box.dice)
    if not silent:
        publish(box, dialog, "restored", at=box.clock.now())
    box.world.touch(dialog, moved=False)


def purge(box: "Sandbox", dialog: Dialog, *, silent: bool = False) -> None:
    box.world.purge(dialog)
    if not silent:
        publish(box, dialog, "deleted", at=box.clock.now())
    box.streams.tell(dialog.id, streams.DELETED)


def expire(box: "Sandbox", dialog: Dialog) -> None:
    """Let the dialog's time run out; nobody is told."""
    dialog.expires = box.clock.now() - SECOND
    box.world.touch(dialog, moved=False)


def see(
    box: "Sandbox", dialog: Dialog, *, key: str, actor: Json, via_service_owner: bool = False
) -> None:
    """Let someone read the details. Skipped if they did so since the last change."""
    entries = [entry for entry in dialog.seen if entry.key == key]
    has_seen = any(entry.at > dialog.updated for entry in entries)
    if has_seen and not dialog.is_marked and dialog.content_seen:
        return
    now = box.clock.now()
    seen_id = ids.uuid7_of(
        dialog.updated, dialog.id, str(dialog.updated), str(dialog.content_updated), key
    )
    is_new = all(entry.id != seen_id for entry in entries)
    if is_new:
        dialog.seen.append(
            Seen(id=seen_id, at=now, actor=actor, key=key, via_service_owner=via_service_owner)
        )
    if dialog.is_marked:
        dialog.is_marked = False
        dialog.context_revision = ids.uuid4(box.dice)
        _log_label(dialog, "MarkedAsUnopened", "remove", actor, now)
    dialog.content_seen = True
    box.world.touch(dialog, moved=False)
    publish(box, dialog, "updated", at=now)
    box.streams.tell(dialog.id, streams.UPDATED)
    if is_new:
        publish(box, dialog, "seen", at=now, key=seen_id)


def _log_label(dialog: Dialog, label: str, action: str, actor: Json, now: int) -> None:
    if label != "Default":
        dialog.label_log.append(
            {
                "createdAt": written(now),
                "name": f"systemlabel:{label}",
                "action": action,
                "performedBy": actor,
            }
        )


def set_labels(
    box: "Sandbox", dialog: Dialog, *, add: list[str], remove: list[str], actor: Json
) -> None:
    """Change labels: what is removed first, then what is added, the last place named winning."""
    before = dialog.labels
    place, is_marked = dialog.place, dialog.is_marked
    if place in remove:
        place = "Default"
    if "MarkedAsUnopened" in remove:
        is_marked = False
    for label in add:
        if label in PLACES:
            place = label
        elif label == "MarkedAsUnopened":
            is_marked = True
    dialog.place, dialog.is_marked = place, is_marked
    now = box.clock.now()
    for label in before:
        if label not in dialog.labels:
            _log_label(dialog, label, "remove", actor, now)
    for label in dialog.labels:
        if label not in before:
            _log_label(dialog, label, "set", actor, now)
    if dialog.labels != before:
        dialog.context_revision = ids.uuid4(box.dice)
        box.world.touch(dialog, moved=False)


def new_transmission(
    box: "Sandbox", dialog: Dialog, *, kind: str, title: str, sender: Json, text: str = ""
) -> Json:
    stamp = box.clock.now()
    dice: random.Random = box.dice
    found: Json = {
        "id": ids.uuid7(stamp, dice),
        "createdAt": written(stamp),
        "isAuthorized": True,
        "type": kind,
        "sender": sender,
        "isOpened": False,
        "content": {
            "title": {"value": [{"value": title, "languageCode": "nb"}], "mediaType": "text/plain"}
        },
        "attachments": [],
        "navigationalActions": [],
    }
    if text:
        found["content"]["summary"] = {
            "value": [{"value": text, "languageCode": "nb"}],
            "mediaType": "text/plain",
        }
    sent = box.world.parts(dialog).transmissions
    if sent:
        found["relatedTransmissionId"] = sent[-1]["id"]
    return found


def new_activity(
    box: "Sandbox", *, kind: str, actor: Json, text: str = "", transmission_id: str = ""
) -> Json:
    stamp = box.clock.now()
    found: Json = {"id": ids.uuid7(stamp, box.dice), "createdAt": written(stamp), "type": kind}
    if transmission_id:
        found["transmissionId"] = transmission_id
    found["performedBy"] = actor
    found["description"] = [{"value": text, "languageCode": "nb"}] if text else []
    return found
