"""P9, P9c, P10, P12: the inbox page with few and with many dialogs, by how many clients one sees.

The real view over HTTP under granian, one server per size, page by page in turn, so that both
sizes meet the same noise. The same people exist in both databases: one sees 200 clients, one
2,000, one every client, and one 2,000 quiet ones whose only dialogs are the oldest of all.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import psutil

from benchmarks import filling
from benchmarks.figures import Figure, Goal, alone, compared, percentile
from benchmarks.pages import ADDRESS, Visitor
from benchmarks.workplace import CannotMeasure, Workplace, processes
from portal.demo.servers import free_port

PEOPLE = ("200", "2000", "all", "quiet")
NAMES = {"200": "200 clients", "2000": "2,000", "all": "all", "quiet": "2,000 quiet"}
GROWTH = {
    who: Goal("P9", f"page p95, many/few dialogs, {name}", "ms", "at most", 2.5, 1.5)
    for who, name in NAMES.items()
}
OVER_SQL = {
    who: Goal("P9c", f"page p95 - list SQL p95, {name}", "ms", "at most", 40, 20)
    for who, name in NAMES.items()
}
FILTERED = Goal("P9", "the worst filter or sort, many/few", "ms", "at most", 2.5, 1.5)
FILTERS = (
    *("frist=over", "frist=uke", "frist=uten", "intern=har", "ansvarlig=meg", "ansvarlig=ingen"),
    *("status=RequiresAttention", "eier=etat3", "tjeneste=7", "klient=1601", "klientnavn=16"),
    *("klientansvarlig=ingen", "mine=ja", "lest=ulest", "lest=ulestmeg", "lest=uapnet"),
    *("oppdatert=uke", "oppdatert=eldre", "haster=ja", "gjenapnet=ja", "folger=ja", "notat=ja"),
    *("mappe=arkiv", "mappe=utsatt", "mappe=sendt", "mappe=alle", "retning=motsatt"),
    *("sort=oppdatert", "sort=klient", "sort=ansvarlig", "gruppe=klient", "gruppe=frist"),
)
SEARCHED = {
    who: Goal("P12", f"the worst search / the list, {name}", "ms", "at most", 5, 2)
    for who, name in NAMES.items()
}
SEARCHES = {
    "common": "q=oppgaven",
    "one in a hundred": "q=nummer+77",
    "two words": "q=vedtak+997",
    "reference": "q=REF-4998",
    "beginning": "q=innsen",
    "two letters": "q=sk",
    "none": "q=xyzzy",
}
STATEMENTS = Goal("P10", "SQL statements per page, the most", "", "at most", 10, 6)
SAME = Goal("P10", "the same with many as with few dialogs", "differ", "at most", 0, 0)


@dataclass
class Place:
    """One size: its database, its server, and who looks at it."""

    dialogs: int
    database: str
    port: int
    web: int = 0  # the server's process
    visitors: dict[str, Visitor] = field(default_factory=dict)
    list_sql: dict[str, list[str]] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)
    page_p95: dict[str, list[float]] = field(default_factory=dict)
    sql_p95: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    asked: dict[tuple[str, str], float] = field(default_factory=dict)  # p95 by person and query


def run(place: Workplace) -> list[Figure]:
    with ExitStack() as stack:
        few, many = (_prepare(place, stack, count) for count in place.size.dialogs)
        for number in range(place.rounds):
            for who in PEOPLE:
                _measure(place, few, many, who)
            place.say(
                f"P9 round {number + 1}, p95 in ms, few/many (SQL of the list): "
                + ", ".join(
                    f"{who} {few.page_p95[who][-1]:.0f}/{many.page_p95[who][-1]:.0f}"
                    f" ({few.sql_p95[who][-1]:.1f}/{many.sql_p95[who][-1]:.1f})"
                    for who in PEOPLE
                )
            )
        _ask_everything(place, few, many)
        return list(_figures(few, many))


def _figures(few: Place, many: Place) -> Iterator[Figure]:
    sizes = f"{few.dialogs:,} to {many.dialogs:,} dialogs"
    for who in PEOPLE:
        yield compared(GROWTH[who], many.page_p95[who], few.page_p95[who], note=sizes)
    for who in PEOPLE:
        pairs = zip(many.page_p95[who], many.sql_p95[who], strict=True)
        sql = percentile(many.sql_p95[who], 0.5)
        cpu = percentile(many.cpu[who], 0.5)
        note = f"SQL {sql:.1f} ms; the server's CPU per page {cpu:.0f} ms"
        yield alone(OVER_SQL[who], [page - sql for page, sql in pairs], note=note)
    counts = ", ".join(f"{NAMES[who]}: {many.statements[who]}" for who in PEOPLE)
    yield from _asked_figures(few, many)
    yield alone(STATEMENTS, [max(many.statements.values())], note=counts)
    differing = sum(few.statements[who] != many.statements[who] for who in PEOPLE)
    yield alone(SAME, [differing])


def _ask_everything(place: Workplace, few: Place, many: Place) -> None:
    """Let everybody use every filter and every search, with few and with many in turn."""
    for who in PEOPLE:
        for query in (*FILTERS, *SEARCHES.values()):
            times: dict[int, list[float]] = {few.dialogs: [], many.dialogs: []}
            for _ in range(max(place.size.pages // 5, 2)):
                for one in (few, many):
                    seconds, _page = one.visitors[who].get(f"{ADDRESS}?{query}")
                    times[one.dialogs].append(1000 * seconds)
            for one in (few, many):
                one.asked[who, query] = percentile(times[one.dialogs], 0.95)
    slowest = sorted(many.asked.items(), key=lambda item: -item[1])[:5]
    place.say("P9/P12, slowest of many: " + ", ".join(f"{k[0]} {k[1]} {v:.0f}" for k, v in slowest))


def _asked_figures(few: Place, many: Place) -> Iterator[Figure]:
    ratios = {
        (who, query): many.asked[who, query] / few.asked[who, query]
        for who in PEOPLE
        for query in FILTERS
    }
    worst = max(ratios, key=lambda key: ratios[key])
    note = f"{NAMES[worst[0]]}, {worst[1]}"
    yield compared(FILTERED, [many.asked[worst]], [few.asked[worst]], note=note)
    for who in PEOPLE:
        slowest = max(SEARCHES, key=lambda name: many.asked[who, SEARCHES[name]])
        page = percentile(many.page_p95[who], 0.5)
        found = many.asked[who, SEARCHES[slowest]]
        yield compared(SEARCHED[who], [found], [page], note=slowest)


def _prepare(place: Workplace, stack: ExitStack, count: int) -> Place:
    """Fill a database, start a server on it, and let everybody look once."""
    from django.db import connection

    began = time.monotonic()
    database = stack.enter_context(place.database(f"inbox{count}"))
    size = place.size
    filling.add_clients(size.clients)
    people = _add_people(size.clients)
    filling.add_dialogs(
        count,
        clients=size.clients,
        quiet=_quiet(size.clients),
        people=[people["200"].pk, people["2000"].pk],
    )
    place.say(f"{count:,} dialogs of {size.clients:,} clients: {time.monotonic() - began:.0f} s")
    running = stack.enter_context(
        processes(place, DATABASE_URL=place.database_url(database), REDIS_URL=place.redis_url)
    )
    one = Place(count, database, free_port(0))
    one.web = running.start_portal(f"web{count}", port=one.port)
    for who, user in people.items():
        one.visitors[who] = Visitor(one.port, user)
        stack.callback(one.visitors[who].close)
        _learn(one, who, user)
        for _ in range(3):
            _, page = one.visitors[who].get()
            if "/logg" in page[:200]:
                raise CannotMeasure("The inbox asked for a login.")
    connection.close()
    return one


def _quiet(clients: int) -> int:
    return clients * 2 // 5


def _add_people(clients: int) -> dict[str, Any]:
    """Add those who look, each a member of the clients they see."""
    from clients.models import Client
    from staff.models import User

    busy, quiet = clients - _quiet(clients), _quiet(clients)
    seen = {
        "200": range(1, busy + 1, max(busy * 25 // clients, 1)),  # 200 of 5,000
        "2000": range(1, min(busy, clients * 2 // 5) + 1),
        "all": range(0),
        "quiet": range(clients - quiet + 1, clients + 1),
    }
    people = {}
    for who, keys in seen.items():
        role = User.Role.MANAGER if who == "all" else User.Role.ACCOUNTANT
        people[who] = User.objects.create_user(
            f"{who}@firmaet.invalid", first_name="Kari", last_name=who, role=role
        )
        members = Client.members.through
        members.objects.bulk_create(
            [members(client_id=key, user_id=people[who].pk) for key in keys]
        )
    return people


def _learn(one: Place, who: str, user: Any) -> None:
    """Count the page's statements, and keep those that find and fetch the list."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    client.get(ADDRESS)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(ADDRESS)
    assert answer.status_code == 200, answer.content[:500]
    one.statements[who] = len(queries)
    one.list_sql[who] = [q["sql"] for q in queries if "dialogs_dialog" in q["sql"]]
    assert one.list_sql[who], "the page asked for no dialogs"


