"""A dialog as search lists it, encoded once and kept until it changes.

Only `isCurrentEndUser` depends on who asks, so one encoding serves everyone who has not read it.
"""

import msgspec

from sandbox import parts
from sandbox.clock import written
from sandbox.model import LEVEL, Dialog, Json, Seen, content_value
from sandbox.world import World

_encode = msgspec.json.Encoder().encode


def seen_since(dialog: Dialog, stamp: int) -> list[Seen]:
    """Give the latest entry of each who has read it since the stamp."""
    latest = {entry.key: entry for entry in dialog.seen if entry.at >= stamp}
    return sorted(latest.values(), key=lambda entry: (entry.at, entry.id))


def seen_entry(entry: Seen, viewer: str) -> Json:
    return {
        "id": entry.id,
        "seenAt": written(entry.at),
        "seenBy": entry.actor,
        "isViaServiceOwner": entry.via_service_owner,
        "isCurrentEndUser": entry.key == viewer,
    }


def head(dialog: Dialog) -> Json:
    """Give the fields that list items and details have in common, from `progress` on."""
    found: Json = {}
    for name, value in (
        ("progress", dialog.progress),
        ("process", dialog.process),
        ("precedingProcess", dialog.preceding_process),
        ("extendedStatus", dialog.extended_status),
        ("externalReference", dialog.external_reference),
    ):
        if value is not None:
            found[name] = value
    return found


def list_item(world: World, dialog: Dialog, viewer: str) -> Json:
    """Write the list item as the viewer (an actor key) gets it."""
    about = parts.summary(dialog, world)
    found: Json = {
        "id": dialog.id,
        "org": dialog.org,
        "serviceResource": dialog.resource,
        "serviceResourceType": dialog.kind,
        "party": dialog.party,
    } | head(dialog)
    found["guiAttachmentCount"] = about.gui_attachments
    found["createdAt"] = written(dialog.created)
    found["updatedAt"] = written(dialog.updated)
    found["contentUpdatedAt"] = written(dialog.content_updated)
    if dialog.due is not None:
        found["dueAt"] = written(dialog.due)
    found |= {
        "status": dialog.status,
        "hasUnopenedContent": about.has_unopened,
        "systemLabel": dialog.place,
        "isApiOnly": dialog.is_api_only,
        "fromServiceOwnerTransmissionsCount": about.from_owner,
        "fromPartyTransmissionsCount": about.from_party,
    }
    if about.latest_activity:
        found["latestActivity"] = about.latest_activity
    found |= {
        "seenSinceLastUpdate": [
            seen_entry(entry, viewer) for entry in seen_since(dialog, dialog.updated)
        ],
        "seenSinceLastContentUpdate": [
            seen_entry(entry, viewer) for entry in seen_since(dialog, dialog.content_updated)
        ],
        "isContentSeen": dialog.content_seen and not dialog.is_marked,
        "endUserContext": {"revision": dialog.context_revision, "systemLabels": dialog.labels},
    }
    if dialog.title is not None:
        title = dialog.title
        if dialog.public_title and world.level_of(dialog) > LEVEL:
            title = dialog.public_title
        content = {"title": content_value(title)}
        if dialog.summary:
            content["summary"] = content_value(dialog.summary)
        if dialog.sender:
            content["senderName"] = content_value(dialog.sender)
        if dialog.label:
            content["extendedStatus"] = content_value(dialog.label)
        found["content"] = content
    return found


def encoded(world: World, dialog: Dialog, viewer: str) -> bytes:
    if dialog.seen and any(entry.key == viewer for entry in dialog.seen):
        own = dialog.own_items.get(viewer)
        if own is None:
            own = dialog.own_items[viewer] = _encode(list_item(world, dialog, viewer))
        return own
    if dialog.item is None:
        dialog.item = _encode(list_item(world, dialog, viewer))
    return dialog.item
