"""A list on its way out: counted beforehand, read some rows at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, QuerySet
from django.utils import translation

from staff.tables import Cell

AT_ONCE = 500  # rows read together
MOST_ROWS = 100_000  # of a file
T = TypeVar("T")
M = TypeVar("M", bound=Model)


class TooBroad(Exception):
    """A search that would take too long."""


class Row(NamedTuple):
    """The key of what a row tells of, by which it is asked who may see it, and its cells."""

    key: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """`count` stops one above the number it is given; both may raise TooBroad."""

    headings: Sequence[str]
    count: Callable[[int], int]
    batches: Callable[[], Iterator[list[Row]]]


def in_language(language: str, parts: Iterator[T]) -> Iterator[T]:
    """Make each part in a language, whichever thread asks for it."""
    while True:
        with translation.override(language):
            try:
                part = next(parts)
            except StopIteration:
                return
        yield part


def of_rows(headings: Sequence[str], read: Callable[[], Iterable[Row]]) -> Table:
    """Return a table that is read as a whole, once, when it is first asked for anything."""
    rows = cache(lambda: list(read()))

    def batches() -> Iterator[list[Row]]:
        for start in range(0, len(rows()), AT_ONCE):
            yield rows()[start : start + AT_ONCE]

    return Table(headings, lambda most: min(len(rows()), most + 1), batches)


def of_query(
    headings: Sequence[str],
    ordered: "QuerySet[M, Any]",
    rows: Callable[[list[M]], Iterable[Row]],
) -> Table:
    """Return a table of a few thousand at most: the keys are read first, then some at a time."""

    def count(most: int) -> int:
        return ordered[: most + 1].count()

    def batches() -> Iterator[list[Row]]:
        keys = list(ordered.values_list("pk", flat=True))
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            found = {one.pk: one for one in ordered.filter(pk__in=some)}
            yield list(rows([found[key] for key in some if key in found]))

    return Table(headings, count, batches)
