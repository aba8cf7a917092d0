"""Lists by client or by colleague: whole groups one after the other, each by its own index.

The groups' order is made here, by name as Norwegians sort; then the dialogs of the first groups
are asked for until the page is full. Among the hits of a search, which are few, it is the other
way round: all are found, and then sorted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from uuid import UUID

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from clients.models import Client
from dialogs.inbox.filters import After, Filters
from dialogs.inbox.listing import (
    MOST_COUNTED,
    Found,
    Hits,
    Order,
    Part,
    Query,
    Scope,
    any_of,
    plain_sql,
    run,
    sql_of,
)
from dialogs.inbox.norwegian import sort_key
from dialogs.inbox.sight import as_array
from dialogs.models import Dialog, DialogQuerySet, FolderCount, ResponsibleCount
from staff.models import User

GROUPS_AT_FIRST = 100  # asked for at once; ten times as many if they do not fill the page
NOBODYS = -1  # the group of dialogs without a responsible colleague

Key = tuple[int, int, UUID]  # group, urgency, dialog


def find_grouped(scope: Scope, *, size: int, count: bool) -> Found:
    """Return the keys of a page, ordered by group and then by urgency."""
    if scope.clients == []:
        return Found([], hits=Hits(0, 0) if count else None)
    groups = _groups(scope)
    after = scope.filters.after
    if after and after.group in groups:
        groups = groups[groups.index(after.group) :]
    else:
        after = None
    hits: Hits | None = None
    if scope.filters.words:
        among = _among_hits(scope, groups, after)
        if among is None:
            return Found([], too_broad=True)
        keys, hits = among
    else:
        hits = _count(scope) if count else None
        keys = list(_group_by_group(scope, groups, after, size + 1))
    page = keys[:size]
    more = len(keys) > size
    last = After(page[-1][1], page[-1][2], page[-1][0]) if more else None
    return Found([pk for _, _, pk in page], last, hits)


def _count(scope: Scope) -> Hits | None:
    sql, params = Query(replace(scope, filters=scope.filters.bare)).capped_count()
    rows = run(sql, params, is_search=bool(scope.filters.words))
    return Hits(*rows[0][2:]) if rows else None


def _groups(scope: Scope) -> list[int]:
    """Return the keys of clients or colleagues that may have dialogs here, by name."""
    if scope.filters.order == "klient":
        counts = FolderCount.objects.filter(folder__in=scope.filters.folders, total__gt=0)
        named = Client.objects.filter(pk__in=counts.values("client"))
        if scope.clients is not None:
            named = named.filter(any_of("clients_client.id", scope.clients))
        names = [(sort_key(name), pk) for pk, name in named.values_list("pk", "name")]
    else:
        held = ResponsibleCount.objects.filter(total__gt=0)
        if scope.clients is not None:
            held = held.filter(client__in=scope.clients)
        people = User.objects.all()
        if scope.filters.folders == (Dialog.Folder.INBOX,):
            people = people.filter(pk__in=held.values("user"))
        names = [(sort_key(person.name), person.pk) for person in people]
    ordered = [pk for _, pk in sorted(names, reverse=scope.filters.is_reversed)]
    return ordered if scope.filters.order == "klient" else [*ordered, NOBODYS]


def _group_by_group(
    scope: Scope, groups: list[int], after: After | None, size: int
) -> Iterator[Key]:
    start, step, found = 0, GROUPS_AT_FIRST, 0
    while start < len(groups) and found < size:
        some = groups[start : start + step]
        rows = _of_groups(scope, some, after if start == 0 else None, size - found)
        yield from rows
        found += len(rows)
        start, step = start + step, step * 10


def _of_groups(scope: Scope, groups: list[int], after: After | None, size: int) -> list[Key]:
    parts = []
    named = [group for group in groups if group != NOBODYS]
    if named and scope.few_dialogs and scope.filters.order == "ansvarlig":
        parts.append(_few_by_colleague(scope, named, after))
    elif named:
        parts.append(_named_groups(scope, named, after, size))
    if NOBODYS in groups:
        parts.append(_nobodys(scope, after if not named else None, size, rank=len(named) + 1))
    sql = " UNION ALL ".join(f"({sql})" for sql, _ in parts)
    params = [one for _, params in parts for one in params]
    rows = run(
        f"SELECT * FROM ({sql}) page ORDER BY 1, 2, 3 LIMIT {size:d}",  # noqa: S608 (our names)
        params,
        is_search=False,
    )
    return [(groups[rank - 1], urgency, pk) for rank, urgency, pk in rows or ()]


def _named_groups(scope: Scope, groups: list[int], after: After | None, size: int) -> Part:
    if scope.filters.order == "klient":  # the groups are the clients: nothing more to ask of them
        dialogs = _of_all(scope).filter(client_id=RawSQL("who.key", ()))
    else:
        dialogs = _dialogs(scope).filter(responsible_id=RawSQL("who.key", ()))
    if after:
        later = RawSQL(
            "(who.rank > 1 OR (dialogs_dialog.urgency, dialogs_dialog.id) > (%s, %s))",
            (after.key, after.id),
            BooleanField(),
        )
        dialogs = dialogs.filter(later)
    inner, params = sql_of(dialogs.order_by("urgency", "id"), "urgency", size)
    sql = (
        "SELECT who.rank, hit.urgency, hit.id"  # noqa: S608 (our own names)
        " FROM unnest(%s::bigint[]) WITH ORDINALITY who (key, rank)"
        f" CROSS JOIN LATERAL ({inner}) hit"
    )
    return sql, [as_array(groups), *params]


def _few_by_colleague(scope: Scope, groups: list[int], after: After | None) -> Part:
    """Return SQL for all of them, client by client: fewer than what the colleagues have elsewhere.

    Read along a colleague's index, those of other clients would all be passed over.
    """
    filters = scope.filters
    dialogs = Dialog.objects.filter(
        scope.condition,
        folder__in=filters.folders,
        responsible__in=groups,
        client_id=RawSQL("c.client_id", ()),
    )
    inner, params = plain_sql(dialogs.order_by().values("urgency", "id", "responsible_id"))
    later, more = "", []
    if after:
        later = "WHERE who.rank > 1 OR (hit.urgency, hit.id) > (%s, %s)"
        more = [after.key, after.id]
    sql = (
        "SELECT who.rank, hit.urgency, hit.id"  # noqa: S608 (our own names)
        " FROM unnest(%s::bigint[]) c (client_id)"
        f" CROSS JOIN LATERAL ({inner}) hit"
        " JOIN unnest(%s::bigint[]) WITH ORDINALITY who (key, rank)"
        f" ON who.key = hit.responsible_id {later}"
    )
    return sql, [as_array(scope.clients or []), *params, as_array(groups), *more]


def _nobodys(scope: Scope, after: After | None, size: int, *, rank: int) -> Part:
    dialogs = Dialog.objects.filter(scope.condition, responsible=None)
    if after:
        beyond = Q(urgency__gt=after.key) | Q(id__gt=after.id)
        dialogs = dialogs.filter(Q(urgency__gte=after.key) & beyond)
    ways = [scope.way(dialogs.filter(folder=folder)) for folder in scope.filters.folders]
    order = Order.of(Filters())
    parts = [way.limited(size, order) for way in ways]
    sql = " UNION ALL ".join(f"({sql})" for sql, _ in parts)
    hits = f"SELECT {rank:d}::bigint, urgency, id FROM ({sql}) hit"  # noqa: S608
    return hits, [one for _, params in parts for one in params]


def _dialogs(scope: Scope) -> DialogQuerySet:
    return scope.of_clients(_of_all(scope))


def _of_all(scope: Scope) -> DialogQuerySet:
    """Whoever's they are: for those who ask for clients themselves."""
    return Dialog.objects.filter(scope.condition, folder__in=scope.filters.folders)


