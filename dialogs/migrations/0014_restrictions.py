"""Who alone may read a dialog is written on its row by the database, whoever writes to what it
hangs on: the dialog itself, a client's restrictions, the categories' services.

A service belongs to the category with the longest pattern that fits; a restriction is a client's
of one category. A change of restrictions waits until nobody is adding dialogs, and holds up those
who want to: else a dialog could come in by the old rules after the new ones were carried out.
"""

import importlib

import django.db.models.deletion
from django.db import migrations, models

LOCK = 6_140_014  # of adding dialogs against changing restrictions

_CATEGORY = """
CREATE FUNCTION dialogs_category_of(service bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT c.category_id FROM dialogs_service s
  JOIN clients_categoryservice c ON c.pattern = s.urn
    OR right(c.pattern, 1) = '*' AND starts_with(s.urn, rtrim(c.pattern, '*'))
  WHERE s.id = service ORDER BY length(rtrim(c.pattern, '*')) DESC, c.pattern LIMIT 1
$$;
"""
# Most clients have no restriction: that is asked first.
_RESTRICTION = """
CREATE FUNCTION dialogs_restriction_of(client bigint, service bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM clients_categoryrestriction r WHERE r.client_id = client) THEN
    RETURN NULL;
  END IF;
  RETURN (SELECT r.id FROM clients_categoryrestriction r
    WHERE r.client_id = client AND r.category_id = dialogs_category_of(service));
END $$;
"""
_RESTRICT = f"""
CREATE FUNCTION dialogs_restrict(clients bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock({LOCK});
  WITH kind AS MATERIALIZED (
    SELECT id AS service_id, dialogs_category_of(id) AS category_id FROM dialogs_service
  ), wrong AS (
    SELECT d.id, r.id AS restriction_id FROM dialogs_dialog d
    LEFT JOIN kind USING (service_id)
    LEFT JOIN clients_categoryrestriction r
      ON r.client_id = d.client_id AND r.category_id = kind.category_id
    WHERE d.client_id = ANY(clients) AND d.restriction_id IS DISTINCT FROM r.id
    ORDER BY d.id FOR NO KEY UPDATE OF d
  )
  UPDATE dialogs_dialog d SET restriction_id = wrong.restriction_id FROM wrong
  WHERE d.id = wrong.id;
END $$;
"""
_WATCH = f"""
CREATE FUNCTION dialogs_await_restrictions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared({LOCK});
  RETURN NULL;
END $$;
CREATE TRIGGER dialogs_await_restrictions BEFORE INSERT OR UPDATE OF client_id, service_id
ON dialogs_dialog FOR EACH STATEMENT EXECUTE FUNCTION dialogs_await_restrictions();

CREATE FUNCTION dialogs_restriction_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM dialogs_restrict(ARRAY[OLD.client_id, NEW.client_id]);
  RETURN NULL;
END $$;
CREATE TRIGGER dialogs_restriction_changed AFTER INSERT OR DELETE OR UPDATE
ON clients_categoryrestriction FOR EACH ROW EXECUTE FUNCTION dialogs_restriction_changed();

CREATE FUNCTION dialogs_category_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM dialogs_restrict(ARRAY(SELECT client_id FROM clients_categoryrestriction));
  RETURN NULL;
END $$;
CREATE TRIGGER dialogs_category_changed AFTER INSERT OR DELETE OR UPDATE
ON clients_categoryservice FOR EACH STATEMENT EXECUTE FUNCTION dialogs_category_changed();
"""
_FORGET = """
DROP TRIGGER dialogs_category_changed ON clients_categoryservice;
DROP TRIGGER dialogs_restriction_changed ON clients_categoryrestriction;
DROP TRIGGER dialogs_await_restrictions ON dialogs_dialog;
DROP FUNCTION dialogs_category_changed();
DROP FUNCTION dialogs_restriction_changed();
DROP FUNCTION dialogs_await_restrictions();
DROP FUNCTION dialogs_restrict(bigint[]);
DROP FUNCTION dialogs_restriction_of(bigint, bigint);
DROP FUNCTION dialogs_category_of(bigint);
"""

# As in 0005, and: who may not read a dialog is not made responsible for it. One that comes in goes
# to the client's responsible instead of the area's, or else waits for somebody to take it.
_before = importlib.import_module("dialogs.migrations.0005_standing")
_WORK_OUT_BEFORE = _before._WORK_OUT.split("CREATE TRIGGER")[0].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
_WORK_OUT = _WORK_OUT_BEFORE.replace(
    "  RETURN NEW;\n",
    """
  IF TG_OP = 'INSERT' OR NEW.client_id <> OLD.client_id OR NEW.service_id <> OLD.service_id THEN
    NEW.restriction_id := dialogs_restriction_of(NEW.client_id, NEW.service_id);
  END IF;
  IF NEW.restriction_id IS NOT NULL AND NEW.responsible_id IS NOT NULL
    AND (TG_OP = 'INSERT' OR NEW.responsible_id IS DISTINCT FROM OLD.responsible_id)
    AND NOT EXISTS (SELECT FROM clients_categoryrestriction_readers r
      WHERE r.categoryrestriction_id = NEW.restriction_id AND r.user_id = NEW.responsible_id)
  THEN
    NEW.responsible_id := CASE WHEN TG_OP = 'INSERT' THEN (
      SELECT c.responsible_id FROM clients_client c
      JOIN clients_categoryrestriction_readers r ON r.user_id = c.responsible_id
        AND r.categoryrestriction_id = NEW.restriction_id
      WHERE c.id = NEW.client_id) END;
    NEW.assigned_why := CASE WHEN NEW.responsible_id IS NULL THEN 'NO_READER'
      ELSE 'CLIENT_RESPONSIBLE' END;
  END IF;
  RETURN NEW;
""",
)

