"""P1, P1b: pushes accepted per second, beside a minimal Django view that inserts a row.

Ours is the real ASGI app under granian. The yardstick is one view under two servers, gunicorn
with sync workers and granian over WSGI; the better of the two counts, round by round. Every server
has the same number of processes, and both answer only after a commit in the same PostgreSQL.
"""

import contextlib
import itertools
from collections.abc import Callable
from uuid import uuid4

from benchmarks import generator
from benchmarks.figures import Figure, Goal, compared, percentile
from benchmarks.workplace import CannotMeasure, Workplace, processes
from portal.demo.servers import free_port

PROCESSES = 2
GOALS = {
    64: Goal("P1", "accepted, 64 connections", "req/s", "at least", 1.0, 3.0),
    8: Goal("P1b", "accepted, 8 connections", "req/s", "at least", 0.75, 1.2),
}
_TABLE = """
CREATE TABLE bench_inbox (
  id bigserial PRIMARY KEY, event_id text NOT NULL UNIQUE, etype text NOT NULL,
  subject text NOT NULL, body jsonb NOT NULL, received timestamptz NOT NULL,
  state smallint NOT NULL DEFAULT 0);
CREATE INDEX bench_inbox_waiting ON bench_inbox (id) WHERE state = 0
"""
_EVENT = (
    '{"id":"%s-%%012d","source":"https://platform.altinn.no/dialogporten/api/v1/enduser/dialogs/'
    '0194fe82-9280-77a5-a7cd-5ff0e6a6fa07","specversion":"1.0",'
    '"type":"dialogporten.dialog.updated.v1",'
    '"subject":"urn:altinn:organization:identifier-no:310495921",'
    '"resource":"urn:altinn:resource:skd-mva-melding",'
    '"resourceinstance":"0194fe82-9280-77a5-a7cd-5ff0e6a6fa07","time":"2026-11-20T12:00:00Z",'
    '"data":{"process":"urn:altinn:process:mva:2026-4","seq":1%%012d}}'
)


def pushes(path: str) -> Callable[[], bytes]:
    """Return a maker of POSTs to the path, each with an event of its own."""
    event = _EVENT % uuid4()
    whole = generator.post(path, (event % (0, 0)).encode())
    template = whole[: whole.index(b"\r\n\r\n") + 4] + event.encode()
    numbers = itertools.count()

    def make() -> bytes:
        number = next(numbers)
        return template % (number, number)

    return make


def webhook_path() -> str:
    """An address that opens our door."""
    from django.conf import settings

    from clients.models import webhook_code
    from dialogs.webhook import PREFIX

    return PREFIX + webhook_code(uuid4(), key=settings.WEBHOOK_KEYS[0])


def run(place: Workplace) -> list[Figure]:
    from django.db import connection

    with place.database("accept") as name, connection.cursor() as cursor:
        cursor.execute(_TABLE)
        ours, gunicorn, wsgi = free_port(0), free_port(0), free_port(0)
        with processes(place, DATABASE_URL=place.database_url(name)) as running:
            running.start_portal("web", port=ours, workers=PROCESSES)
            running.start_server(
                "gunicorn",
                *("-m", "gunicorn", "-k", "sync", "-w", str(PROCESSES), "--log-level", "error"),
                *("-b", f"127.0.0.1:{gunicorn}", "benchmarks.yardstick_web:application"),
                port=gunicorn,
                path="/",
            )
            running.start_server(
                "granian-wsgi",
                *("-m", "granian", "--interface", "wsgi", "--workers", str(PROCESSES)),
                *("--blocking-threads", "1", "--host", "127.0.0.1", "--port", str(wsgi)),
                *("--log-level", "error", "benchmarks.yardstick_web:application"),
                port=wsgi,
                path="/",
            )
            servers = {"gunicorn": (gunicorn, "/insert_sql"), "granian": (wsgi, "/insert_sql")}
            servers["ours"] = (ours, webhook_path())

            def once(server: str, connections: int) -> generator.Load:
                port, path = servers[server]
                cursor.execute("TRUNCATE bench_inbox, dialogs_inboundevent")
                load = generator.for_seconds(
                    port, pushes(path), connections=connections, seconds=place.size.seconds
                )
                if set(load.statuses) - {200} or not load.statuses[200]:
                    raise CannotMeasure(f"{server} answered {dict(load.statuses)}")
                _check_kept(load, server)
                return load

            return [_compare(place, goal, c, once) for c, goal in GOALS.items()]


def _check_kept(load: generator.Load, server: str) -> None:
    """Hold both sides to what they said: as many rows as answers, or more."""
    from django.db import connection

    table = "dialogs_inboundevent" if server == "ours" else "bench_inbox"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
        rows = cursor.fetchone()[0]
    if rows < load.statuses[200]:
        raise CannotMeasure(f"{server} answered {load.statuses[200]} and kept {rows}")


def _compare(
    place: Workplace, goal: Goal, connections: int, once: Callable[[str, int], generator.Load]
) -> Figure:
    found: dict[str, list[generator.Load]] = {"gunicorn": [], "granian": [], "ours": []}
    for server in found:
        with contextlib.suppress(CannotMeasure):
            once(server, connections)  # warm: a worker may still be starting
    for number in range(place.rounds):
        for server in [*found][:: 1 if number % 2 else -1]:
            found[server].append(once(server, connections))
        place.say(
            f"{goal.id} round {number + 1}: "
            + ", ".join(
                f"{server} {loads[-1].per_second:,.0f}/s p50 {_p(loads[-1], 0.5):.1f}"
                f" p99 {_p(loads[-1], 0.99):.1f} ms"
                for server, loads in found.items()
            )
        )
    rates = {server: [load.per_second for load in loads] for server, loads in found.items()}
    best = [max(pair) for pair in zip(rates["gunicorn"], rates["granian"], strict=True)]
    latencies = [each for load in found["ours"] for each in load.latencies]
    p50, p99 = (1000 * percentile(latencies, share) for share in (0.5, 0.99))
    return compared(goal, rates["ours"], best, note=f"p50 {p50:.1f} ms, p99 {p99:.1f} ms")


def _p(load: generator.Load, share: float) -> float:
    return 1000 * percentile(load.latencies, share)
