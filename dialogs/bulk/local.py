"""Change our own columns of many dialogs: up to a thousand by one statement.

The statement locks the rows, notes in each item what was there before, changes the rows, and writes
the audit log; so a job that is killed has done an item wholly or not at all. A dialog that
somebody has changed since it was chosen is changed all the same: of bulk changes the last decision
holds, `work_version` goes up so that forms shown before find out, and the item and the audit log
keep what was there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.types.json import Json

from dialogs import actions, live
from dialogs.actions import Touched
from dialogs.bulk import reasons
from dialogs.bulk.acts import Act
from dialogs.inbox.sight import Sight
from dialogs.models import BulkItem, BulkJob
from dialogs.working_days import working_days_before
from staff.models import User

BATCH = 1000
OSLO = settings.TIME_ZONE


class Column(NamedTuple):
    """A column of ours: its name in the table, in an item's JSON and in the audit log, its type."""

    name: str
    key: str
    kind: str


_RESPONSIBLE = Column("responsible_id", "responsible", "bigint")
_WHY = Column("assigned_why", "assigned_why", "text")
_INTERNAL = Column("internal_due_on", "internal_due_on", "date")
_SNOOZED = Column("snoozed_until_on", "snoozed_until_on", "date")
_DONE = Column("done_at", "done_at", "timestamptz")
_REOPENED = Column("reopened_at", "reopened_at", "timestamptz")

COLUMNS: Mapping[Act, tuple[Column, ...]] = {
    Act.ASSIGN: (_RESPONSIBLE, _WHY),
    Act.INTERNAL_DUE: (_INTERNAL,),
    Act.SNOOZE: (_SNOOZED, _REOPENED),
    Act.DONE: (_DONE, _REOPENED, _SNOOZED),
}
AUDITED: Mapping[Act, str] = {
    Act.ASSIGN: actions.ASSIGNED,
    Act.INTERNAL_DUE: actions.INTERNAL_DUE,
    Act.SNOOZE: actions.SNOOZED,
    Act.DONE: actions.FINISHED,
}
_UNDONE: Mapping[Act, str] = {Act.SNOOZE: actions.WOKEN, Act.DONE: actions.RESUMED}

_CHANGE = """
WITH chosen AS (
  SELECT i.id AS item_id, d.id, d.client_id, {before} AS before, {after} AS after, {why} AS why
  FROM dialogs_bulkitem i JOIN dialogs_dialog d ON d.id = i.dialog_id {joins}
  WHERE i.job_id = %(job)s AND i.outcome = 'WAITING'
  ORDER BY d.id LIMIT %(batch)s FOR UPDATE OF d, i
), settled AS (
  SELECT *, CASE WHEN why <> '' THEN 'FAILED' WHEN before = after THEN 'SAME' ELSE 'CHANGED' END
    AS outcome
  FROM chosen
), changed AS (
  UPDATE dialogs_dialog d SET {sets}, work_version = d.work_version + 1
  FROM settled s WHERE d.id = s.id AND s.outcome = 'CHANGED'
), audited AS (
  INSERT INTO staff_auditentry (at, actor_id, act, about, detail)
  SELECT %(now)s, %(actor)s, %(audited)s, 'dialog ' || id,
    jsonb_build_object('before', before, 'after', after, 'bulk', %(job)s::bigint)
      || %(detail)s::jsonb
  FROM settled WHERE outcome = 'CHANGED'
) {further}
UPDATE dialogs_bulkitem i
SET outcome = s.outcome, reason = s.why, before = s.before, after = s.after
FROM settled s WHERE i.id = s.item_id
RETURNING s.id, s.client_id, s.outcome
"""

