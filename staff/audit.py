"""Write down what somebody did or saw. Called inside the transaction that does it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from staff.models import AuditEntry, User


def record(*, actor: User | None, act: str, about: str, now: datetime, **detail: Any) -> None:
    """Write down one thing. Whose client it is about follows from «client 42» and «dialog 019c…».

    What is written can never be changed: people and clients are told by their keys.
    """
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
