"""Which receipts, and which of a client's days."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from clients.forms import StyledForm


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"class": "ds-input", "data-width": "auto"})


class ReceiptsForm(StyledForm):
    """Days from and to, both within; without them, all."""

    fra = forms.DateField(label=_("Fra og med"), required=False, widget=Day)
    til = forms.DateField(label=_("Til og med"), required=False, widget=Day)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        first: date | None = found.get("fra")
        last: date | None = found.get("til")
        if first and last and last < first:
            self.add_error("til", _("Siste dag er før den første. Bytt om på dem."))
        return found


class ReportForm(ReceiptsForm):
    """Which days a client is told of, and in which language they read."""

    fra = forms.DateField(label=_("Fra og med"), widget=Day)
    til = forms.DateField(label=_("Til og med"), widget=Day)
    sprak = forms.ChoiceField(label=_("Språk"), choices=settings.LANGUAGES)
