"""P8c: rows per second of a first reading, beside a bare upsert of the same columns.

Ours is `read_in_full`: search pages over HTTP from the stand-in, decoding, checking, upserting
into an empty portal, counters included. The yardstick has every value in memory already and only
upserts, page by page, into copies of the same two tables, with the same indexes and no triggers.
P8d is the same with no index but the primary keys, to see what indexes cost.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from django.utils import timezone

from benchmarks.figures import Figure, Goal, compared
from benchmarks.workplace import Workplace, stand_in

GOAL = Goal("P8c", "first reading / bare upsert, indexes", "rows/s", "at least", 0.3, 0.6)
BARE = replace(GOAL, id="P8d", what="first reading / bare upsert, no indexes", floor=0.1)
CLIENTS = 40
TABLES = ("dialogs_dialog", "dialogs_dialogcopy")
_EMPTY = (
    "TRUNCATE dialogs_dialog, dialogs_dialogcopy, clients_subscription, "
    + ", ".join(f"dialogs_{name}count" for name in ("folder", "deadline", "responsible"))
    + " CASCADE"
)  # the work on dialogs, which is as empty


@dataclass(frozen=True)
class _Copy:
    """A copy of a table, and the statement that upserts a page of its rows from arrays."""

    name: str
    upsert: str
    pages: list[list[list[Any]]]  # page, column, row


def run(place: Workplace) -> list[Figure]:
    from clients import connect

    with (
        stand_in(place, clients=CLIENTS, dialogs=place.size.rows) as sandbox,
        place.database("load"),
    ):
        system_user = sandbox.register()
        ours: list[float] = []
        yardstick: dict[str, list[float]] = {GOAL.id: [], BARE.id: []}
        with connect.end_user(system_user) as api:
            _read(api, system_user)  # warm, and to know the rows
            copies = {GOAL.id: _copies("i", indexes=True), BARE.id: _copies("n", indexes=False)}
            for number in range(place.rounds):
                ours.append(_read(api, system_user))
                for key, tables in copies.items():
                    yardstick[key].append(_upsert(tables))
                place.say(
                    f"{GOAL.id} round {number + 1}: ours {ours[-1]:,.0f} rows/s, upsert"
                    f" {yardstick[GOAL.id][-1]:,.0f} with and {yardstick[BARE.id][-1]:,.0f}"
                    " without indexes"
                )
    return [compared(goal, ours, yardstick[goal.id]) for goal in (GOAL, BARE)]


def _read(api: Any, system_user: Any) -> float:
    """Read everything into empty tables; return rows per second."""
    from django.db import connection

    from clients.models import Access
    from dialogs.ingest import load

    with connection.cursor() as cursor:
        cursor.execute(_EMPTY)
    accesses = list(Access.objects.filter(system_user=system_user).select_related("party"))
    began = time.perf_counter()
    count = load.read_in_full(api, accesses, now=timezone.now())
    assert count, "the stand-in listed nothing"
    return count / (time.perf_counter() - began)


def _copies(suffix: str, *, indexes: bool) -> list[_Copy]:
    """Make empty copies of the tables, and keep their rows in memory as values."""
    from django.db import connection

    from dialogs.ingest.load import PAGE

    copies = []
    with connection.cursor() as cursor:
        for table in TABLES:
            name, key = f"bench_{table}_{suffix}", "id" if table == TABLES[0] else "dialog_id"
            like = "INCLUDING ALL" if indexes else "INCLUDING GENERATED INCLUDING STORAGE"
            cursor.execute(f"CREATE TABLE {name} (LIKE {table} {like})")
            if not indexes:
                cursor.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({key})")
            cursor.execute(
                "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid ="
                " %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
                [table],
            )
            columns = dict(cursor.fetchall())
            # jsonb goes over the wire as text on both sides.
            wanted = ", ".join(
                f"{column}::text" if type_ == "jsonb" else column
                for column, type_ in columns.items()
            )
            cursor.execute(f"SELECT {wanted} FROM {table} ORDER BY random()")  # noqa: S608
            rows = cursor.fetchall()
            pages = [
                [list(column) for column in zip(*rows[start : start + PAGE], strict=True)]
                for start in range(0, len(rows), PAGE)
            ]
            copies.append(_Copy(name, _upsert_statement(name, key, columns), pages))
    return copies


def _upsert_statement(name: str, key: str, columns: dict[str, str]) -> str:
    arrays = ", ".join(
        f"%b::{'text' if type_ == 'jsonb' else type_}[]" for type_ in columns.values()
    )
    values = ", ".join(
        f"t.{column}::jsonb" if type_ == "jsonb" else f"t.{column}"
        for column, type_ in columns.items()
    )
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns if column != key)
    listed = ", ".join(columns)
    return (
        f"INSERT INTO {name} ({listed}) SELECT {values} FROM unnest({arrays})"  # noqa: S608
        f" AS t ({listed}) ON CONFLICT ({key}) DO UPDATE SET {changes}"
    )


def _upsert(copies: Sequence[_Copy]) -> float:
    """Upsert all pages of both tables, a transaction per page as ours; return rows per second.

    Past Django, in binary: nothing is escaped or quoted on the way.
    """
    from django.db import connection

    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    with psycopg.Cursor(raw) as cursor:
        cursor.execute("TRUNCATE " + ", ".join(copy.name for copy in copies))
        count = sum(len(page[0]) for page in copies[0].pages)
        began = time.perf_counter()
        for pages in zip(*(copy.pages for copy in copies), strict=True):
            with raw.transaction():
                for copy, page in zip(copies, pages, strict=True):
                    cursor.execute(copy.upsert, page)
        return count / (time.perf_counter() - began)
