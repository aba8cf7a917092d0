"""What people send in about one dialog. Forms check and never save."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dialogs.inbox.choices import colleagues_for
from dialogs.models import Dialog
from dialogs.work import days
from staff.models import User

LONGEST_COMMENT = 2000


class WorkForm(forms.Form):
    """What every change tells: the version of the work it was decided on, and when it was shown."""

    work_version = forms.IntegerField(min_value=0)
    shown_at = forms.DateTimeField(required=False)

    def __init__(self, data: Any = None, *, dialog: Dialog, today: date) -> None:
        super().__init__(data)
        self.dialog = dialog
        self.today = today

    @property
    def complaint(self) -> str:
        """All that is wrong, as one text."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


class DayForm(WorkForm):
    day = forms.DateField(
        error_messages={
            "required": _("Velg en dato."),
            "invalid": _("Skriv datoen med dag, måned og år, som 3.12.2026."),
        }
    )

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if said := self.refuse(day):
            raise forms.ValidationError(said)
        return day

    def refuse(self, day: date) -> str:
        raise NotImplementedError


class SnoozeForm(DayForm):
    def refuse(self, day: date) -> str:
        latest = days.last_snooze_day(self.dialog)
        return days.refuse_snooze(day, latest=latest, today=self.today)


class InternalDueForm(DayForm):
    def refuse(self, day: date) -> str:
        outer = days.outer_deadline(self.dialog)
        return days.refuse_internal_due(day, outer=outer, today=self.today)


class EstimatedDueForm(DayForm):
    def refuse(self, day: date) -> str:
        return days.refuse_internal_due(day, outer=None, today=self.today)


class AssignForm(WorkForm):
    """Who is to be responsible; and in the same breath what is to be done, and by when."""

    responsible = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        error_messages={
            "invalid_choice": _(
                "Kollegaen finnes ikke eller kan ikke se denne dialogen. Velg en annen."
            )
        },
    )
    comment = forms.CharField(required=False, max_length=LONGEST_COMMENT)
    internal_due_on = forms.DateField(required=False)
    snoozed_until_on = forms.DateField(required=False)

    def __init__(self, data: Any = None, *, dialog: Dialog, today: date) -> None:
        super().__init__(data, dialog=dialog, today=today)
        responsible = self.fields["responsible"]
        assert isinstance(responsible, forms.ModelChoiceField)  # noqa: S101
        responsible.queryset = colleagues_for(dialog)

    def clean_internal_due_on(self) -> date | None:
        day: date | None = self.cleaned_data["internal_due_on"]
        outer = days.outer_deadline(self.dialog)
        if day and (said := days.refuse_internal_due(day, outer=outer, today=self.today)):
            raise forms.ValidationError(said)
        return day

    def clean_snoozed_until_on(self) -> date | None:
        """Held against the deadline as it will be: the internal one counts when it is alone."""
        day: date | None = self.cleaned_data["snoozed_until_on"]
        latest = days.last_snooze_day(self.dialog)
        if days.outer_deadline(self.dialog) is None:
            latest = self.cleaned_data.get("internal_due_on") or latest
        if day and (said := days.refuse_snooze(day, latest=latest, today=self.today)):
            raise forms.ValidationError(said)
        return day
