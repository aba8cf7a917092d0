"""Each entry of the audit log knows its client, whoever writes it."""

from django.db import migrations

# «dialog 019c…» leads to a client by way of the dialog. Before audit_2_digest, which digests it.
_FIND = """
CREATE FUNCTION dialogs_audit_client() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.client_id IS NULL THEN
    IF NEW.about ~ '^dialog [0-9a-f-]{36}$' THEN
      SELECT client_id INTO NEW.client_id FROM dialogs_dialog WHERE id = substr(NEW.about, 8)::uuid;
    ELSIF NEW.about ~ '^client [0-9]+$' THEN
      NEW.client_id := substr(NEW.about, 8)::bigint;
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_1_client BEFORE INSERT ON staff_auditentry
FOR EACH ROW EXECUTE FUNCTION dialogs_audit_client();
"""
_OLD_ENTRIES = """
ALTER TABLE staff_auditentry DISABLE TRIGGER audit_only_added_to;
UPDATE staff_auditentry e SET client_id = d.client_id,
  digest = sha256(convert_to(jsonb_build_array(
    e.id, (extract(epoch FROM e.at) * 1000000)::bigint, e.actor_id, e.act, e.about,
    d.client_id, e.detail)::text, 'UTF8'))
FROM dialogs_dialog d WHERE e.about = 'dialog ' || d.id
  AND e.id IN (SELECT entry_id FROM staff_auditwaiting);
ALTER TABLE staff_auditentry ENABLE TRIGGER audit_only_added_to;
"""
_UNDO = """
DROP TRIGGER audit_1_client ON staff_auditentry;
DROP FUNCTION dialogs_audit_client();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dialogs", "0017_notices_out"),
        ("staff", "0005_audit_chain"),
    ]

    operations = [
        migrations.RunSQL(_FIND, _UNDO),
        migrations.RunSQL(_OLD_ENTRIES, migrations.RunSQL.noop),
    ]
