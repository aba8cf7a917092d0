"""Write down what somebody did. Called inside the transaction that does it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from staff.models import AuditEntry, User


def record(*, actor: User | None, act: str, about: str, now: datetime, **detail: Any) -> None:
    AuditEntry.objects.create(at=now, actor=actor, act=act, about=about, detail=detail)


def record_all(
    entries: Iterable[tuple[str, str, dict[str, Any]]], *, actor: User | None, now: datetime
) -> None:
    """Write down many at once: (act, about, detail) each."""
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(at=now, actor=actor, act=act, about=about, detail=d)
            for act, about, d in entries
        ]
    )
