"""What people choose about notices, and the calendars they make."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from altinn.outside import Unsafe
from clients.forms import StyledForm, without_spaces
from clients.models import Client
from dialogs.inbox.search import clients_named
from dialogs.models import CalendarFeed, ClientNoticeChoice, NoticeChoices
from dialogs.outgoing import calendars, chat
from dialogs.outgoing.events import LABELS, WEEKLY, Channel, channels_of, deviating, wants
from dialogs.outgoing.summaries import LEADING
from staff.models import Team, User

MOST_NAMED = 5  # clients in a sentence
LONGEST_URL = 2000


def events_for(user: User) -> list[str]:
    """The weekly report is for those who lead."""
    return [event for event in LABELS if event != WEEKLY or user.role in LEADING]


@dataclass(frozen=True)
class EventRow:
    label: str
    cells: list[BoundField | None]  # one for each channel; None where it cannot be heard of


class EventsForm(StyledForm):
    """Which event is heard of where: a box for each."""

    def __init__(self, data: Any = None, *, user: User, choices: NoticeChoices) -> None:
        super().__init__(data, auto_id="varsel-%s")
        self._events = events_for(user)
        self._kept = choices.events
        self.channels = [Channel.BELL, *self._outside(choices)]
        for event in self._events:
            for channel in channels_of(event):
                if channel in self.channels:
                    self.fields[f"{event}-{channel}"] = self._box(event, channel)

    @staticmethod
    def _outside(choices: NoticeChoices) -> list[Channel]:
        outside = [Channel.EMAIL] if settings.EMAIL_HOST else []
        return [*outside, Channel.CHAT] if choices.chat_url and chat.is_open() else outside

    def _box(self, event: str, channel: Channel) -> forms.BooleanField:
        label = f"{LABELS[event]}: {channel.label}"
        box = forms.CheckboxInput(attrs={"class": "ds-input", "aria-label": label})
        initial = wants(self._kept, event, channel)
        return forms.BooleanField(label=label, required=False, widget=box, initial=initial)

    def rows(self) -> Iterator[EventRow]:
        for event in self._events:
            names = (f"{event}-{channel}" for channel in self.channels)
            cells = [self[name] if name in self.fields else None for name in names]
            if any(cells):
                yield EventRow(str(LABELS[event]), cells)

    @property
    def events(self) -> dict[str, Any]:
        """What is to be kept. What was not offered stays as it was chosen."""
        wanted = {
            (event, channel): on
            for event, chosen in self._kept.items()
            for channel, on in chosen.items()
        }
        for name, on in self.cleaned_data.items():
            event, _dash, channel = name.partition("-")
            wanted[event, channel] = on
        return deviating(wanted)


class QuietForm(StyledForm):
    """When mails and chats wait."""

    quiet_from = forms.TimeField(
        label=_("Stille fra"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "ds-input"}),
    )
    quiet_to = forms.TimeField(
        label=_("Stille til"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "ds-input"}),
    )
    is_quiet_on_free_days = forms.BooleanField(
        label=_("Stille i helger og på helligdager"), required=False
    )

    def __init__(self, data: Any = None, *, choices: NoticeChoices) -> None:
        names = ("quiet_from", "quiet_to", "is_quiet_on_free_days")
        super().__init__(
            data, auto_id="stille-%s", initial={name: getattr(choices, name) for name in names}
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        begins, ends = cleaned.get("quiet_from"), cleaned.get("quiet_to")
        if (begins is None) != (ends is None) and not self.errors:
            missing = "quiet_from" if begins is None else "quiet_to"
            self.add_error(missing, _("Fyll inn begge klokkeslettene, eller ingen av dem."))
        if begins is not None and begins == ends:
            self.add_error("quiet_to", _("Velg et annet klokkeslett enn det det begynner på."))
        return cleaned


class ChatForm(StyledForm):
    """Where in Teams or Slack somebody is written to."""

    chat = forms.ChoiceField(
        label=_("Program"), choices=NoticeChoices.Chat.choices, widget=forms.RadioSelect
    )
    url = forms.CharField(
        label=_("Adressen til webhooken"),
        max_length=LONGEST_URL,
        help_text=_("Den vises ikke igjen. Velg en kanal som bare du leser."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url", "size": 40}),
    )

    def __init__(self, data: Any = None, *, choices: NoticeChoices) -> None:
        initial = {"chat": choices.chat or NoticeChoices.Chat.TEAMS}
        super().__init__(data, auto_id="chat-%s", initial=initial)

    def clean_url(self) -> str:
        url = self.cleaned_data["url"].strip()
        try:
            return chat.checked(url)
        except Unsafe:
            raise ValidationError(
                _("Adressen må begynne med https, og være på et av disse stedene: %(hosts)s"),
                params={"hosts": ", ".join(settings.CHAT_HOSTS)},
            ) from None


class NamedClientField(forms.CharField):
    """A client by name or number, of those somebody may see."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=100, **options)
        self.visible: Any = Client.objects.none()

    def clean(self, value: Any) -> Any:
        words = super().clean(value)
        if not words:
            return None
        number = without_spaces(words)
        exact = self.visible.filter(Q(name__iexact=words) | Q(orgnr=number))
        found = list(exact[:2]) or list(
            self.visible.filter(clients_named(words)).order_by("name")[: MOST_NAMED + 1]
        )
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(_("Fant ingen klient som heter det."))
        names = ", ".join(client.name for client in found[:MOST_NAMED])
        raise ValidationError(
            _("Flere klienter passer: %(names)s. Skriv organisasjonsnummeret."),
            params={"names": names},
        )


