"""Made-up clients, dialogs and events, made by PostgreSQL itself so that a million take minutes."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

ORGNR = 300_000_000  # made up: control digits are not looked at here
SERVICES = 40

_CLIENTS = """
INSERT INTO clients_client (id, orgnr, name, is_firm, added_at)
SELECT g, (%(orgnr)s + g)::text, 'Selskap ' || g || ' AS', false, now()
FROM generate_series(1, %(count)s) g;
INSERT INTO clients_systemuser (
  id, name, kind, owner_orgnr, external_ref, is_active, adds_clients, trouble, polled_at)
VALUES (1, 'Regnskap', 'AGENT', '300000000', 'regnskap', true, true, '', now());
INSERT INTO clients_party (id, urn, client_id, kind, orgnr, name, is_deleted)
SELECT id, 'urn:altinn:organization:identifier-no:' || orgnr, id, 'MAIN', orgnr, name, false
FROM clients_client;
INSERT INTO clients_access (id, system_user_id, party_id, found_at, loaded_at)
SELECT id, 1, id, now(), now() FROM clients_party;
INSERT INTO dialogs_serviceowner (code, name)
SELECT 'etat' || g, 'Etat nummer ' || g FROM generate_series(0, 7) g;
INSERT INTO dialogs_service (id, urn, name, owner_id)
SELECT g, 'urn:altinn:resource:tjeneste-' || g, 'Tjeneste nummer ' || g, 'etat' || g %% 8
FROM generate_series(1, %(services)s) g;
"""

# Mostly done and without a deadline: 15 % are open and 6 % have a deadline, most of them ahead.
# Clients differ: the busiest tenth has about a third of the dialogs. The last %(quiet)s clients
# get one old dialog for each fortieth of them, so that theirs are the last in every list.
_DIALOGS = """
CREATE TEMPORARY TABLE made AS
SELECT gen_random_uuid() AS id, g,
  1 + floor(power(random(), 1.6) * (%(clients)s - %(quiet)s))::int AS client_id,
  now() - power(random(), 2) * interval '5 years' - interval '1 minute' AS at,
  random() AS state, random() AS place, random() AS due, random() AS who, random() AS read,
  1 + floor(power(random(), 2) * %(services)s)::int AS service_id
FROM generate_series(1, %(count)s) g
UNION ALL
SELECT gen_random_uuid(), g, %(clients)s - g * 40, now() - interval '9 years',
  0.5, 0.5, 1, 0.5, 1, 1 FROM generate_series(0, (%(quiet)s - 1) / 40) g WHERE %(quiet)s > 0;

INSERT INTO dialogs_dialog (
  id, client_id, party_id, access_id, service_id, owner_id, status, folder, altinn_folder, is_sent,
  is_unread, has_unopened_content, attachment_count, created_at, updated_at, content_updated_at,
  due_at, read_at, received_digest, responsible_id, assigned_why, note_count, work_version,
  binding_at, deadline_at, urgency, first_seen_at)
SELECT id, client_id, client_id, client_id, service_id, 'etat' || service_id %% 8,
  CASE WHEN state < 0.10 THEN 'RequiresAttention' WHEN state < 0.15 THEN 'InProgress'
    WHEN state < 0.55 THEN 'Completed' ELSE 'NotApplicable' END,
  folder, folder, place > 0.95, read < 0.2, read < 0.1, (read * 4)::int, at, at, at, deadline_at,
  now(),
  gen_random_uuid(), CASE WHEN who < 0.8 AND %(people)s::bigint[] <> '{}'
    THEN (%(people)s::bigint[])[1 + client_id %% cardinality(%(people)s::bigint[])] END,
  '', 0, 0, deadline_at, deadline_at,
  CASE WHEN deadline_at IS NULL THEN 100000000000 - extract(epoch FROM at)::bigint
    ELSE extract(epoch FROM deadline_at)::bigint END, at
FROM (SELECT *, CASE WHEN due < 0.06
    THEN date_trunc('hour', now() + (due / 0.06 * 100 - 10) * interval '1 day') END AS deadline_at,
  CASE WHEN place < 0.80 THEN 'INBOX' WHEN place < 0.97 THEN 'ARCHIVE'
    WHEN place < 0.99 THEN 'DRAFTS' ELSE 'BIN' END AS folder
  FROM made) dated;

INSERT INTO dialogs_dialogcopy (
  dialog_id, received, title, summary, sender, extended_status, reference, other_words)
SELECT id, jsonb_build_object('id', id, 'org', 'etat', 'party', client_id, 'content',
    jsonb_build_object('title', title, 'summary', summary), 'createdAt', at, 'updatedAt', at),
  title, summary, 'Etat nummer ' || service_id %% 8, '',
  CASE WHEN g %% 3 = 0 THEN 'REF-' || g ELSE '' END, ''
FROM (SELECT *,
    (ARRAY['Skattemelding for', 'Mva-melding', 'A-melding', 'Sykmelding', 'Årsregnskap',
      'Varsel om', 'Vedtak om', 'Tilbakemelding på'])[1 + g %% 8] || ' '
      || (ARRAY['termin', 'periode', 'sak', 'år'])[1 + g %% 4] || ' ' || g %% 997 AS title,
    'Oppgaven gjelder ' || (ARRAY['arbeidsgiveravgift', 'forskudd', 'kontroll', 'frist',
      'innsending'])[1 + g %% 5] || ' og skal leveres før fristen går ut. Nummer ' || g
      AS summary
  FROM made) worded;
DROP TABLE made;
"""

# Five events for each dialog that is told about, over all clients and a few services.
_EVENTS = """
INSERT INTO dialogs_inboundevent (
  received_at, subscription_id, ce_source, ce_id, body, state, attempts, next_at, error)
SELECT now(), md5(p.id || '/' || g %% 7)::uuid, 'https://platform.altinn.no/' || g, g::text,
  convert_to(
  json_build_object('id', g::text, 'specversion', '1.0',
    'source', 'https://platform.altinn.no/dialogporten/api/v1/enduser/dialogs/' || dialog,
    'type', 'dialogporten.dialog.updated.v1', 'subject', p.urn,
    'resource', 'urn:altinn:resource:tjeneste-' || g %% 7,
    'resourceinstance', dialog, 'time', now())::text, 'UTF8'), 0, 0, now(), ''
FROM (SELECT g, md5((g / 5)::text)::uuid AS dialog FROM generate_series(1, %(count)s) g) e
JOIN clients_party p ON p.id = 1 + g %% %(clients)s
"""


def add_clients(count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CLIENTS, {"count": count, "orgnr": ORGNR, "services": SERVICES})
        cursor.execute("ANALYZE")


def add_dialogs(count: int, *, clients: int, quiet: int = 0, people: Sequence[int] = ()) -> None:
    """Fill the dialogs, the slow parts left out meanwhile: indexes, foreign keys and counters.

    Needs a superuser, as the private servers' and a developer's own user are.
    """
    from dialogs import counters

    values: dict[str, Any] = {
        "count": count,
        "clients": clients,
        "quiet": quiet,
        "people": list(people),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN "
            "('dialogs_dialog', 'dialogs_dialogcopy') AND indexname NOT LIKE '%\\_pkey'"
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(_DIALOGS, values | {"services": SERVICES})
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("SET session_replication_role = DEFAULT")
        counters.recount()
        cursor.execute("VACUUM ANALYZE")
        for name in ("statement_timeout", "maintenance_work_mem"):
            cursor.execute(f"RESET {name}")


def add_events(count: int, *, clients: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, {"count": count, "clients": clients})
        cursor.execute("VACUUM ANALYZE dialogs_inboundevent")
