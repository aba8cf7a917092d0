"""What people fill in about notes. Forms check and never save."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy, ngettext

from clients.forms import StyledForm
from dialogs.inbox.choices import readers_for
from dialogs.notes.naming import named_in
from dialogs.notes.place import Place
from staff.models import User

LONGEST_NOTE = 10_000


class NoteField(forms.CharField):
    """Text with its line breaks; a browser sends each as two characters."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_NOTE, **options)
        too_long = gettext_lazy(
            "Notatet er på %(show_value)d tegn. Det kan være på %(limit_value)d. Kort det ned,"
            " eller del det i flere."
        )
        self.error_messages["required"] = gettext_lazy("Skriv noe i notatet før du lagrer.")
        self.error_messages["max_length"] = too_long
        self.validators[0].message = too_long  # type: ignore[attr-defined]

    def to_python(self, value: Any) -> str:
        text = str(value or "").replace("\x00", "")
        return str(super().to_python(text.replace("\r\n", "\n").replace("\r", "\n")))


class NoteForm(StyledForm):
    """A note, and whom it names: by «@» and their name, or chosen from a list."""

    text = NoteField()
    is_pinned = forms.BooleanField(required=False)
    version = forms.CharField(required=False)
    colleagues = forms.ModelMultipleChoiceField(
        User.objects.none(),
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy(
                "Kollegaen kan ikke se klienten og kan derfor ikke nevnes. Velg en annen."
            )
        },
    )

    def __init__(self, *args: Any, place: Place, **options: Any) -> None:
        super().__init__(*args, **options)
        self.place = place
        self.fields["colleagues"].queryset = readers_for(place.client.pk)  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        """Refuse a text that names somebody who may not see the client."""
        text: str = self.cleaned_data["text"]
        self.named = named_in(text, client_id=self.place.client.pk)
        if self.named.strangers:
            raise ValidationError(_refusal(self.named.strangers, self.place.client.name))
        return text

    @property
    def mentioned(self) -> list[User]:
        chosen = self.cleaned_data["colleagues"]
        return [*self.named.welcome, *(one for one in chosen if one not in self.named.welcome)]


class GuideForm(StyledForm):
    """How the firm answers a service's dialogs. Empty: there is nothing to say any more."""

    text = NoteField(required=False)
    version = forms.CharField(required=False)


def _refusal(names: list[str], client: str) -> str:
    listed = ", ".join(names)
    said = ngettext(
        "%(names)s kan ikke se %(client)s og kan derfor ikke nevnes. Fjern «@» foran navnet,"
        " eller få en administrator til å gi tilgang først.",
        "%(names)s kan ikke se %(client)s og kan derfor ikke nevnes. Fjern «@» foran navnene,"
        " eller få en administrator til å gi tilgang først.",
        len(names),
    )
    return said % {"names": listed, "client": client}


def problem(form: forms.Form) -> str:
    """Return what is wrong, in one line."""
    return " ".join(str(error) for errors in form.errors.values() for error in errors)
