"""What there is more to say of an act: to whom, by when, in which words. Forms check only."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dialogs.bulk.acts import Act
from dialogs.notes.forms import NoteField
from staff.rules import workers

MOST_DAYS = 60
FURTHEST = timedelta(days=2 * 366)
NOBODY = "ingen"
_NO_DATE = {
    "required": _("Velg en dato."),
    "invalid": _("Skriv datoen med dag, måned og år, som 3.12.2026."),
}


class WishForm(forms.Form):
    """Nothing more to say: the act alone."""

    def wish(self) -> dict[str, Any]:
        """Return what was said, as the job keeps it. Call is_valid() first."""
        return {}

    def _check_ahead(self, day: date, *, first: date) -> date:
        if day < first:
            raise ValidationError(_("Dagen har vært. Velg en senere dag."))
        if day > first + FURTHEST:
            raise ValidationError(_("Dagen er for langt fram. Velg en tidligere dag."))
        return day


class AssignWish(WishForm):
    responsible = forms.CharField(error_messages={"required": _("Velg hvem som skal ha ansvaret.")})
    comment = forms.CharField(required=False, max_length=500)

    def clean_responsible(self) -> int | None:
        value: str = self.cleaned_data["responsible"]
        if value == NOBODY:
            return None
        key = int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0
        if not workers().filter(pk=key).exists():
            raise ValidationError(_("Kollegaen finnes ikke lenger. Velg en annen."))
        return key

    def wish(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class InternalDueWish(WishForm):
    """A number of working days before each dialog's own deadline, a day, or none any more."""

    how = forms.ChoiceField(
        choices=[("dager", ""), ("dato", ""), ("fjern", "")],
        error_messages={"required": _("Velg hvordan fristen skal settes.")},
    )
    days = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_DAYS,
        error_messages={
            "invalid": _("Skriv et helt tall."),
            "min_value": _("Skriv et tall fra 0 til 60."),
            "max_value": _("Skriv et tall fra 0 til 60."),
        },
    )
    due_on = forms.DateField(required=False, error_messages=_NO_DATE)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = self.cleaned_data
        how = found.get("how")
        if how == "dager" and found.get("days") is None and "days" not in self.errors:
            self.add_error("days", _("Skriv hvor mange virkedager."))
        if how == "dato" and "due_on" not in self.errors:
            try:
                self._check_ahead(found["due_on"] or date.min, first=timezone.localdate())
            except ValidationError as exc:
                self.add_error("due_on", exc if found["due_on"] else _NO_DATE["required"])
        return found

    def wish(self) -> dict[str, Any]:
        how, found = self.cleaned_data["how"], self.cleaned_data
        day = found["due_on"].isoformat() if how == "dato" else None
        return {"days": found["days"] if how == "dager" else None, "due_on": day}


class SnoozeWish(WishForm):
    until_on = forms.DateField(error_messages=_NO_DATE)

    def clean_until_on(self) -> date:
        tomorrow = timezone.localdate() + timedelta(days=1)
        return self._check_ahead(self.cleaned_data["until_on"], first=tomorrow)

    def wish(self) -> dict[str, Any]:
        return {"until_on": self.cleaned_data["until_on"].isoformat()}


class NoteWish(WishForm):
    text = NoteField()

    def wish(self) -> dict[str, Any]:
        return {"text": self.cleaned_data["text"]}


_FORMS: dict[Act, type[WishForm]] = {
    Act.ASSIGN: AssignWish,
    Act.INTERNAL_DUE: InternalDueWish,
    Act.SNOOZE: SnoozeWish,
    Act.NOTE: NoteWish,
}


def form_for(act: Act) -> type[WishForm]:
    return _FORMS.get(act, WishForm)
