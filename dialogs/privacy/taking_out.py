"""Everything the portal has of one client, as a zip: JSON, and the files of its folder.

Written while it is fetched, some rows at a time and each from a statement of its own: the parts of
an answer are made on whichever thread is free, so no cursor may stay open between them. What the
one who asks may not see of the client is not in it.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.db.models import Model, QuerySet
from django.utils import timezone

from clients.models import Client
from dialogs.files import names
from dialogs.files.archive import Damaged, pieces_of
from dialogs.models import ArchivedFile, Dialog, Note, OpenedBody, OpenedDialog, ServiceAction
from staff.models import AuditEntry, User
from staff.sealing import Unreadable, unseal
from staff.streams import Taken

AT_ONCE = 200
_READABLE = 0o600 << 16
_LARGE_BYTES = 2**31 - 1
Line = dict[str, Any]


def written(client: Client, *, user: User, now: datetime) -> Iterator[bytes]:
    """Write the zip, a piece at a time."""
    out, when = Taken(), timezone.localtime(now).timetuple()[:6]
    dialogs = Dialog.objects.visible_to(user).filter(client=client)
    theirs = dialogs.values("pk")
    about_it = AuditEntry.objects.filter(client_id=client.pk)
    about_it = about_it.exclude(about__in=_hidden(client, user))
    parts: dict[str, tuple[QuerySet[Any, Any], Callable[[Any], Line]]] = {
        "dialoger.jsonl": (dialogs.select_related("copy", "service"), _dialog),
        "aapnet.jsonl": (OpenedDialog.objects.filter(dialog__in=theirs), _opened),
        "innhold.jsonl": (OpenedBody.objects.filter(dialog__in=theirs), _body),
        "handlinger.jsonl": (ServiceAction.objects.filter(dialog__in=theirs), _action),
        "notater-dialoger.jsonl": (Note.objects.filter(dialog__in=theirs), _row),
        "notater-klient.jsonl": (Note.objects.filter(client=client), _row),
        "logg.jsonl": (about_it, _row),
    }
    files = ArchivedFile.objects.kept().filter(dialog__in=theirs)
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=4) as archive:
        archive.writestr(_info("klient.json", when), _as_json(_client(client), indent=2))
        yield out.taken()
        for name, (rows, say) in parts.items():
            with archive.open(_info(name, when), "w", force_zip64=True) as member:
                for row in _by_key(rows):
                    member.write(f"{_as_json(say(row))}\n".encode())
                    yield out.taken()
            yield out.taken()
        taken: set[str] = set()
        for row in _by_key(files):
            yield from _file(archive, out, row, when, taken)
    yield out.taken()


def _hidden(client: Client, user: User) -> list[str]:
    """Return what the log calls the dialogs that this person may not see."""
    all_of_it = Dialog.objects.filter(client=client)
    hidden = all_of_it.exclude(pk__in=Dialog.objects.visible_to(user).values("pk"))
    keys = hidden.values_list("pk", flat=True)
    return [f"{before}dialog {key}" for key in keys for before in ("", "look at ", "try for ")]


def _by_key(rows: QuerySet[Any, Any]) -> Iterator[Any]:
    last, rows = None, rows.order_by("pk")
    while some := list((rows.filter(pk__gt=last) if last else rows)[:AT_ONCE]):
        yield from some
        last = some[-1].pk


def _file(
    archive: ZipFile, out: Taken, row: ArchivedFile, when: Any, taken: set[str]
) -> Iterator[bytes]:
    """Write one file; one that cannot be read any more ends where it breaks off, and is said to."""
    name = names.unique(names.safe(row.name), taken)
    info = _info(f"filer/{name}", when)
    try:
        with archive.open(info, "w", force_zip64=row.size_bytes > _LARGE_BYTES) as member:
            for piece in pieces_of(row):
                member.write(piece)
                yield out.taken()
    except (OSError, Damaged):
        text = f"{row.attachment_id} {row.sha256}"
        archive.writestr(_info(f"filer/{name}.mangler.txt", when), text)
    yield out.taken()


def _client(client: Client) -> Line:
    return _row(client) | {
        "members": [user.pk for user in client.members.order_by("pk")],
        "parties": [_row(party) for party in client.parties.order_by("pk")],
        "areas": [_row(area) for area in client.area_responsibles.order_by("pk")],
        "people": {str(user.pk): user.name for user in User.objects.order_by("pk")},
    }


def _row(row: Model) -> Line:
    """Return a row's own columns."""
    found = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: value for name, value in found.items() if not isinstance(value, bytes)}


def _dialog(dialog: Dialog) -> Line:
    copy = {"title": dialog.copy.title, "received": dialog.copy.received}
    return _row(dialog) | {"service": dialog.service.urn, **copy}


def _opened(row: OpenedDialog) -> Line:
    text = _unsealed(row.sealed)
    return _row(row) | {"content": json.loads(text) if text else None}


def _body(row: OpenedBody) -> Line:
    return _row(row) | {"html": _unsealed(row.sealed)}


def _action(row: ServiceAction) -> Line:
    return _row(row) | {"request": _unsealed(row.request), "answer": _unsealed(row.answer)}


def _unsealed(sealed: bytes | memoryview | None) -> str | None:
    if not sealed:
        return None
    try:
        return unseal(sealed).decode(errors="replace")
    except Unreadable:
        return None


def _as_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain, indent=indent)


def _plain(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value))


def _info(name: str, when: Any) -> ZipInfo:
    info = ZipInfo(name, when)
    info.compress_type, info.external_attr = ZIP_DEFLATED, _READABLE
    return info
