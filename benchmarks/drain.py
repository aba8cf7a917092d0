"""P6: events settled per second, beside one Celery task per event that does nothing.

Ours claims waiting events, works out what to read again, and settles them, in this one process.
The yardstick is a real worker with two children, its queue filled before the clock starts.
"""

import time

from django.utils import timezone
from redis import Redis

from benchmarks import filling
from benchmarks.figures import Figure, Goal, compared
from benchmarks.workplace import Workplace, processes, wait_until

GOAL = Goal("P6", "events settled / no-op tasks", "per s", "at least", 5, 20)
CLIENTS = 500
PARKED = "bench-parked"


def run(place: Workplace) -> list[Figure]:
    with (
        place.database("drain"),
        processes(place, REDIS_URL=place.redis_url) as running,
        Redis.from_url(place.redis_url) as redis,
    ):
        filling.add_clients(CLIENTS)
        running.start(
            "noop-worker",
            *("-m", "celery", "-A", "benchmarks.yardstick_worker", "worker", "-c", "2"),
            *("--without-mingle", "--without-gossip", "-l", "ERROR"),
        )
        _park(redis, place.size.tasks)
        _drain_tasks(redis, 20)  # until the worker is up and warm
        ours, yardstick = [], []
        for number in range(place.rounds):
            yardstick.append(_drain_tasks(redis, place.size.tasks))
            ours.append(_drain_events(place.size.events))
            place.say(
                f"{GOAL.id} round {number + 1}: {ours[-1]:,.0f} events/s,"
                f" {yardstick[-1]:,.0f} tasks/s"
            )
    return [compared(GOAL, ours, yardstick, note="one process of ours, two of Celery's")]


def _drain_events(count: int) -> float:
    from django.db import connection

    from dialogs.ingest import events
    from dialogs.models import InboundEvent

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE dialogs_inboundevent, dialogs_refreshneed")
    filling.add_events(count, clients=CLIENTS)
    began = time.perf_counter()
    while events.take_in(now=timezone.now()):
        pass
    seconds = time.perf_counter() - began
    done = InboundEvent.objects.filter(state=InboundEvent.State.DONE).count()
    assert done == count, f"{done} of {count} events were settled"
    return count / seconds


def _park(redis: Redis, count: int) -> None:
    """Queue the tasks where no worker looks."""
    from benchmarks.yardstick_worker import app

    with app.connection_for_write() as connection:
        for number in range(count):
            app.send_task(
                "bench.nothing", args=[number], queue=PARKED, connection=connection, retry=False
            )
    assert redis.llen(PARKED) == count


def _drain_tasks(redis: Redis, count: int) -> float:
    """Hand the worker this many of the parked tasks at once; return how many it did per second."""
    from benchmarks.yardstick_worker import QUEUE

    parked = redis.lrange(PARKED, 0, count - 1)
    redis.rpush("bench-next", *parked)
    began = time.perf_counter()
    redis.rename("bench-next", QUEUE)
    wait_until(
        lambda: not redis.llen(QUEUE) and not redis.hlen("unacked"),
        "the no-op tasks",
        seconds=120,
        pause=0.01,
    )
    return count / (time.perf_counter() - began)
