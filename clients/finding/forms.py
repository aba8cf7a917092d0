"""What people fill in when they bring a list, or take over what was found. Forms only validate."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from clients.finding import lists, sheets
from clients.forms import StyledForm
from clients.models import Candidate, ServiceArea
from staff.models import Team, User
from staff.rules import workers


class ImportForm(StyledForm):
    """A file, or pasted numbers."""

    file = forms.FileField(
        label=_("Fil"),
        required=False,
        allow_empty_file=True,
        help_text=_("CSV eller Excel (.xlsx), høyst 5 MB og 20 000 linjer."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )
    text = forms.CharField(
        label=_("Eller lim inn organisasjonsnumre"),
        required=False,
        max_length=600_000,
        help_text=_("Ett på hver linje. Mellomrom, «NO» og «MVA» er greit, og navn bak nummeret."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """Make sense of the one that is filled in: `found` is the list."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        file: UploadedFile | None = cleaned.get("file")
        text = cleaned.get("text") or ""
        if self.errors:
            return cleaned
        if bool(file) == bool(text.strip()):
            self.add_error("file", _("Velg en fil, eller lim inn numre. Ikke begge deler."))
            return cleaned
        areas = list(ServiceArea.objects.all())
        try:
            if file:
                found = lists.understand(sheets.read(_content(file)), areas)
            else:
                found = lists.understand_pasted(text, areas, sheets.read_text(text))
        except sheets.Unreadable as exc:
            self.add_error("file" if file else "text", str(exc))
            return cleaned
        if not found.lines:
            self.add_error(
                "file" if file else "text", _("Listen har overskrifter, men ingen linjer.")
            )
        return cleaned | {"found": found, "source": file.name if file else ""}


def _content(file: UploadedFile) -> bytes:
    """Return what the file holds, and no more than one may hold and a byte."""
    content: bytes = file.read(sheets.MOST_BYTES + 1)
    return content


class FindForm(StyledForm):
    """What to look for among the candidates. What makes no sense is left out."""

    q = forms.CharField(label=_("Søk etter navn eller nummer"), required=False, max_length=100)
    tilstand = forms.ChoiceField(
        required=False, choices=[("", ""), *Candidate.State.choices], widget=forms.HiddenInput
    )
    vis = forms.ChoiceField(
        label=_("Vis"),
        required=False,
        choices=[
            ("", _("Alle")),
            ("nye", _("Ikke registrert hos oss")),
            ("klienter", _("Klienter hos oss")),
        ],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("q", "vis"):
            self.fields[name].widget.attrs["aria-label"] = self.fields[name].label


class TakeForm(StyledForm):
    """Which of the candidates to make clients of, and who gets them."""

    orgnr = forms.ModelMultipleChoiceField(
        Candidate.objects.none(), to_field_name="orgnr", required=False
    )
    everyone = forms.BooleanField(required=False)
    responsible = forms.ModelChoiceField(
        User.objects.none(), label=_("Klientansvarlig"), required=False, empty_label=_("Ingen")
    )
    team = forms.ModelChoiceField(
        Team.objects.order_by("name"), label=_("Team"), required=False, empty_label=_("Ingen")
    )

    def __init__(self, *args: Any, candidates: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.candidates = candidates
        self.fields["orgnr"].queryset = candidates  # type: ignore[attr-defined]
        people = workers().order_by("first_name", "last_name", "email")
        self.fields["responsible"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("everyone") and not cleaned.get("orgnr"):
            raise ValidationError(_("Velg minst én i listen."), code="none")
        return cleaned

    def picked(self) -> list[Candidate]:
        everyone = self.cleaned_data["everyone"]
        return list(self.candidates if everyone else self.cleaned_data["orgnr"])
