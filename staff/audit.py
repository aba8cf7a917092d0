"""Write down what somebody did. Called inside the transaction that does it."""

from datetime import datetime
from typing import Any

from staff.models import AuditEntry, User


def record(*, actor: User | None, act: str, about: str, now: datetime, **detail: Any) -> None:
    AuditEntry.objects.create(at=now, actor=actor, act=act, about=about, detail=detail)