_KEYS = {"foldercount": "folder", "deadlinecount": "due_on", "responsiblecount": "user_id"}
_COUNTERS = """
  INSERT INTO dialogs_foldercount AS c (
    client_id, folder, restriction_key, total, unread, unassigned, reopened)
  SELECT client_id, folder, key, sum(w), sum(w * is_unread::int),
    sum(w * (responsible_id IS NULL)::int), sum(w * (reopened_at IS NOT NULL)::int)
  FROM ({rows}) x GROUP BY 1, 2, 3
  HAVING sum(w) <> 0 OR sum(w * is_unread::int) <> 0 OR sum(w * (responsible_id IS NULL)::int) <> 0
    OR sum(w * (reopened_at IS NOT NULL)::int) <> 0
  ORDER BY 1, 2, 3
  ON CONFLICT (client_id, folder, restriction_key) DO UPDATE SET total = c.total + excluded.total,
    unread = c.unread + excluded.unread, unassigned = c.unassigned + excluded.unassigned,
    reopened = c.reopened + excluded.reopened;

  INSERT INTO dialogs_deadlinecount AS c (client_id, due_on, restriction_key, total)
  SELECT client_id, (deadline_at AT TIME ZONE 'Europe/Oslo')::date, key, sum(w)
  FROM ({rows}) x WHERE folder = 'INBOX' AND deadline_at IS NOT NULL
  GROUP BY 1, 2, 3 HAVING sum(w) <> 0 ORDER BY 1, 2, 3
  ON CONFLICT (client_id, due_on, restriction_key) DO UPDATE SET total = c.total + excluded.total;

  INSERT INTO dialogs_responsiblecount AS c (client_id, user_id, restriction_key, total)
  SELECT client_id, responsible_id, key, sum(w)
  FROM ({rows}) x WHERE folder = 'INBOX' AND responsible_id IS NOT NULL
  GROUP BY 1, 2, 3 HAVING sum(w) <> 0 ORDER BY 1, 2, 3
  ON CONFLICT (client_id, user_id, restriction_key) DO UPDATE SET total = c.total + excluded.total;
"""
_COLUMNS = (
    "client_id, folder, is_unread, responsible_id, deadline_at, reopened_at,"
    " coalesce(restriction_id, 0) AS key"
)
_ADDED = f"SELECT {_COLUMNS}, 1 AS w FROM added"  # noqa: S608 (our own names)
_REMOVED = f"SELECT {_COLUMNS}, -1 AS w FROM removed"  # noqa: S608
_ROWS = {
    "insert": _ADDED,
    "delete": _REMOVED,
    "update": f"{_ADDED} UNION ALL {_REMOVED}",
}


# Counters of nothing are left behind, which there is no room for in the old tables.
_OPEN_ALL = "UPDATE dialogs_dialog SET restriction_id = NULL WHERE restriction_id IS NOT NULL;" + (
    "".join(f"DELETE FROM dialogs_{table} WHERE restriction_key <> 0;" for table in _KEYS)  # noqa: S608
)


def _count(event: str) -> str:
    return f"""
    CREATE OR REPLACE FUNCTION dialogs_count_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN {_COUNTERS.format(rows=_ROWS[event])} RETURN NULL; END $$;
    """


def _key(table: str, columns: str) -> str:
    name = f"dialogs_{table}"
    return f"""
    ALTER TABLE {name} DROP CONSTRAINT {name}_pkey, ADD PRIMARY KEY (client_id, {columns});
    """


def _split(model: str, column: str) -> list[migrations.operations.base.Operation]:
    """Count those with the same readers apart. Before, nothing was restricted."""
    key = models.CompositePrimaryKey(
        "client_id", column, "restriction_key", blank=True, editable=False, serialize=False
    )
    return [
        migrations.AddField(model, "restriction_key", models.BigIntegerField(default=0, db_default=0)),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(_key(model, f"{column}, restriction_key"), _key(model, column))],
            [migrations.AlterField(model, "pk", key)],
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("clients", "0009_health"), ("dialogs", "0013_counter_indexes")]
    operations = [
        migrations.AddField(
            model_name="dialog",
            name="restriction",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                to="clients.categoryrestriction",
            ),
        ),
        migrations.AddIndex(
            model_name="dialog",
            index=models.Index(
                condition=models.Q(("restriction__isnull", False)),
                fields=["restriction"],
                name="dialog_restricted",
            ),
        ),
        *(one for model, column in _KEYS.items() for one in _split(model, column)),
        migrations.RemoveIndex(model_name="deadlinecount", name="deadlines_by_day"),
        migrations.AddIndex(
            model_name="deadlinecount",
            index=models.Index(
                fields=["due_on"],
                include=("client", "total", "restriction_key"),
                name="deadlines_by_day",
            ),
        ),
        *(
            migrations.RunSQL(_count(event), _before._replace(event))
            for event in ("insert", "update", "delete")
        ),
        migrations.RunSQL(_CATEGORY + _RESTRICTION + _RESTRICT + _WATCH, _FORGET),
        migrations.RunSQL(_WORK_OUT, _WORK_OUT_BEFORE),
        migrations.RunSQL(
            "SELECT dialogs_restrict(ARRAY(SELECT client_id FROM clients_categoryrestriction))",
            _OPEN_ALL,
        ),
    ]
