"""Altinn Correspondence: messages, their text and files, confirming and deleting them.

Everything it tells Dialogporten is silent: no event, no time moves. A message may be a dialog of
its own or a transmission in one.

Source: altinn-correspondence da785168, its controllers and handlers, read 2026-08.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from sandbox import changes, files, messages, tokens
from sandbox.access import bearer, caller, claims_of, unauthorized
from sandbox.clock import SECOND
from sandbox.later import deed
from sandbox.messages import DEBOUNCE, refused
from sandbox.model import Dialog
from sandbox.owners import File, Message, Pending
from sandbox.parts import party_actor
from sandbox.problems import Refused, json_response

if TYPE_CHECKING:
    from sandbox.state import Sandbox

READ, WRITE = "altinn:correspondence.read", "altinn:correspondence.write"
CONFIRMED_AFTER = 4 * SECOND  # the activity that says so comes later than the answer


def _allowed(
    box: "Sandbox", request: Request, key: str, *scopes: str, takes_raw: bool = False
) -> tuple[Message, Dialog]:
    """Find a message for one who may read it: by a dialog token, or an Altinn token with a scope.

    What Correspondence calls 401 and number 4001 is lacking access, not a token that is no good.
    """
    bearer(request)
    message, dialog = messages.find(box, key)
    claims = tokens.dialog_claims(box, request)
    if claims is not None:
        if not tokens.grants(claims, dialog, "read"):
            raise refused("no_access")
        return message, dialog
    found = claims_of(box, bearer(request))
    if found["iss"] != box.exchange_issuer and not takes_raw:
        raise unauthorized()
    who = caller(box, request, found)
    if not who.scopes.intersection(scopes or (READ, WRITE)):
        raise Refused(Response(status=403))
    if not tokens.may_read(box, who, dialog):
        raise refused("no_access")
    return message, dialog


def _note_once(box: "Sandbox", dialog: Dialog, kind: str, **more: str) -> None:
    """Let an activity of its kind be there, as the firm's; silently."""
    parts = box.world.keep_parts(dialog)
    if any(
        entry["type"] == kind and all(entry.get(name) == value for name, value in more.items())
        for entry in parts.activities
    ):
        return
    actor = party_actor(box.world, box.world.firm)
    activity = changes.new_activity(box, kind=kind, actor=actor) | more
    changes.change(box, dialog, fields={}, activities=[activity], silent=True)


def overview(box: "Sandbox", request: Request, key: str) -> Response:
    """Tell of a message; asking makes it Fetched, at most once in 15 seconds."""
    with box.world.lock:
        message, dialog = _allowed(box, request, key, takes_raw=True)
        now = box.clock.now()
        if now - message.latest("Fetched") >= DEBOUNCE:
            message.history.append(("Fetched", now))
        return json_response(messages.overview(box, message, dialog))


