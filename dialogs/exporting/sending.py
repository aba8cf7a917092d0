"""Answer with a list as a file, and write down who took how much of what."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language

from dialogs.exporting import lists
from dialogs.exporting.acts import TAKEN
from dialogs.exporting.table import Row, in_language
from staff import audit
from staff.models import User
from staff.tables import Cell, Kind, written


def stream(
    listed: str,
    title: str,
    headings: Sequence[str],
    batches: Iterable[Sequence[Row]],
    *,
    kind: Kind,
    query: str,
    user: User,
    now: datetime,
) -> StreamingHttpResponse:
    """Answer with any table: its rows are read while they are sent, in the reader's language.

    `listed` is what the audit log calls it.
    """
    counted = _Counted(batches)

    def ended() -> None:
        audit.record(
            actor=user,
            act=TAKEN,
            about=f"list {listed}",
            now=timezone.now(),
            list=listed,
            filters=lists.for_the_log(query),
            kind=kind,
            rows=counted.rows,
        )

    pieces = in_language(get_language() or user.language, written(kind, title, headings, counted))
    return as_file(Passing(pieces, ended), name_of(listed, kind, now=now), kind.media_type)


def as_file(pieces: Iterable[bytes], name: str, media_type: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=media_type)
    how = content_disposition_header(as_attachment=True, filename=name)
    response.headers["Content-Disposition"] = how or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def name_of(listed: str, kind: Kind, *, now: datetime) -> str:
    """Return «innboks-2026-11-28.xlsx»."""
    return f"{listed}-{timezone.localdate(now)}.{kind}"


class _Counted:
    """Rows, and how many have passed."""

    def __init__(self, batches: Iterable[Sequence[Row]]) -> None:
        self._batches = batches
        self.rows = 0

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        for batch in self._batches:
            for row in batch:
                self.rows += 1
                yield row.cells


class Passing:
    """Pieces on their way to a browser. When that ends, whichever way, it is said once."""

    def __init__(self, pieces: Iterator[bytes], ended: Callable[[], None]) -> None:
        self._pieces = pieces
        self._ended = ended
        self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._ended()
