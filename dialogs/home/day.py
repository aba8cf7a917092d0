"""What Min dag counts and finds: one statement, whose arms each read along an index."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from clients.masking import masked_names
from clients.models import Client
from dialogs.actions import SNOOZED, WOKEN
from dialogs.inbox.filters import LAST_DEADLINE, MINE, NOBODY, Filters
from dialogs.inbox.sight import Sight
from dialogs.models import PINNED, Notice
from staff.models import User

MOST_LINES = 10  # of each list

# {mine}: the clients that somebody works on; with {own} empty, every client there is.
_FIND = """
WITH mine (id) AS MATERIALIZED ({mine}),
people AS MATERIALIZED (
  SELECT %(me)s::bigint AS id UNION SELECT user_id FROM staff_absence
  WHERE substitute_id = %(me)s AND %(today)s BETWEEN from_on AND to_on),
soon (id) AS MATERIALIZED (
  SELECT DISTINCT client_id FROM (
    SELECT client_id FROM dialogs_deadlinecount
    {own} {and} due_on >= %(today)s AND total > 0 {counts}
    ORDER BY due_on FETCH FIRST %(most)s ROWS WITH TIES) x),
ahead (low, high) AS (VALUES (%(low)s::bigint, %(high)s::bigint),
  (%(low)s::bigint - %(pinned)s, %(high)s::bigint - %(pinned)s))
SELECT 'clients', to_jsonb(count(*)) FROM mine
UNION ALL
SELECT 'due', to_jsonb(x) FROM (
  SELECT coalesce(sum(total) FILTER (WHERE due_on < %(today)s), 0) AS overdue,
    coalesce(sum(total) FILTER (WHERE due_on = %(today)s), 0) AS today,
    coalesce(sum(total) FILTER (WHERE due_on BETWEEN %(today)s AND %(week_end)s), 0) AS week,
    min(due_on) FILTER (WHERE due_on >= %(today)s AND total > 0) AS next_on
  FROM dialogs_deadlinecount {own} {and} true {counts}) x
UNION ALL
SELECT 'unassigned', to_jsonb(coalesce(sum(unassigned), 0))
FROM dialogs_foldercount {own} {and} folder = 'INBOX' {counts}
UNION ALL
SELECT 'next', to_jsonb(id) FROM (
  SELECT hit.id FROM ahead {each} CROSS JOIN LATERAL (
    SELECT id, deadline_at FROM dialogs_dialog
    WHERE {of} folder = 'INBOX' AND urgency >= ahead.low AND urgency < ahead.high {reads}
    ORDER BY urgency, id LIMIT %(most)s) hit
  ORDER BY hit.deadline_at, hit.id LIMIT %(most)s) x
UNION ALL
SELECT 'back', to_jsonb(id) FROM (
  SELECT d.id FROM dialogs_dialog d
  WHERE EXISTS (SELECT FROM dialogs_notice
      WHERE user_id IN (SELECT id FROM people) AND created_at >= %(today_at)s
        AND kind = %(returned)s)
    AND d.responsible_id IN (SELECT id FROM people) AND d.folder = 'INBOX'
    {reads} AND d.work_version > 1 AND d.reopened_at IS NULL AND (
      SELECT a.act = %(snoozed)s AND a.detail #>> '{{after,snoozed_until_on}}' = %(today_text)s
      FROM staff_auditentry a
      WHERE a.about = 'dialog ' || d.id AND a.act IN (%(snoozed)s, %(woken)s)
      ORDER BY a.at DESC, a.id DESC LIMIT 1)
  ORDER BY d.urgency, d.id LIMIT %(most)s) x
UNION ALL
SELECT 'internal', to_jsonb(x) FROM (
  SELECT d.id, count(*) OVER () AS total FROM dialogs_dialog d
  WHERE d.responsible_id IN (SELECT id FROM people) AND d.folder = 'INBOX'
    AND d.internal_due_on < %(today)s AND d.deadline_at IS NOT NULL {reads}
  ORDER BY d.internal_due_on, d.id LIMIT %(most)s) x
UNION ALL
SELECT 'new', to_jsonb(x) FROM (
  SELECT n.client_id, c.name, c.orgnr IS NULL AS is_person, n.total, n.dialogs, n.clients FROM (
    SELECT client_id, count(*) AS total, sum(count(*)) OVER () AS dialogs,
      count(*) OVER () AS clients
    FROM dialogs_dialog {own} {and} folder = 'INBOX' AND content_updated_at >= %(since_at)s {reads}
    GROUP BY client_id ORDER BY total DESC, client_id LIMIT %(most)s) n
  JOIN clients_client c ON c.id = n.client_id ORDER BY n.total DESC, c.name) x
UNION ALL
SELECT 'mention', to_jsonb(x) FROM (
  SELECT n.text, n.created_at, n.dialog_id, n.client_id, n.service_id, copy.title,
    c.name AS client, s.name AS service,
    coalesce(nullif(trim(u.first_name || ' ' || u.last_name), ''), u.email) AS author
  FROM dialogs_mention m
  JOIN dialogs_note n ON n.id = m.note_id
  JOIN staff_user u ON u.id = n.author_id
  LEFT JOIN dialogs_dialog d ON d.id = n.dialog_id
  LEFT JOIN dialogs_dialogcopy copy ON copy.dialog_id = n.dialog_id
  LEFT JOIN clients_client c ON c.id = coalesce(d.client_id, n.client_id)
  LEFT JOIN dialogs_service s ON s.id = n.service_id
  WHERE m.user_id = %(me)s AND m.seen_at IS NULL AND n.deleted_at IS NULL
    AND (%(seen)s::bigint[] IS NULL OR c.id IS NULL OR c.id = ANY(%(seen)s::bigint[]))
    {reads_noted}
  ORDER BY n.created_at DESC LIMIT %(most)s) x
