"""Keep what a search answered: one statement per page, never older over newer.

Writes Altinn's columns and leaves ours alone. A row that would not change is not written, so
reading the same page again costs nothing.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import connection, transaction

from altinn.dialogporten import DialogStatus, Received, SearchItem, SystemLabel, text
from altinn.wire import ContentValue
from clients.models import Access
from dialogs import live, notices, pinning
from dialogs.models import Dialog, Notice, Service, ServiceOwner
from dialogs.pinning import LAPSE

# After these the deadline no longer binds: the party has done its part.
SETTLED = frozenset({DialogStatus.COMPLETED, DialogStatus.AWAITING})

_STORE_DIALOGS = """
INSERT INTO dialogs_dialog AS d (
  id, client_id, party_id, access_id, service_id, owner_id, status, altinn_folder, is_sent,
  is_unread, has_unopened_content, attachment_count, created_at, updated_at, content_updated_at,
  due_at, binding_at, label_revision, read_at, received_digest, gone_at, responsible_id,
  assigned_why, pin_id, note_count, work_version, first_seen_at)
SELECT t.id, t.client_id, t.party_id, t.access_id, t.service_id, t.owner_id, t.status,
  t.altinn_folder, t.is_sent, t.is_unread, t.has_unopened_content, t.attachment_count,
  t.created_at, t.updated_at, t.content_updated_at, t.due_at, t.binding_at, t.label_revision,
  %(read_at)s, t.received_digest, NULL, coalesce(r.user_id, c.responsible_id),
  CASE WHEN r.user_id IS NOT NULL THEN 'AREA'
    WHEN c.responsible_id IS NOT NULL THEN 'CLIENT_RESPONSIBLE'
    WHEN c.team_id IS NOT NULL THEN 'TEAM' ELSE '' END,
  t.pin_id, 0, 0, %(now)s
FROM unnest(%(id)s::uuid[], %(client_id)s::bigint[], %(party_id)s::bigint[],
  %(access_id)s::bigint[], %(service_id)s::bigint[], %(owner_id)s::text[],
  %(status)s::text[], %(altinn_folder)s::text[], %(is_sent)s::bool[], %(is_unread)s::bool[],
  %(has_unopened_content)s::bool[], %(attachment_count)s::smallint[],
  %(created_at)s::timestamptz[], %(updated_at)s::timestamptz[],
  %(content_updated_at)s::timestamptz[], %(due_at)s::timestamptz[],
  %(label_revision)s::uuid[], %(received_digest)s::uuid[], %(binding_at)s::timestamptz[],
  %(pin_id)s::bigint[])
  AS t (id, client_id, party_id, access_id, service_id, owner_id, status, altinn_folder, is_sent,
  is_unread, has_unopened_content, attachment_count, created_at, updated_at,
  content_updated_at, due_at, label_revision, received_digest, binding_at, pin_id)
JOIN clients_client c ON c.id = t.client_id
JOIN dialogs_service s ON s.id = t.service_id
LEFT JOIN clients_arearesponsible r ON r.client_id = c.id AND r.area_id = s.area_id
ORDER BY t.id
ON CONFLICT (id) DO UPDATE SET
  client_id = excluded.client_id, party_id = excluded.party_id,
  access_id = CASE
    WHEN d.gone_at IS NULL AND EXISTS (
      SELECT FROM clients_access a WHERE a.id = d.access_id AND a.lost_at IS NULL)
    THEN d.access_id ELSE excluded.access_id END,
  service_id = excluded.service_id, owner_id = excluded.owner_id, status = excluded.status,
  altinn_folder = excluded.altinn_folder, is_sent = excluded.is_sent,
  is_unread = excluded.is_unread,
  has_unopened_content = excluded.has_unopened_content,
  attachment_count = excluded.attachment_count, created_at = excluded.created_at,
  updated_at = excluded.updated_at, content_updated_at = excluded.content_updated_at,
  due_at = excluded.due_at, binding_at = excluded.binding_at,
  label_revision = excluded.label_revision, read_at = excluded.read_at,
  received_digest = excluded.received_digest, gone_at = NULL,
  pin_id = CASE WHEN excluded.content_updated_at > d.content_updated_at
    THEN excluded.pin_id ELSE d.pin_id END,
  reopened_at = CASE WHEN {newer} AND (d.done_at IS NOT NULL OR d.snoozed_until_on IS NOT NULL
      OR d.altinn_folder IN ('ARCHIVE', 'BIN') AND excluded.altinn_folder = 'INBOX')
    THEN %(now)s ELSE d.reopened_at END,
  work_version = d.work_version + CASE WHEN {newer}
    AND (d.done_at IS NOT NULL OR d.snoozed_until_on IS NOT NULL) THEN 1 ELSE 0 END,
  done_at = CASE WHEN {newer} THEN NULL ELSE d.done_at END,
  snoozed_until_on = CASE WHEN {newer} THEN NULL ELSE d.snoozed_until_on END
