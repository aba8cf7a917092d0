"""The lists of clients and of what is wrong with the access to them, as tables."""

from collections.abc import Iterator
from datetime import datetime

from django.http import QueryDict
from django.utils.translation import gettext as _

from clients.coverage import sight_of_client
from clients.forms import FindForm
from clients.health.behind import behind, lacked_by
from clients.health.sentences import packages_said
from clients.health.shown import lines_of, listed_alarms
from clients.listed import wanted_clients, with_parties
from clients.masking import mask
from clients.models import Alarm, Client
from dialogs.exporting.table import Row, Table, of_query
from staff.models import User
from staff.tables import Cell


def clients(user: User, query: QueryDict, *, now: datetime) -> Table:
    form = FindForm(query)
    form.is_valid()
    headings = [
        _("Klient"),
        _("Org.nr."),
        _("Klientansvarlig"),
        _("Team"),
        _("Enheter"),
        _("Tilgang"),
        _("Registrert"),
        _("Arkivert"),
    ]

    def rows(some: list[Client]) -> Iterator[Row]:
        mask(some, user=user)
        for one in some:
            cells: list[Cell] = [
                one.name,
                one.orgnr or _("Privatperson"),
                one.responsible.name if one.responsible else "",
                one.team.name if one.team else "",
                len(one.parties.all()),
                sight_of_client(one, now=now).text,
                one.added_at,
                one.archived_at,
            ]
            yield Row(str(one.pk), cells)

    found = with_parties(wanted_clients(user, form.cleaned_data)).select_related("team")
    return of_query(headings, found, rows)


def coverage(user: User, query: QueryDict, *, now: datetime) -> Table:
    """Raises Http404 when there is no such figure."""
    _heading, found = behind(query)
    headings = [
        _("Klient"),
        _("Org.nr."),
        _("Klientansvarlig"),
        _("Enheter"),
        _("Enheter vi leser"),
        _("Mangler"),
        _("Tilgang"),
    ]

    def rows(some: list[Client]) -> Iterator[Row]:
        mask(some, user=user)
        lacks = lacked_by(some)
        for one in some:
            units, read = one.units, one.read  # type: ignore[attr-defined]
            cells: list[Cell] = [
                one.name,
                one.orgnr or _("Privatperson"),
                one.responsible.name if one.responsible else "",
                units,
                read,
                packages_said(lacks.get(one.orgnr or "", [])),
                sight_of_client(one, now=now).text,
            ]
            yield Row(str(one.pk), cells)

    return of_query(headings, found, rows)


def alarms(user: User, query: QueryDict, *, now: datetime) -> Table:
    headings = [
        _("Varsel"),
        _("Hva du kan gjøre"),
        _("Klient"),
        _("Systembruker"),
        _("Fra"),
        _("Til"),
        _("Sett av"),
    ]

    def rows(some: list[Alarm]) -> Iterator[Row]:
        for line in lines_of(some, user=user):
            one = line.alarm
            cells: list[Cell] = [
                line.said.text,
                line.said.next_step,
                one.client.name if one.client else "",
                one.system_user.name if one.system_user else "",
                one.raised_at,
                one.cleared_at,
                one.seen_by.name if one.seen_by else "",
            ]
            yield Row(str(one.pk), cells)

    return of_query(headings, listed_alarms(is_history=query.get("vis") == "alle"), rows)


def seen(user: User, keys: list[str]) -> int:
    """Return how many of these clients this person may see now."""
    return Client.objects.visible_to(user).filter(pk__in=keys).count()