"""


@dataclass(frozen=True)
class News:
    """How many dialogs of a client are new or changed."""

    client_id: int
    name: str
    total: int


@dataclass(frozen=True)
class Mentioned:
    """A note that somebody is named in, and what it is about."""

    author: str
    text: str
    at: datetime
    about: str
    dialog_id: UUID | None
    client_id: int | None
    service_id: int | None


class Day:
    """Everything is asked for at once; what a number says is what its list shows."""

    def __init__(self, sight: Sight, *, since: date, now: datetime) -> None:
        self.today = timezone.localdate(now)
        self.since = since
        # Who leads or audits the firm has the whole of it before them; others their own clients.
        is_accountant = sight.user.role == User.Role.ACCOUNTANT
        self.is_whole_firm = sight.user.may_see_all_clients and not is_accountant
        marks = () if self.is_whole_firm else ("mine",)
        self.overdue_list = Filters(due="over", marks=marks)
        self.today_list = Filters(due="idag", marks=marks)
        self.week_list = Filters(due="uke", marks=marks)
        self.unassigned_list = Filters(responsible=NOBODY, marks=marks)
        self.deadlines_list = Filters(due="har", marks=marks)
        self.internal_list = Filters(internal="over", responsible=MINE, due="har")
        self.new_list = Filters(updated_from=since, marks=marks)
        self._take(self._found(sight), sight.user)

    def _take(self, found: dict[str, list[Any]], user: User) -> None:
        self.has_clients = self.is_whole_firm or found["clients"] != [0]
        [due] = found["due"]
        self.overdue: int = due["overdue"]
        self.due_today: int = due["today"]
        self.due_this_week: int = due["week"]
        self.next_on = date.fromisoformat(due["next_on"]) if due["next_on"] else None
        [self.unassigned] = found["unassigned"]
        self.next = [UUID(pk) for pk in found.get("next", [])]
        self.back = [UUID(pk) for pk in found.get("back", [])]
        internal = found.get("internal", [])
        self.internal = [UUID(one["id"]) for one in internal]
        self.internal_total = internal[0]["total"] if internal else 0
        new = found.get("new", [])
        persons = [one["client_id"] for one in new if one["is_person"]]
        names = masked_names(persons, user=user) if self.is_whole_firm and persons else {}
        self.news = [
            News(one["client_id"], names.get(one["client_id"], one["name"]), one["total"])
            for one in new
        ]
        self.new_total = int(new[0]["dialogs"]) if new else 0
        self.new_clients = new[0]["clients"] if new else 0
        self.mentions = [_mentioned(one) for one in found.get("mention", [])]

    def _found(self, sight: Sight) -> dict[str, list[Any]]:
        mine = "SELECT 0::bigint"
        values: dict[str, Any] = {}
        if not self.is_whole_firm:
            mine, values = _named(Client.objects.mine(sight.user).values("pk"))
        sql = _FIND.format(
            mine=mine,
            own="" if self.is_whole_firm else "WHERE client_id IN (SELECT id FROM mine)",
            each="" if self.is_whole_firm else "CROSS JOIN soon",
            of="" if self.is_whole_firm else "client_id = soon.id AND",
            counts=sight.may_count(),
            reads=sight.reads("restriction_id"),
            reads_noted=sight.reads("d.restriction_id"),
            **{"and": "WHERE" if self.is_whole_firm else "AND"},
        )
        found: dict[str, list[Any]] = {}
        with connection.cursor() as cursor:
            cursor.execute(sql, values | self._values(sight))
            for kind, one in cursor.fetchall():
                found.setdefault(kind, []).append(json.loads(one))  # Django leaves it as text
        return found

    def _values(self, sight: Sight) -> dict[str, Any]:
        return {
            "me": sight.user.pk,
            "seen": sight.clients,
            "today": self.today,
            "today_at": _midnight(self.today),
            "today_text": self.today.isoformat(),
            "week_end": self.today + timedelta(days=6),
            "since_at": _midnight(self.since),
            "low": int(_midnight(self.today).timestamp()),
            "high": LAST_DEADLINE,
            "pinned": PINNED,
            "snoozed": SNOOZED,
            "woken": WOKEN,
            "returned": Notice.Kind.RETURNED,
            "most": MOST_LINES,
        }


def _mentioned(one: dict[str, Any]) -> Mentioned:
    return Mentioned(
        author=one["author"],
        text=one["text"],
        at=datetime.fromisoformat(one["created_at"]),
        about=one["title"] or one["service"] or one["client"] or "",
        dialog_id=UUID(one["dialog_id"]) if one["dialog_id"] else None,
        client_id=one["client_id"],
        service_id=one["service_id"],
    )


def _named(rows: Any) -> tuple[str, dict[str, Any]]:
    """Return a query as SQL with named values, to stand inside another statement."""
    sql, params = rows.query.sql_with_params()
    values = {f"mine_{number}": value for number, value in enumerate(params)}
    return sql % tuple(f"%({name})s" for name in values), values


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