class ClientChoiceForm(StyledForm):
    """A client somebody wants to hear less of, or nothing but."""

    client = NamedClientField(label=_("Klient"), help_text=_("Navnet eller organisasjonsnummeret."))
    rule = forms.ChoiceField(
        label=_("Varsler"),
        choices=ClientNoticeChoice.Rule.choices,
        initial=ClientNoticeChoice.Rule.MUTED,
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data, auto_id="klient-%s")
        self.fields["client"].visible = Client.objects.visible_to(user)  # type: ignore[attr-defined]


class CalendarForm(StyledForm):
    """What a calendar is to show."""

    scope = forms.ChoiceField(
        label=_("Hva skal den vise?"),
        choices=CalendarFeed.Scope.choices,
        initial=CalendarFeed.Scope.USER,
        widget=forms.RadioSelect,
    )
    team = forms.ModelChoiceField(
        Team.objects.none(), label=_("Team"), required=False, empty_label=_("Velg team")
    )
    client = NamedClientField(
        label=_("Klient"),
        required=False,
        help_text=_("Navnet eller organisasjonsnummeret, når den skal vise én klient."),
    )
    hides_clients = forms.BooleanField(
        label=_("Skjul klientnavn"),
        required=False,
        help_text=_("Den som ser kalenderen din, ser da ikke hvem det gjelder."),
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data, auto_id="kalender-%s")
        self.fields["client"].visible = Client.objects.visible_to(user)  # type: ignore[attr-defined]
        teams = calendars.teams_for(user)
        if teams:
            self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        else:
            del self.fields["team"]
            self.fields["scope"].choices = [  # type: ignore[attr-defined]
                one for one in CalendarFeed.Scope.choices if one[0] != CalendarFeed.Scope.TEAM
            ]

    def clean(self) -> dict[str, Any]:
        """Ask for what the choice needs, and forget what it does not."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        scope = cleaned.get("scope")
        needed = {CalendarFeed.Scope.TEAM: "team", CalendarFeed.Scope.CLIENT: "client"}
        for value, name in needed.items():
            if scope != value:
                cleaned[name] = None
            elif not cleaned.get(name) and name not in self.errors:
                self.add_error(
                    name, _("Velg hvilket team.") if name == "team" else _("Skriv hvilken klient.")
                )
        return cleaned
