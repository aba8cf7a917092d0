"""What people fill in when they hand over work or are away. Forms check and never save."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clients.forms import StyledForm
from dialogs.home import absences
from dialogs.home.colleagues import ColleagueField, ColleaguesField, working_here, workload
from dialogs.home.hand_over import Line, Plan
from dialogs.inbox.deadlines import short_date
from staff.models import User
from staff.rules import may_lead

LEAVING, AWAY = "slutter", "borte"


class WhoForm(StyledForm):
    """Whose work it is about, and why it is handed over."""

    hvem = ColleagueField(User.objects.none(), label=_("Hvem skal overlate arbeidet sitt?"))
    hvorfor = forms.ChoiceField(
        label=_("Hvorfor?"),
        choices=[
            (LEAVING, _("Slutter eller bytter klienter: andre tar over")),
            (AWAY, _("Er borte en tid: en stedfortreder ser til det imens")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, user: User, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        who = self.fields["hvem"]
        assert isinstance(who, ColleagueField)  # noqa: S101
        who.queryset = User.objects.order_by("first_name", "last_name", "email")
        if not may_lead(user):
            who.queryset = who.queryset.filter(pk=user.pk)
        who.says = workload(user, today=today)
        who.initial = user.pk


class ReceiversForm(StyledForm):
    """Who takes over."""

    til = ColleagueField(
        User.objects.none(),
        label=_("Alt går til"),
        empty_label=_("Velg en kollega"),
        error_messages={"required": _("Velg hvem som tar over.")},
    )
    og = ColleaguesField(
        User.objects.none(),
        label=_("Del med flere"),
        help_text=_("De du krysser av for, kan få enkelte klienter og fagområder i neste steg."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, leaver: User, asker: User, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("til", "og"):
            field = self.fields[name]
            assert isinstance(field, ColleagueField)  # noqa: S101
            field.queryset = working_here(but=leaver)
            field.says = workload(asker, today=today) if name == "til" else {}

    @property
    def receivers(self) -> list[User]:
        """The one who gets what nothing else is said of, and then the others."""
        first: User = self.cleaned_data["til"]
        return [first, *(user for user in self.cleaned_data["og"] if user != first)]


def read_plan(data: Any, lines: list[Line], receivers: list[User]) -> Plan:
    """Return the plan as it was filled in; what makes no sense goes to the first receiver."""
    people = {str(user.pk): user for user in receivers}
    clients, areas = {}, {}
    for line in lines:
        if user := people.get(data.get(f"klient-{line.client_id}", "")):
            clients[line.client_id] = user
        for area_id in line.areas:
            if user := people.get(data.get(f"omrade-{line.client_id}-{area_id}", "")):
                areas[line.client_id, area_id] = user
    return Plan(receivers[0], clients, areas)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class AbsenceForm(StyledForm):
    fra = forms.DateField(label=_("Fra og med"), widget=DayInput())
    til = forms.DateField(label=_("Til og med"), widget=DayInput())
    stedfortreder = ColleagueField(
        User.objects.none(),
        label=_("Stedfortreder"),
        required=False,
        empty_label=_("Ingen"),
        help_text=_("Ser klientene i perioden. Ansvaret flyttes ikke."),
    )
    medlem = forms.BooleanField(
        label=_("Gjør stedfortrederen til medarbeider der det trengs"),
        help_text=_(
            "Gjelder klienter med åpne dialoger der den andre ikke er klientansvarlig."
            " Medarbeideren ser klienten også etter perioden."
        ),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, user: User, asker: User, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user, self.today = user, today
        substitute = self.fields["stedfortreder"]
        assert isinstance(substitute, ColleagueField)  # noqa: S101
        substitute.queryset = working_here(but=user)
        substitute.says = workload(asker, today=today)
        self.fields["fra"].initial = today

    def clean(self) -> dict[str, Any]:
        """Refuse days that make no sense, and a substitute who is away too."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        from_on, to_on = cleaned.get("fra"), cleaned.get("til")
        if not from_on or not to_on:
            return cleaned
        if to_on < from_on:
            self.add_error("til", _("Siste dag er før første dag. Velg en senere dag."))
        elif to_on < self.today:
            self.add_error("til", _("Perioden er over. Velg i dag eller en senere dag."))
        substitute = cleaned.get("stedfortreder")
        if substitute and (other := absences.overlapping(substitute, from_on, to_on)):
            message = _("%(name)s er selv borte %(from)s–%(to)s. Velg en annen stedfortreder.")
            days = {
                "name": substitute.name,
                "from": short_date(other.from_on, today=self.today),
                "to": short_date(other.to_on, today=self.today),
            }
            self.add_error("stedfortreder", ValidationError(message, params=days))
        return cleaned
