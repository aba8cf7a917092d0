"""What is chosen and filled in when clients are given to system users."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clients.adding import diff, runs
from clients.forms import StyledForm
from clients.models import AddingItem, Client, DelegationSnapshot, SystemUser
from clients.setup.packages import ASKED_FOR, label_of

OURS, PICKED, FORMER = "registrerte", "valgte", "fra"


class PaceForm(StyledForm):
    """How many clients a minute. Altinn has published no limit."""

    per_minute = forms.TypedChoiceField(
        label=_("Tempo"),
        coerce=int,
        choices=[(pace, _("%d i minuttet") % pace) for pace in runs.PACES],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["per_minute"].choices = [  # type: ignore[attr-defined]
            (pace, _("%d i minuttet") % pace) for pace in runs.PACES
        ]


class ChoiceForm(forms.Form):
    """Which of the listed clients to add or remove."""

    hvem = forms.ChoiceField(choices=[(name, name) for name in (OURS, PICKED, FORMER)])
    vis = forms.ChoiceField(choices=[(name, name) for name in diff.VIEWS], required=False)
    party = forms.ModelMultipleChoiceField(
        DelegationSnapshot.objects.none(), required=False, to_field_name="party_uuid"
    )
    fra = forms.ModelChoiceField(SystemUser.objects.none(), required=False)

    def __init__(self, *args: Any, system_user: SystemUser, **options: Any) -> None:
        super().__init__(*args, **options)
        self.system_user = system_user
        others = SystemUser.objects.filter(kind=SystemUser.Kind.AGENT).exclude(pk=system_user.pk)
        self.fields["party"].queryset = diff.listed(system_user)  # type: ignore[attr-defined]
        self.fields["fra"].queryset = others  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.chosen():
            raise ValidationError(_("Velg minst én av klientene i listen."), code="none")
        return cleaned

    @property
    def wish(self) -> str:
        is_removal = self.cleaned_data.get("vis") in (diff.ADDED, diff.FOREIGN)
        return AddingItem.Wish.REMOVE if is_removal else AddingItem.Wish.ADD

    def chosen(self) -> diff.Chosen:
        """The chosen clients that it can be done to, in the order they are done."""
        hvem = self.cleaned_data["hvem"]
        if hvem == PICKED:
            rows = self.cleaned_data["party"]
            return diff.plain(rows.filter(is_added=self.wish == AddingItem.Wish.REMOVE))
        ready = diff.view(self.system_user, diff.READY)
        if hvem == FORMER:
            other = self.cleaned_data.get("fra")
            return diff.plain(ready.filter(diff.had_by(other))) if other else []
        return diff.plain(ready.filter(is_ours=True))


class AskForm(StyledForm):
    """Which clients to ask for a system user of their own, and for what."""

    packages = forms.MultipleChoiceField(
        label=_("Tilgangspakker"),
        choices=[(name, label_of(name)) for name in ASKED_FOR],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Klienten ser listen når den godkjenner. Be ikke om mer enn dere trenger."),
        error_messages={"required": _("Velg minst én tilgangspakke.")},
    )
    client = forms.ModelMultipleChoiceField(Client.objects.none(), required=False)
    everyone = forms.BooleanField(required=False)

    def __init__(self, *args: Any, clients: Any, packages: Any = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.clients = clients
        names = list(packages) or ASKED_FOR
        self.fields["packages"].choices = [  # type: ignore[attr-defined]
            (name, label_of(name)) for name in names
        ]
        self.fields["client"].queryset = clients  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("everyone") and not cleaned.get("client"):
            raise ValidationError(_("Velg minst én av klientene i listen."), code="none")
        return cleaned

    def picked(self) -> list[Client]:
        return list(self.clients if self.cleaned_data["everyone"] else self.cleaned_data["client"])
