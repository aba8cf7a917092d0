"""P10, P11: the overview of managers with few and with many dialogs, over HTTP under granian.

One answers for the whole firm; one is an accountant with 2,000 clients. Both sizes are asked for in
turn, so that they meet the same noise.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks import filling
from benchmarks.figures import Figure, Goal, alone, compared, percentile
from benchmarks.pages import Visitor, leader
from benchmarks.workplace import Workplace, processes
from portal.demo.servers import free_port

if TYPE_CHECKING:
    from staff.models import User

OVERVIEW = "/oversikt/"
ACCOUNTANTS, TEAMS = 60, 8
NAMES = {"firm": "the firm", "own": "own 2,000 clients"}
GROWTH = {
    who: Goal("P11", f"overview p95, many/few dialogs, {name}", "ms", "at most", 3, 1.5)
    for who, name in NAMES.items()
}
STATEMENTS = Goal("P10", "SQL statements per report, the most", "", "at most", 8, 6)
REPORTS = (
    OVERVIEW,
    "/oversikt/klienter/",
    "/oversikt/frister/",
    "/oversikt/frister/?uke=",
    "/oversikt/sesong/",
)

# Teams and people for the clients, and work that was finished: most of what lies in the archive.
_DIVIDE = """
UPDATE clients_client SET team_id = (%(teams)s::bigint[])[1 + id %% cardinality(%(teams)s)],
  responsible_id = CASE WHEN id %% 9 <> 0
    THEN (%(people)s::bigint[])[1 + id %% cardinality(%(people)s)] END;
INSERT INTO clients_client_members (client_id, user_id)
SELECT id, %(own)s FROM clients_client WHERE id <= (SELECT count(*) * 2 / 5 FROM clients_client);
"""
_FINISH = """
UPDATE dialogs_dialog SET folder = 'DONE', altinn_folder = 'INBOX', deadline_at = NULL,
  done_at = content_updated_at + random() * 0.3 * (now() - content_updated_at)
WHERE folder = 'ARCHIVE';
"""


@dataclass
class Place:
    """One size: its server, and who looks."""

    dialogs: int
    visitors: dict[str, Visitor] = field(default_factory=dict)
    p95: dict[str, list[float]] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)


def run(place: Workplace) -> list[Figure]:
    with ExitStack() as stack:
        few, many = (_prepare(place, stack, count) for count in place.size.dialogs)
        for number in range(place.rounds):
            for who in NAMES:
                _measure(place, few, many, who)
            place.say(
                f"P11 round {number + 1}, p95 in ms, few/many: "
                + ", ".join(
                    f"{who} {few.p95[who][-1]:.0f}/{many.p95[who][-1]:.0f}" for who in NAMES
                )
            )
        return list(_figures(few, many))


def _figures(few: Place, many: Place) -> Iterator[Figure]:
    sizes = f"{few.dialogs:,} to {many.dialogs:,} dialogs"
    for who, goal in GROWTH.items():
        yield compared(goal, many.p95[who], few.p95[who], note=sizes)
    worst = max(many.statements, key=lambda page: many.statements[page])
    yield alone(STATEMENTS, [many.statements[worst]], note=worst)


def _measure(place: Workplace, few: Place, many: Place, who: str) -> None:
    times: dict[int, list[float]] = {few.dialogs: [], many.dialogs: []}
    for _ in range(place.size.pages):
        for one in (few, many):
            seconds, _page = one.visitors[who].get(OVERVIEW)
            times[one.dialogs].append(1000 * seconds)
    for one in (few, many):
        one.p95.setdefault(who, []).append(percentile(times[one.dialogs], 0.95))


def _prepare(place: Workplace, stack: ExitStack, count: int) -> Place:
    """Fill a database, start a server on it, and let both look once."""
    from django.db import connection

    began = time.monotonic()
    database = stack.enter_context(place.database(f"dashboard{count}"))
    people = _fill(place.size.clients, count)
    place.say(f"{count:,} dialogs: {time.monotonic() - began:.0f} s")
    running = stack.enter_context(
        processes(place, DATABASE_URL=place.database_url(database), REDIS_URL=place.redis_url)
    )
    one, port = Place(count), free_port(0)
    running.start_portal(f"web{count}", port=port)
    for who, user in people.items():
        one.visitors[who] = Visitor(port, user)
        stack.callback(one.visitors[who].close)
        for _ in range(3):
            one.visitors[who].get(OVERVIEW)
    one.statements = _count(people["firm"])
    connection.close()
    return one


def _fill(clients: int, count: int) -> "dict[str, User]":
    from django.db import connection

    from dialogs import counters
    from staff.models import Team, User

    filling.add_clients(clients)
    accountants = [
        User.objects.create_user(f"p{number}@firmaet.invalid", first_name=f"Kari {number}").pk
        for number in range(ACCOUNTANTS)
    ]
    teams = [Team.objects.create(name=f"Team {number}").pk for number in range(TEAMS)]
    own = User.objects.create_user("egne@firmaet.invalid", first_name="Egne")
    filling.add_dialogs(count, clients=clients, people=accountants)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_DIVIDE, {"teams": teams, "people": accountants, "own": own.pk})
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(_FINISH)
        cursor.execute("SET session_replication_role = DEFAULT")
        counters.recount()
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("RESET statement_timeout")
    return {"firm": leader(), "own": own}


def _count(user: "User") -> dict[str, int]:
    """Count the statements of every report."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(user)
    counts = {}
    for page in REPORTS:
        browser.get(page)
        with CaptureQueriesContext(connection) as asked:
            browser.get(page)
        counts[page] = len(asked)
    return counts
