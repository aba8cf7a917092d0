"""Where a dialog stands is worked out by the database, whoever writes to its row.

Folder: gone, else Altinn's own unless that is the inbox, else ours. Deadline: the binding one, else
the estimated, else the internal one, for as long as something is left to do. A day as a deadline is
its first moment in Oslo, as authorities write a date without a time.
"""

import importlib

from django.db import migrations, models

_WORK_OUT = """
CREATE FUNCTION dialogs_work_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.folder := CASE
    WHEN NEW.gone_at IS NOT NULL THEN 'GONE'
    WHEN NEW.altinn_folder <> 'INBOX' THEN NEW.altinn_folder
    WHEN NEW.done_at IS NOT NULL THEN 'DONE'
    WHEN NEW.snoozed_until_on IS NOT NULL THEN 'SNOOZED'
    ELSE 'INBOX' END;
  NEW.deadline_at := CASE
    WHEN NEW.gone_at IS NOT NULL OR NEW.done_at IS NOT NULL
      OR NEW.status IN ('Completed', 'Awaiting') THEN NULL
    ELSE coalesce(NEW.binding_at,
      coalesce(NEW.estimated_due_on, NEW.internal_due_on)::timestamp AT TIME ZONE 'Europe/Oslo')
    END;
  NEW.urgency := coalesce(floor(extract(epoch FROM NEW.deadline_at))::bigint,
      100000000000 - floor(extract(epoch FROM NEW.content_updated_at))::bigint)
    - CASE WHEN NEW.pin_id IS NULL OR NEW.status IN ('Completed', 'Awaiting')
        OR NEW.folder <> 'INBOX' THEN 0 ELSE 1000000000000 END;
  RETURN NEW;
END $$;
CREATE TRIGGER dialogs_work_out BEFORE INSERT OR UPDATE ON dialogs_dialog
FOR EACH ROW EXECUTE FUNCTION dialogs_work_out();
"""
_FORGET = """
DROP TRIGGER dialogs_work_out ON dialogs_dialog;
DROP FUNCTION dialogs_work_out();
"""
_FILL = """
UPDATE dialogs_dialog SET altinn_folder = CASE WHEN folder = 'GONE' THEN 'INBOX' ELSE folder END,
  binding_at = deadline_at;
"""

_before = importlib.import_module("dialogs.migrations.0003_counting")
_OLD = """
  INSERT INTO dialogs_foldercount AS c (client_id, folder, total, unread, unassigned)
  SELECT client_id, folder, sum(w), sum(w * is_unread::int), sum(w * (responsible_id IS NULL)::int)
  FROM ({rows}) x GROUP BY 1, 2
  HAVING sum(w) <> 0 OR sum(w * is_unread::int) <> 0 OR sum(w * (responsible_id IS NULL)::int) <> 0
  ORDER BY 1, 2
  ON CONFLICT (client_id, folder) DO UPDATE SET total = c.total + excluded.total,
    unread = c.unread + excluded.unread, unassigned = c.unassigned + excluded.unassigned;
"""
_NEW = """
  INSERT INTO dialogs_foldercount AS c (client_id, folder, total, unread, unassigned, reopened)
  SELECT client_id, folder, sum(w), sum(w * is_unread::int), sum(w * (responsible_id IS NULL)::int),
    sum(w * (reopened_at IS NOT NULL)::int)
  FROM ({rows}) x GROUP BY 1, 2
  HAVING sum(w) <> 0 OR sum(w * is_unread::int) <> 0 OR sum(w * (responsible_id IS NULL)::int) <> 0
    OR sum(w * (reopened_at IS NOT NULL)::int) <> 0
  ORDER BY 1, 2
  ON CONFLICT (client_id, folder) DO UPDATE SET total = c.total + excluded.total,
    unread = c.unread + excluded.unread, unassigned = c.unassigned + excluded.unassigned,
    reopened = c.reopened + excluded.reopened;
"""
_COUNTERS = _before._COUNTERS.replace(_OLD, _NEW)


def _replace(event: str) -> str:
    rows, _tables = _before._ROWS[event]
    rows = rows.replace("deadline_at,", "deadline_at, reopened_at,")
    return f"""
    CREATE OR REPLACE FUNCTION dialogs_count_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN {_COUNTERS.format(rows=rows)} RETURN NULL; END $$;
    """


def _back(event: str) -> str:
    rows, _tables = _before._ROWS[event]
    return f"""
    CREATE OR REPLACE FUNCTION dialogs_count_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN {_before._COUNTERS.format(rows=rows)} RETURN NULL; END $$;
    """


class Migration(migrations.Migration):
    dependencies = [("dialogs", "0004_work")]
    operations = [
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="foldercount",
            name="reopened",
            field=models.IntegerField(default=0, db_default=0),
        ),
        migrations.RunSQL(_WORK_OUT, _FORGET),
        *(
            migrations.RunSQL(_replace(event), _back(event))
            for event in ("insert", "update", "delete")
        ),
    ]
