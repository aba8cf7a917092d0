"""Background reading. Every task is short, safe to repeat, and finds its work in the database.

Redis only rings: `drain` also runs from `manage.py drain` without it.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from redis.exceptions import RedisError

from altinn.dialogporten import EndUser
from altinn.errors import AltinnError
from clients import connect, trouble
from clients.models import Access, SystemUser
from dialogs import actions, counters, pinning
from dialogs.bus import bus
from dialogs.files import archive
from dialogs.ingest import events, load, names, poll, refresh
from dialogs.ingest.store import let_lapse
from dialogs.models import InboundEvent, Service

log = logging.getLogger(__name__)

BELL = "dialogs.bell"  # set while a drain is queued and has not begun
DRAIN_SECONDS = 40  # below the task's time limit; beat rings again
PARTIES_IN_A_POLL = 100


def drain_once() -> int:
    """Take in a batch of events and read a batch of needs; return how many of both."""
    taken = events.take_in(now=timezone.now())
    return taken + refresh.refresh(now=timezone.now())


@shared_task(name="dialogs.tasks.drain")
def drain() -> None:
    """Work until nothing is due, waiting out the few moments in which events may still gather."""
    with contextlib.suppress(RedisError):
        bus().delete(BELL)
    until = time.monotonic() + DRAIN_SECONDS
    idle_until = time.monotonic() + settings.COALESCE_SECONDS + 1
    while time.monotonic() < until:
        if drain_once():
            idle_until = time.monotonic() + settings.COALESCE_SECONDS + 1
        elif time.monotonic() > idle_until:
            return
        else:
            time.sleep(0.1)


def _chunks(system_user: SystemUser, size: int, **only: object) -> Iterator[list[int]]:
    keys = iter(
        Access.objects.current()
        .filter(system_user=system_user, **only)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    while chunk := list(islice(keys, size)):
        yield chunk


def _with_accesses(
    keys: Sequence[int], work: Callable[[EndUser, Sequence[Access]], object]
) -> bool:
    """Run the work on accesses of one system user; note what went wrong, and say if it did."""
    accesses = list(
        Access.objects.current().filter(pk__in=keys).select_related("system_user", "party")
    )
    if not accesses:
        return True
    system_user = accesses[0].system_user
    try:
        with connect.end_user(system_user) as api:
            work(api, accesses)
    except (AltinnError, connect.NotConfigured) as exc:
        trouble.note(system_user, exc, now=timezone.now())
        return False
    trouble.clear(system_user)
    return True


@shared_task(name="dialogs.tasks.load_new")
def load_new() -> None:
    """Queue a first reading for every access that has had none."""
    for system_user in SystemUser.objects.usable():
        for keys in _chunks(system_user, load.PARTIES_AT_ONCE, loaded_at=None):
            read_in_full.delay(keys=keys)


@shared_task(name="dialogs.tasks.reconcile")
def reconcile() -> None:
    """Queue a full reading of everything. Nightly."""
    for system_user in SystemUser.objects.usable():
        for keys in _chunks(system_user, load.PARTIES_AT_ONCE):
            read_in_full.delay(keys=keys)


@shared_task(name="dialogs.tasks.read_in_full")
def read_in_full(*, keys: list[int]) -> None:
    began_at = timezone.now()
    if _with_accesses(
        keys, lambda api, accesses: load.read_in_full(api, accesses, now=timezone.now())
    ):
        _note_first_reading(keys, at=began_at)
        read_names.delay()


def _note_first_reading(keys: list[int], *, at: datetime) -> None:
    """Once everything has been read, the list has been right; from then on, polls say when."""
    unread = Access.objects.current().filter(loaded_at=None).values("system_user")
    first = SystemUser.objects.filter(accesses__in=keys, polled_at=None).exclude(pk__in=unread)
    first.update(polled_at=at)


@shared_task(name="dialogs.tasks.poll")
def poll_all() -> None:
    """Queue a poll of every access that has been loaded."""
    for system_user in SystemUser.objects.usable():
        for keys in _chunks(system_user, PARTIES_IN_A_POLL, loaded_at__isnull=False):
            poll_chunk.delay(keys=keys)


@shared_task(name="dialogs.tasks.poll_chunk")
def poll_chunk(*, keys: list[int]) -> None:
    """Read what changed, and say that the list was right at this moment."""
    began_at = timezone.now()
    if _with_accesses(keys, lambda api, accesses: poll.poll(api, accesses, now=timezone.now())):
        SystemUser.objects.filter(accesses__in=keys).update(polled_at=began_at)


@shared_task(name="dialogs.tasks.reread_open")
def reread_open() -> None:
    """Queue another look at everything that still requires attention."""
    for system_user in SystemUser.objects.usable():
        for keys in _chunks(system_user, PARTIES_IN_A_POLL, loaded_at__isnull=False):
            reread_open_chunk.delay(keys=keys)


@shared_task(name="dialogs.tasks.reread_open_chunk")
def reread_open_chunk(*, keys: list[int]) -> None:
    _with_accesses(keys, lambda api, accesses: poll.reread_open(api, accesses, now=timezone.now()))


@shared_task(name="dialogs.tasks.read_names")
def read_names() -> None:
    """Learn what services and authorities are called, when there is one without a name."""
    if not Service.objects.filter(name="").exists():
        return
    for system_user in SystemUser.objects.usable()[:1]:
        try:
            with connect.end_user(system_user) as api:
                names.keep(api.all_service_resources().items)
        except (AltinnError, connect.NotConfigured) as exc:
            log.warning("Names of services were not read: %s", exc)


@shared_task(name="dialogs.tasks.return_snoozed")
def return_snoozed() -> None:
    """Bring back what was put aside until today. Often, so that a missed beat does not matter."""
    now = timezone.now()
    actions.return_snoozed(now=now, today=timezone.localdate(now))


@shared_task(name="dialogs.tasks.apply_pin_rules")
def apply_pin_rules() -> None:
    """Hold the inbox against the rules after they were edited."""
    pinning.apply_again()


@shared_task(name="dialogs.tasks.tidy_folders")
def tidy_folders() -> None:
    """Remove files that have been kept for as long as they should be. Nightly, some at a time."""
    now = timezone.now()
    if archive.remove_old(today=timezone.localdate(now), now=now):
        tidy_folders.delay()


@shared_task(name="dialogs.tasks.tidy")
def tidy() -> None:
    """Remove old events, let old deadlines lapse, hold the counters to a recount. Nightly."""
    let_lapse(now=timezone.now())
    limit = timezone.now() - timedelta(days=settings.EVENT_RETENTION_DAYS)
    InboundEvent.objects.exclude(state__in=[0, 2]).filter(settled_at__lt=limit).delete()
    if drift := counters.drift():
        log.error("Counters were wrong and have been recounted: %s", drift)
        counters.recount()
