"""What an administrator says of the set-up that cannot be counted."""

from datetime import datetime

from django.db import transaction

from clients.models import ONLY, Firm
from clients.setup.steps import MAY_BE_PASSED
from staff import audit
from staff.models import User


def mark(name: str, *, done: bool, actor: User | None, now: datetime) -> None:
    """Say that a step is done, or is not after all. Only for steps that nobody can count."""
    if name not in MAY_BE_PASSED:
        return
    with transaction.atomic():
        firm = _locked()
        if (name in firm.passed) == done:
            return
        firm.passed = sorted({*firm.passed, name} if done else {*firm.passed} - {name})
        firm.save(update_fields=["passed"])
        act = "set-up step passed" if done else "set-up step reopened"
        audit.record(actor=actor, act=act, about="firm", now=now, step=name)


def set_hidden(*, hidden: bool, actor: User | None, now: datetime) -> None:
    """Put the card on Min dag away for all administrators, or bring it back."""
    with transaction.atomic():
        firm = _locked()
        if (firm.hidden_at is not None) == hidden:
            return
        firm.hidden_at = now if hidden else None
        firm.save(update_fields=["hidden_at"])
        act = "set-up card hidden" if hidden else "set-up card shown"
        audit.record(actor=actor, act=act, about="firm", now=now)


def _locked() -> Firm:
    Firm.objects.get_or_create(pk=ONLY)
    return Firm.objects.select_for_update().get(pk=ONLY)
