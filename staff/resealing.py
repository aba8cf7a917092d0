"""Seal everything in the database anew with the first key, so that older ones can be destroyed.

Safe to repeat and to stop, while the portal runs: a row is written only where it is still as it was
read, and what changes meanwhile is sealed with the first key already. Tokens in Redis, and what is
kept for hours, go by themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from staff.sealing import SealedField, Unreadable, is_sealed_with_first_key, seal, unseal

AT_ONCE = 100


@dataclass
class Counted:
    """How many of one model's sealed values were what."""

    name: str
    current: int = 0
    older: int = 0  # sealed with another key than the first; now with the first, unless only asked
    unreadable: int = 0  # no key opens it: left as it is


def sealed_fields() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedField):
                yield model, field.name


def reseal(*, only_ask: bool = False) -> list[Counted]:
    """Go through all that is sealed; return what was found, by model and field."""
    return [_reseal(model, name, only_ask=only_ask) for model, name in sealed_fields()]


def _reseal(model: type[models.Model], name: str, *, only_ask: bool) -> Counted:
    counted = Counted(f"{model._meta.label}.{name}")
    rows: models.QuerySet[Any] = model._base_manager.exclude(Q(**{name: None}) | Q(**{name: b""}))
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        some = rows.filter(pk__in=keys[start : start + AT_ONCE])
        for pk, sealed in some.values_list("pk", name):
            if is_sealed_with_first_key(sealed):
                counted.current += 1
                continue
            try:
                plain = unseal(sealed)
            except Unreadable:
                counted.unreadable += 1
                continue
            counted.older += 1
            if not only_ask:
                model._base_manager.filter(pk=pk, **{name: sealed}).update(**{name: seal(plain)})
    return counted
