"""One note on many dialogs, and taking those notes away again. See dialogs.notes.actions."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from dialogs import live
from dialogs.actions import Touched
from dialogs.bulk import reasons
from dialogs.bulk.local import BATCH
from dialogs.models import BulkItem, BulkJob
from dialogs.notes.actions import ADDED, DELETED

_CHOSEN = """
  SELECT i.id AS item_id, d.id, d.client_id {columns}
  FROM dialogs_bulkitem i JOIN dialogs_dialog d ON d.id = i.dialog_id {joins}
  WHERE i.job_id = %(job)s AND i.outcome = 'WAITING'
  ORDER BY d.id LIMIT %(batch)s FOR UPDATE OF d, i
"""

_ADD = f"""
WITH chosen AS ({_CHOSEN.format(columns="", joins="")}), written AS (
  INSERT INTO dialogs_note (dialog_id, author_id, text, is_pinned, created_at)
  SELECT id, %(actor)s, %(text)s, false, %(now)s FROM chosen RETURNING id, dialog_id
), counted AS (
  UPDATE dialogs_dialog d SET note_count = d.note_count + 1 FROM chosen c WHERE d.id = c.id
), audited AS (
  INSERT INTO staff_auditentry (at, actor_id, act, about, detail)
  SELECT %(now)s, %(actor)s, '{ADDED}', 'dialog ' || dialog_id,
    jsonb_build_object('note', id, 'bulk', %(job)s::bigint) FROM written
)
UPDATE dialogs_bulkitem i SET outcome = 'CHANGED', after = jsonb_build_object('note', w.id)
FROM chosen c JOIN written w ON w.dialog_id = c.id WHERE i.id = c.item_id
RETURNING c.id, c.client_id, i.outcome
"""  # noqa: S608 (our own names)

_JOINED = """JOIN dialogs_bulkitem u ON u.job_id = %(undoes)s AND u.dialog_id = d.id
  LEFT JOIN dialogs_note n ON n.id = (u.after->>'note')::bigint"""
_TAKE_AWAY = f"""
WITH chosen AS ({
    _CHOSEN.format(
        columns=", n.id AS note_id, n.text,"
        " coalesce(n.edited_at IS NULL AND n.deleted_at IS NULL, false) AS is_same",
        joins=_JOINED,
    )
}), emptied AS (
  UPDATE dialogs_note n SET text = '', deleted_at = %(now)s
  FROM chosen c WHERE n.id = c.note_id AND c.is_same
), kept AS (
  INSERT INTO dialogs_noteversion (note_id, text, until_at, changed_by_id)
  SELECT note_id, text, %(now)s, %(actor)s FROM chosen WHERE is_same
), counted AS (
  UPDATE dialogs_dialog d SET note_count = d.note_count - 1
  FROM chosen c WHERE d.id = c.id AND c.is_same
), audited AS (
  INSERT INTO staff_auditentry (at, actor_id, act, about, detail)
  SELECT %(now)s, %(actor)s, '{DELETED}', 'dialog ' || id,
    jsonb_build_object('note', note_id, 'bulk', %(job)s::bigint) FROM chosen WHERE is_same
)
UPDATE dialogs_bulkitem i SET outcome = CASE WHEN c.is_same THEN 'CHANGED' ELSE 'FAILED' END,
  reason = CASE WHEN c.is_same THEN '' ELSE %(changed)s END
FROM chosen c WHERE i.id = c.item_id
RETURNING c.id, c.client_id, i.outcome
"""  # noqa: S608 (our own names)


def change_all(job: BulkJob, *, now: datetime) -> Iterator[int]:
    """Write the note, or take away those of the job that is undone; yield after each commit."""
    while count := _change(job, now=now):
        yield count


def _change(job: BulkJob, *, now: datetime) -> int:
    values: dict[str, Any] = {
        "job": job.pk,
        "batch": BATCH,
        "actor": job.actor_id,
        "now": now,
        "text": job.wish.get("text"),
        "undoes": job.undoes_id,
        "changed": reasons.changed_since(),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE_AWAY if job.undoes_id else _ADD, values)
        rows: list[tuple[UUID, int, str]] = cursor.fetchall()
        changed = BulkItem.Outcome.CHANGED
        live.tell([Touched(pk, client) for pk, client, outcome in rows if outcome == changed])
    return len(rows)
