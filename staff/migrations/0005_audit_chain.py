"""The audit log becomes append-only, and each entry is given a digest; see staff/chain.py."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Kept by the database for this long whatever anybody asks of it.
_AT_LEAST = "1 year"

# Digested as text, so that anybody can do it again with the row and SHA-256 alone.
_DIGEST = """
CREATE FUNCTION staff_audit_digest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.digest := sha256(convert_to(jsonb_build_array(
    NEW.id, (extract(epoch FROM NEW.at) * 1000000)::bigint, NEW.actor_id, NEW.act, NEW.about,
    NEW.client_id, NEW.detail)::text, 'UTF8'));
  RETURN NEW;
END $$;
CREATE TRIGGER audit_2_digest BEFORE INSERT ON staff_auditentry
FOR EACH ROW EXECUTE FUNCTION staff_audit_digest();
"""
_WAIT = """
CREATE FUNCTION staff_audit_wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO staff_auditwaiting (entry_id) SELECT id FROM added;
  RETURN NULL;
END $$;
CREATE TRIGGER audit_wait AFTER INSERT ON staff_auditentry REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION staff_audit_wait();
"""
_OLD_ENTRIES = """
UPDATE staff_auditentry SET client_id = substr(about, 8)::bigint WHERE about ~ '^client [0-9]+$';
UPDATE staff_auditentry SET digest = sha256(convert_to(jsonb_build_array(
  id, (extract(epoch FROM at) * 1000000)::bigint, actor_id, act, about, client_id, detail)::text,
  'UTF8'));
INSERT INTO staff_auditwaiting (entry_id) SELECT id FROM staff_auditentry;
"""
# A link says once that its entries were removed; nothing else of it ever changes.
_REFUSE = f"""
CREATE FUNCTION staff_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'staff_auditentry' THEN
    IF OLD.at < now() - interval '{_AT_LEAST}' THEN RETURN OLD; END IF;
  ELSIF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'staff_auditlink' THEN
    IF OLD.emptied_at IS NULL AND NEW.emptied_at IS NOT NULL
      AND NEW.until_at < now() - interval '{_AT_LEAST}'
      AND (NEW.position, NEW.made_at, NEW.entry_ids, NEW.until_at, NEW.digest)
        IS NOT DISTINCT FROM
        (OLD.position, OLD.made_at, OLD.entry_ids, OLD.until_at, OLD.digest)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'the audit log is only added to: % of % is refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_only_added_to BEFORE UPDATE OR DELETE ON staff_auditentry
FOR EACH ROW EXECUTE FUNCTION staff_audit_refuse();
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON staff_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION staff_audit_refuse();
CREATE TRIGGER audit_only_added_to BEFORE UPDATE OR DELETE ON staff_auditlink
FOR EACH ROW EXECUTE FUNCTION staff_audit_refuse();
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON staff_auditlink
FOR EACH STATEMENT EXECUTE FUNCTION staff_audit_refuse();
"""
_UNDO = """
DROP TRIGGER audit_only_added_to ON staff_auditentry;
DROP TRIGGER audit_not_emptied ON staff_auditentry;
DROP TRIGGER audit_only_added_to ON staff_auditlink;
DROP TRIGGER audit_not_emptied ON staff_auditlink;
DROP TRIGGER audit_wait ON staff_auditentry;
DROP TRIGGER audit_2_digest ON staff_auditentry;
DROP FUNCTION staff_audit_refuse();
DROP FUNCTION staff_audit_wait();
DROP FUNCTION staff_audit_digest();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0004_sign_in"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField()),
                (
                    "entry_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                ("until_at", models.DateTimeField()),
                ("digest", models.BinaryField()),
                ("emptied_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="AuditWaiting",
            fields=[
                ("entry_id", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.AddField(
            model_name="auditentry",
            name="client_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="digest",
            field=models.BinaryField(default=bytes),
        ),
        migrations.RunSQL(_OLD_ENTRIES, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="auditentry",
            name="actor",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["-at", "-id"], name="audit_at"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["actor", "-at", "-id"], name="audit_actor"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["client_id", "-at", "-id"], name="audit_client"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["act", "-at", "-id"], name="audit_act"),
        ),
        migrations.RunSQL(_DIGEST + _WAIT + _REFUSE, _UNDO),
    ]
