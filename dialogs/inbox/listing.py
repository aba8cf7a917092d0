"""Find the dialogs of one page, by key and never by OFFSET; then fetch what their rows show.

What the finding statement looks like depends on who asks, because no single shape is fast for all
(measured at 5 million dialogs):

- who sees every client: an ordered scan of an index, no join;
- who sees some clients, or asks for some: the first rows of each client, by index, merged;
- who sees a great many, but not all: the ordered scan, passing over what is not theirs.

A search has several ways to hit (text, client, sub-unit, reference), and a deadline filter two
(pinned dialogs lie apart). Each is a query of its own with an index of its own; they are merged,
and a dialog hit twice is shown once. Lists by client or by colleague are in grouped.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.utils import timezone

from clients.models import Client, ClientQuerySet, Party
from dialogs.inbox.filters import After, Filters
from dialogs.inbox.search import FEWEST_DIGITS, Search, clients_named
from dialogs.inbox.sight import Sight, as_array
from dialogs.models import Dialog, DialogCopy, DialogQuerySet

PAGE_SIZE = 50
MOST_ROWS = 500  # that a page already showing them may ask for at once
MOST_COUNTED = 1000
MOST_HITS_COUNTED = 200  # of a search: each hit costs a look at its words
MOST_CLIENTS_ONE_BY_ONE = 1000
FEW_DIALOGS = 20_000  # so few among all that passing over the others' would take longer
A_HANDFUL = 2_000  # so few that each can be asked whether it has the words
MOST_REFERENCES = 10_000  # that begin as was typed, whoever may see them
SEARCH_SECONDS = 3
CANCELED = "57014"  # query_canceled

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Part = tuple[str, list[Any]]


@dataclass(frozen=True)
class Hits:
    """How many there are: exactly up to `most`, else «more than»."""

    total: int
    clients: int
    most: int = MOST_COUNTED

    @property
    def is_capped(self) -> bool:
        return self.total > self.most


@dataclass(frozen=True)
class Found:
    """A page's keys in order. `hits` is None when nobody asked for a count."""

    ids: list[UUID]
    next_after: After | None = None
    hits: Hits | None = None
    too_broad: bool = False


@dataclass(frozen=True)
class Scope:
    """Who asks, for what, and among which clients: those they may see, and of them those asked for.

    `share` is how many dialogs this person has in the folders, where it was counted.
    """

    sight: Sight
    filters: Filters
    now: datetime
    clients: list[int] | None  # None: every client there is
    share: int | None = None

    @classmethod
    def of(
        cls, sight: Sight, filters: Filters, *, now: datetime, share: int | None = None
    ) -> "Scope":
        clients = sight.clients_among(filters) if filters.by_client else sight.clients
        return cls(sight, filters, now, clients, share)

    @property
    def few_dialogs(self) -> bool:
        return self.share is not None and self.share < FEW_DIALOGS

    @cached_property
    def condition(self) -> Q:
        """What is asked of a dialog's row, but for folder, clients and words."""
        return self.row_condition & self.urgency_condition()

    @cached_property
    def row_condition(self) -> Q:
        """Return the same without the deadline: what the filters ask, and what may be read."""
        wanted = self.filters.condition(self.sight.user, now=self.now)
        if self.sight.readable is None:
            return wanted
        reads = self.sight.reads("dialogs_dialog.restriction_id").removeprefix("AND ")
        return wanted & Q(RawSQL(reads, (), BooleanField()))  # noqa: S611 (our own names)

    def dialogs(self, dialogs: DialogQuerySet | None = None) -> DialogQuerySet:
        """Return the dialogs that belong to these clients and that the filters let through."""
        dialogs = Dialog.objects.all() if dialogs is None else dialogs
        return self.of_clients(dialogs.filter(self.condition))

    def way(self, dialogs: DialogQuerySet) -> "Way":
        """Return how to read dialogs of one folder: along one index, or client by client."""
        one_by_one = self.few_dialogs or not self.filters.has_own_index
        if self.clients is None or not one_by_one:
            return Way(self.of_clients(dialogs))
        if len(self.clients) <= MOST_CLIENTS_ONE_BY_ONE or self.few_dialogs:
            return Way(dialogs, self.clients)
        return Way(self.of_clients(dialogs))

    def of_clients(self, dialogs: DialogQuerySet) -> DialogQuerySet:
        if self.clients is None:
            return dialogs
        return dialogs.filter(any_of("dialogs_dialog.client_id", self.clients))

    def urgency_condition(self) -> Q:
        """Return the deadline filter for lists that are not read along `urgency`."""
        ranges = self.filters.urgencies(today=timezone.localdate(self.now))
        wanted = Q()
        for low, high in ranges or ():
            wanted |= Q(urgency__gte=low, urgency__lt=high)
        return wanted


