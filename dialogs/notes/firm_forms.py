"""What managers fill in about services and rules. Forms check and never save."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from clients.forms import StyledForm
from clients.models import ServiceArea
from dialogs.models import ChecklistStep, PinRule, Service, ServiceOwner
from dialogs.notes.services import NO_AREA

SHORTEST_WORD = 3
LONGEST_APPEAL = 366


class FindForm(StyledForm):
    q = forms.CharField(label=_("Søk i tjenester"), max_length=100, required=False)
    omrade = forms.ChoiceField(label=_("Fagområde"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        areas = [(str(pk), name) for pk, name in ServiceArea.objects.values_list("pk", "name")]
        choice = self.fields["omrade"]
        choice.choices = [  # type: ignore[attr-defined]
            ("", _("Alle fagområder")),
            (NO_AREA, _("Uten fagområde")),
            *areas,
        ]
        choice.widget.attrs["aria-label"] = choice.label


class AreaChoiceForm(StyledForm):
    area = forms.ModelChoiceField(
        ServiceArea.objects.all(),
        label=_("Fagområde"),
        required=False,
        empty_label=_("Ingen"),
        help_text=_("Avgjør hvem som får nye dialoger, når klienten har en ansvarlig for området."),
    )


class StepForm(StyledForm):
    text = forms.CharField(
        label=_("Nytt punkt"),
        max_length=ChecklistStep._meta.get_field("text").max_length,
        error_messages={"required": _("Skriv hva som skal gjøres.")},
    )


class AreaForm(StyledForm):
    name = forms.CharField(
        label=_("Nytt fagområde"),
        max_length=ServiceArea._meta.get_field("name").max_length,
        error_messages={"required": _("Skriv hva fagområdet heter.")},
    )

    def __init__(self, *args: Any, area: ServiceArea | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.area = area

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = ServiceArea.objects.filter(name__iexact=name).first()
        if same and same != self.area:
            raise ValidationError(_("Fagområdet finnes allerede. Velg et annet navn."))
        return name


class RuleForm(StyledForm):
    why = forms.CharField(
        label=_("Hvorfor det haster"),
        max_length=PinRule._meta.get_field("why").max_length,
        help_text=_("Vises i listen, for eksempel «Tvangsmulkt»."),
    )
    words = forms.CharField(
        label=_("Ord i tittel eller sammendrag"),
        max_length=PinRule._meta.get_field("words").max_length,
        required=False,
        widget=forms.TextInput(attrs={"size": 80}),
        help_text=_(
            "Skill med komma. Ett av ordene er nok, og begynnelsen av et ord holder:"
            " «tvang» treffer «tvangsmulkt»."
        ),
    )
    owner = forms.ModelChoiceField(
        ServiceOwner.objects.order_by(Lower("name"), "code"),
        label=_("Tjenesteeier"),
        required=False,
        empty_label=_("Alle"),
    )
    service = forms.ModelChoiceField(
        Service.objects.order_by(Lower("name"), "urn"),
        label=_("Tjeneste"),
        required=False,
        empty_label=_("Alle"),
    )
    appeal_days = forms.IntegerField(
        label=_("Klagefrist i dager"),
        required=False,
        min_value=1,
        max_value=LONGEST_APPEAL,
        help_text=_("Foreslås fra mottaksdagen. En person bekrefter den."),
    )

    def clean_words(self) -> str:
        """Tidy up the list, and refuse words so short that they would hit nearly everything."""
        words = [word.strip() for word in self.cleaned_data["words"].split(",")]
        words = [word for word in words if word]
        if short := [word for word in words if len(word) < SHORTEST_WORD]:
            message = _("«%(word)s» er for kort. Skriv minst tre tegn.")
            raise ValidationError(message, params={"word": short[0]})
        return ", ".join(words)

    def clean(self) -> dict[str, Any]:
        wanted = super().clean() or {}
        owner, service = wanted.get("owner"), wanted.get("service")
        if "words" in wanted and not (wanted["words"] or owner or service):
            message = _("En regel trenger ord, en tjenesteeier eller en tjeneste å gå etter.")
            raise ValidationError(message)
        if owner and service and service.owner_id != owner.pk:
            message = _("Tjenesten hører ikke til tjenesteeieren. Velg bare en av dem.")
            self.add_error("service", message)
        return wanted
