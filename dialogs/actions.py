"""What people do with a dialog. Writes our columns alone; Altinn is not told."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F

from dialogs import live
from dialogs.models import Dialog
from staff import audit
from staff.models import AuditEntry, User

ASSIGNED = "dialog.assigned"


class SomebodyWasFirst(Exception):
    """The work has changed since the page was shown. Nothing was written."""

    def __init__(self, entry: AuditEntry | None) -> None:
        super().__init__("the work version has moved on")
        self.entry = entry


class _Touched(NamedTuple):
    dialog_id: UUID
    client_id: int
    is_new: bool = False


def about(dialog_id: UUID) -> str:
    return f"dialog {dialog_id}"


def assign_dialog(
    *, dialog: Dialog, responsible: User | None, work_version: int, actor: User, now: datetime
) -> bool:
    """Make a colleague responsible, or nobody. Return whether that changed anything.

    Raises:
        SomebodyWasFirst: `work_version` is not the current one, and what is there now differs.
    """
    before = dialog.responsible
    if responsible == before:
        return False
    with transaction.atomic():
        unchanged = Dialog.objects.filter(pk=dialog.pk, work_version=work_version)
        if not unchanged.update(
            responsible=responsible, assigned_why="", work_version=F("work_version") + 1
        ):
            latest = AuditEntry.objects.filter(about=about(dialog.pk)).select_related("actor")
            raise SomebodyWasFirst(latest.order_by("-at", "-pk").first())
        audit.record(
            actor=actor,
            act=ASSIGNED,
            about=about(dialog.pk),
            now=now,
            before=before.pk if before else None,
            after=responsible.pk if responsible else None,
        )
        live.tell([_Touched(dialog.pk, dialog.client_id)])
    return True
