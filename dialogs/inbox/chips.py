"""The filters in force, in words, each with the address without it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from dialogs.inbox.choices import names_in
from dialogs.inbox.deadlines import short_date
from dialogs.inbox.filters import (
    DUE,
    INTERNAL,
    MARKS,
    NOBODY,
    READING,
    RESPONSIBLE,
    UPDATED,
    Filters,
)
from dialogs.models import Dialog
from staff.models import User


@dataclass(frozen=True)
class Chip:
    text: str
    query: str  # without this filter


def chips_of(filters: Filters, user: User, *, today: date) -> list[Chip]:
    names = names_in(user, filters)
    made = []
    for label, value, changes in _in_force(filters, names, today):
        query = filters.as_query(**changes)
        made.append(Chip(f"{label}: {value}" if value else label, f"?{query}" if query else ""))
    return made


def _in_force(
    it: Filters, names: dict[tuple[str, str], str], today: date
) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Yield what is filtered on, the value in words, and what to change to be rid of it."""
    yield from _single(it, names)
    yield from _dates(it, today)
    for status in it.statuses:
        rest = tuple(one for one in it.statuses if one != status)
        yield _("Status"), str(Dialog.Status(status).label), {"statuses": rest}
    several = {
        "clients": ("client", _("Klient")),
        "teams": ("team", _("Team")),
        "owners": ("owner", _("Tjenesteeier")),
        "services": ("service", _("Tjeneste")),
    }
    for field, (kind, label) in several.items():
        values = getattr(it, field)
        for value in values:
            rest = tuple(one for one in values if one != value)
            yield label, names.get((kind, str(value))) or _("ukjent"), {field: rest}
    for mark in it.marks:
        yield str(MARKS[mark]), "", {"marks": tuple(one for one in it.marks if one != mark)}


def _single(
    it: Filters, names: dict[tuple[str, str], str]
) -> Iterator[tuple[str, str, dict[str, object]]]:
    if it.words:
        yield _("Søk"), it.words, {"words": ""}
    if it.folder != "innboks":
        yield _("Mappe"), it.folder_name, {"folder": "innboks"}
    if it.due:
        yield _("Frist"), str(DUE[it.due]), {"due": ""}
    if it.internal:
        yield _("Intern frist"), str(INTERNAL[it.internal]), {"internal": ""}
    if it.responsible:
        known = RESPONSIBLE.get(it.responsible) or names.get(("person", it.responsible))
        yield _("Ansvarlig"), str(known or _("ukjent")), {"responsible": ""}
    if it.client_words:
        yield _("Klient"), f"«{it.client_words}»", {"client_words": ""}
    if it.client_responsible:
        known = names.get(("person", it.client_responsible))
        name = _("mangler") if it.client_responsible == NOBODY else known or _("ukjent")
        yield _("Klientansvarlig"), name, {"client_responsible": ""}
    if it.reading:
        yield _("Lest/ulest"), str(READING[it.reading]), {"reading": ""}
    if it.updated:
        yield _("Dato"), str(UPDATED[it.updated]), {"updated": ""}


def _dates(it: Filters, today: date) -> Iterator[tuple[str, str, dict[str, object]]]:
    dates = {
        "due_from": _("Frist fra"),
        "due_to": _("Frist til"),
        "updated_from": _("Oppdatert fra"),
        "updated_to": _("Oppdatert til"),
        "came_from": _("Kommet fra"),
        "came_to": _("Kommet til"),
        "done_from": _("Ferdig fra"),
        "done_to": _("Ferdig til"),
    }
    for field, label in dates.items():
        if day := getattr(it, field):
            yield label, short_date(day, today=today), {field: None}