@dataclass(frozen=True)
class Order:
    """An index to read along, forwards or backwards."""

    column: str
    is_descending: bool
    id_is_descending: bool

    @classmethod
    def of(cls, filters: Filters) -> "Order":
        if filters.order == "oppdatert":
            newest_first = not filters.is_reversed
            return cls("content_updated_at", newest_first, not newest_first)
        return cls("urgency", filters.is_reversed, filters.is_reversed)

    def fields(self) -> list[str]:
        return [
            f"{'-' if self.is_descending else ''}{self.column}",
            f"{'-' if self.id_is_descending else ''}id",
        ]

    @property
    def sql(self) -> str:
        down = {True: " DESC", False: ""}
        return f"{self.column}{down[self.is_descending]}, id{down[self.id_is_descending]}"

    def later_than(self, after: After) -> Q:
        """Return «comes after this key», bounded so that the index is entered there."""
        key = self._value(after.key)
        ahead = "lt" if self.is_descending else "gt"
        id_ahead = "lt" if self.id_is_descending else "gt"
        beyond = Q((f"{self.column}__{ahead}", key)) | Q((f"id__{id_ahead}", after.id))
        return Q((f"{self.column}__{ahead}e", key)) & beyond

    def key(self, value: Any) -> int:
        """Return the sort value as a number: an urgency, or microseconds since 1970."""
        return value if isinstance(value, int) else (value - EPOCH) // timedelta(microseconds=1)

    def _value(self, key: int) -> Any:
        return key if self.column == "urgency" else EPOCH + timedelta(microseconds=key)


def find(scope: Scope, *, size: int = PAGE_SIZE, count: bool) -> Found:
    """Return the keys of a page, and with `count` how many dialogs there are."""
    if scope.clients == []:
        return Found([], hits=Hits(0, 0) if count else None)
    query = Query(scope)
    sql, params = query.page(size + 1)
    most = MOST_HITS_COUNTED if scope.filters.words else MOST_COUNTED
    if count:
        counted, more = query.capped_count(most)
        sql, params = f"({sql}) UNION ALL ({counted})", [*params, *more]
    rows = run(sql, params, is_search=bool(scope.filters.words))
    if rows is None:
        return Found([], too_broad=True)
    counts = (Hits(total, clients, most) for _, pk, total, clients in rows if pk is None)
    hits = next(counts, None)
    order = query.order
    found = [(order.key(value), pk) for value, pk, _, _ in rows if pk is not None]
    # A union keeps no order. Stable, so the second key is sorted by first.
    found.sort(key=lambda one: one[1], reverse=order.id_is_descending)
    found.sort(key=lambda one: one[0], reverse=order.is_descending)
    page = found[:size]
    after = After(*page[-1]) if len(found) > size else None
    return Found([pk for _, pk in page], after, hits)


def run(sql: str, params: list[Any], *, is_search: bool) -> list[Any] | None:
    """Return the rows, or None when a search took too long."""
    if is_search:
        # One message with both statements: PostgreSQL runs it as one transaction, so that the
        # limit is for this query alone. It costs no round trip.
        sql = f"SET LOCAL statement_timeout = {SEARCH_SECONDS * 1000:.0f}; {sql}"
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            if is_search:
                cursor.nextset()
            return list(cursor.fetchall())
    except OperationalError as exc:
        if getattr(exc.__cause__, "sqlstate", "") != CANCELED:
            raise
        return None


@dataclass(frozen=True)
class Way:
    """One way to hit: these dialogs, of all clients at once or of these clients one by one."""

    dialogs: DialogQuerySet
    clients: list[int] | ClientQuerySet | None = None

    def limited(self, size: int, order: Order | None) -> Part:
        """Return SQL for the first rows in an order, or for any rows."""
        column = order.column if order else "urgency"
        dialogs = self.dialogs.order_by(*(order.fields() if order else ()))
        if self.clients is None:
            return sql_of(dialogs, column, size)
        inner, params = sql_of(dialogs.filter(client_id=RawSQL("who.client_id", ())), column, size)
        if isinstance(self.clients, list):
            who: Part = ("SELECT unnest(%s::bigint[])", [as_array(self.clients)])
        else:
            who = plain_sql(self.clients.values("pk"))
        return (
            f"SELECT hit.* FROM ({who[0]}) AS who (client_id) CROSS JOIN LATERAL ({inner}) hit",  # noqa: S608
            [*who[1], *params],
        )


