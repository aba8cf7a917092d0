"""Controls for the service owners' side: what they received, what their files are to be."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from werkzeug.wrappers import Request, Response

from sandbox import changes, hostile, orders, received
from sandbox.controls import OPERATION, body_of, wrong
from sandbox.model import Dialog, Json
from sandbox.owners import File
from sandbox.problems import json_response
from sandbox.templates import all_templates

if TYPE_CHECKING:
    from sandbox.state import Sandbox


def dialogs(box: "Sandbox", request: Request) -> Response:
    """List the dialogs with the template (or sample) each was made from."""
    template, party = request.args.get("template"), request.args.get("party")
    with box.world.lock:
        return json_response(
            [
                {
                    "id": dialog.id,
                    "template": dialog.template,
                    "party": dialog.party,
                    "serviceResource": dialog.resource,
                    "status": dialog.status,
                    "title": dialog.title,
                    "_revision": dialog.revision,
                }
                for dialog in box.world.dialogs.values()
                if template in (None, dialog.template) and party in (None, dialog.party)
            ]
        )


def templates(box: "Sandbox", request: Request) -> Response:
    return json_response(list(all_templates()))


def what_came(box: "Sandbox", request: Request) -> Response:
    """List what service owners received; `?operation=` for one kind."""
    if request.method == "DELETE":
        with box.lock:
            box.received.clear()
    operation = request.args.get("operation")
    found = [one for one in received.shown(box) if operation in (None, one["operation"])]
    return json_response(found)


def file(box: "Sandbox", request: Request) -> Response:
    """Say what a file or an embedded text is to be, by its id; only an id makes it usual again."""
    if request.method == "POST":
        body = body_of(request)
        key = str(body.pop("id", "")).lower()
        if not key:
            raise wrong("id is needed")
        try:
            asked = msgspec.convert(body, type=File)
        except msgspec.ValidationError as exc:
            raise wrong(str(exc)) from exc
        with box.world.lock:
            if body:
                box.world.owners.files[key] = asked
            else:
                box.world.owners.files.pop(key, None)
    return json_response(box.world.owners.files)


def live(box: "Sandbox", request: Request) -> Response:
    """Tell who listens to which dialog; cut them all off, or keep what happens from them."""
    if request.method == "POST":
        body = body_of(request)
        box.streams.is_mute = bool(body.get("mute", box.streams.is_mute))
        if body.get("cut"):
            box.streams.cut()
    return json_response({"open": box.streams.counts(), "mute": box.streams.is_mute})


def nav(box: "Sandbox", request: Request) -> Response:
    """Say how long Nav takes to judge a report, and whether it approves."""
    body = body_of(request)
    box.nav_seconds = float(body.get("seconds", box.nav_seconds))
    box.nav_approves = bool(body.get("approves", box.nav_approves))
    return json_response({"seconds": box.nav_seconds, "approves": box.nav_approves})


def plant(box: "Sandbox", request: Request) -> Response:
    """Make a dialog for each text and each address, with it in every field that can hold it.

    `together` makes one more, the last, with all of them; «only» makes that one alone.
    """
    body, found, made = body_of(request), list[Json](), list[Dialog]()
    with box.world.lock:
        for kind, make in (("texts", hostile.text_dialog), ("addresses", hostile.address_dialog)):
            for value in orders.listed(body.get(kind)):
                dialog = make(box.world, f"{kind}-{uuid.uuid4().hex}", value)
                made.append(dialog)
                if body.get("together") != "only":
                    changes.create(box, dialog)
                    found.append({"id": dialog.id, "value": value})
        if body.get("together"):
            texts = [hostile.storable(text) for text in orders.listed(body.get("texts"))]
            whole = hostile.crowded(box.world, f"together-{uuid.uuid4().hex}", made, texts)
            changes.create(box, whole)
            found.append({"id": whole.id, "value": None})
    return json_response(found, 201)


_PARTS = {"attachments": "attachments", "transmissions": "transmissions", "extra": "extra",
          "lookup": "lookup",
          "guiActions": "gui_actions", "apiActions": "api_actions", "activities": "activities",
          "content": "content", "contentUrls": "content_urls",
          "contentType": "content_type"}  # fmt: skip


def parts(box: "Sandbox", request: Request, key: str) -> Response:
    """Put parts in place of a dialog's own, as they stand; `extra` is more fields of details."""
    body = body_of(request)
    if unknown := set(body) - set(_PARTS) - {"silent"}:
        raise wrong(f"no such part: {', '.join(sorted(unknown))}")
    with box.world.lock:
        dialog = orders.dialog_by(box, key)
        own = box.world.keep_parts(dialog)
        for name, field in _PARTS.items():
            if name in body:
                setattr(own, field, body[name])
        changes.change(box, dialog, fields={}, silent=bool(body.get("silent", True)), content=True)
        return json_response(orders.item_of(box, dialog))


_BASE = "/_sandbox"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", f"{_BASE}/dialogs", OPERATION, dialogs),
    ("GET", f"{_BASE}/templates", OPERATION, templates),
    ("GET", f"{_BASE}/received", OPERATION, what_came),
    ("DELETE", f"{_BASE}/received", OPERATION, what_came),
    ("GET", f"{_BASE}/files", OPERATION, file),
    ("POST", f"{_BASE}/files", OPERATION, file),
    ("GET", f"{_BASE}/streams", OPERATION, live),
    ("POST", f"{_BASE}/streams", OPERATION, live),
    ("POST", f"{_BASE}/nav", OPERATION, nav),
    ("POST", f"{_BASE}/hostile", OPERATION, plant),
    ("POST", f"{_BASE}/dialogs/<key>/parts", OPERATION, parts),
]
