"""Change what may not be changed, as somebody would who has the database to himself."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_TABLES = ("staff_auditentry", "staff_auditlink")


@contextmanager
def rewriting() -> Iterator[None]:
    """Let the audit log be rewritten meanwhile."""
    switch("DISABLE", "audit_only_added_to")
    yield
    switch("ENABLE", "audit_only_added_to")


def switch(how: str, trigger: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing may be left to check
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} {how} TRIGGER {trigger}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
