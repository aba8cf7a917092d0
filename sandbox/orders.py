"""Controls that act on dialogs: made, changed and read as by their service owners and readers."""

from typing import TYPE_CHECKING, Any

import msgspec
from werkzeug.wrappers import Request, Response

from sandbox import changes, clock, ids, items, names, parts, templates
from sandbox.letters import compose
from sandbox.model import STATUSES, Dialog, Json, Party, SystemUser, Texts
from sandbox.problems import Refused, json_response

if TYPE_CHECKING:
    from sandbox.state import Sandbox

_TIMES = {"dueAt": "due", "expiresAt": "expires", "visibleFrom": "visible_from",
          "createdAt": "created", "updatedAt": "updated",
          "contentUpdatedAt": "content_updated"}  # fmt: skip
_TEXTS = {"title": "title", "summary": "summary", "senderName": "sender",
          "additionalInfo": "additional_info", "extendedStatusLabel": "label",
          "nonSensitiveTitle": "public_title"}  # fmt: skip
_PLAIN = {"status": "status", "extendedStatus": "extended_status", "progress": "progress",
          "process": "process", "precedingProcess": "preceding_process",
          "externalReference": "external_reference", "isApiOnly": "is_api_only",
          "isListOnly": "is_list_only"}  # fmt: skip


def wrong(text: str) -> Refused:
    return Refused(json_response({"error": text}, 400))


def listed(value: Any) -> list[str]:
    """Read one string or a list of them."""
    if isinstance(value, str):
        return [value]
    return [str(one) for one in value] if isinstance(value, list) else []


def _body(request: Request) -> Json:
    data = request.get_data()
    try:
        body = msgspec.json.decode(data) if data else {}
    except msgspec.MsgspecError as exc:
        raise wrong(str(exc)) from exc
    if not isinstance(body, dict):
        raise wrong("the body must be a JSON object")
    return body


def _texts(value: Any) -> Texts | None:
    """Read a text: a string is Bokmål, an object is by language."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {str(code): str(text) for code, text in value.items()}
    return {"nb": str(value)}


def _fields(body: Json) -> Json:
    found: Json = {}
    for name, value in body.items():
        if name in _TIMES:
            try:
                found[_TIMES[name]] = None if value is None else clock.read(str(value))
            except ValueError as exc:
                raise wrong(f"{name}: {exc}") from exc
        elif name in _TEXTS:
            found[_TEXTS[name]] = _texts(value)
        elif name in _PLAIN:
            found[_PLAIN[name]] = value
    if found.get("status", "Draft") not in STATUSES:
        raise wrong(f"status must be one of {', '.join(STATUSES)}")
    return found


def dialog_by(box: "Sandbox", key: Any) -> Dialog:
    dialog = box.world.dialogs.get(str(key).lower())
    if dialog is None:
        raise Refused(json_response({"error": "there is no such dialog"}, 404))
    return dialog


def item_of(box: "Sandbox", dialog: Dialog) -> Json:
    hidden = box.world.hidden_because(dialog, None, box.clock.now())
    item = items.list_item(box.world, dialog, "")
    item["_revision"] = dialog.revision
    if hidden:
        item["_hidden"] = hidden
    return item


def create(box: "Sandbox", request: Request) -> Response:
    """Make a dialog as a service owner; times may lie in the past."""
    body = _body(request)
    world = box.world
    with world.lock:
        party = world.parties.get(str(body.get("party") or world.firm))
        if party is None:
            if not ids.is_party(str(body["party"])):
                raise wrong("party must be a valid party URN")
            party = _stranger(box, str(body["party"]))
        fields = _fields(body)
        now = box.clock.now()
        created = fields.get("created") or fields.get("updated") or now
        updated = fields.get("updated") or created
        key = body.get("template")
        if key and key not in templates.all_templates():
            raise wrong(f"there is no template {key!r}")
        if key:
            template = templates.all_templates()[key]
            dialog = compose(world, template, party, created=created, now=now, dice=box.dice)
            dialog.seen, dialog.content_seen = [], False
            if "resource" in body:
                dialog.resource = str(body["resource"])
        else:
            dialog = _plain(box, body, party, created)
        if "status" in fields or "id" in body:
            dialog.parts = None
        for name, value in fields.items():
            setattr(dialog, name, value)
        dialog.created, dialog.updated = created, updated
        dialog.content_updated = fields.get("content_updated") or updated
        if body.get("content", True) is None:
            dialog.title = dialog.summary = dialog.sender = dialog.label = None
        _place_labels(dialog, listed(body.get("labels")))
        changes.create(box, dialog, silent=bool(body.get("silent")))
        return json_response(item_of(box, dialog), 201)


def _stranger(box: "Sandbox", urn: str) -> Party:
    """Add a party nobody has been given, such as a client another firm has."""
    number = urn.rsplit(":", 1)[1]
    is_person = urn.startswith(ids.PERSON)
    party = Party(
        urn=urn, orgnr="" if is_person else number, name=f"Ukjent {number}",
        kind="Person" if is_person else "Organization",
        party_id=52_000_000 + len(box.world.parties), uuid=ids.uuid4(box.dice),
    )  # fmt: skip
    box.world.add_party(party)
    return party


def _plain(box: "Sandbox", body: Json, party: Party, created: int) -> Dialog:
    key = str(body.get("id") or ids.uuid7(created, box.dice)).lower()
    if not ids.is_uuid(key) or key in box.world.dialogs:
        raise wrong("id must be a UUID that is not taken")
    resource = str(body.get("resource") or "urn:altinn:resource:sandbox-demo").lower()
    service = box.world.services.get(resource)
    return Dialog(
        id=key,
        number=int(key.replace("-", ""), 16),
        revision=ids.uuid4(box.dice),
        context_revision=ids.uuid4(box.dice),
        party=party.urn,
        resource=resource,
        kind=str(body.get("serviceResourceType") or (
            service.kind if service else "genericaccessresource")),
        org=str(body.get("org") or (service.owner_code if service else "digdir")),
        title={"nb": "Melding fra sandkassen"},
    )  # fmt: skip


def _place_labels(dialog: Dialog, labels: list[str]) -> None:
    for label in labels:
        if label == "MarkedAsUnopened":
            dialog.is_marked = True
        elif label == "Sent":
            dialog.is_sent = True
        else:
            dialog.place = label


def show(box: "Sandbox", request: Request, key: str) -> Response:
    with box.world.lock:
        dialog = box.world.dialogs.get(key.lower()) or box.world.purged.get(key.lower())
        if dialog is None:
            raise Refused(json_response({"error": "there is no such dialog"}, 404))
        return json_response(item_of(box, dialog))


def do(box: "Sandbox", request: Request, key: str) -> Response:
    """Let something happen to a dialog: the body's `do` says what."""
    body = _body(request)
    what = str(body.get("do", "update"))
    silent = bool(body.get("silent")) or what.startswith("silent-")
    with box.world.lock:
        dialog = dialog_by(box, key)
        if what in ("update", "silent-update"):
            fields = _fields(body)
            more = body.get("transmission")
            sent = [_sent(box, dialog, more)] if isinstance(more, dict) else []
            notes = [_note(box, one) for one in body.get("activities", [])]
            changes.change(
                box, dialog, fields=fields, transmissions=sent, activities=notes, silent=silent
            )
        elif what in ("transmission", "silent-transmission"):
            fields = {name: value for name, value in _fields(body).items() if name == "status"}
            changes.change(
                box, dialog, fields=fields, transmissions=[_sent(box, dialog, body)], silent=silent
            )
        elif what in ("activity", "silent-activity"):
            changes.change(box, dialog, fields={}, activities=[_note(box, body)], silent=silent)
        elif what in ("delete", "silent-delete"):
            changes.delete(box, dialog, silent=silent)
        elif what in ("restore", "silent-restore"):
            changes.restore(box, dialog, silent=silent)
        elif what in ("purge", "silent-purge"):
            changes.purge(box, dialog, silent=silent)
        elif what == "expire":
            changes.expire(box, dialog)
        elif what == "set":
            for name, value in _fields(body).items():
                setattr(dialog, name, value)
            _place_labels(dialog, listed(body.get("labels")))
            box.world.touch(dialog, moved=True)
        else:
            raise wrong(f"cannot do {what!r}")
        return json_response(item_of(box, dialog))