def text(box: "Sandbox", request: Request, key: str) -> Response:
    """Give a message's text: plain text whatever it is, which opens it at the sender."""
    with box.world.lock:
        message, dialog = _allowed(box, request, key, READ)
        accept = request.headers.get("Accept", "*/*")
        if not any(kind in accept for kind in ("*/*", "text/*", "text/plain")):
            raise Refused(Response(status=406))
        message.history.append(("Read", box.clock.now()))
        if message.transmission:
            _note_once(box, dialog, "TransmissionOpened", transmissionId=message.transmission)
            _open(box, dialog, message.transmission)
        else:
            _note_once(box, dialog, "CorrespondenceOpened")
        body = messages.body(box, message, dialog)
    response = files.answer(
        box, f"content:{message.id}", name="", usual=body,
        content_type="text/plain; charset=utf-8",
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _open(box: "Sandbox", dialog: Dialog, transmission: str) -> None:
    for sent in box.world.keep_parts(dialog).transmissions:
        if sent["id"] == transmission:
            sent["isOpened"] = True
    box.world.touch(dialog, moved=False)


def confirm(box: "Sandbox", request: Request, key: str) -> Response:
    """Confirm a message that has been fetched: what asked for it is gone, silently."""
    with box.world.lock:
        message, dialog = _allowed(box, request, key, READ)
        if not message.has_been("Fetched"):
            raise refused("confirm_before_fetched")
        if message.has_been("Confirmed"):
            raise refused("already_confirmed")
        now = box.clock.now()
        message.history.append(("Confirmed", now))
        parts = box.world.keep_parts(dialog)
        parts.gui_actions = [
            entry for entry in parts.gui_actions if not entry["url"].endswith("/confirm")
        ]
        parts.api_actions = [
            entry for entry in parts.api_actions if entry.get("name") != "confirmCorrespondence"
        ]
        changes.change(box, dialog, fields={"status": "NotApplicable"}, silent=True)
        box.later.add("confirmed", dialog.id, due=now + CONFIRMED_AFTER)
    return json_response(message.id)


@deed("confirmed")
def _tell_of_confirming(box: "Sandbox", waiting: Pending) -> None:
    dialog = box.world.dialogs.get(waiting.key)
    if dialog is not None:
        _note_once(box, dialog, "CorrespondenceConfirmed")


def purge(box: "Sandbox", request: Request, key: str) -> Response:
    """Delete a message for good, and its dialog with it."""
    with box.world.lock:
        message, dialog = _allowed(box, request, key, READ, WRITE, takes_raw=True)
        if message.transmission:
            told = "Cannot purge a correspondence that is part of another dialog"
            raise refused("purge_before_confirm", detail=told, code="CORR-01043", errorCode=1043)
        if message.needs_confirmation and not message.has_been("Confirmed"):
            raise refused("purge_before_confirm")
        changes.purge(box, dialog)
    return json_response(message.id)


def file(box: "Sandbox", request: Request, key: str, part: str) -> Response:
    """Send a file; the sender and the client are told that it was fetched."""
    with box.world.lock:
        if "Authorization" not in request.headers:
            return _to_login(box, request)
        message, dialog = _allowed(box, request, key, READ)
        name = _usable(box, message, part)
        _note_download(box, dialog, name)
    return files.answer(box, part.lower(), name=name, in_place=True)


def _usable(box: "Sandbox", message: Message, part: str) -> str:
    one = messages.attached(box, message).get(part.lower())
    if one is None:
        told = "The requested attachment was not found"
        raise refused("not_found", detail=told, code="CORR-02001", errorCode=2001)
    asked = box.world.owners.files.get(part.lower(), File()).state
    if asked == "purged":
        raise refused("attachment_purged")
    if asked == "forbidden":
        raise refused("no_access")
    if asked == "expired" or one.has_expired:
        raise refused("attachment_expired")
    return one.name


def _note_download(box: "Sandbox", dialog: Dialog, name: str) -> None:
    actor = party_actor(box.world, box.world.firm)
    note = changes.new_activity(
        box, kind="Information", actor=actor, text=f"Startet nedlastning av vedlegg {name}"
    )
    changes.change(box, dialog, fields={}, activities=[note], silent=True)


def all_files(box: "Sandbox", request: Request, key: str) -> Response:
    with box.world.lock:
        if "Authorization" not in request.headers:
            return _to_login(box, request)
        message, dialog = _allowed(box, request, key, READ)
        asked = box.world.owners.files
        packed = files.zipped(
            [
                (one.name, files.body_of(asked.get(key, File()), one.name))
                for key, one in messages.attached(box, message).items()
                if not one.has_expired and not asked.get(key, File()).state
            ]
        )
        _note_download(box, dialog, "Alle vedlegg")
    response = Response(packed, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{message.id}.zip"'
    return response


def _to_login(box: "Sandbox", request: Request) -> Response:
    response = Response(status=302)
    response.autocorrect_location_header = False
    response.headers["Location"] = f"{box.base_url}/authentication/login?goto={request.path}"
    return response


def reminders(box: "Sandbox", request: Request) -> Response:
    """Tell who has unopened confidential post, in the language asked for."""
    if tokens.dialog_claims(box, request) is None:
        tokens.with_altinn_token(box, request, READ, WRITE)
    told = {
        "nb": "Virksomheten har **uåpnet taushetsbelagt post**. Be den som har tilgang om å åpne.",
        "nn": "Verksemda har **uopna teiebelagd post**. Be den som har tilgang om å opne.",
        "en": "The business has **unopened confidential post**. Ask one with access to open it.",
    }
    body = told.get(request.args.get("languageCode", "nb"), told["nb"])
    return Response(body, content_type="text/plain; charset=utf-8")


_MESSAGE = "/correspondence/api/v1/correspondence/<key>"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", _MESSAGE, "correspondence", overview),
    ("GET", f"{_MESSAGE}/content", "correspondence-content", text),
    ("POST", f"{_MESSAGE}/confirm", "correspondence-confirm", confirm),
    ("DELETE", f"{_MESSAGE}/purge", "correspondence-purge", purge),
    ("GET", f"{_MESSAGE}/attachment/<part>/download", "correspondence-file", file),
    ("GET", f"{_MESSAGE}/attachments/downloadall", "correspondence-files", all_files),
    ("GET", "/correspondence/api/v1/confidential-reminders", "correspondence-reminders",
     reminders),
]  # fmt: skip
