"""What an administrator fills in about those who work here. Forms check and never save."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from altinn.identifiers import is_orgnr
from clients.forms import StyledForm, without_spaces
from clients.models import Client
from dialogs.home.colleagues import working_here
from staff.models import Team, User


class PersonForm(StyledForm):
    first_name = forms.CharField(label=_("Fornavn"), max_length=150)
    last_name = forms.CharField(label=_("Etternavn"), max_length=150)
    role = forms.ChoiceField(label=_("Rolle"), choices=User.Role.choices)
    sees_all_clients = forms.BooleanField(
        label=_("Ser alle klienter"),
        required=False,
        help_text=_("Ellers ser en regnskapsfører bare egne klienter og teamets."),
    )
    teams = forms.ModelMultipleChoiceField(
        Team.objects.order_by("name"),
        label=_("Team"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, user: User | None = None, **options: Any) -> None:
        if user is not None:
            options["initial"] = {
                "first_name": user.first_name,
                "last_name": user.last_name,
                "role": user.role,
                "sees_all_clients": user.sees_all_clients,
                "teams": user.teams.all(),
            }
        super().__init__(*args, **options)


class InviteForm(PersonForm):
    email = forms.EmailField(
        label=_("E-postadresse"), help_text=_("Den de logger inn med, også hos en leverandør.")
    )
    clients = forms.CharField(
        label=_("Egne klienter"),
        required=False,
        help_text=_("Organisasjonsnumre, ett på hver linje. Kan legges til senere."),
        widget=forms.Textarea(attrs={"rows": 3, "class": "ds-input"}),
    )

    field_order = ["email", "first_name", "last_name", "role", "sees_all_clients", "teams"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise ValidationError(_("Det er alt noen med denne adressen."), code="taken")
        return email

    def clean_clients(self) -> list[Client]:
        """Return the clients; name the number that is none of ours."""
        lines = (without_spaces(line) for line in self.cleaned_data["clients"].splitlines())
        numbers = [line for line in lines if line]
        found = {one.orgnr: one for one in Client.objects.filter(orgnr__in=numbers)}
        for number in numbers:
            if not is_orgnr(number) or number not in found:
                raise ValidationError(
                    _("%(number)s er ikke en av klientene."),
                    code="unknown",
                    params={"number": number[:20]},
                )
        return list(found.values())


class LeaveForm(StyledForm):
    receiver = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Hvem tar over arbeidet?"),
        required=False,
        empty_label=_("Det fordeles senere"),
        help_text=_("Åpne dialoger, klientansvar og fagansvar."),
    )

    def __init__(self, *args: Any, leaver: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["receiver"].queryset = working_here(but=leaver)  # type: ignore[attr-defined]


class LinkForm(StyledForm):
    forget_steps = forms.BooleanField(
        label=_("Fjern også kodeapp og passnøkler"),
        required=False,
        help_text=_("Når telefonen eller nøkkelen er mistet. De settes opp på nytt."),
    )


class TeamForm(StyledForm):
    name = forms.CharField(label=_("Nytt team"), max_length=100)
