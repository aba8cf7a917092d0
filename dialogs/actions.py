"""What people do with one dialog. Writes our columns alone; Altinn is not told.

Each change names the version of the work it was decided on. If that has moved on, nothing is
written and the caller learns who was first and what they changed.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from dialogs import live, notices
from dialogs.models import Dialog, Finished, Follower, Notice, Opening
from staff import audit
from staff.models import AuditEntry, User

ASSIGNED = "dialog.assigned"
SNOOZED = "dialog.snoozed"
WOKEN = "dialog.woken"
INTERNAL_DUE = "dialog.internal_due"
ESTIMATED_DUE = "dialog.estimated_due"
FINISHED = "dialog.finished"
RESUMED = "dialog.resumed"
REOPENING_SEEN = "dialog.reopening_seen"
UNPINNED = "dialog.unpinned"
OPENED = "dialog.opened"
SEEN = "dialog.seen"  # our copy, in the panel: once a day each


class SomebodyWasFirst(Exception):
    """The work has changed since the page was shown. Nothing was written."""

    def __init__(self, entry: AuditEntry | None) -> None:
        super().__init__("the work version has moved on")
        self.entry = entry


class Touched(NamedTuple):
    """A dialog that open pages are told about."""

    dialog_id: UUID
    client_id: int
    is_new: bool = False


class Decision(NamedTuple):
    """Who decided something, when, and on which version of the work."""

    actor: User
    now: datetime
    work_version: int


def about(dialog_id: UUID) -> str:
    return f"dialog {dialog_id}"


def assign_dialog(
    dialog: Dialog, responsible: User | None, decision: Decision, *, comment: str = ""
) -> bool:
    """Make a colleague responsible, or nobody. Return whether that changed anything.

    Tells the new and the former one, unless it is they who decide.

    Raises:
        SomebodyWasFirst: the version is not the current one, and what is there now differs.
    """
    before = dialog.responsible
    if responsible == before:
        return False
    changes = {"responsible": responsible, "assigned_why": ""}
    with transaction.atomic():
        _change(dialog, ASSIGNED, decision, changes, comment=comment)
        kinds = {Notice.Kind.ASSIGNED: responsible, Notice.Kind.TAKEN: before}
        for kind, user in kinds.items():
            notices.notify(
                [user] if user else [],
                kind,
                actor=decision.actor,
                now=decision.now,
                dialog=dialog,
                comment=comment,
            )
    return True


def snooze(dialog: Dialog, until_on: date, decision: Decision) -> None:
    """Put a dialog aside until a day. The caller sees to that it is back before its deadline."""
    _change(dialog, SNOOZED, decision, {"snoozed_until_on": until_on, "reopened_at": None})


def wake(dialog: Dialog, decision: Decision) -> None:
    """Take a dialog back to the inbox before its day."""
    _change(dialog, WOKEN, decision, {"snoozed_until_on": None})


def set_internal_due(dialog: Dialog, due_on: date | None, decision: Decision) -> None:
    _change(dialog, INTERNAL_DUE, decision, {"internal_due_on": due_on})


def set_estimated_due(dialog: Dialog, due_on: date | None, decision: Decision) -> None:
    """Note the deadline a person has worked out; it is shown as estimated."""
    _change(dialog, ESTIMATED_DUE, decision, {"estimated_due_on": due_on})


def finish(dialog: Dialog, decision: Decision) -> None:
    """Be done with a dialog, and keep what it looked like: the authority may change it later."""
    changes = {"done_at": decision.now, "reopened_at": None, "snoozed_until_on": None}
    with transaction.atomic():
        _change(dialog, FINISHED, decision, changes)
        keep_as_finished([dialog], by=decision.actor, now=decision.now)


def keep_as_finished(dialogs: Iterable[Dialog], *, by: User, now: datetime) -> None:
    """Keep what dialogs look like now. They need their copies."""
    columns = ("title", "summary", "status", "due_at", "attachment_count", "content_updated_at")
    Finished.objects.bulk_create(
        [
            Finished(
                dialog=one,
                by=by,
                at=now,
                title=one.copy.title,
                summary=one.copy.summary,
                status=one.status,
                due_at=one.due_at,
                attachment_count=one.attachment_count,
                content_updated_at=one.content_updated_at,
            )
            for one in dialogs
        ],
        update_conflicts=True,
        unique_fields=["dialog"],
        update_fields=["by", "at", *columns],
    )


def resume(dialog: Dialog, decision: Decision) -> None:
    """Take a finished dialog up again."""
    _change(dialog, RESUMED, decision, {"done_at": None})


def see_reopening(dialog: Dialog, decision: Decision) -> None:
    """Take a dialog out of the queue of those the authority changed after we were done."""
    _change(dialog, REOPENING_SEEN, decision, {"reopened_at": None})


def unpin(dialog: Dialog, decision: Decision) -> None:
    """Let a dialog stand where its deadline puts it, until the authority changes it."""
    _change(dialog, UNPINNED, decision, {"pin": None})


def follow(dialog: Dialog, *, user: User, now: datetime) -> None:
    Follower.objects.get_or_create(dialog=dialog, user=user, defaults={"since_at": now})


def unfollow(dialog: Dialog, *, user: User) -> None:
    Follower.objects.filter(dialog=dialog, user=user).delete()


# One statement, as every panel costs it: the mark, what was told of the dialog is read, and the
# audit log. There it is «about» a look and not the dialog, whose own lines tell of the work.
_LOOK_AT = f"""
WITH audited AS (
  INSERT INTO staff_auditentry (at, actor_id, act, about, client_id, detail)
  SELECT %(now)s, %(user)s, '{SEEN}', 'look at dialog ' || %(dialog)s, %(client)s, '{{}}'
  WHERE NOT EXISTS (SELECT FROM dialogs_readmark
    WHERE user_id = %(user)s AND dialog_id = %(dialog)s AND read_at >= %(today)s)
), mark AS (
  INSERT INTO dialogs_readmark (user_id, dialog_id, read_at)
  VALUES (%(user)s, %(dialog)s, %(now)s)
  ON CONFLICT (user_id, dialog_id) DO UPDATE SET read_at = excluded.read_at
), mention AS (
  UPDATE dialogs_mention m SET seen_at = %(now)s FROM dialogs_note n
  WHERE n.id = m.note_id AND n.dialog_id = %(dialog)s AND m.user_id = %(user)s
    AND m.seen_at IS NULL
)
UPDATE dialogs_notice SET read_at = %(now)s
WHERE user_id = %(user)s AND dialog_id = %(dialog)s AND read_at IS NULL
"""  # noqa: S608 (our own name)


def look_at(dialog: Dialog, *, user: User, now: datetime) -> None:
    """Note that somebody has read what we show of a dialog. Nothing is asked of Altinn."""
    values: dict[str, Any] = {
        "user": user.pk,
        "dialog": dialog.pk,
        "client": dialog.client_id,
        "now": now,
        "today": timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_AT, values)


def note_opening(dialog: Dialog, *, user: User, now: datetime) -> None:
    """Note who in the firm went on to open the dialog itself."""
    with transaction.atomic():
        Opening.objects.create(dialog=dialog, user=user, at=now)
        audit.record(actor=user, act=OPENED, about=about(dialog.pk), now=now)


def return_snoozed(*, now: datetime, today: date) -> int:
    """Bring back what was put aside until today; tell those responsible. Return how many."""
    due = Dialog.objects.filter(snoozed_until_on__lte=today)
    with transaction.atomic():
        back = list(due.select_for_update(skip_locked=True).order_by("pk"))
        Dialog.objects.filter(pk__in=[one.pk for one in back]).update(
            snoozed_until_on=None, work_version=F("work_version") + 1
        )
        notices.notify_each_of(back, Notice.Kind.RETURNED, now=now)
        live.tell([Touched(one.pk, one.client_id) for one in back])
    return len(back)


def _change(
    dialog: Dialog, act: str, decision: Decision, changes: dict[str, Any], **detail: Any
) -> None:
    """Change our columns of a dialog, and write down from what to what.

    Raises:
        SomebodyWasFirst: the version decided on is not the current one.
    """
    with transaction.atomic():
        current = Dialog.objects.filter(pk=dialog.pk, work_version=decision.work_version)
        if not current.update(**changes, work_version=F("work_version") + 1):
            latest = AuditEntry.objects.filter(about=about(dialog.pk)).select_related("actor")
            raise SomebodyWasFirst(latest.order_by("-at", "-pk").first())
        audit.record(
            actor=decision.actor,
            act=act,
            about=about(dialog.pk),
            now=decision.now,
            before={name: _plain(getattr(dialog, name)) for name in changes},
            after={name: _plain(value) for name, value in changes.items()},
            **{name: value for name, value in detail.items() if value},
        )
        live.tell([Touched(dialog.pk, dialog.client_id)])


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: a key, a date as text."""
    value = getattr(value, "pk", value)
    return value.isoformat() if isinstance(value, date) else value
