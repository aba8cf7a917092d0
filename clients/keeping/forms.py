"""What people fill in about who may read what, and about what we want to hear of."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clients.forms import StyledForm
from clients.keeping.categories import readers_at, those_who_see
from clients.models import Category, Client, WatchedService
from staff.models import User

PREFIX = "urn:altinn:resource:"
_RESOURCE = re.compile(r"[a-z0-9][a-z0-9_-]{2,99}")


class CategoriesForm(StyledForm):
    """For each sensitive category, whether only some may read it, and who."""

    def __init__(self, *args: Any, client: Client, **options: Any) -> None:
        super().__init__(*args, **options)
        self.held = readers_at(client)
        people = those_who_see(client)
        for category, readers in self.held.items():
            named = [user.pk for user in readers or []]
            self.fields[f"begrens-{category.pk}"] = forms.BooleanField(
                label=_("Bare de som er krysset av under"),
                required=False,
                initial=readers is not None,
                widget=forms.CheckboxInput(attrs={"class": "ds-input"}),
            )
            self.fields[f"lesere-{category.pk}"] = forms.ModelMultipleChoiceField(
                people | User.objects.filter(pk__in=named).order_by(*people.query.order_by),
                label=_("Hvem som kan lese"),
                required=False,
                initial=named,
                widget=forms.CheckboxSelectMultiple(attrs={"class": "ds-input"}),
            )

    def sections(self) -> list[tuple[Category, list[Any]]]:
        """Return the categories with their fields."""
        return [(one, [self[f"begrens-{one.pk}"], self[f"lesere-{one.pk}"]]) for one in self.held]

    def clean(self) -> dict[str, Any]:
        """Refuse a category that nobody at all could read."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for one in self.held:
            if cleaned.get(f"begrens-{one.pk}") and not cleaned.get(f"lesere-{one.pk}"):
                self.add_error(f"lesere-{one.pk}", _("Velg minst én som kan lese."))
        return cleaned

    @property
    def wanted(self) -> dict[Category, list[User] | None]:
        data = self.cleaned_data
        return {
            one: list(data[f"lesere-{one.pk}"]) if data[f"begrens-{one.pk}"] else None
            for one in self.held
        }


class WatchForm(StyledForm):
    """A service to hear of at every client."""

    tjeneste = forms.CharField(
        label=_("Tjenestens id i Altinn"),
        max_length=120,
        help_text=_("For eksempel skd-mva eller urn:altinn:resource:skd-mva."),
    )

    def clean_tjeneste(self) -> str:
        """Return the URN, in lower case, as Altinn Events keeps it."""
        name = self.cleaned_data["tjeneste"].strip().lower().removeprefix(PREFIX)
        if not _RESOURCE.fullmatch(name):
            raise ValidationError(
                _("Skriv id-en slik den står i Altinn: små bokstaver, tall, bindestrek og _."),
                code="form",
            )
        urn = f"{PREFIX}{name}"
        if WatchedService.objects.filter(resource=urn).exists():
            raise ValidationError(_("Tjenesten står allerede på listen."), code="taken")
        return urn
