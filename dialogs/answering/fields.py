"""Fields as a Norwegian fills them in: days, amounts, and rows that there may be several of."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.forms import without_spaces
from dialogs.home.forms import DayInput

LIMIT = Decimal(1_000_000)  # Nav takes amounts below this
_AMOUNT = re.compile(r"\d{1,7}([.,]\d{1,2})?")
_DAYS = ["%Y-%m-%d", "%d.%m.%Y"]


class DayField(forms.DateField):
    widget = DayInput
    default_error_messages = {
        "required": gettext_lazy("Velg en dato."),
        "invalid": gettext_lazy("Skriv datoen med dag, måned og år, som 3.12.2026."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=_DAYS, **options)


class AmountField(forms.CharField):
    """Kroner, with or without spaces and øre: «48 500,50»."""

    default_error_messages = {
        "required": gettext_lazy("Skriv et beløp. Skriv 0 om det ikke er noe."),
        "amount": gettext_lazy("Skriv beløpet med sifre, som 48500 eller 48500,50."),
        "most": gettext_lazy("Beløpet må være under 1 000 000 kroner."),
        "nothing": gettext_lazy("Beløpet må være over 0."),
    }

    def __init__(self, *, above_zero: bool = False, **options: Any) -> None:
        super().__init__(max_length=20, **options)
        self._above_zero = above_zero
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "size": 12}

    def clean(self, value: Any) -> Decimal | None:
        text = without_spaces(super().clean(value) or "").removeprefix("kr")
        if not text:
            return None
        if not _AMOUNT.fullmatch(text):
            raise ValidationError(self.error_messages["amount"], code="amount")
        try:
            amount = Decimal(text.replace(",", "."))
        except InvalidOperation:
            raise ValidationError(self.error_messages["amount"], code="amount") from None
        if amount >= LIMIT:
            raise ValidationError(self.error_messages["most"], code="most")
        if self._above_zero and not amount:
            raise ValidationError(self.error_messages["nothing"], code="nothing")
        return amount


def choices(words: Mapping[str, Promise]) -> list[tuple[str, Promise]]:
    return [("", gettext_lazy("Velg")), *words.items()]


@dataclass(frozen=True)
class Group:
    """Something there may be several of: each row has these fields."""

    name: str
    label: Promise
    add: Promise  # what the button says that adds one more
    fields: Mapping[str, Callable[[], forms.Field]]
    first: int = 0  # rows there are to begin with
    most: int = 8


@dataclass
class Row:
    """One row of a group, with its fields in order."""

    group: Group
    number: int
    bound: list[Any] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.group.name}-{self.number}"


class RowsForm(forms.Form):
    """A form with groups of rows. A row that is left empty is no row; a half-filled one is wrong.

    Fields are named `group-number-field`. How many rows there are is seen from the data.
    """

    groups: tuple[Group, ...] = ()
    optional: frozenset[str] = frozenset()  # fields of rows that may be left empty

    def __init__(self, data: Mapping[str, Any] | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.label_suffix = ""
        self._rows = {
            group.name: self._rows_in(group, data or self.initial) for group in self.groups
        }
        for group in self.groups:
            for number in self._rows[group.name]:
                for name, make in group.fields.items():
                    made = make()
                    made.required = False
                    self.fields[f"{group.name}-{number}-{name}"] = made
        for one in self.fields.values():
            _dress(one)

    def _rows_in(self, group: Group, data: Mapping[str, Any]) -> list[int]:
        found = re.compile(rf"{group.name}-(\d{{1,2}})-")
        numbers = {int(match[1]) for name in data if (match := found.match(str(name)))}
        return sorted(numbers | set(range(group.first)))[: group.most]

    def shown(self, name: str) -> list[Row]:
        """Return a group's rows as they are on the page."""
        group = next(one for one in self.groups if one.name == name)
        return [
            Row(group, number, [self[f"{name}-{number}-{one}"] for one in group.fields])
            for number in self._rows[name]
        ]

    def given(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the rows that are filled in: their key, and their values by field."""
        group = next(one for one in self.groups if one.name == name)
        for number in self._rows[name]:
            key = f"{name}-{number}"
            values = {one: self.cleaned_data.get(f"{key}-{one}") for one in group.fields}
            raw = [str(self.data.get(f"{key}-{one}", "")).strip() for one in group.fields]
            if any(raw):
                yield key, values

    def quiet(self) -> None:
        """Show what was typed without complaining of it."""
        self._errors = ErrorDict()

    def clean_rows(self) -> None:
        """Say where something is missing in a row that is begun."""
        for group in self.groups:
            for key, values in self.given(group.name):
                for name, value in values.items():
                    label = f"{key}-{name}"
                    if (
                        value in (None, "")
                        and name not in self.optional
                        and label not in self.errors
                    ):
                        self.add_error(label, _("Fyll ut dette feltet, eller tøm hele raden."))


def _dress(field: forms.Field) -> None:
    """Give a field Designsystemet's looks."""
    field.widget.attrs.setdefault("class", "ds-input")
    if isinstance(field.widget, forms.Select):
        field.widget.attrs.setdefault("data-width", "auto")


def after(day: date | None, other: date | None) -> bool:
    """Whether a day is known to come after another."""
    return day is not None and other is not None and day > other
