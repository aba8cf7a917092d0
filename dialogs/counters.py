"""The counts on screen come from counters that the database keeps itself (see migration 0002).

A page adds up counter rows of the clients its reader may see, without those of restrictions that
are only for others to read; it never counts dialogs.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from dialogs.inbox.sight import Known, Sight
from dialogs.models import DeadlineCount, Dialog, FolderCount, OpenCount, ResponsibleCount
from staff.models import User

_TRUTH: dict[type[Model], tuple[str, str]] = {
    FolderCount: (
        "client_id, folder, restriction_key, total, unread, unassigned, reopened",
        """SELECT client_id, folder, coalesce(restriction_id, 0), count(*)::int,
             (count(*) FILTER (WHERE is_unread))::int,
             (count(*) FILTER (WHERE responsible_id IS NULL))::int,
             (count(*) FILTER (WHERE reopened_at IS NOT NULL))::int
           FROM dialogs_dialog GROUP BY 1, 2, 3""",
    ),
    DeadlineCount: (
        "client_id, due_on, restriction_key, total",
        """SELECT client_id, (deadline_at AT TIME ZONE 'Europe/Oslo')::date,
             coalesce(restriction_id, 0), count(*)::int
           FROM dialogs_dialog WHERE folder = 'INBOX' AND deadline_at IS NOT NULL
           GROUP BY 1, 2, 3""",
    ),
    ResponsibleCount: (
        "client_id, user_id, restriction_key, total",
        """SELECT client_id, responsible_id, coalesce(restriction_id, 0), count(*)::int
           FROM dialogs_dialog WHERE folder = 'INBOX' AND responsible_id IS NOT NULL
           GROUP BY 1, 2, 3""",
    ),
    OpenCount: (
        "client_id, owner_id, responsible_key, restriction_key, total",
        """SELECT client_id, owner_id, coalesce(responsible_id, 0), coalesce(restriction_id, 0),
             count(*)::int
           FROM dialogs_dialog WHERE folder = 'INBOX' GROUP BY 1, 2, 3, 4""",
    ),
}

# Dialogs that do not say who alone may read them, or say it wrongly.
_MISPLACED = """
FROM dialogs_dialog d
WHERE (restriction_id IS NOT NULL
    OR client_id IN (SELECT client_id FROM clients_categoryrestriction))
  AND restriction_id IS DISTINCT FROM dialogs_restriction_of(client_id, service_id)
"""
_RESTRICT = f"SELECT dialogs_restrict(ARRAY(SELECT DISTINCT client_id {_MISPLACED}))"


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
WITH readable (key) AS MATERIALIZED (
  SELECT categoryrestriction_id FROM clients_categoryrestriction_readers WHERE user_id = %(user)s
) {own}
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
SELECT 'notices', count(*)::int, 0, 0, 0, NULL FROM dialogs_notice n
WHERE user_id = %(user)s AND read_at IS NULL AND NOT EXISTS (SELECT FROM dialogs_dialog d
  WHERE d.id = n.dialog_id AND d.restriction_id IS NOT NULL
    AND d.restriction_id NOT IN (SELECT key FROM readable))
UNION ALL
SELECT 'alarms', count(*)::int, 0, 0, 0, NULL FROM clients_alarm
WHERE cleared_at IS NULL AND seen_at IS NULL
UNION ALL
SELECT folder, -sum(total)::int, -sum(unread)::int, -sum(unassigned)::int, -sum(reopened)::int, NULL
FROM dialogs_foldercount WHERE {others} {among} GROUP BY folder
UNION ALL
SELECT '', -coalesce(sum(total) FILTER (WHERE due_on < %(today)s), 0)::int,
  -coalesce(sum(total) FILTER (WHERE due_on >= %(today)s), 0)::int, 0, 0, NULL
FROM dialogs_deadlinecount WHERE {others} AND due_on < %(next_week)s {among}
UNION ALL
SELECT 'mine', -coalesce(sum(total), 0)::int, 0, 0, 0, NULL FROM dialogs_responsiblecount
WHERE {others} {among} AND user_id = ANY(ARRAY(SELECT %(user)s UNION ALL SELECT user_id
  FROM staff_absence WHERE substitute_id = %(user)s AND %(today)s BETWEEN from_on AND to_on))
UNION ALL
SELECT 'readable', EXISTS (SELECT FROM clients_categoryrestriction
  WHERE id NOT IN (SELECT key FROM readable))::int, 0, 0, 0, ARRAY(SELECT key FROM readable)
{keys}
"""
# What is only for others is taken off again, by short indexes of what is restricted at all: to ask
# it of every counter would cost each page, also where nothing is kept from anybody.
_OTHERS = "restriction_key <> 0 AND restriction_key NOT IN (SELECT key FROM readable)"
_OWN = ", own (client_id) AS MATERIALIZED ({clients})"
_AMONG = "AND client_id IN (SELECT client_id FROM own)"
_KEYS = "UNION ALL SELECT 'clients', 0, 0, 0, 0, ARRAY(SELECT client_id FROM own)"


