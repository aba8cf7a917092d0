"""Find the dialogs of one page: soonest deadline first, by key and never by OFFSET.

One statement finds the page's keys and counts the hits, capped; a second one fetches the rows.
What the statement looks like depends on who asks, because no single shape is fast for all
(measured at 5 million dialogs, docs/performance.md):

- who sees every client: an ordered scan of an index, no join;
- who sees some clients, or asks for some: the first rows of each client, by index, merged;
- who sees a great many, but not all: the ordered scan, passing over what is not theirs.

A search has several ways to hit (text, client, sub-unit, reference). Each is a query of its own
with an index of its own; they are merged, and a dialog hit twice is shown once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from clients.models import Client, ClientQuerySet, Party
from dialogs.inbox.filters import NOBODY, Filters
from dialogs.inbox.search import FEWEST_DIGITS, Search, clients_named
from dialogs.models import Dialog, DialogQuerySet
from staff.models import User

PAGE_SIZE = 50
MOST_ROWS = 500  # that a page already showing them may ask for at once
MOST_COUNTED = 1000
MOST_CLIENTS_ONE_BY_ONE = 2000
FEW_DIALOGS = 20_000  # so few among all that passing over the others' would take longer
SEARCH_SECONDS = 3
CANCELED = "57014"  # query_canceled

Part = tuple[str, list[Any]]


@dataclass(frozen=True)
class Hits:
    """How many there are: exactly up to MOST_COUNTED, else «more than»."""

    total: int
    clients: int

    @property
    def is_capped(self) -> bool:
        return self.total > MOST_COUNTED


@dataclass(frozen=True)
class Found:
    """A page's keys in order. `hits` is None when nobody asked for a count."""

    ids: list[UUID]
    next_after: str = ""
    hits: Hits | None = None
    too_broad: bool = False


@dataclass(frozen=True)
class Scope:
    """The clients to look among: those this person may see, and of them those asked for."""

    user: User
    clients: list[int] | None  # None: every client there is
    by_client: bool

    @classmethod
    def of(cls, user: User, filters: Filters) -> "Scope":
        if user.is_active and user.may_see_all_clients and not filters.by_client:
            return cls(user, None, by_client=False)
        clients = Client.objects.visible_to(user)
        if filters.clients:
            clients = clients.filter(pk__in=filters.clients)
        if filters.client_words:
            clients = clients.filter(clients_named(filters.client_words))
        keys = list(clients.values_list("pk", flat=True))
        return cls(user, keys, by_client=filters.by_client)


def find(
    scope: Scope,
    filters: Filters,
    *,
    today: date,
    size: int = PAGE_SIZE,
    count: bool,
    few_dialogs: bool = False,
) -> Found:
    """Return the keys of a page, and with `count` how many dialogs there are.

    `few_dialogs` tells that this person's share of all dialogs is small.
    """
    if scope.clients == []:
        return Found([], hits=Hits(0, 0) if count else None)
    query = _Query(scope, filters, today=today, few_dialogs=few_dialogs)
    sql, params = query.page(size + 1)
    if count:
        counted, more = query.capped_count()
        sql, params = f"({sql}) UNION ALL ({counted})", [*params, *more]
    if filters.words:
        # One message with both statements: PostgreSQL runs it as one transaction, so that the
        # limit is for this query alone. It costs no round trip.
        sql = f"SET LOCAL statement_timeout = {SEARCH_SECONDS * 1000:.0f}; {sql}"
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            if filters.words:
                cursor.nextset()
            rows = cursor.fetchall()
    except OperationalError as exc:
        if getattr(exc.__cause__, "sqlstate", "") != CANCELED:
            raise
        return Found([], too_broad=True)
    hits = next((Hits(total, clients) for total, pk, clients in rows if pk is None), None)
    keys = sorted((urgency, pk) for urgency, pk, _ in rows if pk is not None)
    page = keys[:size]
    after = f"{page[-1][0]}.{page[-1][1].hex}" if len(keys) > size else ""
    return Found([pk for _, pk in page], after, hits)


def fetch(ids: list[UUID], *, user: User) -> dict[UUID, Dialog]:
    """Return the dialogs with all that a row or the panel shows. Asks again who may see them."""
    dialogs = Dialog.objects.visible_to(user).filter(pk__in=ids)
    related = ("client", "party", "copy", "service", "owner", "responsible")
    dialogs = dialogs.select_related(*related)
    dialogs = dialogs.defer("copy__received", "copy__search", "copy__other_words")
    return {dialog.pk: dialog for dialog in dialogs}


