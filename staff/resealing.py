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
# Where sealed texts lie within a JSON value of somebody else's model: secrets of second factors.
IN_JSON = [("mfa", "Authenticator", "data")]
_SEALED = "gAAAA"  # how what `seal` returns begins


@dataclass
class Counted:
    """How many of one model's sealed values were what."""

    name: str
    current: int = 0
    older: int = 0  # sealed with another key than the first; now with the first, unless only asked
    unreadable: int = 0  # no key opens it: left as it is

    def anew(self, sealed: bytes | memoryview) -> bytes:
        """Count one value; return it as the first key seals it, or as it was."""
        if is_sealed_with_first_key(sealed):
            self.current += 1
            return bytes(sealed)
        try:
            plain = unseal(sealed)
        except Unreadable:
            self.unreadable += 1
            return bytes(sealed)
        self.older += 1
        return seal(plain)

    def anew_within(self, value: Any) -> Any:
        """The same for every sealed text within a JSON value."""
        if isinstance(value, dict):
            return {name: self.anew_within(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.anew_within(one) for one in value]
        if isinstance(value, str) and value.startswith(_SEALED):
            return self.anew(value.encode()).decode("ascii")
        return value


def sealed_fields() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedField):
                yield model, field.name
    for app, name, field_name in IN_JSON:
        if app in apps.app_configs:
            yield apps.get_model(app, name), field_name


def reseal(*, only_ask: bool = False) -> list[Counted]:
    """Go through all that is sealed; return what was found, by model and field."""
    return [_reseal(model, name, only_ask=only_ask) for model, name in sealed_fields()]


def _reseal(model: type[models.Model], name: str, *, only_ask: bool) -> Counted:
    counted = Counted(f"{model._meta.label}.{name}")
    is_whole = isinstance(model._meta.get_field(name), SealedField)
    rows: models.QuerySet[Any] = model._base_manager.exclude(Q(**{name: None}))
    if is_whole:
        rows = rows.exclude(**{name: b""})
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        some = rows.filter(pk__in=keys[start : start + AT_ONCE])
        for pk, before in some.values_list("pk", name):
            after = counted.anew(before) if is_whole else counted.anew_within(before)
            if after != before and not only_ask:
                model._base_manager.filter(pk=pk, **{name: before}).update(**{name: after})
    return counted
