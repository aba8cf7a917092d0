"""The client's folder: files that people have kept, with a checksum and a last day.

They lie in the storage `archive`: a folder on a disk, or an S3-compatible bucket. A file passes
into it as it passes to a browser, without being held.
"""

import hashlib
import logging
from collections.abc import Iterator
from datetime import date, datetime
from io import BufferedReader, RawIOBase
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import IntegrityError, transaction

from altinn.errors import AltinnError
from dialogs.actions import about
from dialogs.files.acts import ARCHIVED, FETCHED, REMOVED
from dialogs.files.fetching import PIECE_BYTES, Arriving
from dialogs.files.refusals import from_error
from dialogs.models import ArchivedFile, Dialog
from staff import audit
from staff.models import User
from staff.sealing import seal

log = logging.getLogger(__name__)

AT_A_TIME = 200  # removed in one go


class Damaged(Exception):
    """A kept file is not what was put there."""


def storage() -> Storage:
    return storages["archive"]


def keep(
    dialog: Dialog, attachment_id: UUID, arriving: Arriving, *, user: User, now: datetime
) -> ArchivedFile:
    """Put a file that is on its way in the folder of the dialog's client.

    One that lies there already is left, and returned as it is.

    Raises:
        NotGiven: it broke off. Nothing is kept of it.
    """
    incoming = Incoming(arriving.pieces)
    stored_as, is_kept = f"{dialog.client_id}/{uuid4().hex}", False
    try:
        stored_as = storage().save(stored_as, File(BufferedReader(incoming, PIECE_BYTES)))
        with transaction.atomic():
            row = ArchivedFile.objects.create(
                client_id=dialog.client_id,
                dialog=dialog,
                attachment_id=attachment_id,
                sealed_name=seal(arriving.name.encode()),
                media_type=arriving.kind.media_type,
                size_bytes=incoming.passed_bytes,
                sha256=incoming.sha256,
                stored_as=stored_as,
                saved_at=now,
                saved_by=user,
                keep_until_on=date(now.year + settings.ARCHIVE_KEEP_YEARS, 12, 31),
            )
            _note(ARCHIVED, row, user=user, now=now)
        is_kept = True
    except AltinnError as exc:
        raise from_error(exc) from exc
    except IntegrityError:  # somebody was first
        return ArchivedFile.objects.kept().get(dialog=dialog, attachment_id=attachment_id)
    finally:
        if not is_kept:
            storage().delete(stored_as)
    return row


def pieces_of(row: ArchivedFile) -> Iterator[bytes]:
    """Read a kept file; the last piece comes only when all of it is what was put there.

    Raises:
        OSError: the storage does not give it.
        Damaged: it has been changed.
    """
    digest, last = hashlib.sha256(), b""
    for piece in read(row.stored_as):
        digest.update(piece)
        if last:
            yield last
        last = piece
    if digest.hexdigest() != row.sha256:
        log.error("The kept file %s is not what was put there", row.stored_as)
        raise Damaged(row.stored_as)
    yield last


def read(stored_as: str) -> Iterator[bytes]:
    """Read from a disk, or from a bucket without fetching all of it first, as its storage would."""
    with storage().open(stored_as) as file:
        in_bucket = getattr(file, "obj", None)
        if in_bucket is None:
            yield from file.chunks(PIECE_BYTES)
        else:
            yield from in_bucket.get()["Body"].iter_chunks(PIECE_BYTES)


def note_fetching(row: ArchivedFile, *, user: User, now: datetime) -> None:
    _note(FETCHED, row, user=user, now=now)


def remove_old(*, today: date, now: datetime) -> int:
    """Remove files whose last day has passed, some at a time. Return how many.

    The file goes before its row is marked: what fails in between is done again the next night.
    """
    old = ArchivedFile.objects.kept().filter(keep_until_on__lt=today).order_by("pk")
    removed = 0
    for row in old[:AT_A_TIME]:
        storage().delete(row.stored_as)
        with transaction.atomic():
            ArchivedFile.objects.filter(pk=row.pk).update(removed_at=now, sealed_name=b"")
            _note(REMOVED, row, user=None, now=now)
        removed += 1
    return removed


def _note(act: str, row: ArchivedFile, *, user: User | None, now: datetime) -> None:
    audit.record(
        actor=user,
        act=act,
        about=about(row.dialog_id),
        now=now,
        attachment=str(row.attachment_id),
        size_bytes=row.size_bytes,
        sha256=row.sha256,
    )


class Incoming(RawIOBase):
    """A file on its way, as storages want to read it: once, from the beginning."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.passed_bytes = 0
        self._pieces = pieces
        self._digest = hashlib.sha256()
        self._waiting = memoryview(b"")

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._waiting:
            piece = next(self._pieces, b"")
            self._digest.update(piece)
            self.passed_bytes += len(piece)
            self._waiting = memoryview(piece)
        count = min(len(buffer), len(self._waiting))
        buffer[:count] = self._waiting[:count]
        self._waiting = self._waiting[count:]
        return count
