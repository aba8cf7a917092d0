"""What dialogs point to: messages' text and files, their confirmation, and service owners' pages.

Reading a message's text marks it as opened at the sender, silently; confirming it is silent too.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import jwt
from werkzeug.wrappers import Request, Response

from sandbox import changes
from sandbox.access import bearer, caller, claims_of, unauthorized
from sandbox.model import Dialog
from sandbox.parts import party_actor
from sandbox.problems import Refused, json_response

if TYPE_CHECKING:
    from sandbox.state import Sandbox

FILE = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"  # noqa: E501


def _allowed(box: "Sandbox", request: Request, dialog: Dialog | None, scope: str) -> Dialog:
    """Let a dialog token for this dialog pass, or an Altinn token that has the scope."""
    token = bearer(request)
    if dialog is None or dialog.deleted is not None:
        raise Refused(Response(status=404))
    try:
        claims = box.keys.dialog.read(token)
    except jwt.InvalidTokenError as exc:
        claims = claims_of(box, token)
        found = caller(box, request, claims)
        if claims["iss"] != box.exchange_issuer:
            raise unauthorized() from exc
        user = found.user
        if scope not in found.scopes or user is None or not box.world.may_list(user, dialog):
            raise Refused(Response(status=403)) from exc
    else:
        request.environ["sandbox.caller"] = claims["y"].rsplit(":", 1)[1]
        if claims["i"] != dialog.id:
            raise Refused(Response(status=403))
    return dialog


def _markdown(text: str) -> Response:
    if not text:
        return Response(status=204)
    return Response(text, content_type="text/markdown; charset=utf-8")


def _file() -> Response:
    response = Response(FILE, content_type="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="vedlegg.pdf"'
    return response


def _other(box: "Sandbox", request: Request, key: str) -> Dialog:
    found = box.world.dialogs.get(key.lower())
    return _allowed(box, request, found, "altinn:instances.read")


def text(box: "Sandbox", request: Request, key: str) -> Response:
    dialog = _other(box, request, key)
    with box.world.lock:
        return _markdown(box.world.parts(dialog).content)


def file(box: "Sandbox", request: Request, key: str, part: str) -> Response:
    _other(box, request, key)
    return _file()


def act(box: "Sandbox", request: Request, key: str, part: str) -> Response:
    """Do a write action: a deletion deletes, anything else waits for the service owner."""
    with box.world.lock:
        dialog = _other(box, request, key)
        parts = box.world.keep_parts(dialog)
        action = next((entry for entry in parts.gui_actions if entry["id"] == part), None)
        if action is None:
            raise Refused(Response(status=404))
        if action["httpMethod"] != request.method:
            raise Refused(Response(status=405))
        if action["isDeleteDialogAction"]:
            changes.delete(box, dialog)
            return Response(status=204)
        parts.gui_actions.remove(action)
        note = changes.new_activity(
            box, kind="Information", actor=party_actor(box.world, dialog.party),
            text=action["title"][0]["value"],
        )  # fmt: skip
        changes.change(box, dialog, fields={"status": "Awaiting"}, activities=[note], content=True)
    return Response(status=204)


def form(box: "Sandbox", request: Request, org: str, key: str) -> Response:
    """Stand in for the page a person would log in to."""
    page = (
        '<!doctype html><html lang="nb"><meta charset="utf-8"><title>Tjenesteeier</title>'
        "<h1>Her ville tjenesteeierens side åpnet seg</h1>"
        "<p>I Altinn logger du inn med ID-porten her. Sandkassen viser bare denne siden.</p>"
    )
    return Response(page, content_type="text/html; charset=utf-8")


def machine(box: "Sandbox", request: Request, key: str) -> Response:
    _other(box, request, key)
    return json_response({"sandbox": "the service owner's own API would answer here"})


ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", "/elsewhere/content/<key>", "content", text),
    ("GET", "/elsewhere/files/<key>/<part>", "content", file),
    ("POST", "/elsewhere/actions/<key>/<part>", "content", act),
    ("DELETE", "/elsewhere/actions/<key>/<part>", "content", act),
    ("GET", "/elsewhere/forms/<org>/<key>", "elsewhere", form),
    ("GET", "/elsewhere/api/<key>", "content", machine),
    ("POST", "/elsewhere/api/<key>", "content", machine),
]
