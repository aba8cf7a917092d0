"""What people fill in about clients and system users. Forms validate; actions save."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from altinn.identifiers import is_orgnr
from clients import actions
from clients.models import Client, Party, ServiceArea, SystemUser
from staff.models import Team, User
from staff.rules import CAN_WORK

_NINE_DIGITS = re.compile(r"[0-9]{9}")
_NATIONAL_ID = re.compile(r"[0-9]{11}")
NOBODY = "ingen"  # without a responsible colleague


def without_spaces(text: str) -> str:
    """Take away the spaces people write in numbers, the thin and unbreakable ones too."""
    return "".join(text.split())


class OrgnrInput(forms.TextInput):
    def format_value(self, value: Any) -> str | None:
        """Never show a national id number back."""
        shown = super().format_value(value)
        return None if shown and _NATIONAL_ID.fullmatch(without_spaces(shown)) else shown


class OrgnrField(forms.CharField):
    """Nine digits with a valid control digit, written with or without spaces."""

    widget = OrgnrInput
    default_error_messages = {
        "digits": _("Skriv ni siffer. Mellomrom er greit, bokstaver er det ikke."),
        "national_id": _("Et organisasjonsnummer har ni siffer. Skriv aldri et fødselsnummer her."),
        "control": _("Kontrollsifferet stemmer ikke. Se over nummeret siffer for siffer."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, **options)
        self.widget.attrs |= {"inputmode": "numeric", "autocomplete": "off", "size": 14}

    def to_python(self, value: Any) -> str:
        return without_spaces(super().to_python(value) or "")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if not value or is_orgnr(value):
            return
        kind = "control" if _NINE_DIGITS.fullmatch(value) else "digits"
        if _NATIONAL_ID.fullmatch(value):
            kind = "national_id"
        raise ValidationError(self.error_messages[kind], code=kind)


class StyledForm(forms.Form):
    """A form whose fields wear Designsystemet's classes."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "ds-input")
            if isinstance(field.widget, forms.Select):
                field.widget.attrs.setdefault("data-width", "auto")
            elif isinstance(field.widget, forms.TextInput):
                field.widget.attrs.setdefault("size", 24)


class ClientForm(StyledForm):
    name = forms.CharField(label=_("Navn"), max_length=255)
    is_firm = forms.BooleanField(
        label=_("Dette er vårt eget firma"),
        required=False,
        help_text=_("Noen brev om klienter kommer i firmaets egen innboks."),
    )
    responsible = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Klientansvarlig"),
        required=False,
        empty_label=_("Ingen"),
        help_text=_("Får nye dialoger hos klienten."),
    )
    substitute = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Stedfortreder"),
        required=False,
        empty_label=_("Ingen"),
        help_text=_("Spørres når klientansvarlig er borte uten å ha valgt noen. Ser klienten."),
    )
    team = forms.ModelChoiceField(
        Team.objects.order_by("name"),
        label=_("Team"),
        required=False,
        empty_label=_("Ingen"),
        help_text=_("Alle i teamet ser klienten."),
    )
    members = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Medarbeidere"),
        required=False,
        help_text=_("Ser klienten i tillegg til klientansvarlig, teamet og dem som ser alle."),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, client: Client | None = None, **options: Any) -> None:
        self.client = client
        if client is not None:
            options["initial"] = _written_about(client)
        super().__init__(*args, **options)
        kept = Q(is_active=True)
        if client is not None:
            kept |= Q(pk__in=[client.responsible_id, client.substitute_id])
            kept |= Q(pk__in=options["initial"]["members"])
        people = User.objects.filter(kept).order_by("first_name", "last_name", "email")
        self.fields["members"].queryset = people  # type: ignore[attr-defined]
        held = [client.responsible_id, client.substitute_id] if client else []
        workers = people.filter(CAN_WORK | Q(pk__in=held))
        for name in ("responsible", "substitute"):
            self.fields[name].queryset = workers  # type: ignore[attr-defined]

    def clean_is_firm(self) -> bool:
        """Refuse a second firm, and say which one is it now."""
        is_firm: bool = self.cleaned_data["is_firm"]
        firm = Client.objects.filter(is_firm=True).first()
        if is_firm and firm and firm != self.client:
            message = _("%(name)s er registrert som firmaet. Fjern merket der først.")
            raise ValidationError(message, code="taken", params={"name": firm.name})
        return is_firm


