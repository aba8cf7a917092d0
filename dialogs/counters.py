"""The counts on screen come from counters that the database keeps itself (see migration 0002).

A page adds up counter rows of the clients its reader may see; it never counts dialogs.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from dialogs.inbox.sight import Sight
from dialogs.models import DeadlineCount, Dialog, FolderCount, OpenCount, ResponsibleCount
from staff.models import User

_TRUTH: dict[type[Model], tuple[str, str]] = {
    FolderCount: (
        "client_id, folder, total, unread, unassigned, reopened",
        """SELECT client_id, folder, count(*)::int, (count(*) FILTER (WHERE is_unread))::int,
             (count(*) FILTER (WHERE responsible_id IS NULL))::int,
             (count(*) FILTER (WHERE reopened_at IS NOT NULL))::int
           FROM dialogs_dialog GROUP BY 1, 2""",
    ),
    DeadlineCount: (
        "client_id, due_on, total",
        """SELECT client_id, (deadline_at AT TIME ZONE 'Europe/Oslo')::date, count(*)::int
           FROM dialogs_dialog WHERE folder = 'INBOX' AND deadline_at IS NOT NULL GROUP BY 1, 2""",
    ),
    ResponsibleCount: (
        "client_id, user_id, total",
        """SELECT client_id, responsible_id, count(*)::int
           FROM dialogs_dialog WHERE folder = 'INBOX' AND responsible_id IS NOT NULL
           GROUP BY 1, 2""",
    ),
    OpenCount: (
        "client_id, owner_id, responsible_key, restriction_key, total",
        """SELECT client_id, owner_id, coalesce(responsible_id, 0), coalesce(restriction_id, 0),
             count(*)::int
           FROM dialogs_dialog WHERE folder = 'INBOX' GROUP BY 1, 2, 3, 4""",
    ),
}


@dataclass(frozen=True)
class Counts:
    """What the menu shows, for the clients one person may see."""

    folders: dict[str, int]
    unread: int
    unassigned: int
    reopened: int
    mine: int
    overdue: int
    due_this_week: int
    notices: int
    alarms: int  # about access, that nobody has seen to

    @property
    def inbox(self) -> int:
        return self.folders.get(Dialog.Folder.INBOX, 0)


# One statement for all. `own` and `among` are empty for who sees every client. The clients are
# worked out once and looked up by hash: to go to the counters of thousands one by one takes longer.
_COUNT = """
{own}
SELECT folder, sum(total)::int, sum(unread)::int, sum(unassigned)::int, sum(reopened)::int,
  NULL::bigint[]
FROM dialogs_foldercount WHERE true {among} GROUP BY folder
UNION ALL
SELECT '', coalesce(sum(total) FILTER (WHERE due_on < %(today)s), 0)::int,
  coalesce(sum(total) FILTER (WHERE due_on >= %(today)s), 0)::int, 0, 0, NULL
FROM dialogs_deadlinecount WHERE due_on < %(next_week)s {among}
UNION ALL
SELECT 'mine', coalesce(sum(total), 0)::int, 0, 0, 0, NULL FROM dialogs_responsiblecount
WHERE user_id = ANY(ARRAY(SELECT %(user)s UNION ALL SELECT user_id FROM staff_absence
  WHERE substitute_id = %(user)s AND %(today)s BETWEEN from_on AND to_on)) {among}
UNION ALL
SELECT 'notices', count(*)::int, 0, 0, 0, NULL FROM dialogs_notice
WHERE user_id = %(user)s AND read_at IS NULL
UNION ALL
SELECT 'alarms', count(*)::int, 0, 0, 0, NULL FROM clients_alarm
WHERE cleared_at IS NULL AND seen_at IS NULL
{keys}
"""
_OWN = "WITH own (client_id) AS MATERIALIZED ({clients})"
_AMONG = "AND client_id IN (SELECT client_id FROM own)"
_KEYS = "UNION ALL SELECT 'clients', 0, 0, 0, 0, ARRAY(SELECT client_id FROM own)"


def counts_of(sight: Sight, *, today: date) -> Counts:
    """Add up the counters of all clients that somebody may see; `sight` learns which they are."""
    counts, clients = _count(sight.user, sight.question, today=today)
    sight.clients = clients
    return counts


def counts_for(user: User, client_id: int, *, today: date) -> Counts:
    """Add up the counters of one client."""
    counts, _clients = _count(user, f"SELECT {client_id:d}", today=today)
    return counts


def _count(user: User, clients: str | None, *, today: date) -> tuple[Counts, list[int] | None]:
    """Add up the counters of some clients, or of all: one statement, however many dialogs.

    Returns the keys of the clients too, and None for all.
    """
    some = {"own": _OWN.format(clients=clients), "among": _AMONG, "keys": _KEYS}
    sql = _COUNT.format(**(some if clients else dict.fromkeys(some, "")))
    values: dict[str, Any] = {
        "user": user.pk,
        "today": today,
        "next_week": today + timedelta(days=7),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchall()
    rows = {name: numbers for name, *numbers, _keys in found}
    keys: list[int] | None = found[-1][-1]  # those of who sees every client were not asked for
    rows.pop("clients", None)
    overdue, this_week, *_ = rows.pop("")
    mine = rows.pop("mine")[0]
    notices = rows.pop("notices")[0]
    alarms = rows.pop("alarms")[0]
    _, unread, unassigned, reopened = rows.get(Dialog.Folder.INBOX, (0, 0, 0, 0))
    counts = Counts(
        folders={folder: numbers[0] for folder, numbers in rows.items() if numbers[0]},
        unread=unread,
        unassigned=unassigned,
        reopened=reopened,
        mine=mine,
        overdue=overdue,
        due_this_week=this_week,
        notices=notices,
        alarms=alarms,
    )
    return counts, keys


def drift() -> dict[str, int]:
    """Compare each counter table with a recount; return how many rows differ, by table."""
    found = {}
    with connection.cursor() as cursor:
        for model, (columns, truth) in _TRUTH.items():
            table = model._meta.db_table
            held = f"SELECT {columns} FROM {table} WHERE total <> 0"  # noqa: S608 (our own names)
            either = f"({held} EXCEPT {truth}) UNION ALL ({truth} EXCEPT {held})"
            cursor.execute(f"SELECT count(*) FROM ({either}) x")  # noqa: S608
            if differing := cursor.fetchone()[0]:
                found[table] = differing
    return found


def recount() -> None:
    """Write the counters anew from the dialogs, while nobody changes either."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE dialogs_dialog IN SHARE MODE")
        for model, (columns, truth) in _TRUTH.items():
            table = model._meta.db_table
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
            cursor.execute(f"INSERT INTO {table} ({columns}) {truth}")
