"""Where a dialog is in Altinn, or whether it is unread there, as a job's items keep it."""

from typing import Any

from django.db.models import Case, Value, When

from altinn.dialogporten import SearchItem, SystemLabel
from dialogs.bulk.acts import Act
from dialogs.ingest.store import folder_of
from dialogs.models import Dialog

State = dict[str, Any]  # {"folder": "ARCHIVE"} or {"unread": true}

WISH: dict[Act, State] = {
    Act.ARCHIVE: {"folder": Dialog.Folder.ARCHIVE.value},
    Act.BIN: {"folder": Dialog.Folder.BIN.value},
    Act.INBOX: {"folder": Dialog.Folder.INBOX.value},
    Act.UNREAD: {"unread": True},
}
_LABELS = {Dialog.Folder.ARCHIVE: SystemLabel.ARCHIVE, Dialog.Folder.BIN: SystemLabel.BIN}


def labels_for(state: State) -> tuple[list[SystemLabel], list[SystemLabel]]:
    """Return what to add and what to remove so that a dialog gets there."""
    if "folder" in state:
        return [_LABELS.get(state["folder"], SystemLabel.DEFAULT)], []
    marked = [SystemLabel.MARKED_AS_UNOPENED]
    return (marked, []) if state["unread"] else ([], marked)


def state_of(it: Dialog | SearchItem, *, like: State) -> State:
    """Return where a dialog is, or whether it is unread: what `like` is about."""
    if isinstance(it, Dialog):
        folder, is_unread = it.altinn_folder, it.is_unread
    else:
        folder, is_unread = folder_of(it), not it.is_content_seen
    if "unread" in like:
        return {"unread": is_unread}
    is_draft = folder == Dialog.Folder.DRAFTS  # in Altinn's inbox too: no label tells them apart
    return {"folder": Dialog.Folder.INBOX.value if is_draft else str(folder)}


def columns_for(wish: State) -> dict[str, Any]:
    """Return what our copy of a dialog has when it is there."""
    if "unread" in wish:
        return {"is_unread": wish["unread"]}
    if wish["folder"] != Dialog.Folder.INBOX:
        return {"altinn_folder": wish["folder"]}
    drafts = When(status=Dialog.Status.DRAFT, then=Value(Dialog.Folder.DRAFTS.value))
    return {"altinn_folder": Case(drafts, default=Value(Dialog.Folder.INBOX.value))}