# What the dialogs look like when somebody is done with them: see actions.keep_as_finished.
_KEEP_AS_FINISHED = """
, kept AS (
  INSERT INTO dialogs_finished (
    dialog_id, by_id, at, title, summary, status, due_at, attachment_count, content_updated_at)
  SELECT d.id, %(actor)s, %(now)s, c.title, c.summary, d.status, d.due_at, d.attachment_count,
    d.content_updated_at
  FROM settled s JOIN dialogs_dialog d ON d.id = s.id JOIN dialogs_dialogcopy c
    ON c.dialog_id = s.id
  WHERE s.outcome = 'CHANGED'
  ON CONFLICT (dialog_id) DO UPDATE SET by_id = excluded.by_id, at = excluded.at,
    title = excluded.title, summary = excluded.summary, status = excluded.status,
    due_at = excluded.due_at, attachment_count = excluded.attachment_count,
    content_updated_at = excluded.content_updated_at)
"""


@dataclass(frozen=True)
class Plan:
    """How one act fills in the statement."""

    columns: tuple[Column, ...]
    audited: str
    after: str  # SQL for the JSON of what is to be there
    why: str = "''"  # SQL for why a dialog is left alone; empty when it is not
    joins: str = ""
    further: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def sql(self) -> str:
        sets = ", ".join(
            f"{one.name} = (s.after->>'{one.key}')::{one.kind}" for one in self.columns
        )
        return _CHANGE.format(
            before=as_json(self.columns),
            after=self.after,
            why=self.why,
            joins=self.joins,
            sets=sets,
            further=self.further,
        )


def as_json(columns: tuple[Column, ...]) -> str:
    """Return SQL for what is in these columns now."""
    pairs = ", ".join(f"'{one.key}', d.{one.name}" for one in columns)
    return f"jsonb_build_object({pairs})"


def change_all(job: BulkJob, *, now: datetime) -> Iterator[int]:
    """Change the dialogs that wait, batch by batch; yield how many after each commit."""
    plan = plan_for(job, now=now)
    while count := change(job, plan, now=now):
        yield count


