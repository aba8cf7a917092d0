"""How the work stands: by firm, team, colleague, client or service owner.

Open is what lies in the inbox. Overdue and due soon go by the deadline that the list goes by; the
oldest is the first deadline that was passed. The median is of what was finished lately: days from
the service owner's last word until then. Each figure is also the filters of the list it counts.

One statement, however many dialogs and kinds of rows: it adds up the database's own counters, and
reads only dialogs that are due soon or were finished lately.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.masking import masked_names
from dialogs.inbox.filters import MINE, NOBODY, Filters
from dialogs.inbox.listing import Part, plain_sql
from dialogs.inbox.norwegian import sort_key
from dialogs.inbox.sight import as_array, clients_asked_for
from dialogs.reports.days import DAYS_TAKEN, MIDNIGHTS, known_days, medians_sql
from dialogs.reports.scope import (
    By,
    address,
    among,
    begins,
    counted,
    due,
    seen_by,
)
from staff.models import User
from staff.rules import may_oversee

__all__ = ["By", "Clients", "Standing", "standing", "tables"]

SOON_DAYS = 7
LATELY_DAYS = 28

# What a row is about: as a column of `due` and `done`, of `sums`, and the sums to read.
_KEYS = {
    By.FIRM: ("NULL", "NULL", "client_id"),
    By.UNASSIGNED: ("NULL", "NULL", "responsible_key"),
    By.UNLED: ("NULL", "NULL", "client_id"),
    By.TEAM: ("team_id", "w.team_id", "client_id"),
    By.RESPONSIBLE: ("responsible_id", "nullif(s.responsible_key, 0)", "responsible_key"),
    By.CLIENT: ("client_id", "s.client_id", "client_id"),
    By.OWNER: ("owner_id", "s.owner_id", "owner_id"),
}
# Which rows of `due` and `done`, and which sums, where it is not all of them.
_ONLY = {
    By.UNASSIGNED: ("responsible_id IS NULL", "s.responsible_key = 0"),
    By.UNLED: ("is_unled", "w.responsible_id IS NULL"),
    By.CLIENT: ("client_id IN (SELECT client_id FROM shown)",) * 2,
}
_COLUMNS = "w.id AS client_id, w.team_id, w.responsible_id IS NULL AS is_unled"
_READ = """
WITH {midnights}, who AS MATERIALIZED ({who}),
sums AS MATERIALIZED (
  SELECT o.client_id, o.responsible_key, o.owner_id, sum(o.total)::int AS total
  FROM dialogs_opencount o
  WHERE o.total <> 0 {asked} AND (o.restriction_key = 0 OR o.restriction_key IN (
    SELECT categoryrestriction_id FROM clients_categoryrestriction_readers WHERE user_id = %s))
  GROUP BY GROUPING SETS ((o.client_id), (o.responsible_key), (o.owner_id))),
due AS MATERIALIZED (
  SELECT {columns}, d.responsible_id, d.owner_id, d.deadline_at, d.deadline_at < %s AS is_late
  FROM ({due}) d JOIN who w ON w.id = d.client_id),
done AS MATERIALIZED (
  SELECT {columns}, d.responsible_id, d.owner_id, {days} AS days
  FROM ({done}) d JOIN who w ON w.id = d.client_id),
shown AS MATERIALIZED ({shown})
"""
_ARMS = """
SELECT 'open' AS kind, '{by}' AS by, {key_of_sum}::text AS key, sum(s.total)::int AS one,
  NULL::int AS other, NULL::timestamptz AS at, NULL::text AS label
FROM sums s LEFT JOIN who w ON w.id = s.client_id WHERE s.{set} IS NOT NULL AND {only_sums}
{group_of_sum}
UNION ALL
SELECT 'due', '{by}', {key}::text, count(*) FILTER (WHERE is_late)::int,
  count(*) FILTER (WHERE NOT is_late)::int, min(deadline_at) FILTER (WHERE is_late), NULL
FROM due WHERE {only} {group}
UNION ALL
SELECT 'done', '{by}', key::text, median, total, NULL, NULL FROM ({medians}) x
"""
_EVERY = "SELECT id AS client_id FROM who"
_SOME = """
SELECT w.id AS client_id FROM who w
JOIN (SELECT client_id, sum(total) AS total FROM sums GROUP BY 1) s ON s.client_id = w.id
LEFT JOIN (SELECT client_id, count(*) AS late FROM due WHERE is_late GROUP BY 1) d
  ON d.client_id = w.id
