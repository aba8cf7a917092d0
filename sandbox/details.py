"""GET /enduser/dialogs/{id}, the only read that leaves marks, and the lists under it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from sandbox import changes, ids, items, language
from sandbox.access import actor, end_user
from sandbox.clock import http_date, read, written
from sandbox.keys import now_seconds
from sandbox.model import (
    EXPIRED,
    LEVEL,
    UNAUTHORIZED,
    Dialog,
    Json,
    Parts,
    SystemUser,
    content_value,
    has_unopened,
)
from sandbox.problems import forbidden, json_response, not_found, refuse, removed

if TYPE_CHECKING:
    from sandbox.state import Sandbox

TOO_LOW = "Altinn authentication level too low."


def details(box: "Sandbox", request: Request, key: str) -> Response:
    user = end_user(box, request)
    languages = language.wanted(request)
    world = box.world
    with world.lock:
        dialog = world.dialogs.get(key.lower())
        if dialog is None:
            raise not_found(request, "DialogEntity", key)
        if not world.may_list(user, dialog):
            raise forbidden(request)
        if dialog.deleted is not None:
            raise removed(request, "DialogEntity", key)
        if world.level_of(dialog) > LEVEL:
            raise forbidden(request, TOO_LOW)
        now = box.clock.now()
        if dialog.visible_from is not None and dialog.visible_from > now:
            told = f"Dialog is not visible until {written(dialog.visible_from)[:19]}"
            refused = refuse(request, 404, {"DialogEntity": [told]})
            refused.response.headers["Expires"] = http_date(dialog.visible_from)
            raise refused
        if dialog.expires is not None and dialog.expires <= now:
            told = f"Dialog expired at {written(dialog.expires)[:19]}"
            raise refuse(request, 404, {"DialogEntity": [told]})
        if dialog.title is None:
            raise refuse(request, 500, detail="Something went wrong during the request.")
        changes.see(box, dialog, key=user.id, actor=actor(user))
        body = _write(box, dialog, user, now)
        revision = dialog.revision
    response = json_response(language.prune(body, languages) if languages else body)
    response.headers["ETag"] = revision
    return response


def _write(box: "Sandbox", dialog: Dialog, user: SystemUser, now: int) -> Json:
    parts = box.world.parts(dialog)
    item = items.list_item(box.world, dialog, user.id)
    found: Json = {"id": dialog.id, "revision": dialog.revision}
    for name in ("org", "serviceResource", "serviceResourceType", "party"):
        found[name] = item[name]
    found |= items.head(dialog)
    if dialog.due is not None:
        found["dueAt"] = item["dueAt"]
    if dialog.expires is not None:
        found["expiresAt"] = written(dialog.expires)
    for name in ("createdAt", "updatedAt", "contentUpdatedAt"):
        found[name] = item[name]
    found["dialogToken"] = _token(box, dialog, user, parts)
    found |= {
        "status": dialog.status,
        "hasUnopenedContent": has_unopened(dialog, parts),
        "systemLabel": dialog.place,
        "isApiOnly": dialog.is_api_only,
        "fromServiceOwnerTransmissionsCount": item["fromServiceOwnerTransmissionsCount"],
        "fromPartyTransmissionsCount": item["fromPartyTransmissionsCount"],
        "content": _content(dialog, parts),
        "attachments": [_attachment(entry, now) for entry in parts.attachments],
        "transmissions": [_transmission(entry, dialog, now) for entry in parts.transmissions],
        "guiActions": [_gui(entry, dialog) for entry in parts.gui_actions],
        "apiActions": [_api(entry, dialog) for entry in parts.api_actions],
        "activities": list(reversed(parts.activities)),  # unsorted, as Altinn leaves them
    }
    for name in ("seenSinceLastUpdate", "seenSinceLastContentUpdate", "isContentSeen",
                 "endUserContext"):  # fmt: skip
        found[name] = item[name]
    return found | parts.extra


def _token(box: "Sandbox", dialog: Dialog, user: SystemUser, parts: Parts) -> str:
    now = now_seconds()
    owner = f"urn:altinn:organization:identifier-no:{user.owner}"
    actions = dict.fromkeys(
        entry["action"] + (f",{entry['authorizationAttribute']}"
                           if entry.get("authorizationAttribute") else "")
        for entry in (*parts.gui_actions, *parts.api_actions)
        if entry["isAuthorized"]
    )  # fmt: skip
    actions = {} if dialog.is_list_only else {"read": None} | actions
    return box.keys.dialog.sign(
        {
            "jti": ids.uuid4(box.dice),
            "c": f"urn:altinn:organization:identifier-no:{box.world.vendor}",
            "y": f"urn:altinn:systemuser:uuid:{user.id}",
            "o": owner,
            "l": LEVEL,
            "p": dialog.party,
            "s": dialog.resource,
            "i": dialog.id,
            "a": ";".join(actions),
            "iss": f"{box.base_url}/dialogporten/api/v1",
            "iat": now,
            "nbf": now,
            "exp": now + box.dialog_token_seconds,
        }
    )


def _content(dialog: Dialog, parts: Parts) -> Json:
    found: Json = {}
    for name, texts in (
        ("title", dialog.title),
        ("summary", dialog.summary),
        ("senderName", dialog.sender),
        ("additionalInfo", dialog.additional_info),
        ("extendedStatus", dialog.label),
    ):
        if texts:
            found[name] = content_value(
                texts, dialog.additional_info_type if name == "additionalInfo" else "text/plain"
            )
    if parts.content_urls:
        is_masked = dialog.is_list_only or UNAUTHORIZED in parts.content_urls.values()
        masked = dict.fromkeys(parts.content_urls, UNAUTHORIZED)
        urls = masked if is_masked else parts.content_urls
        found["mainContentReference"] = content_value(urls, parts.content_type) | {
            "isAuthorized": not is_masked
        }
    return found


def _has_expired(entry: Json, now: int) -> bool:
    return "expiresAt" in entry and read(entry["expiresAt"]) <= now


def _attachment(entry: Json, now: int, *, is_masked: bool = False) -> Json:
    masked = UNAUTHORIZED if is_masked else EXPIRED if _has_expired(entry, now) else ""
    if not masked:
        return entry
    return entry | {"urls": [url | {"url": masked} for url in entry["urls"]]}


def _gui(entry: Json, dialog: Dialog) -> Json:
    if entry["isAuthorized"] and not dialog.is_list_only:
        return entry
    return entry | {"isAuthorized": False, "url": UNAUTHORIZED}


def _api(entry: Json, dialog: Dialog) -> Json:
    if entry["isAuthorized"] and not dialog.is_list_only:
        return entry
    endpoints = [endpoint | {"url": UNAUTHORIZED} for endpoint in entry["endpoints"]]
    return entry | {"isAuthorized": False, "endpoints": endpoints}


def _transmission(entry: Json, dialog: Dialog, now: int, *, in_list: bool = False) -> Json:
    is_masked = dialog.is_list_only or not entry["isAuthorized"]
    content = dict(entry["content"])
    if is_masked and "contentReference" in content:
        reference = content["contentReference"]
        values = [text | {"value": UNAUTHORIZED} for text in reference["value"]]
        content["contentReference"] = reference | {"value": values}
    navigation = []
    for action in entry["navigationalActions"]:
        masked = UNAUTHORIZED if is_masked else EXPIRED if _has_expired(action, now) else ""
        navigation.append(action | {"url": masked} if masked else action)
    found = entry | {
        "isAuthorized": not is_masked,
        "content": content,
        "attachments": [_attachment(one, now, is_masked=is_masked) for one in entry["attachments"]],
        "navigationalActions": navigation,
    }
    if in_list:
        del found["isOpened"]
    return found


def _readable(box: "Sandbox", request: Request, key: str) -> tuple[Dialog, SystemUser]:
    """Find the dialog for a read without marks; no access looks like no dialog."""
    user = end_user(box, request)
    dialog = box.world.dialogs.get(key.lower())
    if dialog is None or not box.world.may_list(user, dialog):
        raise not_found(request, "DialogEntity", key)
    if dialog.deleted is not None:
        raise removed(request, "DialogEntity", key)
    if box.world.level_of(dialog) > LEVEL:
        raise forbidden(request, TOO_LOW)
    return dialog, user


def _one(request: Request, entries: list[Json], entity: str, key: str) -> Response:
    languages = language.wanted(request)
    for entry in entries:
        if entry["id"] == key.lower():
            return json_response(language.prune(entry, languages) if languages else entry)
    raise not_found(request, entity, key)


def _sub_list(
    entity: str, entries_of: Callable[["Sandbox", Dialog, SystemUser], list[Json]]
) -> Callable[..., Response]:
    def handler(box: "Sandbox", request: Request, key: str, part: str = "") -> Response:
        with box.world.lock:
            dialog, user = _readable(box, request, key)
            entries = entries_of(box, dialog, user)
            if part:
                return _one(request, entries, entity, part)
            if entity == "DialogActivity":
                entries = [
                    {name: value for name, value in entry.items() if name != "performedBy"}
                    for entry in entries
                ]
            languages = language.wanted(request)
            return json_response(language.prune(entries, languages) if languages else entries)

    return handler


activities = _sub_list(
    "DialogActivity", lambda box, dialog, user: list(box.world.parts(dialog).activities)
)
transmissions = _sub_list(
    "DialogTransmission",
    lambda box, dialog, user: [
        _transmission(entry, dialog, box.clock.now(), in_list=True)
        for entry in box.world.parts(dialog).transmissions
    ],
)
seen_log = _sub_list(
    "DialogSeenLog",
    lambda box, dialog, user: [
        items.seen_entry(entry, user.id) for entry in sorted(dialog.seen, key=lambda s: s.at)
    ],
)


def label_log(box: "Sandbox", request: Request, key: str) -> Response:
    """List who set which label. A deleted dialog gives 404 here, not 410."""
    user = end_user(box, request)
    with box.world.lock:
        dialog = box.world.dialogs.get(key.lower())
        if dialog is None or not box.world.may_list(user, dialog) or dialog.deleted is not None:
            raise not_found(request, "DialogEntity", key)
        if box.world.level_of(dialog) > LEVEL:
            raise forbidden(request, TOO_LOW)
        return json_response(list(dialog.label_log))
