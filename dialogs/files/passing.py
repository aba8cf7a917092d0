"""Pass a file on to a browser, count it, and write down who got what.

Whatever the service owner sends is data to us: it is saved, or shown where it can do nothing.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from threading import BoundedSemaphore
from typing import Any, NamedTuple
from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from altinn.details import Attachment
from altinn.errors import AltinnError
from dialogs.actions import about
from dialogs.files.acts import DOWNLOADED_ALL
from dialogs.files.fetching import Arriving, Fetcher
from dialogs.files.refusals import NotGiven, Reason
from dialogs.models import Dialog
from staff import audit
from staff.models import User

log = logging.getLogger(__name__)

# Of a process's sixteen threads; the others are for pages.
AT_ONCE = 8
_places = BoundedSemaphore(AT_ONCE)

# A document that is shown has an origin of its own, runs nothing and fetches nothing. Chromium's
# PDF viewer works within this, as long as the frame around it has no `sandbox` attribute (seen
# with Chromium 156, 2026-11).
SHOWN_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
SAVED_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


class Passed(NamedTuple):
    """What went through. Without a checksum, the file did not come to its end."""

    size_bytes: int
    sha256: str | None


Got = list[tuple[UUID, Passed]]  # attachments, and what went through of each


class Passing:
    """A file's pieces, counted. Breaks with the error that the service owner's side broke with."""

    def __init__(self, arriving: Arriving, ended: Callable[[Passed], None]) -> None:
        self._arriving = arriving
        self._ended = ended
        self._digest = hashlib.sha256()
        self._size_bytes = 0
        self._is_whole = self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            piece = next(self._arriving.pieces)
        except StopIteration:
            self._is_whole = True
            raise
        except AltinnError as exc:
            log.warning("A file broke off after %d bytes: %s", self._size_bytes, exc)
            raise
        self._digest.update(piece)
        self._size_bytes += len(piece)
        return piece

    def close(self) -> None:
        """Let go of both ends, and write down what went through. Called once or more."""
        if self._is_closed:
            return
        self._is_closed = True
        self._arriving.close()
        sha256 = self._digest.hexdigest() if self._is_whole else None
        self._ended(Passed(self._size_bytes, sha256))


@contextmanager
def _place() -> Iterator[None]:
    """Have one of the places there are for fetching.

    Raises:
        NotGiven: there is none now.
    """
    if not _places.acquire(blocking=False):
        raise NotGiven(Reason.BUSY)
    try:
        yield
    finally:
        _places.release()


def take_place() -> ExitStack:
    """Take a place for fetching; closing what is returned gives it back.

    Raises:
        NotGiven: there is none now.
    """
    with ExitStack() as stack:
        stack.enter_context(_place())
        return stack.pop_all()


def open_in_place(fetcher: Fetcher, attachment: Attachment) -> Arriving:
    """Ask for a file, holding a place for as long as it is open.

    Raises:
        NotGiven: there is no place, or no file for us.
    """
    with take_place() as stack:
        arriving = fetcher.open(attachment)
        stack.callback(arriving.close)
        return replace(arriving, close=stack.pop_all().close)


def note(
    dialog: Dialog, act: str, attachment_id: UUID, *, user: User, now: datetime
) -> Callable[[Passed], None]:
    """Return what writes down that a person got a file. Its name is not told: it may say much."""

    def ended(passed: Passed) -> None:
        got = _in_log(attachment_id, passed)
        audit.record(actor=user, act=act, about=about(dialog.pk), now=now, **got)

    return ended


def note_all(dialog: Dialog, got: Got, *, user: User, now: datetime) -> None:
    """Write down which files a person got in one zip."""
    files = [_in_log(attachment_id, passed) for attachment_id, passed in got]
    audit.record(actor=user, act=DOWNLOADED_ALL, about=about(dialog.pk), now=now, files=files)


def _in_log(attachment_id: UUID, passed: Passed) -> dict[str, Any]:
    return {"attachment": str(attachment_id), **passed._asdict()}


def saved(
    pieces: Iterator[bytes], name: str, *, media_type: str, size_bytes: int | None = None
) -> StreamingHttpResponse:
    """Answer with a file to save."""
    response = _answer(pieces, name, media_type, size_bytes, as_attachment=True)
    response["Content-Security-Policy"] = SAVED_POLICY
    return response


def shown(
    pieces: Iterator[bytes], name: str, *, media_type: str, size_bytes: int | None = None
) -> StreamingHttpResponse:
    """Answer with a PDF or an image, to be shown in a frame of ours."""
    response = _answer(pieces, name, media_type, size_bytes, as_attachment=False)
    response["Content-Security-Policy"] = SHOWN_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _answer(
    pieces: Iterator[bytes],
    name: str,
    media_type: str,
    size_bytes: int | None,
    *,
    as_attachment: bool,
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=media_type)
    if size_bytes is not None:
        response["Content-Length"] = str(size_bytes)
    disposition = content_disposition_header(as_attachment=as_attachment, filename=name)
    response["Content-Disposition"] = disposition or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
