"""Finding and importing in the background. Every task is short, and safe to repeat."""

import logging

from celery import shared_task
from celery.app.task import Task
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from clients.finding import discovery, importing
from clients.tasks import keep_parties_in_step

log = logging.getLogger(__name__)


def ring(task: "Task[[int], None]", key: int) -> None:
    """Ask a worker to go on. If Redis is down, beat does within half a minute."""
    try:
        task.delay(key)
    except (OperationalError, RedisError, OSError) as exc:
        log.warning("The workers were not rung for: %s", exc)


def read_parties_soon() -> None:
    """Have Altinn's lists read, so that new clients get their sub-units and their dialogs."""
    try:
        keep_parties_in_step.apply_async(retry=False, expires=600)
    except (OperationalError, RedisError, OSError) as exc:
        log.warning("The reading of the parties was not queued: %s", exc)


@shared_task(name="clients.finding.run_import")
def run_import(key: int) -> None:
    """Work on one import for a while, and queue the rest of it."""
    if importing.run(key, now=timezone.now()):
        run_import.delay(key)
    elif importing.has_finished(key):
        read_parties_soon()


@shared_task(name="clients.finding.run_discovery")
def run_discovery(key: int) -> None:
    """Work on one search for clients for a while, and queue the rest of it."""
    if discovery.run(key, now=timezone.now()):
        run_discovery.delay(key)


@shared_task(name="clients.finding.run_due")
def run_due() -> None:
    """Take up what no bell rang for, whose worker was killed, or that waited for an answer."""
    now = timezone.now()
    for key in importing.due(now=now):
        run_import.delay(key)
    for key in discovery.due(now=now):
        run_discovery.delay(key)


@shared_task(name="clients.finding.tidy")
def tidy() -> None:
    """Forget lists and searches of long ago. Nightly."""
    importing.forget_old(now=timezone.now())
    discovery.forget_old(now=timezone.now())