def _measure(place: Workplace, few: Place, many: Place, who: str) -> None:
    """Let somebody look at both in turn, and then ask for the list alone."""
    pages: dict[int, list[float]] = {few.dialogs: [], many.dialogs: []}
    before = _cpu(many)
    for _ in range(place.size.pages):
        for one in (few, many):
            seconds, _page = one.visitors[who].get()
            pages[one.dialogs].append(1000 * seconds)
    many.cpu.setdefault(who, []).append((_cpu(many) - before) / place.size.pages)
    for one in (few, many):
        one.page_p95.setdefault(who, []).append(percentile(pages[one.dialogs], 0.95))
        times = _time_sql(place, one, who)
        one.sql_p95.setdefault(who, []).append(percentile(times, 0.95))


def _cpu(one: Place) -> float:
    """Return the milliseconds of CPU that the server has used so far, PostgreSQL's left out."""
    server = psutil.Process(one.web)
    times = [process.cpu_times() for process in (server, *server.children(recursive=True))]
    return 1000 * sum(each.user + each.system for each in times)


def _time_sql(place: Workplace, one: Place, who: str) -> list[float]:
    import psycopg

    times = []
    with psycopg.connect(place.database_url(one.database), autocommit=True) as raw:
        raw.prepare_threshold = None  # as Django runs them
        for _ in range(place.size.pages + 2):
            began = time.perf_counter()
            for statement in one.list_sql[who]:
                answers = raw.execute(statement.encode())
                while answers.nextset():  # what is set for a statement goes before it
                    pass
                answers.fetchall()
            times.append(1000 * (time.perf_counter() - began))
    return times[2:]
