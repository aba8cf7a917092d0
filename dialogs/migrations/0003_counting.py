"""Counters kept by the database itself: one delta per statement, whoever changes dialogs."""

from django.db import migrations

# What each counter adds up, over the rows a statement added (w = 1) and removed (w = -1).
_COUNTERS = """
  INSERT INTO dialogs_foldercount AS c (client_id, folder, total, unread, unassigned)
  SELECT client_id, folder, sum(w), sum(w * is_unread::int), sum(w * (responsible_id IS NULL)::int)
  FROM ({rows}) x GROUP BY 1, 2
  HAVING sum(w) <> 0 OR sum(w * is_unread::int) <> 0 OR sum(w * (responsible_id IS NULL)::int) <> 0
  ORDER BY 1, 2
  ON CONFLICT (client_id, folder) DO UPDATE SET total = c.total + excluded.total,
    unread = c.unread + excluded.unread, unassigned = c.unassigned + excluded.unassigned;

  INSERT INTO dialogs_deadlinecount AS c (client_id, due_on, total)
  SELECT client_id, (deadline_at AT TIME ZONE 'Europe/Oslo')::date, sum(w)
  FROM ({rows}) x WHERE folder = 'INBOX' AND deadline_at IS NOT NULL
  GROUP BY 1, 2 HAVING sum(w) <> 0 ORDER BY 1, 2
  ON CONFLICT (client_id, due_on) DO UPDATE SET total = c.total + excluded.total;

  INSERT INTO dialogs_responsiblecount AS c (client_id, user_id, total)
  SELECT client_id, responsible_id, sum(w)
  FROM ({rows}) x WHERE folder = 'INBOX' AND responsible_id IS NOT NULL
  GROUP BY 1, 2 HAVING sum(w) <> 0 ORDER BY 1, 2
  ON CONFLICT (client_id, user_id) DO UPDATE SET total = c.total + excluded.total;
"""
_COLUMNS = "client_id, folder, is_unread, responsible_id, deadline_at"
_ADDED = f"SELECT {_COLUMNS}, 1 AS w FROM added"  # noqa: S608
_REMOVED = f"SELECT {_COLUMNS}, -1 AS w FROM removed"  # noqa: S608
_ROWS = {
    "insert": (_ADDED, "NEW TABLE AS added"),
    "delete": (_REMOVED, "OLD TABLE AS removed"),
    "update": (
        f"{_ADDED} UNION ALL {_REMOVED}",
        "NEW TABLE AS added OLD TABLE AS removed",
    ),
}


def _create(event: str) -> str:
    rows, tables = _ROWS[event]
    return f"""
    CREATE FUNCTION dialogs_count_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN {_COUNTERS.format(rows=rows)} RETURN NULL; END $$;
    CREATE TRIGGER dialogs_count_{event} AFTER {event.upper()} ON dialogs_dialog
    REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION dialogs_count_{event}();
    """


def _drop(event: str) -> str:
    return f"""
    DROP TRIGGER dialogs_count_{event} ON dialogs_dialog;
    DROP FUNCTION dialogs_count_{event}();
    """


class Migration(migrations.Migration):
    dependencies = [("dialogs", "0002_counters")]
    operations = [
        migrations.RunSQL(_create(event), _drop(event)) for event in ("insert", "update", "delete")
    ]