ORDER BY {order} LIMIT {most:d} OFFSET {skipped:d}
"""
_ORDERS = {False: "coalesce(late, 0) DESC, lower(w.name), w.id", True: "lower(w.name), w.id"}
_PERSON = "coalesce(nullif(trim(first_name || ' ' || last_name), ''), email)"
_LABELS = {
    By.TEAM: "SELECT id::text, name FROM staff_team",
    By.RESPONSIBLE: f"SELECT id::text, {_PERSON} FROM staff_user",  # noqa: S608 (our own names)
    By.CLIENT: "SELECT id::text, name FROM who WHERE id IN (SELECT client_id FROM shown)",
    By.OWNER: "SELECT code, coalesce(nullif(name, ''), code) FROM dialogs_serviceowner",
}


@dataclass(frozen=True)
class Clients:
    """Which clients with anything open to show: those with most overdue first, or by name."""

    most: int
    skipped: int = 0
    by_name: bool = False

    @property
    def sql(self) -> str:
        return _SOME.format(order=_ORDERS[self.by_name], most=self.most, skipped=self.skipped)


@dataclass(frozen=True)
class Standing:
    """One row: how much is open for one of them, how late, and how quickly it is done."""

    key: str  # of the team, colleague, client or owner; empty for the firm, and where there is none
    label: str
    open: int
    overdue: int
    due_in_7_days: int
    oldest_on: date | None  # the first deadline that was passed
    median_days: int | None  # of what was finished in the last 28 days, until it was
    finished: int  # in the last 28 days
    filters: Filters  # the list of what is open
    today: date

    @property
    def href(self) -> str:
        return address(self.filters)

    @property
    def overdue_href(self) -> str:
        """The list has the oldest on top, below what is urgent."""
        return address(replace(self.filters, due="over"))

    @property
    def soon_href(self) -> str:
        return address(replace(self.filters, due="uke"))

    @property
    def finished_href(self) -> str:
        return address(finished_lately(self.filters, today=self.today))

    @property
    def query(self) -> str:
        """What a report of this row alone is asked for with."""
        return self.filters.as_query()

    @property
    def days_late(self) -> int:
        return (self.today - self.oldest_on).days if self.oldest_on else 0


def standing(user: User, *, by: By, now: datetime, within: Filters | None = None) -> list[Standing]:
    """Return a row for each with anything to count: «none» first, and then by name.

    Of the firm there is always one row, but none for who works here no more.
    `within` narrows by clients, teams, people and owners.
    """
    return tables(user, [by], now=now, within=within)[by]


def tables(
    user: User,
    kinds: Sequence[By],
    *,
    now: datetime,
    within: Filters | None = None,
    clients: Clients | None = None,
) -> dict[By, list[Standing]]:
    """Return several kinds of rows; of clients only some, if so asked."""
    if not user.is_active:
        return {by: [] for by in kinds}
    asked = within or Filters()
    found: dict[By, list[Standing]] = {}
    for scope, some in _by_scope(user, kinds, asked):
        rows = _ask(user, some, scope, now=now, shown=clients)
        if By.CLIENT in some and may_oversee(user):
            rows = _masked(rows, user)
        for by in some:
            found[by] = list(_standings(by, rows, scope, now=now))
    return found


def finished_lately(within: Filters, *, today: date) -> Filters:
    """Return the list of what was marked as done in the last four weeks, wherever it is now."""
    return replace(within, folder="alle", done_from=today - timedelta(days=LATELY_DAYS - 1))


def _by_scope(
    user: User, kinds: Sequence[By], within: Filters
) -> Iterator[tuple[Filters, list[By]]]:
    """Put together what is asked of the same dialogs: who does not lead has two such scopes."""
    scopes: dict[Filters, list[By]] = {}
    for by in kinds:
        scopes.setdefault(seen_by(user, within, by=by), []).append(by)
    yield from scopes.items()


def _ask(
    user: User, kinds: Iterable[By], within: Filters, *, now: datetime, shown: Clients | None
) -> list[Any]:
    today = timezone.localdate(now)
    clients = clients_asked_for(user, within).order_by()
    who, who_params = plain_sql(clients.values("id", "team_id", "responsible_id", "name"))
    asked, asked_params = _asked_of_counters(user, within)
    columns = ("client_id", "responsible_id", "owner_id")
    soon = due(counted(user, within, now=now), before=today + timedelta(days=SOON_DAYS))
    coming, due_params = plain_sql(soon.values(*columns, "deadline_at"))
    lately = counted(user, finished_lately(within, today=today), now=now)
    done, done_params = plain_sql(lately.values(*columns, "done_at", "content_updated_at"))
    arms = " UNION ALL ".join(arm for by in kinds for arm in _arms(by))
    head = _READ.format(
        midnights=MIDNIGHTS,
        days=DAYS_TAKEN,
        who=who,
        columns=_COLUMNS,
        asked=asked,
        due=coming,
        done=done,
        shown=shown.sql if shown else _EVERY,
    )
    params = [*known_days(today), *who_params, *asked_params, user.pk, begins(today)]
    with connection.cursor() as cursor:
        cursor.execute(head + arms, [*params, *due_params, *done_params])
        return list(cursor.fetchall())


def _masked(rows: list[Any], user: User) -> list[Any]:
    """Put numbers for the clients who are persons and not this person's own."""
    names = masked_names(
        (int(key) for kind, by, key, *_rest in rows if kind == "label" and by == By.CLIENT),
        user=user,
    )
    if not names:
        return rows
    masked = {("label", By.CLIENT.value, str(pk)): name for pk, name in names.items()}
    return [(*row[:-1], masked.get(row[:3], row[-1])) for row in rows]


