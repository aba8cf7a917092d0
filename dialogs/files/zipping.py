"""All attachments of a dialog in one zip, written while they arrive.

Nothing is packed: what is sent is mostly packed already. A file that is not given, or breaks off in
the middle, is told of in «mangler.txt»; its bytes so far stay as a gap that the list of contents at
the zip's end leaves out.
"""

import hashlib
from collections.abc import Callable, Generator, Iterator
from datetime import datetime
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from altinn.details import Attachment
from altinn.errors import AltinnError
from dialogs.files import names
from dialogs.files.choosing import name_of
from dialogs.files.fetching import Fetcher
from dialogs.files.passing import Got, Passed
from dialogs.files.refusals import NotGiven, from_error
from staff.streams import Taken

_NEEDS_ZIP64_BYTES = 2**31 - 1
_READABLE = 0o600 << 16  # what Unix is told of the file


class Zipped:
    """The zip's bytes. Fetches one file after the other, as they are asked for."""

    def __init__(
        self,
        attachments: list[Attachment],
        fetcher: Fetcher,
        *,
        now: datetime,
        ended: Callable[[Got], None],
    ) -> None:
        self._attachments = attachments
        self._fetcher = fetcher
        self._date = timezone.localtime(now).timetuple()[:6]
        self._ended = ended
        self._got: Got = []
        self._missing: list[str] = []
        self._taken: set[str] = {_list_of_missing().casefold()}
        self._pieces = self._write()
        self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._pieces.close()
            self._ended(self._got)

    def _write(self) -> Generator[bytes, None, None]:
        out = Taken()
        with ZipFile(out, "w", ZIP_STORED) as archive:
            for attachment in self._attachments:
                yield from self._member(archive, out, attachment)
            if self._missing:
                text = "\r\n".join([_("Disse filene er ikke med:"), "", *self._missing, ""])
                archive.writestr(self._info(_list_of_missing()), text.encode("utf-8-sig"))
        yield out.taken()

    def _member(self, archive: ZipFile, out: Taken, attachment: Attachment) -> Iterator[bytes]:
        try:
            arriving = self._fetcher.open(attachment)
        except NotGiven as exc:
            self._miss(name_of(attachment), exc)
            return
        digest, size = hashlib.sha256(), 0
        info = self._info(names.unique(arriving.name, self._taken))
        is_large = arriving.size_bytes is None or arriving.size_bytes > _NEEDS_ZIP64_BYTES
        try:
            with archive.open(info, "w", force_zip64=is_large) as member:
                for piece in arriving.pieces:
                    member.write(piece)
                    digest.update(piece)
                    size += len(piece)
                    yield out.taken()
        except AltinnError as exc:
            self._leave_out(archive, info, from_error(exc))
            self._got.append((attachment.id, Passed(size, None)))
        else:
            self._got.append((attachment.id, Passed(size, digest.hexdigest())))
        finally:
            arriving.close()
        yield out.taken()

    def _leave_out(self, archive: ZipFile, info: ZipInfo, why: NotGiven) -> None:
        """Take a file that broke off out of the list of contents."""
        archive.filelist.remove(info)
        del archive.NameToInfo[info.filename]
        self._miss(info.filename, why)

    def _miss(self, name: str, why: NotGiven) -> None:
        self._missing.append(f"{name}: {why.said.title}")

    def _info(self, name: str) -> ZipInfo:
        info = ZipInfo(name, self._date)
        info.external_attr = _READABLE
        return info


def _list_of_missing() -> str:
    return _("mangler.txt")
