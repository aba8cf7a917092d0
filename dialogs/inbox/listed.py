"""What the rows of a page show, fetched by key in one statement."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from django.db import connection
from psycopg.pq import Format

from dialogs.inbox.sight import Sight


class Listed(NamedTuple):
    """One dialog as a list shows it, Altinn's part and ours."""

    id: UUID
    client_id: int
    status: str
    folder: str
    is_unread: bool
    has_unopened_content: bool
    attachment_count: int
    content_updated_at: datetime
    due_at: datetime | None
    binding_at: datetime | None
    deadline_at: datetime | None
    internal_due_on: date | None
    estimated_due_on: date | None
    snoozed_until_on: date | None
    reopened_at: datetime | None
    urgency: int
    note_count: int
    work_version: int
    responsible_id: int | None
    assigned_why: str
    client: str
    client_orgnr: str | None
    unit: str  # the sub-unit's name; empty for the main unit
    unit_orgnr: str | None
    title: str
    summary: str
    sender: str
    responsible: str
    responsible_email: str
    substitute: str  # who stands in for the responsible colleague today
    pinned_why: str
    read_by_me_at: datetime | None


# The joins are by primary key and in the right order as written. To look for a better plan, or to
# read whole tables for fifty rows, takes longer than the statement; where the table has not been
# analysed since it grew, very much longer.
_AS_WRITTEN = (
    "SET LOCAL join_collapse_limit = 1",
    "SET LOCAL enable_hashjoin = off",
    "SET LOCAL enable_mergejoin = off",
    "SET LOCAL enable_seqscan = off",
)
_FETCH = """
SELECT d.id, d.client_id, d.status, d.folder, d.is_unread, d.has_unopened_content,
  d.attachment_count, d.content_updated_at, d.due_at, d.binding_at, d.deadline_at,
  d.internal_due_on, d.estimated_due_on, d.snoozed_until_on, d.reopened_at, d.urgency,
  d.note_count, d.work_version, d.responsible_id, d.assigned_why, c.name, c.orgnr,
  CASE WHEN p.kind = 'SUB' THEN p.name ELSE '' END, p.orgnr, copy.title, copy.summary,
  coalesce(nullif(o.name, ''), d.owner_id),
  trim(u.first_name || ' ' || u.last_name), u.email,
  (SELECT trim(s.first_name || ' ' || s.last_name) FROM staff_absence a
    JOIN staff_user s ON s.id = a.substitute_id
    WHERE a.user_id = d.responsible_id AND %(today)s BETWEEN a.from_on AND a.to_on LIMIT 1),
  coalesce(pin.why, ''), mark.read_at
FROM dialogs_dialog d
JOIN dialogs_dialogcopy copy ON copy.dialog_id = d.id
JOIN clients_client c ON c.id = d.client_id
JOIN clients_party p ON p.id = d.party_id
LEFT JOIN dialogs_serviceowner o ON o.code = d.owner_id
LEFT JOIN staff_user u ON u.id = d.responsible_id
LEFT JOIN dialogs_pinrule pin ON pin.id = d.pin_id AND d.urgency < 0
LEFT JOIN dialogs_readmark mark ON mark.dialog_id = d.id AND mark.user_id = %(user)s
WHERE d.id = ANY(%(ids)s) {reads}
"""


# psycopg's own, in C: two hundred moments a page by Django's take a millisecond. Both give UTC, as
# that is the connection's zone.
_TIMESTAMPTZ = psycopg.adapters.types["timestamptz"].oid
_READ_MOMENT = psycopg.adapters.get_loader(_TIMESTAMPTZ, Format.TEXT)


def fetch(ids: Iterable[UUID], *, sight: Sight, today: date) -> dict[UUID, Listed]:
    """Return the dialogs by key. Asks again who may see and read them."""
    wanted = list(ids)
    if not wanted:
        return {}
    values: dict[str, Any] = {"ids": wanted, "user": sight.user.pk, "today": today}
    with connection.cursor() as cursor:
        cursor.adapters.register_loader("timestamptz", _READ_MOMENT)
        fetch_them = _FETCH.format(reads=sight.reads("d.restriction_id"))
        cursor.execute(";".join([*_AS_WRITTEN, fetch_them]), values)
        for _ in _AS_WRITTEN:
            cursor.nextset()
        found = map(_listed, cursor.fetchall())
    return {one.id: one for one in found if sight.sees(one.client_id)}


def _listed(row: tuple[Any, ...]) -> Listed:
    one = Listed(*row)
    if one.responsible_id is None:
        return one._replace(responsible="", responsible_email="", substitute="")
    name = one.responsible or one.responsible_email
    return one._replace(responsible=name, substitute=one.substitute or "")
