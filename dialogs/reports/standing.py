"""How the work stands: by firm, team, colleague, client or service owner.

Open is what lies in the inbox: not finished, snoozed, filed or gone. Days are counted from the last
time the service owner wrote. Whoever leads sees the firm; others see the clients they work on and,
among the colleagues, themselves. Each figure has the filters of the list that it counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.db.models import Aggregate, Count, DateTimeField, F, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.access import may_oversee
from clients.models import Client
from dialogs.inbox.filters import NOBODY, Filters
from dialogs.inbox.listing import any_of
from dialogs.inbox.norwegian import sort_key
from dialogs.inbox.sight import Sight
from dialogs.models import PINNED, Dialog, DialogQuerySet, ServiceOwner
from staff.models import Team, User

SOON_DAYS = 7
WITHOUT_TEAM = "utenteam"


class By(StrEnum):
    FIRM = "firma"
    TEAM = "team"
    RESPONSIBLE = "ansvarlig"
    CLIENT = "klient"
    OWNER = "eier"


_COLUMNS = {
    By.TEAM: "client__team",
    By.RESPONSIBLE: "responsible",
    By.CLIENT: "client",
    By.OWNER: "owner",
}


@dataclass(frozen=True)
class Standing:
    """One row: how much is open for one of them, how late, and how old."""

    key: str  # of the team, colleague, client or owner; empty for the firm, and where there is none
    label: str
    open: int
    overdue: int
    due_in_7_days: int
    oldest_on: date | None
    median_days: int | None  # the lower of two in the middle
    filters: Filters  # the list of what is open

    @cached_property
    def href(self) -> str:
        return address(self.filters)

    @property
    def overdue_href(self) -> str:
        return address(replace(self.filters, due="over"))

    @property
    def soon_href(self) -> str:
        return address(replace(self.filters, due="uke"))

    @property
    def oldest_href(self) -> str:
        """The same list with the oldest on top."""
        return address(replace(self.filters, sort="oppdatert", is_reversed=True))


def standing(
    user: User, *, by: By, now: datetime, within: Filters | None = None
) -> list[Standing]:
    """Return a row for each with something open, «none» first and then by name.

    Of the firm there is always one row. `within` narrows what is counted, as the inbox would.
    """
    within = seen_by(user, within or Filters(), by=by)
    rows = _figures(open_dialogs(user, within, now=now), by, now=now)
    if by == By.FIRM:
        return [_made("", _("Alle"), rows[0], within, now=now)]
    labels = _labels(by, [row["key"] for row in rows])
    found = [
        _made(_written(row["key"]), labels[row["key"]], row, among(within, by, row["key"]), now=now)
        for row in rows
    ]
    return sorted(found, key=lambda one: (bool(one.key), sort_key(one.label), one.key))


def seen_by(user: User, within: Filters, *, by: By | None = None) -> Filters:
    """Narrow to what somebody answers for: who does not lead, their own clients and work."""
    if may_oversee(user):
        return within
    if by == By.RESPONSIBLE:
        return replace(within, responsible=str(user.pk))
    if "mine" in within.marks:
        return within
    return replace(within, marks=(*within.marks, "mine"))


def open_dialogs(user: User, within: Filters, *, now: datetime) -> DialogQuerySet:
    """Return the dialogs of a list, for counting: the same rows in no order."""
    dialogs = Dialog.objects.visible_to(user).filter(
        within.condition(user, now=now), folder__in=within.folders
    )
    ranges = within.urgencies(today=timezone.localdate(now))
    if ranges is not None:
        wanted = Q()
        for low, high in ranges:
            wanted |= Q(urgency__gte=low, urgency__lt=high)
        dialogs = dialogs.filter(wanted)
    if within.by_client:
        keys = Sight(user).clients_among(within)
        dialogs = dialogs.filter(any_of("dialogs_dialog.client_id", keys))
    return dialogs


def among(within: Filters, by: By, key: Any) -> Filters:
    """Narrow a list to one row's share of it."""
    if by == By.TEAM:
        if key is None:
            return replace(within, marks=(*within.marks, WITHOUT_TEAM))
        return replace(within, teams=(key,))
    if by == By.RESPONSIBLE:
        return replace(within, responsible=NOBODY if key is None else str(key))
    if by == By.CLIENT:
        return replace(within, clients=(key,))
    return replace(within, owners=(key,))


def address(filters: Filters) -> str:
    query = filters.as_query()
    return reverse("dialogs:inbox") + (f"?{query}" if query else "")


class Median(Aggregate):
    """The one in the middle; the younger of two."""

    function = "percentile_disc"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s DESC)"
    output_field = DateTimeField()


def due_within(filters: Filters, *, today: date) -> Q:
    """Return a deadline filter for rows that are read anyway."""
    wanted = Q()
    for low, high in filters.urgencies(today=today) or ():
        wanted |= Q(urgency__gte=low, urgency__lt=high)
    return wanted


def _figures(dialogs: DialogQuerySet, by: By, *, now: datetime) -> list[dict[str, Any]]:
    today = timezone.localdate(now)
    figures: dict[str, Any] = {
        "open": Count("pk"),
        "overdue": Count("pk", filter=due_within(Filters(due="over"), today=today)),
        "soon": Count("pk", filter=due_within(Filters(due="uke"), today=today)),
        "oldest": Min("content_updated_at"),
        "median": Median("content_updated_at"),
    }
    if by == By.FIRM:
        return [dialogs.aggregate(**figures)]
    return list(dialogs.order_by().values(key=F(_COLUMNS[by])).annotate(**figures))


def _made(
    key: str, label: str, row: dict[str, Any], filters: Filters, *, now: datetime
) -> Standing:
    oldest, median = row["oldest"], row["median"]
    return Standing(
        key=key,
        label=label,
        open=row["open"],
        overdue=row["overdue"],
        due_in_7_days=row["soon"],
        oldest_on=timezone.localdate(oldest) if oldest else None,
        median_days=_days_since(median, now) if median else None,
        filters=filters,
    )


def _days_since(moment: datetime, now: datetime) -> int:
    return max(0, (timezone.localdate(now) - timezone.localdate(moment)).days)


def _written(key: Any) -> str:
    return "" if key is None else str(key)


def _labels(by: By, keys: Iterable[Any]) -> dict[Any, str]:
    wanted = {key for key in keys if key is not None}
    if by == By.TEAM:
        teams = Team.objects.filter(pk__in=wanted).values_list("pk", "name")
        return {None: _("Uten team"), **dict(teams)}
    if by == By.RESPONSIBLE:
        people = User.objects.filter(pk__in=wanted)
        return {None: _("Ufordelt"), **{one.pk: one.name for one in people}}
    if by == By.CLIENT:
        return dict(Client.objects.filter(pk__in=wanted).values_list("pk", "name"))
    owners = ServiceOwner.objects.filter(pk__in=wanted)
    return {key: key for key in wanted} | {one.pk: str(one) for one in owners}
