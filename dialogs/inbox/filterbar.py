"""The filters as somebody chooses them: groups of options, rendered when they are opened."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from dialogs.inbox import choices
from dialogs.inbox.filters import (
    DUE,
    FOLDERS,
    INTERNAL,
    MARKS,
    MINE,
    NOBODY,
    READING,
    RESPONSIBLE,
    UPDATED,
    Filters,
)
from dialogs.models import Dialog
from staff.models import User


@dataclass(frozen=True)
class Option:
    name: str
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Group:
    """A fieldset: radio buttons, where one excludes the others, or check boxes."""

    key: str
    legend: str
    kind: str  # radio or checkbox
    options: list[Option]
    extra: str = ""  # template part for what is no option: dates, a text


@dataclass(frozen=True)
class Menu:
    """A button of the bar. `hidden` keeps what is chosen behind it until it is opened."""

    key: str
    label: str
    hidden: list[tuple[str, str]]
    chosen: int


# What lies behind each button of the bar, by the names of the address.
MENUS: dict[str, tuple[str, ...]] = {
    "klient": ("klient", "klientnavn", "mine"),
    "status": ("status",),
    "frist": ("frist", "fra", "til"),
    "ansvarlig": ("ansvarlig",),
    "eier": ("eier",),
    "flere": (
        *("tjeneste", "lest", "oppdatert", "ofra", "otil", "intern", "mappe", "team"),
        *("haster", "gjenapnet", "folger", "notat", "utenteam", "klientansvarlig"),
        *("kfra", "ktil", "ffra", "ftil"),
    ),
}


def menus(filters: Filters) -> list[Menu]:
    labels = {
        "klient": _("Klient"),
        "status": _("Status"),
        "frist": _("Frist"),
        "ansvarlig": _("Ansvarlig"),
        "eier": _("Tjenesteeier"),
        "flere": _("Flere filtre"),
    }
    pairs = filters.pairs()
    made = []
    for key, names in MENUS.items():
        hidden = [(name, value) for name, value in pairs if name in names]
        made.append(Menu(key, labels[key], hidden, len(hidden)))
    return made


def groups_of(menu: str, user: User, filters: Filters) -> list[Group]:
    """Return the fieldsets behind a button of the bar."""
    make: dict[str, Callable[[Filters], list[Group]]] = {
        "klient": partial(_client_groups, user),
        "status": _status_groups,
        "frist": _due_groups,
        "ansvarlig": partial(_responsible_groups, user),
        "eier": _owner_groups,
        "flere": _other_groups,
    }
    return make[menu](filters)


def _client_groups(user: User, it: Filters) -> list[Group]:
    offered = choices.client_choices(user, it)
    chosen = {str(key) for key in it.clients}
    mine = [Option("mine", "ja", str(MARKS["mine"]), "mine" in it.marks)]
    return [
        Group("klientnavn", _("Klient"), "checkbox", mine, extra="navn"),
        Group("klient", _("Velg klienter"), "checkbox", _several("klient", offered, chosen)),
    ]


def _status_groups(it: Filters) -> list[Group]:
    options = [
        Option("status", value, str(label), value in it.statuses)
        for value, label in Dialog.Status.choices
    ]
    return [Group("status", _("Status"), "checkbox", options)]


def _due_groups(it: Filters) -> list[Group]:
    return [Group("frist", _("Frist"), "radio", _one("frist", DUE, it.due), extra="frist")]


def _responsible_groups(user: User, it: Filters) -> list[Group]:
    own = str(user.pk)
    people = {one.value: one.label for one in choices.person_choices() if one.value != own}
    chosen = MINE if it.responsible == own else it.responsible
    options = _one("ansvarlig", {**RESPONSIBLE, **people}, chosen)
    return [Group("ansvarlig", _("Ansvarlig"), "radio", options)]


def _owner_groups(it: Filters) -> list[Group]:
    options = _several("eier", choices.owner_choices(), set(it.owners))
    return [Group("eier", _("Tjenesteeier"), "checkbox", options)]


def _other_groups(it: Filters) -> list[Group]:
    services = {str(key) for key in it.services}
    teams = {str(key) for key in it.teams}
    people = {NOBODY: _("Mangler")} | {one.value: one.label for one in choices.person_choices()}
    folders = [
        Option("mappe", key, str(name), key == it.folder) for key, (name, _all) in FOLDERS.items()
    ]
    marks = [
        Option(mark, "ja", str(label), mark in it.marks)
        for mark, label in MARKS.items()
        if mark != "mine"
    ]
    return [
        Group("mappe", _("Mappe"), "radio", folders),
        Group("lest", _("Lest/ulest"), "radio", _one("lest", READING, it.reading)),
        Group("merker", _("Bare det som"), "checkbox", marks),
        Group(
            "oppdatert", _("Dato"), "radio", _one("oppdatert", UPDATED, it.updated), extra="dato"
        ),
        Group("kommet", _("Kommet"), "radio", [], extra="kommet"),
        Group("ferdig", _("Merket som ferdig"), "radio", [], extra="ferdig"),
        Group("intern", _("Intern frist"), "radio", _one("intern", INTERNAL, it.internal)),
        Group(
            "tjeneste",
            _("Tjeneste"),
            "checkbox",
            _several("tjeneste", choices.service_choices(), services),
        ),
        Group("team", _("Team"), "checkbox", _several("team", choices.team_choices(), teams)),
        Group(
            "klientansvarlig",
            _("Klientansvarlig"),
            "radio",
            _one("klientansvarlig", people, it.client_responsible),
        ),
    ]


def _one(name: str, labels: Mapping[str, str | Promise], chosen: str) -> list[Option]:
    """Return options of which one is chosen, «alle» first."""
    offered = {"": _("Alle"), **labels}
    return [Option(name, key, str(label), key == chosen) for key, label in offered.items()]


def _several(name: str, offered: Iterable[choices.Choice], chosen: set[str]) -> list[Option]:
    return [Option(name, one.value, one.label, one.value in chosen) for one in offered]
