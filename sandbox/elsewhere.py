"""Service owners of no kind in particular: embedded texts, buttons, and pages for a browser.

What an address under `/elsewhere/` is follows from the dialog whose token is sent there: its
content, one of its files, one of its actions. Without a token it is a page to log in to.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from werkzeug.wrappers import Request, Response

from sandbox import changes, files, samples, tokens
from sandbox.clock import SECOND
from sandbox.later import deed
from sandbox.model import Dialog, Json, Parts
from sandbox.owners import File, Pending
from sandbox.parts import party_actor
from sandbox.problems import Refused

if TYPE_CHECKING:
    from sandbox.state import Sandbox


def page(box: "Sandbox", request: Request, **_: str) -> Response:
    """Stand in for the page a person would log in to."""
    text = (
        '<!doctype html><html lang="nb"><meta charset="utf-8"><title>Tjenesteeier</title>'
        "<h1>Her ville tjenesteeierens side åpnet seg</h1>"
        "<p>I Altinn logger du inn med ID-porten her. Sandkassen viser bare denne siden.</p>"
    )
    return Response(text, content_type="text/html; charset=utf-8")


def log_in(box: "Sandbox", request: Request) -> Response:
    """Send a browser on to log in; what was wanted stays in the address."""
    response = Response(status=302)
    response.autocorrect_location_header = False
    query = request.query_string.decode("latin-1")
    response.headers["Location"] = f"{box.base_url}/authentication/login?{query}"
    return response


def _own(box: "Sandbox", request: Request, action: str) -> tuple[Dialog, Parts]:
    """Give the dialog whose token was sent, if the token grants the action."""
    claims = tokens.dialog_claims(box, request)
    if claims is None:
        raise Refused(Response(status=401))
    dialog = box.world.dialogs.get(claims["i"])
    if dialog is None or dialog.deleted is not None:
        raise Refused(Response(status=404))
    if not tokens.grants(claims, dialog, action):
        raise Refused(Response(status=403))
    return dialog, box.world.parts(dialog)


def _here(box: "Sandbox", request: Request) -> str:
    query = request.query_string.decode("latin-1")
    return f"{box.base_url}{request.path}{'?' + query if query else ''}"


def get(box: "Sandbox", request: Request, rest: str) -> Response:
    """Give an embedded text or a file of the dialog whose token is sent, else a page."""
    if "Authorization" not in request.headers:
        return page(box, request)
    here, key = _here(box, request), request.path.lower()
    with box.world.lock:
        dialog, parts = _own(box, request, "read")
        if here in _embeds(parts):
            return _embed(box, dialog, key, is_main=here in parts.content_urls.values())
        name = _file_name(parts, here)
    if name is None:
        raise Refused(Response(status=404))
    return files.answer(box, key, name=name, in_place=True)


def _embeds(parts: Parts) -> set[str]:
    found = set(parts.content_urls.values())
    for sent in parts.transmissions:
        reference: Json = sent["content"].get("contentReference", {"value": []})
        found |= {str(text["value"]) for text in reference["value"]}
    return found


def _embed(box: "Sandbox", dialog: Dialog, key: str, *, is_main: bool) -> Response:
    text = box.world.parts(dialog).content if is_main else ""
    if dialog.template == "generic-service-with-write-actions":
        text = samples.embed_sample("malicious-markdown-for-tests")
    if not text and key not in box.world.owners.files:
        return Response(status=204)
    return files.answer(box, key, name="", usual=text or None, content_type="text/markdown")


def _file_name(parts: Parts, here: str) -> str | None:
    for one in (*parts.attachments, *(a for t in parts.transmissions for a in t["attachments"])):
        for url in one["urls"]:
            if url["url"] == here:
                return files.named(one["displayName"][0]["value"], url.get("mediaType", ""))
    return None


def act(box: "Sandbox", request: Request, rest: str) -> Response:
    """Do what a button or a machine's action of the dialog asks: at once, later, or not at all.

    How is set by a control on the path: status 202 and `after_seconds`, or a refusal.
    """
    here = _here(box, request)
    with box.world.lock:
        dialog, parts = _own(box, request, "read")
        action = _action(parts, here, request.method)
        if action is None:
            raise Refused(Response(status=404))
        _own(box, request, str(action["action"]))
        asked = box.world.owners.files.get(request.path.lower(), File())
        if asked.status >= 300:
            return _refusal(asked)
        if asked.status == 202:
            due = box.clock.now() + int(asked.after_seconds * SECOND)
            box.later.add("acted", dialog.id, due=due, action=action["id"])
            return Response(status=202)
        _do(box, dialog, str(action["id"]))
    return Response(status=204)


def _action(parts: Parts, here: str, method: str) -> Json | None:
    """Find the action at an address: a button, or an API action that has an endpoint there."""
    for entry in parts.gui_actions:
        if (entry["url"], entry["httpMethod"]) == (here, method):
            return entry
    for entry in parts.api_actions:
        for endpoint in entry["endpoints"]:
            if (endpoint["url"], endpoint["httpMethod"]) == (here, method):
                return entry
    return None


def _refusal(asked: File) -> Response:
    usual = msgspec.json.encode(
        {"type": "about:blank", "title": "Handlingen kan ikke utføres nå", "status": asked.status}
    )
    body = usual if asked.body is None else asked.body
    response = Response(body, asked.status, content_type="application/problem+json")
    if asked.content_type:
        response.headers["Content-Type"] = asked.content_type
    response.headers.update(asked.headers)
    return response


@deed("acted")
def _act_later(box: "Sandbox", waiting: Pending) -> None:
    dialog = box.world.dialogs.get(waiting.key)
    if dialog is not None:
        _do(box, dialog, str(waiting.more["action"]))


def _do(box: "Sandbox", dialog: Dialog, key: str) -> None:
    """Let an action be done: a deletion deletes, anything else waits for the service owner."""
    parts = box.world.keep_parts(dialog)
    button = next((one for one in parts.gui_actions if one["id"] == key), None)
    if button and button["isDeleteDialogAction"]:
        changes.delete(box, dialog)
        return
    title = "Forespørselen er mottatt"
    if button:
        parts.gui_actions.remove(button)
        title = str(button["title"][0]["value"])
    note = changes.new_activity(
        box, kind="Information", actor=party_actor(box.world, dialog.party), text=title
    )
    changes.change(box, dialog, fields={"status": "Awaiting"}, activities=[note], content=True)


_ANY = "/elsewhere/<path:rest>"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", _ANY, "elsewhere", get),
    ("POST", _ANY, "action", act),
    ("DELETE", _ANY, "action", act),
    ("GET", "/nav-no/<path:rest>", "nav-no", page),
    ("GET", "/nav-sykepenger/swagger", "nav-no", page),
    ("GET", "/nav-foreldrepenger/swagger", "nav-no", page),
    ("GET", "/authentication/api/v1/authentication", "login", log_in),
    ("GET", "/authentication/login", "login", page),
]