class Query:
    """The ways to hit, put together."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._filters = scope.filters
        self.order = Order.of(scope.filters)
        self._condition = scope.row_condition
        self._later = Q()
        if after := scope.filters.after:
            self._later = self.order.later_than(after)
        self._ways = list(self._find_ways())

    def page(self, size: int) -> Part:
        """Return SQL for (sort value, id, null, null), in order."""
        together, params = self.together(size, self.order)
        column, order = self.order.column, self.order.sql
        nothing = "NULL::bigint, NULL::bigint"
        sql = f"SELECT {column}, id, {nothing} FROM ({together}) page"  # noqa: S608 (our own names)
        return f"{sql} ORDER BY {order} LIMIT {size:d}", params

    def capped_count(self, most: int = MOST_COUNTED) -> Part:
        """Return SQL for (null, null, total, clients) of the first hits met, in any order."""
        size = most + 1
        together, params = self.together(size, None)
        some = f"SELECT * FROM ({together}) every LIMIT {size:d}"  # noqa: S608
        kind = "bigint" if self.order.column == "urgency" else "timestamptz"
        counts = f"NULL::{kind}, NULL::uuid, count(*), count(DISTINCT client_id)"
        return f"SELECT {counts} FROM ({some}) hits", params  # noqa: S608

    def together(self, size: int, order: Order | None) -> Part:
        parts = [way.limited(size, order) for way in self._ways]
        once = " UNION " if self._filters.words else " UNION ALL "
        by = f" ORDER BY {order.sql}" if order else ""
        sql = once.join(
            f"(SELECT * FROM ({sql}) way{by} LIMIT {size:d})"  # noqa: S608
            for sql, _ in parts
        )
        return sql, [one for _, params in parts for one in params]

    def _find_ways(self) -> Iterator[Way]:
        for folder in self._filters.folders:
            for dialogs in self._by_service(folder):
                if self._filters.words:
                    yield from self._search(dialogs, Search(self._filters.words))
                else:
                    yield self._scope.way(dialogs)

    def _by_service(self, folder: str) -> Iterator[DialogQuerySet]:
        """Take services one by one: each has its own stretch of an index, in order."""
        for dialogs in self._by_urgency(folder):
            if self._filters.words or not self._filters.services:
                yield dialogs
                continue
            for service in self._filters.services:
                yield dialogs.filter(service=service)

    def _by_urgency(self, folder: str) -> Iterator[DialogQuerySet]:
        dialogs = Dialog.objects.filter(self._condition, self._later, folder=folder)
        today = timezone.localdate(self._scope.now)
        ranges = self._filters.urgencies(today=today)
        if ranges is None:
            yield dialogs
        for low, high in ranges or ():
            if low >= 0 or folder == Dialog.Folder.INBOX:  # nothing else is pinned
                yield dialogs.filter(urgency__gte=low, urgency__lt=high)

    def _search(self, dialogs: DialogQuerySet, search: Search) -> Iterator[Way]:
        within = self._scope.of_clients
        hits = dialogs.filter(copy__search=search.text_query)
        if self._scope.clients is None or not self._scope.few_dialogs:
            yield Way(within(hits))
        elif (self._scope.share or 0) < A_HANDFUL:
            # A question to each dialog: of a join, PostgreSQL may make one to the index of words
            # for every client.
            copies = DialogCopy.objects.filter(pk=OuterRef("pk"))
            has_words = ExpressionWrapper(Q(search=search.text_query), BooleanField())
            yield Way(dialogs.filter(Subquery(copies.values(hit=has_words))), self._scope.clients)
        else:
            yield Way(hits, self._scope.clients)  # fewer to look through than a word may hit
        clients = Client.objects.filter(clients_named(search.words))
        if self._scope.clients is not None:
            clients = clients.filter(any_of("clients_client.id", self._scope.clients))
        yield Way(dialogs, clients)
        if len(search.digits) >= FEWEST_DIGITS:
            units = Party.objects.filter(orgnr__startswith=search.digits).values("pk")
            yield Way(within(dialogs.filter(party__in=units)))
        if search.may_be_reference:
            # The limit keeps PostgreSQL from walking the whole list to look for a few references.
            begins = DialogCopy.objects.exclude(reference="")
            begins = begins.filter(reference__istartswith=search.words)
            keys = begins.order_by().values("pk")[:MOST_REFERENCES]
            yield Way(within(dialogs.filter(pk__in=keys)))


def any_of(column: str, keys: list[int]) -> RawSQL:
    """Return «is one of these»: one array, which PostgreSQL looks up by hash, for thousands."""
    return RawSQL(f"{column} = ANY(%s::bigint[])", (as_array(keys),), BooleanField())  # noqa: S611


def sql_of(dialogs: DialogQuerySet, column: str, size: int) -> Part:
    return plain_sql(dialogs.values(column, "id", "client_id")[:size])


def plain_sql(rows: QuerySet[Any, Any]) -> Part:
    sql, params = rows.query.sql_with_params()
    return sql, list(params)
