"""The overview as tables: the rows of each of its pages, as the page itself reads them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from django.http import QueryDict
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dialogs.exporting import dialogs
from dialogs.exporting.table import MOST_ROWS, Row, Table, of_rows
from dialogs.reports.calendar import month_of
from dialogs.reports.calendar_views import day_asked
from dialogs.reports.flow import Age, flow_of
from dialogs.reports.scope import By, read, seen_by
from dialogs.reports.season_views import season_of
from dialogs.reports.standing import Standing
from dialogs.reports.views import client_rows, clients_asked, first_rows
from staff.models import User
from staff.tables import Cell

# The tables of the first page, from above.
GROUPS: tuple[tuple[By, Promise], ...] = (
    (By.FIRM, gettext_lazy("Samlet")),
    (By.TEAM, gettext_lazy("Team")),
    (By.UNASSIGNED, gettext_lazy("Ansvarlig")),
    (By.UNLED, gettext_lazy("Ansvarlig")),
    (By.RESPONSIBLE, gettext_lazy("Ansvarlig")),
    (By.CLIENT, gettext_lazy("Klient")),
    (By.OWNER, gettext_lazy("Tjenesteeier")),
)


def standing(user: User, query: QueryDict, *, now: datetime) -> Table:
    def rows() -> Iterator[Row]:
        found = first_rows(user, read(query, user), now=now)
        for by, group in GROUPS:
            for one in found.get(by, []):
                yield Row(f"{by} {one.key}", [str(group), one.label, *_figures(one)])

    return of_rows([_("Gruppe"), _("Navn"), *_of_figures()], rows)


def clients(user: User, query: QueryDict, *, now: datetime) -> Table:
    def rows() -> Iterator[Row]:
        asked = clients_asked(query, MOST_ROWS + 1)
        for one in client_rows(user, read(query, user), asked, now=now):
            yield Row(one.key, [one.label, *_figures(one)])

    return of_rows([_("Klient"), *_of_figures()], rows)


def _of_figures() -> list[str]:
    return [
        _("Åpne"),
        _("Over frist"),
        _("Forfaller 7 dager"),
        _("Eldste frist"),
        _("Ferdig 28 dager"),
        _("Median dager"),
    ]


def _figures(one: Standing) -> list[Cell]:
    return [
        one.open,
        one.overdue,
        one.due_in_7_days,
        one.oldest_on,
        one.finished,
        one.median_days,
    ]


def weeks(user: User, query: QueryDict, *, now: datetime) -> Table:
    def rows() -> Iterator[Row]:
        for one in flow_of(user, now=now, within=read(query, user)).weeks:
            cells: list[Cell] = [one.number, one.begins_on, one.ends_on, one.came, one.done]
            yield Row(str(one.begins_on), cells)

    headings = [_("Uke"), _("Fra og med"), _("Til og med"), _("Kommet inn"), _("Ferdig")]
    return of_rows(headings, rows)


def ages(user: User, query: QueryDict, *, now: datetime) -> Table:
    def rows() -> Iterator[Row]:
        for one in flow_of(user, now=now, within=read(query, user)).ages:
            yield Row(str(one.first), [_days(one), one.total])

    return of_rows([_("Dager over frist"), _("Dialoger")], rows)


def _days(one: Age) -> str:
    if one.last is None:
        return _("%(first)s dager eller mer") % {"first": one.first}
    return _("%(first)s–%(last)s dager") % {"first": one.first, "last": one.last}


def month(user: User, query: QueryDict, *, now: datetime) -> Table:
    """Every day of the month's weeks, those outside it too."""
    first = (day_asked(query, "maned") or timezone.localdate(now)).replace(day=1)

    def rows() -> Iterator[Row]:
        for days in month_of(user, read(query, user), first, now=now):
            for day in days:
                weekday = str(WEEKDAYS[day.on.weekday()])
                yield Row(str(day.on), [day.on, weekday, day.on.isocalendar().week, day.total])

    return of_rows([_("Dag"), _("Ukedag"), _("Uke"), _("Frister")], rows)


def week(user: User, query: QueryDict, *, now: datetime) -> Table:
    """The dialogs with a deadline in the week, also those of a day with more than are shown."""
    day = day_asked(query, "uke") or timezone.localdate(now)
    monday = day - timedelta(days=day.weekday())
    filters = replace(
        seen_by(user, read(query, user)), due_from=monday, due_to=monday + timedelta(days=6)
    )
    return dialogs.of_filters(user, filters, now=now)


def season(user: User, query: QueryDict, *, now: datetime) -> Table:
    found = season_of(user, query, now=now)

    def rows() -> Iterator[Row]:
        for line in found.shown:
            cells = [_("Stille") if one.is_silent else one.total for one in line.cells]
            yield Row(str(line.client_id), [line.client, *cells])

    return of_rows([_("Klient"), *(term.label for term in found.terms)], rows)


def seen_sums(_user: User, _keys: list[str]) -> int:
    """Return none: of a sum it cannot be asked again who may see all that it counts.

    These tables are short and sent at once. A file of one that was made for later stays unread.
    """
    return 0