def change(job: BulkJob, plan: Plan, *, now: datetime) -> int:
    """Change the next batch; return how many items that settled."""
    comment = job.wish.get("comment")
    values: dict[str, Any] = {
        "job": job.pk,
        "batch": BATCH,
        "now": now,
        "actor": job.actor_id,
        "audited": plan.audited,
        "detail": Json({"comment": comment} if comment else {}),
        **plan.values,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(plan.sql(), values)
        rows: list[tuple[UUID, int, str]] = cursor.fetchall()
        changed = BulkItem.Outcome.CHANGED
        live.tell([Touched(pk, client) for pk, client, outcome in rows if outcome == changed])
    return len(rows)


def plan_for(job: BulkJob, *, now: datetime) -> Plan:
    act = Act(job.act)
    if job.undoes:
        return _undo(Act(job.undoes.act), job.undoes.pk)
    plan = {
        Act.ASSIGN: _assign,
        Act.INTERNAL_DUE: _set_internal_due,
        Act.SNOOZE: _snooze,
        Act.DONE: _finish,
    }[act]
    return plan(job, now)


def _undo(act: Act, undoes: int) -> Plan:
    """Put back what was there, unless somebody has changed it since."""
    columns = COLUMNS[act]
    differs = " OR ".join(
        f"d.{one.name} IS DISTINCT FROM (u.after->>'{one.key}')::{one.kind}" for one in columns
    )
    return Plan(
        columns,
        _UNDONE.get(act, AUDITED[act]),
        joins="JOIN dialogs_bulkitem u ON u.job_id = %(undoes)s AND u.dialog_id = d.id",
        after="u.before",
        why=f"CASE WHEN {differs} THEN %(changed)s ELSE '' END",
        values={"undoes": undoes, "changed": reasons.changed_since()},
    )


def _assign(job: BulkJob, now: datetime) -> Plan:
    columns = COLUMNS[Act.ASSIGN]
    values: dict[str, Any] = {"responsible": job.wish["responsible"]}
    why = "''"
    if values["responsible"]:
        user = User.objects.get(pk=values["responsible"])
        sight = Sight(user)
        stranger = _("%(name)s har ikke tilgang til klienten. Gi tilgang, eller velg en annen.")
        unread = _("%(name)s kan ikke lese dialogen. Velg en annen.")
        values |= {"clients": sight.clients, "readable": sight.readable}
        values |= {"stranger": stranger % {"name": user}, "unread": unread % {"name": user}}
        # NULL stands for all: it is not true that something differs from all of that.
        why = """CASE WHEN d.client_id <> ALL(%(clients)s::bigint[]) THEN %(stranger)s
          WHEN d.restriction_id IS NOT NULL AND d.restriction_id <> ALL(%(readable)s::bigint[])
          THEN %(unread)s ELSE '' END"""
    after = f"""CASE WHEN d.responsible_id IS NOT DISTINCT FROM %(responsible)s::bigint
      THEN {as_json(columns)}
      ELSE jsonb_build_object('responsible', %(responsible)s::bigint, 'assigned_why', '') END"""
    return Plan(columns, AUDITED[Act.ASSIGN], after=after, why=why, values=values)


def _set_internal_due(job: BulkJob, now: datetime) -> Plan:
    days = job.wish.get("days")
    columns, audited = COLUMNS[Act.INTERNAL_DUE], AUDITED[Act.INTERNAL_DUE]
    values: dict[str, Any]
    if days is None:
        after = "jsonb_build_object('internal_due_on', %(due_on)s::date)"
        is_late = f"{_DEADLINE} >= %(today)s AND {_DEADLINE} < %(due_on)s::date"
        why = f"CASE WHEN {is_late} THEN %(too_late)s ELSE '' END"
        values = {
            "due_on": job.wish.get("due_on"),
            "today": timezone.localdate(now),
            "too_late": _too_late(),
        }
        return Plan(columns, audited, after=after, why=why, values=values)
    deadlines = _deadlines_of(job)
    values = {
        "today": timezone.localdate(now),
        "deadlines": deadlines,
        "dues": [working_days_before(day, days) for day in deadlines],
        "no_deadline": _("Dialogen har ingen frist å regne fra. Sett en dato i stedet."),
        "passed": _("Dagen ville vært før i dag. Sett en dato i stedet."),
    }
    return Plan(
        columns,
        audited,
        joins=f"""LEFT JOIN unnest(%(deadlines)s::date[], %(dues)s::date[]) AS m (deadline, due)
          ON m.deadline = {_DEADLINE}""",
        after="jsonb_build_object('internal_due_on', m.due)",
        why="""CASE WHEN m.due IS NULL THEN %(no_deadline)s
          WHEN m.due < %(today)s THEN %(passed)s ELSE '' END""",
        values=values,
    )


def _too_late() -> str:
    return _("Fristen er før den dagen. Velg en tidligere dag.")


_DEADLINE = f"coalesce((d.binding_at AT TIME ZONE '{OSLO}')::date, d.estimated_due_on)"


def _deadlines_of(job: BulkJob) -> list[date]:
    """Return the days on which the chosen dialogs are due: by law, or as somebody worked out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT {_DEADLINE} FROM dialogs_bulkitem i"  # noqa: S608 (our own names)
            " JOIN dialogs_dialog d ON d.id = i.dialog_id WHERE i.job_id = %s",
            [job.pk],
        )
        return [day for (day,) in cursor.fetchall() if day]


def _snooze(job: BulkJob, now: datetime) -> Plan:
    return Plan(
        COLUMNS[Act.SNOOZE],
        AUDITED[Act.SNOOZE],
        after="jsonb_build_object('snoozed_until_on', %(until_on)s::date, 'reopened_at', NULL)",
        why=f"""CASE WHEN (d.deadline_at AT TIME ZONE '{OSLO}')::date < %(until_on)s::date
          THEN %(too_late)s ELSE '' END""",
        values={"until_on": job.wish["until_on"], "too_late": _too_late()},
    )


def _finish(job: BulkJob, now: datetime) -> Plan:
    return Plan(
        COLUMNS[Act.DONE],
        AUDITED[Act.DONE],
        after="""jsonb_build_object('done_at', %(now)s::timestamptz, 'reopened_at', NULL,
          'snoozed_until_on', NULL)""",
        further=_KEEP_AS_FINISHED,
    )