def _sent(box: "Sandbox", dialog: Dialog, body: Json) -> Json:
    from_party = body.get("sender") == "PartyRepresentative"
    return changes.new_transmission(
        box, dialog, kind=str(body.get("type", "Information")),
        title=str(body.get("title", "Ny melding i saken")), text=str(body.get("summary") or ""),
        sender=parts.party_actor(box.world, dialog.party) if from_party else changes.OWNER,
    )  # fmt: skip


def _note(box: "Sandbox", body: Json) -> Json:
    name = body.get("performedBy")
    return changes.new_activity(
        box, kind=str(body.get("type", "Information")), text=str(body.get("description") or ""),
        actor=parts.person_actor(str(name)) if name else changes.OWNER,
        transmission_id=str(body.get("transmissionId") or ""),
    )  # fmt: skip


def ledger(box: "Sandbox", request: Request) -> Response:
    """List all dialogs as they are: what search would give now, and what it hides and why."""
    key = request.args.get("system_user")
    user: SystemUser | None = None
    if key:
        user = box.world.users.get(key)
        if user is None:
            raise wrong("there is no such system_user")
    shown: list[msgspec.Raw] = []
    hidden: list[Json] = []
    with box.world.lock:
        now = box.clock.now()
        for dialog in (*box.world.dialogs.values(), *box.world.purged.values()):
            reason = box.world.hidden_because(dialog, user, now)
            item = msgspec.Raw(items.encoded(box.world, dialog, user.id if user else ""))
            if reason is None:
                shown.append(item)
            else:
                hidden.append({"id": dialog.id, "party": dialog.party, "reason": reason,
                               "item": item})  # fmt: skip
    return json_response({"items": shown, "hidden": hidden})


def seen(box: "Sandbox", request: Request) -> Response:
    """List who has read what since the start; `?all=1` adds what came with the world."""
    everything = bool(request.args.get("all"))
    found: list[Json] = []
    with box.world.lock:
        for dialog in (*box.world.dialogs.values(), *box.world.purged.values()):
            found += [
                items.seen_entry(entry, "")
                | {"dialog": dialog.id, "party": dialog.party, "key": entry.key}
                for entry in dialog.seen
                if entry.since_start or everything
            ]
    return json_response(sorted(found, key=lambda entry: str(entry["seenAt"])))


def person_sees(box: "Sandbox", request: Request) -> Response:
    """Let a person at the client open a dialog."""
    body = _body(request)
    with box.world.lock:
        dialog = dialog_by(box, body.get("dialog"))
        name = str(body.get("name") or names.person(box.dice))
        changes.see(box, dialog, key=f"person:{name}", actor=parts.person_actor(name))
        return json_response(item_of(box, dialog))
