"""The rules for what is put on top of the list: changed by managers, seen through beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from dialogs import tasks
from dialogs.models import Dialog, PinRule
from dialogs.notes.place import NOT_SHOWN
from dialogs.notes.services import STRIDE, move
from dialogs.pinning import Rule
from staff import audit
from staff.models import User

ADDED = "rule.added"
CHANGED = "rule.changed"
SWITCHED_ON = "rule.switched_on"
SWITCHED_OFF = "rule.switched_off"
MOVED = "rule.moved"

MOST_READ = 20_000  # dialogs held against a rule before it is saved
EXAMPLES = 5
COLUMNS = ("why", "words", "owner_id", "service_id", "appeal_days")


@dataclass(frozen=True)
class Preview:
    """What a rule would put on top, if it were the only one."""

    hits: int
    read: int
    is_cut: bool  # there were more dialogs than were held against it
    examples: Sequence[Dialog]


def preview(rule: PinRule, user: User) -> Preview:
    """Hold the inbox against a rule as it stands in the form; the nearest deadlines first."""
    ready = Rule.of(rule)
    inbox = Dialog.objects.visible_to(user).filter(folder=Dialog.Folder.INBOX)
    if rule.owner_id:
        inbox = inbox.filter(owner=rule.owner_id)
    if rule.service_id:
        inbox = inbox.filter(service=rule.service_id)
    columns = ("pk", "owner_id", "service_id", "copy__title", "copy__summary")
    found = list(inbox.order_by("urgency", "id").values_list(*columns)[: MOST_READ + 1])
    hits = [
        pk
        for pk, owner_id, service_id, title, summary in found[:MOST_READ]
        if ready.fits(owner_id=owner_id, service_id=service_id, text=f"{title}\n{summary}")
    ]
    shown = Dialog.objects.select_related("copy", "client").defer(*NOT_SHOWN)
    dialogs = shown.in_bulk(hits[:EXAMPLES])
    return Preview(
        hits=len(hits),
        read=min(len(found), MOST_READ),
        is_cut=len(found) > MOST_READ,
        examples=[dialogs[pk] for pk in hits[:EXAMPLES] if pk in dialogs],
    )


def rules() -> QuerySet[PinRule]:
    return PinRule.objects.select_related("owner", "service")


def pinned_by_rule(user: User) -> dict[int, int]:
    """Return how many dialogs in the inbox, of those somebody sees, each rule has put on top."""
    pinned = Dialog.objects.visible_to(user).filter(
        Q(folder=Dialog.Folder.INBOX) & Q(urgency__lt=0)
    )
    counted = pinned.filter(pin__isnull=False).values_list("pin").order_by("pin")
    return dict(counted.annotate(total=Count("pk")))


def add_rule(rule: PinRule, *, actor: User, now: datetime) -> None:
    """Add a rule after the others."""
    with transaction.atomic():
        last = PinRule.objects.order_by("-position").first()
        rule.position = (last.position if last else 0) + STRIDE
        rule.save(force_insert=True)
        _record(rule, ADDED, actor=actor, now=now, after=_columns(rule))


def change_rule(rule: PinRule, *, before: PinRule, actor: User, now: datetime) -> None:
    if _columns(rule) == _columns(before):
        return
    with transaction.atomic():
        rule.save(update_fields=["why", "words", "owner", "service", "appeal_days"])
        changes = {"before": _columns(before), "after": _columns(rule)}
        _record(rule, CHANGED, actor=actor, now=now, **changes)


def switch(rule: PinRule, *, is_active: bool, actor: User, now: datetime) -> None:
    """Use a rule, or let it rest."""
    with transaction.atomic():
        others = PinRule.objects.filter(pk=rule.pk, is_active=not is_active)
        if others.update(is_active=is_active):
            _record(rule, SWITCHED_ON if is_active else SWITCHED_OFF, actor=actor, now=now)


def move_rule(rule: PinRule, by: int, *, actor: User, now: datetime) -> None:
    """Move a rule: the first that fits says why."""
    with transaction.atomic():
        if move(list(PinRule.objects.select_for_update()), rule.pk, by):
            _record(rule, MOVED, actor=actor, now=now, by=by)


def apply_soon() -> bool:
    """Have a worker hold the inbox against the rules; return whether the queue took it."""
    try:
        tasks.apply_pin_rules.apply_async(retry=False, expires=3600)
    except (OperationalError, RedisError, OSError):
        return False
    return True


def _columns(rule: PinRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in COLUMNS}


def _record(rule: PinRule, act: str, *, actor: User, now: datetime, **detail: Any) -> None:
    audit.record(actor=actor, act=act, about=f"rule {rule.pk}", now=now, **detail)