WHERE (excluded.updated_at, excluded.read_at) >= (d.updated_at, d.read_at) AND (
  d.gone_at IS NOT NULL OR
  (excluded.received_digest, excluded.client_id, excluded.party_id)
    IS DISTINCT FROM (d.received_digest, d.client_id, d.party_id))
RETURNING id, client_id, (xmax = 0), coalesce(reopened_at = %(now)s AND xmax <> 0, false)
""".replace(
    "{newer}",
    "(excluded.content_updated_at > d.content_updated_at"
    " AND excluded.status NOT IN ('Completed', 'Awaiting'))",
)

# One JSON text for the whole page: the items go in as they came, without being quoted again.
_STORE_COPIES = """
INSERT INTO dialogs_dialogcopy (
  dialog_id, received, title, summary, sender, extended_status, reference, other_words)
SELECT * FROM jsonb_to_recordset(%s::jsonb) AS t (id uuid, received jsonb, title text,
  summary text, sender text, extended_status text, reference text, other_words text)
ON CONFLICT (dialog_id) DO UPDATE SET
  received = excluded.received, title = excluded.title, summary = excluded.summary,
  sender = excluded.sender, extended_status = excluded.extended_status,
  reference = excluded.reference, other_words = excluded.other_words
"""

_WANT_SUBSCRIPTIONS = """
INSERT INTO clients_subscription (id, access_id, resource, state, wanted_at)
SELECT gen_random_uuid(), t.access_id, s.urn, 'WANTED', %(now)s
FROM unnest(%(access_id)s::bigint[], %(service_id)s::bigint[]) AS t (access_id, service_id)
JOIN dialogs_service s ON s.id = t.service_id
ORDER BY t.access_id, s.urn
ON CONFLICT (access_id, resource) DO NOTHING
"""


class Change(NamedTuple):
    """A dialog that was added or that differs from what we held."""

    dialog_id: UUID
    client_id: int
    is_new: bool
    is_reopened: bool = False


def folder_of(item: SearchItem) -> str:
    """Return where Altinn's own inbox would show it."""
    labels = item.end_user_context.system_labels
    if SystemLabel.BIN in labels:
        return Dialog.Folder.BIN
    if SystemLabel.ARCHIVE in labels:
        return Dialog.Folder.ARCHIVE
    return Dialog.Folder.DRAFTS if item.status == DialogStatus.DRAFT else Dialog.Folder.INBOX


def binding_deadline(item: SearchItem, *, now: datetime) -> datetime | None:
    """Return the deadline the party still has to meet, if any.

    Of a letter without a status Altinn never tells whether it was answered; its deadline lapses
    some weeks after it has passed, else everything ever written would stay overdue.
    """
    if item.status in SETTLED or item.due_at is None:
        return None
    if item.status == DialogStatus.NOT_APPLICABLE and item.due_at < now - LAPSE:
        return None
    return item.due_at


def let_lapse(*, now: datetime) -> int:
    """Let the deadlines of letters without a status lapse, and what made the old urgent. Daily.

    Return how many deadlines.
    """
    old = Dialog.objects.filter(status=Dialog.Status.NOT_APPLICABLE, binding_at__lt=now - LAPSE)
    count = old.update(binding_at=None)
    stale = Dialog.objects.filter(pin__isnull=False, binding_at=None)
    stale.filter(content_updated_at__lt=now - LAPSE).update(pin=None)
    return count


def store(
    received: Sequence[Received], *, accesses: Iterable[Access], read_at: datetime, now: datetime
) -> list[Change]:
    """Add or update the dialogs of one page and tell open pages about it.

    `read_at` is the moment the answer was asked for. `accesses` need their parties; a dialog of
    any other party is left out. Opens no transaction around a call: the answer is already here.
    """
    by_party = {access.party.urn: access for access in accesses}
    latest = {one.item.id: one for one in received if one.item.party.lower() in by_party}
    if not latest:
        return []
    page = list(latest.values())
    services = _services(page)
    rows = [_row(one, by_party[one.item.party.lower()], services, now=now) for one in page]
    copies = {one.item.id: _copy(one) for one in page}
    _pin(rows, copies, now=now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STORE_DIALOGS, _columns(rows) | {"read_at": read_at, "now": now})
        changes = [Change(*row) for row in cursor.fetchall()]
        changed = {change.dialog_id for change in changes}
        if changed:
            wanted = [copy for pk, copy in copies.items() if pk in changed]
            cursor.execute(_STORE_COPIES, [msgspec.json.encode(wanted).decode()])
        new = {change.dialog_id for change in changes if change.is_new}
        pairs = {(row["access_id"], row["service_id"]) for row in rows if row["id"] in new}
        cursor.execute(_WANT_SUBSCRIPTIONS, _pairs(pairs) | {"now": now})
        if reopened := [change.dialog_id for change in changes if change.is_reopened]:
            dialogs = Dialog.objects.filter(pk__in=reopened)
            notices.notify_each_of(dialogs, Notice.Kind.REOPENED, now=now)
    live.tell(changes)
    return changes


