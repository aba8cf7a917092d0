"""What is put on top of the list, by the firm's own rules, and why."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from dialogs.models import Dialog, PinRule

BATCH = 2000
LAPSE = timedelta(days=30)  # what has no deadline and is older than this is urgent no longer


@dataclass(frozen=True)
class Rule:
    """A rule ready to be held against dialogs."""

    pk: int
    owner_id: str | None
    service_id: int | None
    words: re.Pattern[str] | None

    @classmethod
    def of(cls, rule: PinRule) -> "Rule":
        words = [re.escape(word.strip()) for word in rule.words.split(",") if word.strip()]
        pattern = re.compile(rf"\b(?:{'|'.join(words)})", re.IGNORECASE) if words else None
        return cls(rule.pk, rule.owner_id, rule.service_id, pattern)

    def fits(self, *, owner_id: str, service_id: int, text: str) -> bool:
        if self.owner_id is None and self.service_id is None and self.words is None:
            return False  # a rule without a condition would put everything on top
        return (
            self.owner_id in {None, owner_id}
            and self.service_id in {None, service_id}
            and (self.words is None or self.words.search(text) is not None)
        )


def active_rules() -> list[Rule]:
    return [Rule.of(rule) for rule in PinRule.objects.filter(is_active=True)]


def pin_for(rules: Iterable[Rule], *, owner_id: str, service_id: int, text: str) -> int | None:
    """Return the key of the first rule that fits."""
    for rule in rules:
        if rule.fits(owner_id=owner_id, service_id=service_id, text=text):
            return rule.pk
    return None


def apply_again() -> int:
    """Hold every dialog in the inbox against the rules as they are now; return how many changed.

    A pin that somebody took away comes back if a rule still fits: the rules are what changed.
    """
    rules = active_rules()
    recent = Q(binding_at__isnull=False) | Q(content_updated_at__gte=timezone.now() - LAPSE)
    dialogs = Dialog.objects.filter(recent, folder=Dialog.Folder.INBOX)
    columns = ("pk", "pin_id", "owner_id", "service_id", "copy__title", "copy__summary")
    found = dialogs.values_list(*columns).iterator(BATCH)
    changed = 0
    while batch := list(islice(found, BATCH)):
        changed += _set_pins(list(_differing(batch, rules)))
    return changed


def _differing(batch: Iterable[tuple[Any, ...]], rules: list[Rule]) -> Iterator[tuple[UUID, Any]]:
    for pk, before, owner_id, service_id, title, summary in batch:
        text = f"{title}\n{summary}"
        after = pin_for(rules, owner_id=owner_id, service_id=service_id, text=text)
        if after != before:
            yield pk, after


def _set_pins(pins: Sequence[tuple[UUID, int | None]]) -> int:
    by_pin: dict[int | None, list[UUID]] = {}
    for pk, pin in pins:
        by_pin.setdefault(pin, []).append(pk)
    return sum(Dialog.objects.filter(pk__in=keys).update(pin=pin) for pin, keys in by_pin.items())
