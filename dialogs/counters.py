"""The counts on screen come from counters that the database keeps itself (see migration 0002).

A page adds up counter rows of the clients its reader may see; it never counts dialogs.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Model, Q, Sum

from clients.models import Client
from dialogs.models import DeadlineCount, Dialog, FolderCount, ResponsibleCount
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
}


@dataclass(frozen=True)
class Counts:
    """What the menu shows, for the clients one person may see."""

    folders: dict[str, int]
    unread: int
    unassigned: int
    mine: int
    overdue: int
    due_this_week: int

    @property
    def inbox(self) -> int:
        return self.folders.get(Dialog.Folder.INBOX, 0)


def counts_for(user: User, *, today: date) -> Counts:
    """Add up the counters; three statements, whatever the number of dialogs."""
    own = Q()
    if not user.may_see_all_clients:
        own = Q(client__in=Client.objects.visible_to(user).values("pk"))
    rows = (
        FolderCount.objects.filter(own)
        .values_list("folder")
        .annotate(Sum("total"), Sum("unread"), Sum("unassigned"))
    )
    folders = {folder: sums for folder, *sums in rows}
    _, unread, unassigned = folders.get(Dialog.Folder.INBOX, (0, 0, 0))
    this_week = Q(due_on__gte=today, due_on__lt=today + timedelta(days=7))
    due = DeadlineCount.objects.filter(own).aggregate(
        overdue=Sum("total", filter=Q(due_on__lt=today)), week=Sum("total", filter=this_week)
    )
    mine = ResponsibleCount.objects.filter(own, user=user).aggregate(n=Sum("total"))
    return Counts(
        folders={folder: sums[0] for folder, sums in folders.items() if sums[0]},
        unread=unread,
        unassigned=unassigned,
        mine=mine["n"] or 0,
        overdue=due["overdue"] or 0,
        due_this_week=due["week"] or 0,
    )


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