def _among_hits(
    scope: Scope, groups: list[int], after: After | None
) -> tuple[list[Key], Hits] | None:
    """Return every hit in order, beyond `after`, and how many there are in all.

    None when the search is too broad for that.
    """
    everywhere = replace(scope, filters=replace(scope.filters, after=None, group="", sort=""))
    query = Query(everywhere)
    sql, params = query.together(MOST_COUNTED + 1, query.order)
    rows = run(sql, params, is_search=True)
    if rows is None or len(rows) > MOST_COUNTED:
        return None
    place = {group: number for number, group in enumerate(groups)}
    keys = _with_groups(scope, ((urgency, pk) for urgency, pk, _ in rows))
    ordered = sorted(
        (key for key in keys if key[0] in place), key=lambda key: (place[key[0]], *key[1:])
    )
    hits = Hits(len(rows), len({client for _, _, client in rows}))
    if after is None:
        return ordered, hits
    last = (place[after.group], after.key, after.id)
    return [key for key in ordered if (place[key[0]], *key[1:]) > last], hits


def _with_groups(scope: Scope, hits: Iterable[tuple[int, UUID]]) -> Iterator[Key]:
    urgencies = {pk: urgency for urgency, pk in hits}
    column = "client_id" if scope.filters.order == "klient" else "responsible_id"
    for pk, group in Dialog.objects.filter(pk__in=list(urgencies)).values_list("pk", column):
        yield (NOBODYS if group is None else group, urgencies[pk], pk)