@dataclass(frozen=True)
class _Way:
    """One way to hit: these dialogs, of all clients at once or of these clients one by one."""

    dialogs: DialogQuerySet
    clients: list[int] | ClientQuerySet | None = None

    def limited(self, size: int, *, in_order: bool) -> Part:
        dialogs = self.dialogs.order_by("urgency", "id") if in_order else self.dialogs.order_by()
        if self.clients is None:
            return _sql(dialogs, size)
        inner, params = _sql(dialogs.filter(client_id=RawSQL("who.client_id", ())), size)
        who: Part = ("SELECT unnest(%s::bigint[])", [self.clients])
        if not isinstance(self.clients, list):
            who = _sql(self.clients.values("pk"))
        return (
            f"SELECT hit.* FROM ({who[0]}) AS who (client_id) CROSS JOIN LATERAL ({inner}) hit",  # noqa: S608
            [*who[1], *params],
        )


class _Query:
    def __init__(self, scope: Scope, filters: Filters, *, today: date, few_dialogs: bool) -> None:
        self._scope = scope
        self._filters = filters
        self._few = few_dialogs
        self._condition = filters.condition(scope.user, today=today)
        if after := filters.after:
            later = Q(urgency__gt=after.urgency) | Q(id__gt=after.id)
            self._condition &= Q(urgency__gte=after.urgency) & later
        self._ways = list(self._find_ways())

    def page(self, size: int) -> Part:
        """Return SQL for (urgency, id, null), in order."""
        together, params = self._together(size, in_order=True)
        sql = f"SELECT urgency, id, NULL::bigint FROM ({together}) page"  # noqa: S608
        return f"{sql} ORDER BY urgency, id LIMIT {size:d}", params

    def capped_count(self) -> Part:
        """Return SQL for (total, null, clients) of the first hits met, in whatever order."""
        size = MOST_COUNTED + 1
        together, params = self._together(size, in_order=False)
        some = f"SELECT * FROM ({together}) every LIMIT {size:d}"  # noqa: S608
        counts = "count(*), NULL::uuid, count(DISTINCT client_id)"
        return f"SELECT {counts} FROM ({some}) hits", params  # noqa: S608

    def _together(self, size: int, *, in_order: bool) -> Part:
        parts = [way.limited(size, in_order=in_order) for way in self._ways]
        once = " UNION " if self._filters.words else " UNION ALL "
        order = " ORDER BY urgency, id" if in_order else ""
        sql = once.join(
            f"(SELECT * FROM ({sql}) way{order} LIMIT {size:d})"  # noqa: S608
            for sql, _ in parts
        )
        return sql, [one for _, params in parts for one in params]

    def _find_ways(self) -> Iterator[_Way]:
        for folder in self._filters.folders:
            dialogs = Dialog.objects.filter(self._condition, folder=folder)
            if self._filters.words:
                yield from self._search(dialogs, Search(self._filters.words))
            else:
                yield self._browse(dialogs)

    def _browse(self, dialogs: DialogQuerySet) -> _Way:
        clients = self._scope.clients
        has_own_index = self._filters.responsible not in {"", NOBODY}
        if clients is None or has_own_index:
            return _Way(self._in_scope(dialogs))
        if len(clients) <= MOST_CLIENTS_ONE_BY_ONE or self._few:
            return _Way(dialogs, clients)
        return _Way(self._in_scope(dialogs))

    def _search(self, dialogs: DialogQuerySet, search: Search) -> Iterator[_Way]:
        yield _Way(self._in_scope(dialogs.filter(copy__search=search.text_query)))
        clients = Client.objects.visible_to(self._scope.user)
        if self._scope.by_client:
            clients = clients.filter(pk__in=self._scope.clients or [])
        yield _Way(dialogs, clients.filter(clients_named(search.words)))
        if len(search.digits) >= FEWEST_DIGITS:
            units = Party.objects.filter(orgnr__startswith=search.digits).values("pk")
            yield _Way(self._in_scope(dialogs.filter(party__in=units)))
        if search.may_be_reference:
            begins = ~Q(copy__reference="") & Q(copy__reference__istartswith=search.words)
            yield _Way(self._in_scope(dialogs.filter(begins)))

    def _in_scope(self, dialogs: DialogQuerySet) -> DialogQuerySet:
        if self._scope.by_client:
            return dialogs.filter(client__in=self._scope.clients or [])
        return dialogs.visible_to(self._scope.user)


def _sql(rows: QuerySet[Any, Any], size: int | None = None) -> Part:
    if rows.model is Dialog:
        rows = rows.values("urgency", "id", "client_id")
    sql, params = rows[:size].query.sql_with_params()
    return sql, list(params)
