"""P14: what a web worker and a worker's child hold, and what they gain over many events.

Proportional set size of the real processes. The stand-in lets things happen and pushes them; web
accepts, and shows the inbox now and then; the child reads again. Both are measured when everything
is settled. Before the first measurement the child reads everything once, in pages of a thousand, as
it does every night: what the largest pages need is not growth. One run is one sample.
"""

import time
from typing import Any

import psutil

from benchmarks.figures import Figure, Goal, alone
from benchmarks.pages import Visitor, leader
from benchmarks.reading import reading_portal
from benchmarks.workplace import Workplace, stand_in, wait_until

MB = 1024 * 1024
CLIENTS, MOST_DIALOGS = 100, 5000
CHUNK = 500
PATIENCE_SECONDS = 900
SIZE = {
    "web": Goal("P14", "PSS of a web worker", "MB", "at most", 120, 90),
    "child": Goal("P14", "PSS of a Celery child", "MB", "at most", 100, 70),
}
GROWTH = {
    "web": Goal("P14", "its growth over the events", "%", "at most", 5, 2),
    "child": Goal("P14", "its growth over the events", "%", "at most", 5, 2),
}


def run(place: Workplace) -> list[Figure]:
    few, many = place.size.memory_events
    dialogs = min(place.size.rows, MOST_DIALOGS)
    with (
        stand_in(place, clients=CLIENTS, dialogs=dialogs) as sandbox,
        place.database("memory") as name,
        reading_portal(place, sandbox, name, children=1) as portal,
    ):
        visitor = Visitor(portal.port, leader())
        _reconcile()
        samples = []
        for target in (few, many):
            began = time.monotonic()
            count = _until(sandbox, target)
            for _ in range(place.size.pages):
                visitor.get()
            samples.append({"web": _child(portal.web), "child": _child(portal.worker)})
            place.say(
                f"P14 after {count} events ({time.monotonic() - began:.0f} s): "
                + ", ".join(f"{who} {size / MB:.1f} MB" for who, size in samples[-1].items())
            )
        visitor.close()
    first, last = samples
    figures = []
    for who in ("web", "child"):
        figures.append(alone(SIZE[who], [last[who] / MB], note=f"after {many} events"))
        growth = 100 * (last[who] / first[who] - 1)
        figures.append(alone(GROWTH[who], [growth], note=f"from {few} to {many} events"))
    return figures


def _until(sandbox: Any, target: int) -> int:
    """Let things happen until so many events have come, and everything is settled."""
    from dialogs.models import InboundEvent, RefreshNeed

    chunk = min(CHUNK, target)
    until = time.monotonic() + PATIENCE_SECONDS
    while InboundEvent.objects.count() < target and time.monotonic() < until:
        sandbox.ask("POST", "/burst", {"count": chunk, "seed": int(time.monotonic() * 1000)})
        wait_until(lambda: sandbox.ask("GET", "/deliveries")["idle"], "the pushes", seconds=120)
    waiting = InboundEvent.objects.filter(state__in=[0, 2])
    needs = RefreshNeed.objects.filter(misses=0)
    wait_until(lambda: not waiting.exists() and not needs.exists(), "the worker", seconds=300)
    return InboundEvent.objects.count()


def _reconcile() -> None:
    """Let the worker read every client in full."""
    from django.utils import timezone

    import portal.celery
    from clients.models import Access
    from dialogs import tasks

    began_at = timezone.now()
    portal.celery.app.conf.task_always_eager = False
    try:
        tasks.reconcile.delay()
    finally:
        portal.celery.app.conf.task_always_eager = True
    unread = Access.objects.current().exclude(reconciled_at__gte=began_at)
    wait_until(lambda: not unread.exists(), "the nightly reading", seconds=180)


def _child(pid: int) -> float:
    """Return the PSS of a process's largest child: the one that works."""
    children = psutil.Process(pid).children(recursive=True)
    return max(float(child.memory_full_info().pss) for child in children)
