"""What makes a change of the audit log show: digests, a chain of them, and anchors elsewhere.

Three things guard the log, each against somebody stronger than the one before. Triggers refuse
every change and removal, whoever asks by way of the portal. Each entry has a digest of what it
says, and each link of the chain one of its entries' digests and of the link before: whoever gets
past the triggers breaks the chain. Each night the chain's end is written to a store outside the
database, and to the process's log: whoever makes the whole chain anew contradicts these.

Entries are linked some seconds after they are committed, and never while they are written: no
transaction of the firm's work waits for another because both wrote to the log.
"""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import connection, transaction

from staff.models import AuditEntry, AuditLink, AuditWaiting

log = logging.getLogger(__name__)

AT_ONCE = 5000  # entries in a link
FOLDER = "revisjonslogg"  # in the archive
MOST_TOLD = 20  # faults
MOST_EMPTIED = 500  # links in one go
_LOCK = 5_501_010  # one process at a time adds to the chain
_ROWS = """
SELECT id, digest, jsonb_build_array(
  id, (extract(epoch FROM at) * 1000000)::bigint, actor_id, act, about, client_id, detail)::text
FROM staff_auditentry WHERE id = ANY(%s) ORDER BY id
"""
# In no link, and not about to be in one.
_STRANGERS = """
SELECT id FROM staff_auditentry
EXCEPT SELECT unnest(entry_ids) FROM staff_auditlink
EXCEPT SELECT entry_id FROM staff_auditwaiting ORDER BY 1 LIMIT %s
"""


def add_links(*, now: datetime) -> int:
    """Take up all entries that wait; return how many."""
    count = 0
    while linked := _add_link(now=now):
        count += linked
    return count


def _add_link(*, now: datetime) -> int:
    with transaction.atomic():
        if not _have_turn():
            return 0
        waiting = AuditWaiting.objects.order_by("pk").values_list("pk", flat=True)
        keys = list(waiting[:AT_ONCE])
        if not keys:
            return 0
        AuditWaiting.objects.filter(pk__in=keys).delete()
        entries = AuditEntry.objects.filter(pk__in=keys).order_by("pk")
        rows = list(entries.values_list("pk", "at", "digest"))
        if rows:
            last = AuditLink.objects.order_by("-pk").first()
            position = last.position + 1 if last else 1
            until_at = max(at for _, at, _ in rows)
            former = bytes(last.digest) if last else b""
            AuditLink.objects.create(
                position=position,
                made_at=now,
                entry_ids=[pk for pk, _, _ in rows],
                until_at=until_at,
                digest=digest_of(former, position, until_at, [bytes(one) for *_, one in rows]),
            )
    return len(keys)


def _have_turn() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def digest_of(former: bytes, position: int, until_at: datetime, entries: Sequence[bytes]) -> bytes:
    """Return a link's digest: of the link before, its own facts, and its entries' digests."""
    facts = f"{position} {round(until_at.timestamp() * 1_000_000)} {len(entries)} "
    return hashlib.sha256(b"".join([former, facts.encode(), *entries])).digest()


def shorten(*, before: datetime, now: datetime) -> int:
    """Remove the entries of links that are wholly older; return how many. The links stay."""
    count = 0
    with transaction.atomic():
        if not _have_turn():
            return 0
        old = AuditLink.objects.filter(emptied_at=None, until_at__lt=before).order_by("position")
        for link in old[:MOST_EMPTIED]:
            AuditLink.objects.filter(pk=link.pk).update(emptied_at=now)
            entries = AuditEntry.objects.filter(pk__in=link.entry_ids)
            count += entries._raw_delete(entries.db)  # nothing leads to an entry
    return count


@dataclass
class Verdict:
    """What a look through the chain found."""

    links: int = 0
    entries: int = 0
    emptied: int = 0  # links whose entries had been kept for long enough
    waiting: int = 0
    end: AuditLink | None = None
    faults: list[str] = field(default_factory=list)

    def find(self, fault: str) -> None:
        if len(self.faults) < MOST_TOLD:
            self.faults.append(fault)


def verify(*, after: int = 0, most_links: int | None = None) -> Verdict:
    """Work out digests anew, in Python, from what the rows say; `end` is the last link seen.

    With `after` and `most_links`: a part of the chain, where the part before has been verified.
    """
    verdict = Verdict(end=AuditLink.objects.filter(pk=after).first())
    former = bytes(verdict.end.digest) if verdict.end else b""
    links = AuditLink.objects.filter(position__gt=after).order_by("position")
    for link in links[:most_links].iterator(chunk_size=20):
        if link.position != after + verdict.links + 1:
            verdict.find(f"link {after + verdict.links + 1} is missing")
            break
        _verify_link(link, former, verdict)
        former, verdict.end = bytes(link.digest), link
        verdict.links += 1
    return verdict


def _verify_link(link: AuditLink, former: bytes, verdict: Verdict) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [link.entry_ids])
        rows = cursor.fetchall()
    if link.emptied_at and not rows:
        verdict.emptied += 1
        return
    verdict.entries += len(rows)
    digests = []
    for pk, digest, said in rows:
        digests.append(hashlib.sha256(said.encode()).digest())
        if digests[-1] != bytes(digest):
            verdict.find(f"entry {pk} has been changed")
    for pk in sorted(set(link.entry_ids) - {row[0] for row in rows}):
        verdict.find(f"entry {pk} has been removed")
    if digest_of(former, link.position, link.until_at, digests) != bytes(link.digest):
        verdict.find(f"link {link.position} does not follow from what is there")


def verify_all() -> Verdict:
    """Verify the whole chain, what stands outside it, and the anchors."""
    verdict = verify()
    verify_edges(verdict)
    return verdict


def verify_edges(verdict: Verdict, *, most_anchors: int | None = None) -> None:
    """Look for entries that are in no link, and hold the chain to its anchors."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        cursor.execute(_STRANGERS, [MOST_TOLD])
        for (pk,) in cursor.fetchall():
            verdict.find(f"entry {pk} is in no link")
    verdict.waiting = AuditWaiting.objects.count()
    for name in sorted(_anchors(), reverse=True)[:most_anchors]:
        position, digest = _read(name)
        if not is_in_chain(position, digest):
            verdict.find(f"the chain contradicts its anchor {name}")


def is_in_chain(position: int, digest: str) -> bool:
    """Tell whether the chain is still the one that somebody has written down this much of."""
    link = AuditLink.objects.filter(pk=position).first()
    return link is not None and bytes(link.digest).hex() == digest


def drop_anchor(end: AuditLink, *, now: datetime) -> str:
    """Write down the chain's end where the database's owner does not reach; return its text."""
    text = f"{end.position} {bytes(end.digest).hex()}"
    log.info("The audit log's chain ends with link %s", text)
    storage = _storage()
    name = f"{FOLDER}/{now:%Y-%m-%d}.txt"
    if not storage.exists(name):  # an anchor is never moved
        storage.save(name, ContentFile(text.encode()))
    return text


def _storage() -> Storage:
    return storages["archive"]


def _anchors() -> Iterator[str]:
    try:
        _folders, names = _storage().listdir(FOLDER)
    except FileNotFoundError:
        return
    yield from (name for name in names if name.endswith(".txt"))


def _read(name: str) -> tuple[int, str]:
    """Return an anchor's position and digest; one that is no anchor fits no chain."""
    with _storage().open(f"{FOLDER}/{name}") as file:
        position, _, digest = file.read(200).decode(errors="replace").partition(" ")
    return (int(position) if position.isdecimal() else 0), digest.strip()
