"""PUT …/context/systemlabels and the bulk set: labels everyone with access shares."""

from typing import TYPE_CHECKING, Any

import msgspec
from werkzeug.wrappers import Request, Response

from sandbox import changes, ids
from sandbox.access import actor, end_user
from sandbox.model import LABELS, Json
from sandbox.problems import forbidden, not_found, problem, refuse, removed

if TYPE_CHECKING:
    from sandbox.state import Sandbox

UNKNOWN = "The following dialog ids are unauthorized and/or missing"


def _body(request: Request) -> Json:
    try:
        body = msgspec.json.decode(request.get_data())
    except msgspec.MsgspecError as exc:
        raise refuse(request, 400, {"serializerErrors": [str(exc)]}) from exc
    if not isinstance(body, dict):
        raise refuse(request, 400, {"serializerErrors": ["The body must be an object."]})
    return body


def _labels(request: Request, body: Json) -> tuple[list[str], list[str]]:
    """Read the labels to add and to remove; `systemLabels` is an old name of the former."""

    def read(name: str) -> list[str]:
        values: Any = body.get(name) or []
        found: list[str] = []
        for value in values if isinstance(values, list) else [values]:
            match = [label for label in LABELS if label.lower() == str(value).lower()]
            if not match:
                told = f"The JSON value could not be converted to SystemLabel: {value}."
                raise refuse(request, 400, {name: [told]})
            found += match
        if "Sent" in found:
            told = "The system label 'Sent' can not be set or removed by end users."
            raise refuse(request, 400, {f"dto.{name}": [told]})
        return found

    return [*read("systemLabels"), *read("addLabels")], read("removeLabels")


def set_labels(box: "Sandbox", request: Request, key: str) -> Response:
    user = end_user(box, request)
    add, remove = _labels(request, _body(request))
    expected = request.headers.get("If-Match", "")
    if expected and not ids.is_uuid(expected):
        raise refuse(request, 400, {"ifMatchEndUserContextRevision": ["Not a valid GUID."]})
    with box.world.lock:
        dialog = box.world.dialogs.get(key.lower())
        if dialog is None:
            raise not_found(request, "DialogEntity", key)
        if not box.world.may_list(user, dialog):
            raise forbidden(request, f"{UNKNOWN}: {key}.")
        if dialog.deleted is not None:
            raise removed(request, "DialogEntity", key)
        if expected and expected.lower() != dialog.context_revision:
            return problem(request, 412)
        changes.set_labels(box, dialog, add=add, remove=remove, actor=actor(user))
        response = Response(status=204)
        response.headers["Etag"] = dialog.context_revision
        return response


def set_many(box: "Sandbox", request: Request) -> Response:
    """Label 1 to 100 dialogs, all or none."""
    user = end_user(box, request)
    body = _body(request)
    add, remove = _labels(request, body)
    wanted: Any = body.get("dialogs") or []
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 100:
        told = "Must supply between 1 and 100 dialogs to update"
        raise refuse(request, 400, {"dto.dialogs": [told]})
    keys = [str(entry.get("dialogId", "")).lower() for entry in wanted]
    if len(set(keys)) != len(keys) or not all(ids.is_uuid(key) for key in keys):
        raise refuse(request, 400, {"dto.dialogs": ["Dialog ids must be unique GUIDs."]})
    with box.world.lock:
        found = [box.world.dialogs.get(key) for key in keys]
        dialogs = [
            dialog
            for dialog in found
            if dialog and dialog.deleted is None and box.world.may_list(user, dialog)
        ]
        if len(dialogs) != len(keys):
            missing = sorted(set(keys) - {dialog.id for dialog in dialogs})
            told = f"{UNKNOWN}: {', '.join(missing)}."
            raise refuse(request, 404, {"DialogEntity": [told]})
        for dialog, entry in zip(dialogs, wanted, strict=True):
            expected = entry.get("endUserContextRevision")
            if expected and str(expected).lower() != dialog.context_revision:
                return problem(request, 412)
        for dialog in dialogs:
            changes.set_labels(box, dialog, add=add, remove=remove, actor=actor(user))
    return Response(status=204)
