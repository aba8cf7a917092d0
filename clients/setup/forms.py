"""What administrators fill in while the portal is set up. Forms validate; the modules save."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.forms import OrgnrField, StyledForm
from clients.models import ServiceArea
from clients.setup.keys import LARGEST_JWK
from clients.setup.packages import FROM_ROLE, PACKAGES

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,100}")
_SYSTEM_NAME = re.compile(r"[a-z0-9_-]{2,60}")
EVERYTHING, MAIL = "alt", "post"


class FirmForm(StyledForm):
    """The firm's number, to be looked up."""

    orgnr = OrgnrField(
        label=_("Organisasjonsnummer"),
        help_text=_("Regnskapsfirmaets hovedenhet: den som skal eie systembrukerne."),
    )


class FirmNameForm(FirmForm):
    """The number again, and a name for when the register has none to give."""

    name = forms.CharField(label=_("Navn"), max_length=255, required=False)


class ClientIdForm(StyledForm):
    client_id = forms.CharField(
        label=_("Klient-ID"),
        max_length=100,
        help_text=_(
            "Fra integrasjonen av typen «Maskinporten» i Digdirs selvbetjening, i samme miljø som "
            "portalen."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "size": 40}),
    )
    vendor_orgnr = OrgnrField(
        label=_("Leverandørens organisasjonsnummer"),
        help_text=_("Den som eier integrasjonen. Firmaet selv, hvis dere ikke har en leverandør."),
    )

    def clean_client_id(self) -> str:
        client_id: str = self.cleaned_data["client_id"].strip()
        if not _CLIENT_ID.fullmatch(client_id):
            message = _("En klient-ID er bokstaver, tall og bindestreker. Kopier den hel.")
            raise ValidationError(message, code="shape")
        return client_id


class KeyForm(StyledForm):
    """A private JWK, pasted or as a file. It is never shown back."""

    jwk = forms.CharField(
        label=_("Privat nøkkel (JWK)"),
        required=False,
        max_length=LARGEST_JWK,
        help_text=_("Et JSON-objekt med «kty», «kid», «n», «e» og «d». Krypteres før den lagres."),
        widget=forms.Textarea(
            attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false", "class": "ds-input"}
        ),
    )
    file = forms.FileField(label=_("… eller velg en fil"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        text, file = cleaned.get("jwk", "").strip(), cleaned.get("file")
        if bool(text) == bool(file):
            raise ValidationError(_("Lim inn nøkkelen, eller velg en fil."), code="one")
        if isinstance(file, UploadedFile):
            try:
                text = file.read(LARGEST_JWK + 1).decode("utf-8-sig").strip()
            except UnicodeDecodeError:
                raise ValidationError(
                    _("Filen er ikke tekst. Velg JWK-filen."), code="text"
                ) from None
        cleaned["jwk"] = text
        return cleaned


class TestForm(StyledForm):
    """When a key was registered: its year counts from that day."""

    registered_on = forms.DateField(
        label=_("Registrert i Digdirs selvbetjening"),
        help_text=_("Maskinporten glemmer nøkkelen ett år etter denne dagen."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def clean_registered_on(self) -> Any:
        day = self.cleaned_data["registered_on"]
        if day > timezone.localdate():
            raise ValidationError(_("Datoen er ikke kommet ennå."), code="future")
        return day


class PackagesField(forms.MultipleChoiceField):
    """Access packages, those that come with the accountant's role first."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        choices = [(package.name, package.label) for package in PACKAGES]
        messages = {"required": _("Velg minst én tilgangspakke.")}
        super().__init__(choices=choices, error_messages=messages, **options)


class SystemForm(StyledForm):
    name = forms.CharField(
        label=_("Navn i Altinn"),
        max_length=100,
        help_text=_("Det den som godkjenner, får se."),
    )
    slug = forms.CharField(
        label=_("Siste del av system-ID"),
        max_length=60,
        help_text=_(
            "Små bokstaver, tall, bindestrek og understrek. Kan ikke endres etterpå, og er synlig "
            "i Altinn."
        ),
    )
    packages = PackagesField(
        label=_("Tilgangspakker systemet kan be om"),
        help_text=_("Hver systembruker får noen av disse. Ta med alle dere kan få bruk for."),
    )

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"].strip().lower()
        if not _SYSTEM_NAME.fullmatch(slug):
            message = _("Bruk 2–60 små bokstaver, tall, bindestreker og understreker.")
            raise ValidationError(message, code="shape")
        return slug


class RequestForm(StyledForm):
    area = forms.ChoiceField(
        label=_("Fagområde"),
        help_text=_("Én systembruker for hvert fagområde gir kortere lister over tilganger."),
    )
    packages = PackagesField(label=_("Tilgangspakker"))
    adds_clients = forms.BooleanField(
        label=_("Legg til nye klienter av seg selv når Altinn viser dem"),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, packages: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        areas = [(area.name, area.name) for area in ServiceArea.objects.all()]
        fixed = [(EVERYTHING, _("Hele innboksen")), (MAIL, _("Post"))]
        self.fields["area"].choices = [*fixed, *areas]  # type: ignore[attr-defined]
        offered = [(p.name, p.label) for p in PACKAGES if p.name in packages]
        self.fields["packages"].choices = offered  # type: ignore[attr-defined]
        if not self.is_bound and "packages" not in self.initial:
            self.initial["packages"] = [name for name in FROM_ROLE if name in packages]

    def clean_area(self) -> str:
        area: str = self.cleaned_data["area"]
        return str({EVERYTHING: _("Hele innboksen"), MAIL: _("Post")}.get(area, area))


class MailForm(StyledForm):
    address = forms.EmailField(
        label=_("E-post til den som skal godkjenne"),
        widget=forms.EmailInput(attrs={"size": 32, "autocomplete": "off"}),
    )
