"""What people fill in about saved searches and about themselves. Forms check and never save."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clients.forms import StyledForm
from dialogs.models import SavedSearch
from dialogs.searches import queries
from staff.models import Team, User
from staff.rules import may_manage, may_work

Visibility = SavedSearch.Visibility
PERSONAL = _(
    "Søket ser ut til å inneholde et fødselsnummer, og kan ikke lagres. Søk på navn i stedet."
)


class SearchForm(StyledForm):
    """A search's name, who is offered it, and where it is shown."""

    name = forms.CharField(
        label=_("Navn på søket"),
        max_length=80,
        error_messages={"required": _("Gi søket et navn.")},
    )
    visibility = forms.ChoiceField(
        label=_("Hvem ser søket"),
        widget=forms.RadioSelect,
        help_text=_("Andre ser navnet og filtrene, men bare dialogene til sine egne klienter."),
    )
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Hvilket team"), required=False)
    in_menu = forms.BooleanField(label=_("Vis i menyen"), required=False)
    shows_count = forms.BooleanField(label=_("Vis antall"), required=False)
    starts_here = forms.BooleanField(label=_("Start her når jeg logger inn"), required=False)

    def __init__(self, data: Any = None, *, user: User, query: str, **options: Any) -> None:
        super().__init__(data, auto_id="sok-%s", **options)
        self._query = query
        self._teams = list(user.teams.order_by("name"))
        self._offer_visibilities(user)
        self._offer_teams(user)
        self.fields["name"].widget.attrs |= {"autocomplete": "off"}

    def _offer_visibilities(self, user: User) -> None:
        offered = [Visibility.ME]
        if self._teams and may_work(user):
            offered.append(Visibility.TEAM)
        if may_manage(user):
            offered.append(Visibility.ALL)
        visibility = self.fields["visibility"]
        assert isinstance(visibility, forms.ChoiceField)  # noqa: S101
        visibility.choices = [(one.value, self._label(one)) for one in offered]
        if len(offered) == 1:
            del self.fields["visibility"]

    def _offer_teams(self, user: User) -> None:
        if len(self._teams) < 2:
            del self.fields["team"]
            return
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)  # noqa: S101
        team.queryset = user.teams.order_by("name")
        team.empty_label = _("Velg team")

    def _label(self, visibility: Visibility) -> str:
        if visibility == Visibility.TEAM and len(self._teams) == 1:
            return f"{visibility.label} ({self._teams[0]})"
        return str(visibility.label)

    def clean_name(self) -> str:
        name: str = " ".join(self.cleaned_data["name"].split())
        if queries.names_a_person(name):
            raise ValidationError(_("Skriv aldri et fødselsnummer i navnet på et søk."))
        return name

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if queries.is_personal(queries.read(self._query)):
            raise ValidationError(PERSONAL)
        cleaned.setdefault("visibility", Visibility.ME)
        if cleaned["visibility"] != Visibility.TEAM:
            cleaned["team"] = None
        elif len(self._teams) == 1:
            cleaned["team"] = self._teams[0]
        elif not cleaned.get("team") and "team" not in self.errors:
            self.add_error("team", _("Velg hvilket team som skal se søket."))
        return cleaned


class ProfileForm(StyledForm):
    """How somebody likes to work."""

    is_compact = forms.TypedChoiceField(
        label=_("Tetthet i lister"),
        choices=[("nei", _("To linjer")), ("ja", _("Kompakt, én linje"))],
        coerce=lambda value: value == "ja",
        widget=forms.RadioSelect,
    )
    uses_single_keys = forms.BooleanField(
        label=_("Bruk enkelttaster"),
        required=False,
        help_text=_("Slå dem av hvis du bruker talestyring, eller lett treffer feil tast."),
    )
    language = forms.ChoiceField(label=_("Språk"), choices=settings.LANGUAGES)
    start = forms.ModelChoiceField(
        SavedSearch.objects.none(),
        label=_("Start her når jeg logger inn"),
        required=False,
        empty_label=_("Min dag"),
    )

    def __init__(self, data: Any = None, *, user: User, **options: Any) -> None:
        super().__init__(data, auto_id="profil-%s", **options)
        start = self.fields["start"]
        assert isinstance(start, forms.ModelChoiceField)  # noqa: S101
        start.queryset = SavedSearch.objects.offered_to(user).order_by("name")