class AreasForm(StyledForm):
    """Who is responsible for each service area, and whether its open dialogs follow along."""

    def __init__(
        self, *args: Any, client: Client, open_dialogs: Mapping[int | None, int], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.areas = list(ServiceArea.objects.all())
        held = dict(client.area_responsibles.values_list("area", "user"))
        people = User.objects.filter(CAN_WORK | Q(pk__in=held.values()))
        for area in self.areas:
            self.fields[f"omrade-{area.pk}"] = forms.ModelChoiceField(
                people.order_by("first_name", "last_name", "email"),
                label=area.name,
                required=False,
                empty_label=_("Klientansvarlig"),
                initial=held.get(area.pk),
                widget=forms.Select(attrs={"class": "ds-input", "data-width": "auto"}),
            )
            if count := open_dialogs.get(area.pk, 0):
                self.fields[f"flytt-{area.pk}"] = forms.BooleanField(
                    label=_move_too(count),
                    required=False,
                    widget=forms.CheckboxInput(attrs={"class": "ds-input"}),
                )

    @property
    def wanted(self) -> dict[ServiceArea, User | None]:
        return {area: self.cleaned_data[f"omrade-{area.pk}"] for area in self.areas}

    @property
    def moving_too(self) -> set[int]:
        """The keys of the areas whose open dialogs are to go along."""
        return {area.pk for area in self.areas if self.cleaned_data.get(f"flytt-{area.pk}")}


def _move_too(count: int) -> str:
    text = ngettext("Flytt også den åpne dialogen", "Flytt også de %(n)s åpne dialogene", count)
    return text % {"n": count}


class NewClientForm(ClientForm):
    orgnr = OrgnrField(
        label=_("Organisasjonsnummer"),
        help_text=_("Hovedenheten. Underenheter følger med."),
    )

    field_order = ["orgnr"]

    def clean_orgnr(self) -> str:
        orgnr: str = self.cleaned_data["orgnr"]
        actions.check_unregistered(orgnr)
        return orgnr


def _written_about(client: Client) -> dict[str, Any]:
    return {
        "name": client.name,
        "responsible": client.responsible_id,
        "substitute": client.substitute_id,
        "team": client.team_id,
        "members": list(client.members.values_list("pk", flat=True)),
        "is_firm": client.is_firm,
    }


class SystemUserForm(StyledForm):
    name = forms.CharField(
        label=_("Navn"),
        max_length=100,
        help_text=_("Det dere kaller den, for eksempel «Regnskap»."),
    )
    kind = forms.ChoiceField(
        label=_("Type"),
        choices=SystemUser.Kind.choices,
        initial=SystemUser.Kind.AGENT,
        widget=forms.RadioSelect,
    )
    owner_orgnr = OrgnrField(
        label=_("Eierens organisasjonsnummer"),
        help_text=_("Firmaet som godkjente den i Altinn. For en agent er det aldri klienten."),
    )
    external_ref = forms.CharField(
        label=_("Ekstern referanse"),
        max_length=255,
        required=False,
        help_text=_("Den som sto i forespørselen til Altinn. Tomt når den ikke hadde noen."),
    )
    is_active = forms.BooleanField(label=_("I bruk"), required=False, initial=True)
    adds_clients = forms.BooleanField(
        label=_("Legg til nye klienter av seg selv når Altinn viser dem"), required=False
    )

    def __init__(self, *args: Any, system_user: SystemUser | None = None, **options: Any) -> None:
        self.system_user = system_user
        super().__init__(*args, **options)
        if system_user is not None:
            self.initial = {name: getattr(system_user, name) for name in self.fields}

    def clean(self) -> dict[str, Any]:
        """Refuse one that is here already, and name it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        same = SystemUser.objects.filter(
            owner_orgnr=cleaned.get("owner_orgnr", ""), external_ref=cleaned.get("external_ref", "")
        )
        other = same.first()
        if other and other != self.system_user:
            message = _("«%(name)s» er allerede registrert med denne eieren og referansen.")
            self.add_error(
                "external_ref", ValidationError(message, code="taken", params={"name": other.name})
            )
        return cleaned


class AdoptForm(forms.Form):
    """Which of the parties nobody has registered to register."""

    party = forms.ModelMultipleChoiceField(Party.objects.none(), required=False)
    everyone = forms.BooleanField(required=False)

    def __init__(self, *args: Any, parties: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.parties = parties
        self.fields["party"].queryset = parties  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("everyone") and not cleaned.get("party"):
            raise ValidationError(_("Velg minst én av klientene i listen."), code="none")
        return cleaned

    def picked(self) -> list[Party]:
        return list(self.parties if self.cleaned_data["everyone"] else self.cleaned_data["party"])


class FindForm(StyledForm):
    """What to look for in the list of clients. What makes no sense is left out."""

    q = forms.CharField(label=_("Søk etter navn eller nummer"), required=False, max_length=100)
    ansvarlig = forms.ChoiceField(label=_("Klientansvarlig"), required=False)
    vis = forms.ChoiceField(
        label=_("Vis"),
        required=False,
        choices=[("", _("I bruk")), ("arkiverte", _("Arkiverte"))],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        people = User.objects.filter(is_active=True).order_by("first_name", "last_name", "email")
        self.fields["ansvarlig"].choices = [  # type: ignore[attr-defined]
            ("", _("Alle ansvarlige")),
            (NOBODY, _("Uten klientansvarlig")),
            *((str(user.pk), user.name) for user in people),
        ]
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label