def mark_gone(
    dialog_ids: Iterable[UUID], *, access: Access, read_at: datetime, now: datetime
) -> int:
    """Mark dialogs that Altinn no longer lists for the access that last read them.

    The rows stay, with the work done on them; they only leave the folders.
    """
    gone = Dialog.objects.filter(
        pk__in=list(dialog_ids), access=access, gone_at=None, read_at__lte=read_at
    )
    changes = [
        Change(pk, client, is_new=False) for pk, client in gone.values_list("pk", "client_id")
    ]
    count = gone.update(gone_at=now)
    live.tell(changes)
    return count


def _services(page: Sequence[Received]) -> dict[str, int]:
    """Return the keys of the page's services, adding those not met before."""
    owners = {one.item.service_resource: one.item.org for one in page}
    known = dict(Service.objects.filter(urn__in=owners).values_list("urn", "pk"))
    if missing := sorted(set(owners) - set(known)):
        ServiceOwner.objects.bulk_create(
            [ServiceOwner(code=code) for code in sorted({owners[urn] for urn in missing})],
            ignore_conflicts=True,
        )
        Service.objects.bulk_create(
            [Service(urn=urn, owner_id=owners[urn]) for urn in missing], ignore_conflicts=True
        )
        known |= dict(Service.objects.filter(urn__in=missing).values_list("urn", "pk"))
    return known


def _row(
    one: Received, access: Access, services: dict[str, int], *, now: datetime
) -> dict[str, Any]:
    item = one.item
    digest = hashlib.md5(one.raw, usedforsecurity=False)
    return {
        "id": item.id,
        "client_id": access.party.client_id,
        "party_id": access.party_id,
        "access_id": access.pk,
        "service_id": services[item.service_resource],
        "owner_id": item.org,
        "status": _status(one),
        "altinn_folder": folder_of(item),
        "is_sent": SystemLabel.SENT in item.end_user_context.system_labels,
        "is_unread": not item.is_content_seen,
        "has_unopened_content": item.has_unopened_content,
        "attachment_count": max(0, min(item.gui_attachment_count or 0, 32767)),
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "content_updated_at": item.content_updated_at,
        "due_at": item.due_at,
        "label_revision": item.end_user_context.revision,
        "received_digest": UUID(bytes=digest.digest()),
        "binding_at": binding_deadline(item, now=now),
    }


def _pin(rows: list[dict[str, Any]], copies: dict[UUID, dict[str, Any]], *, now: datetime) -> None:
    """Add to each row the rule that puts it on top, if one does and it is not an old story."""
    rules = pinning.active_rules()
    for row in rows:
        copy = copies[row["id"]]
        text = "\n".join((copy["title"], copy["summary"], copy["other_words"]))
        owner_id, service_id = row["owner_id"], row["service_id"]
        row["pin_id"] = None
        if row["binding_at"] or row["content_updated_at"] > now - LAPSE:
            row["pin_id"] = pinning.pin_for(
                rules, owner_id=owner_id, service_id=service_id, text=text
            )


def _copy(one: Received) -> dict[str, Any]:
    content = one.item.content
    title = _best(content.title if content else None)
    summary = _best(content.summary if content else None)
    every = [
        each.value
        for value in ((content.title, content.summary) if content else ())
        for each in (value.value if value else ())
    ]
    return {
        "id": one.item.id,
        "received": msgspec.Raw(one.raw),
        "title": title,
        "summary": summary,
        "sender": _best(content.sender_name if content else None),
        "extended_status": _best(content.extended_status if content else None)[:100],
        "reference": one.item.external_reference or "",
        "other_words": "\n".join(word for word in every if word not in {title, summary}),
    }


def _best(value: ContentValue | None) -> str:
    return text(value.value) if value else ""


def _status(one: Received) -> str:
    """Return the status as it came, also one that we do not know."""
    if one.item.status != DialogStatus.UNKNOWN:
        return str(one.item.status)
    return str(msgspec.json.decode(one.raw, type=dict[str, Any])["status"])[:30]


def _pairs(pairs: set[tuple[int, int]]) -> dict[str, list[int]]:
    return {
        "access_id": [access for access, _ in pairs],
        "service_id": [service for _, service in pairs],
    }


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Turn rows into one list per column, as unnest wants them."""
    return {name: [row[name] for row in rows] for name in rows[0]}
