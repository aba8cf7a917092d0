"""What the panel shows of the work on a dialog, in one statement."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from dialogs.actions import about
from dialogs.counters import workload_sql
from dialogs.models import Dialog
from staff.models import User

MOST_OPENINGS = 3
MOST_ENTRIES = 10


class Opening(msgspec.Struct):
    user_id: int
    at: datetime


class Step(msgspec.Struct):
    """A step of the service's checklist, and who ticked it for this dialog."""

    id: int
    text: str
    by_id: int | None
    at: datetime | None

    @property
    def is_done(self) -> bool:
        return self.at is not None


class Entry(msgspec.Struct):
    """A line of the audit log."""

    actor_id: int | None
    act: str
    at: datetime
    detail: dict[str, Any]


class AsFinished(msgspec.Struct):
    """The dialog as it was when somebody was done with it."""

    by_id: int
    at: datetime
    title: str
    summary: str
    status: str
    due_at: datetime | None
    attachment_count: int


class Facts(msgspec.Struct):
    read_at: datetime | None
    follower_ids: list[int]
    openings: list[Opening]
    steps: list[Step]
    log: list[Entry]
    finished: AsFinished | None
    open_counts: dict[int, int]  # how much each colleague has in the inbox

    @property
    def mentioned(self) -> set[int]:
        """Everybody whose name is needed to tell this."""
        people = {*self.follower_ids, *(one.user_id for one in self.openings)}
        people |= {one.by_id for one in self.steps if one.by_id}
        people |= {self.finished.by_id} if self.finished else set()
        for entry in self.log:
            after = entry.detail.get("after") or {}
            people |= {key for key in (entry.actor_id, after.get("responsible")) if key}
        return people


_FACTS = """
SELECT json_build_object(
  'read_at', (SELECT read_at FROM dialogs_readmark
    WHERE dialog_id = %(dialog)s AND user_id = %(user)s),
  'follower_ids', (SELECT coalesce(json_agg(user_id ORDER BY since_at), '[]')
    FROM dialogs_follower WHERE dialog_id = %(dialog)s),
  'openings', (SELECT coalesce(json_agg(x), '[]') FROM (
    SELECT user_id, max(at) AS at FROM dialogs_opening WHERE dialog_id = %(dialog)s
    GROUP BY user_id ORDER BY 2 DESC LIMIT %(openings)s) x),
  'steps', (SELECT coalesce(json_agg(x), '[]') FROM (
    SELECT s.id, s.text, t.by_id, t.at FROM dialogs_checkliststep s
    LEFT JOIN dialogs_checklisttick t ON t.step_id = s.id AND t.dialog_id = %(dialog)s
    WHERE s.service_id = %(service)s AND (s.retired_at IS NULL OR t.id IS NOT NULL)
    ORDER BY s.position, s.id) x),
  'log', (SELECT coalesce(json_agg(x), '[]') FROM (
    SELECT actor_id, act, at, detail FROM staff_auditentry WHERE about = %(about)s
    ORDER BY at DESC, id DESC LIMIT %(entries)s) x),
  'finished', (SELECT row_to_json(f) FROM dialogs_finished f WHERE dialog_id = %(dialog)s),
  'open_counts', (SELECT coalesce(json_object_agg(user_id, total), '{{}}') FROM ({workload}) x)
)::text
"""


def facts_of(dialog: Dialog, *, user: User) -> Facts:
    values: dict[str, UUID | int | str] = {
        "dialog": dialog.pk,
        "service": dialog.service_id,
        "user": user.pk,
        "about": about(dialog.pk),
        "openings": MOST_OPENINGS,
        "entries": MOST_ENTRIES,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FACTS.format(workload=workload_sql(user)), values)
        return msgspec.json.decode(cursor.fetchone()[0], type=Facts)
