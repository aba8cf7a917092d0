"""What the dashboards read instead of every dialog: a counter of what is open, kept by triggers of
its own beside the others', and three narrow indexes."""

import django.db.models.deletion
from django.db import migrations, models

_COUNT = """
  INSERT INTO dialogs_opencount AS c (
    client_id, owner_id, responsible_key, restriction_key, total)
  SELECT client_id, owner_id, coalesce(responsible_id, 0), coalesce(restriction_id, 0), sum(w)
  FROM ({rows}) x WHERE folder = 'INBOX'
  GROUP BY 1, 2, 3, 4 HAVING sum(w) <> 0 ORDER BY 1, 2, 3, 4
  ON CONFLICT (client_id, owner_id, responsible_key, restriction_key)
  DO UPDATE SET total = c.total + excluded.total;
"""
_COLUMNS = "client_id, owner_id, responsible_id, restriction_id, folder"
_ADDED = f"SELECT {_COLUMNS}, 1 AS w FROM added"  # noqa: S608 (our own names)
_REMOVED = f"SELECT {_COLUMNS}, -1 AS w FROM removed"  # noqa: S608
_ROWS = {
    "insert": (_ADDED, "NEW TABLE AS added"),
    "delete": (_REMOVED, "OLD TABLE AS removed"),
    "update": (f"{_ADDED} UNION ALL {_REMOVED}", "NEW TABLE AS added OLD TABLE AS removed"),
}
_FILL = """
INSERT INTO dialogs_opencount (client_id, owner_id, responsible_key, restriction_key, total)
SELECT client_id, owner_id, coalesce(responsible_id, 0), coalesce(restriction_id, 0), count(*)
FROM dialogs_dialog WHERE folder = 'INBOX' GROUP BY 1, 2, 3, 4;
"""


def _create(event: str) -> str:
    rows, tables = _ROWS[event]
    return f"""
    CREATE FUNCTION dialogs_count_open_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN {_COUNT.format(rows=rows)} RETURN NULL; END $$;
    CREATE TRIGGER dialogs_count_open_{event} AFTER {event.upper()} ON dialogs_dialog
    REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION dialogs_count_open_{event}();
    """


def _drop(event: str) -> str:
    return f"""
    DROP TRIGGER dialogs_count_open_{event} ON dialogs_dialog;
    DROP FUNCTION dialogs_count_open_{event}();
    """


def _key(to: str) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+" if to == "dialogs.serviceowner" else None,
        to=to,
    )


class Migration(migrations.Migration):
    dependencies = [("clients", "0009_health"), ("dialogs", "0014_restrictions")]
    operations = [
        migrations.CreateModel(
            name="OpenCount",
            fields=[
                ("client", _key("clients.client")),
                ("owner", _key("dialogs.serviceowner")),
                ("responsible_key", models.BigIntegerField()),
                ("restriction_key", models.BigIntegerField(db_default=0, default=0)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        *("client_id", "owner_id", "responsible_key", "restriction_key"),
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("total", models.IntegerField()),
            ],
        ),
        *(migrations.RunSQL(_create(event), _drop(event)) for event in _ROWS),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            "dialog",
            models.Index(
                condition=models.Q(("deadline_at__isnull", False), ("folder", "INBOX")),
                fields=["deadline_at"],
                include=("client", "owner", "responsible", "restriction"),
                name="dialog_due",
            ),
        ),
        migrations.AddIndex(
            "dialog",
            models.Index(
                condition=models.Q(("done_at__isnull", False)),
                fields=["done_at"],
                include=("client", "owner", "responsible", "restriction", "content_updated_at"),
                name="dialog_done",
            ),
        ),
        migrations.AddIndex(
            "dialog",
            models.Index(
                fields=["created_at"],
                include=("client", "owner", "service", "restriction"),
                name="dialog_came",
            ),
        ),
    ]