def counts_of(sight: Sight, *, today: date) -> Counts:
    """Add up the counters of all that somebody may see; `sight` learns what that is."""
    counts, sight.known = _count(sight.user, sight.question, today=today)
    return counts


def counts_for(user: User, client_id: int, *, today: date) -> Counts:
    """Add up the counters of one client."""
    counts, _known = _count(user, f"SELECT {client_id:d}", today=today)
    return counts


def _count(user: User, clients: str | None, *, today: date) -> tuple[Counts, Known]:
    """Add up the counters of some clients, or of all: one statement, however many dialogs.

    Returns the keys of the clients too, and of what the person may read.
    """
    some = {"own": _OWN.format(clients=clients), "among": _AMONG, "keys": _KEYS}
    sql = _COUNT.format(**(some if clients else dict.fromkeys(some, "")), others=_OTHERS)
    values: dict[str, Any] = {
        "user": user.pk,
        "today": today,
        "next_week": today + timedelta(days=7),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchall()
    rows: dict[str, list[int]] = {}
    for name, *numbers, _keys in found:
        rows[name] = list(map(sum, zip(rows.get(name, [0] * 4), numbers, strict=True)))
    keys = {name: some for name, *_numbers, some in found if some is not None}
    rows.pop("clients", None)
    is_kept_from, *_ = rows.pop("readable")
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
    return counts, Known(keys.get("clients"), keys["readable"] if is_kept_from else None)


def workload_sql(user: User) -> str:
    """Return SQL for how much each colleague has in the inbox, as far as this person may know.

    At every client, as it is about the colleague; without what is only for others to read.
    """
    return (
        "SELECT user_id, sum(total)::int AS total FROM dialogs_responsiblecount"  # noqa: S608 (our own names)
        f" WHERE true {Sight(user).may_count()} GROUP BY user_id"
    )


def workloads(user: User) -> dict[int, int]:
    """Return how much each colleague has in the inbox, by their key. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(workload_sql(user))
        return dict(cursor.fetchall())


def drift() -> dict[str, int]:
    """Compare each counter table with a recount, and each dialog's restriction with what it is.

    Return how many rows differ, by table.
    """
    found = {}
    with connection.cursor() as cursor:
        for model, (columns, truth) in _TRUTH.items():
            table = model._meta.db_table
            held = f"SELECT {columns} FROM {table} WHERE total <> 0"  # noqa: S608 (our own names)
            either = f"({held} EXCEPT {truth}) UNION ALL ({truth} EXCEPT {held})"
            cursor.execute(f"SELECT count(*) FROM ({either}) x")  # noqa: S608
            if differing := cursor.fetchone()[0]:
                found[table] = differing
        cursor.execute(f"SELECT count(*) {_MISPLACED}")
        if misplaced := cursor.fetchone()[0]:
            found[Dialog._meta.db_table] = misplaced
    return found


def recount() -> None:
    """Write restrictions and counters anew, while nobody changes dialogs or counters."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE dialogs_dialog IN SHARE MODE")
        cursor.execute(_RESTRICT)
        for model, (columns, truth) in _TRUTH.items():
            table = model._meta.db_table
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
            cursor.execute(f"INSERT INTO {table} ({columns}) {truth}")