def _arms(by: By) -> Iterator[str]:
    key, key_of_sum, grouped = _KEYS[by]
    only, only_sums = _ONLY.get(by, ("true", "true"))
    is_one = key == "NULL"
    yield _ARMS.format(
        by=by.value,
        key=key,
        key_of_sum=key_of_sum,
        set=grouped,
        group="" if is_one else f"GROUP BY {key}",
        group_of_sum="" if is_one else f"GROUP BY {key_of_sum}",
        only=only,
        medians=medians_sql(key, days="days", only=only),
        only_sums=only_sums,
    )
    if by in _LABELS:
        yield (
            f"SELECT 'label', '{by.value}', x.key, NULL, NULL, NULL, x.label"  # noqa: S608 (our own)
            f" FROM ({_LABELS[by]}) x (key, label)"
        )


def _asked_of_counters(user: User, within: Filters) -> Part:
    """Return what the filters ask of a counter's row."""
    is_everybody = user.may_see_all_clients and not within.by_client
    sql = "" if is_everybody else " AND o.client_id IN (SELECT id FROM who)"
    params: list[Any] = []
    if within.responsible == NOBODY:
        sql += " AND o.responsible_key = 0"
    elif within.responsible:
        is_mine = within.responsible == MINE
        people = [user.pk, *user.stands_in_for()] if is_mine else [int(within.responsible)]
        sql += " AND o.responsible_key = ANY(%s::bigint[])"
        params.append(as_array(people))
    if within.owners:
        sql += " AND o.owner_id = ANY(%s)"
        params.append(list(within.owners))
    return sql, params


def _standings(
    by: By, rows: Iterable[Any], within: Filters, *, now: datetime
) -> Iterator[Standing]:
    found: dict[str, dict[str, tuple[Any, ...]]] = {}
    labels = {"": _without(by)}
    for kind, of, key, *rest, label in rows:
        if of != by:
            continue
        if kind == "label":
            labels[key] = label
        else:
            found.setdefault(key or "", {})[kind] = tuple(rest)
    for key in sorted(found, key=lambda key: (bool(key), sort_key(labels[key]), key)):
        filters = among(within, by, key)
        yield _made(key, labels[key], found[key], filters, today=timezone.localdate(now))


def _made(
    key: str, label: str, row: dict[str, tuple[Any, ...]], filters: Filters, *, today: date
) -> Standing:
    total, *_rest = row.get("open", (0,))
    late, soon, oldest = row.get("due", (0, 0, None))
    median, finished, *_rest = row.get("done", (None, 0))
    return Standing(
        key=key,
        label=label,
        open=total or 0,
        overdue=late,
        due_in_7_days=soon,
        oldest_on=timezone.localdate(oldest) if oldest else None,
        median_days=median,
        finished=finished,
        filters=filters,
        today=today,
    )


def _without(by: By) -> str:
    return {
        By.FIRM: _("Alle"),
        By.TEAM: _("Uten team"),
        By.RESPONSIBLE: _("Ufordelt"),
        By.UNASSIGNED: _("Ufordelt"),
        By.UNLED: _("Uten klientansvarlig"),
    }.get(by, "")
