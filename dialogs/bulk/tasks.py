"""Bulk jobs in the background. Every task is short, and safe to repeat."""

import logging

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from dialogs.bulk import jobs
from dialogs.models import BulkJob

log = logging.getLogger(__name__)


def ring_for(job: BulkJob) -> None:
    """Ask a worker to go on with a job, if there is more to do. If Redis is down, beat does."""
    if job.state == BulkJob.State.FINISHED:
        return
    try:
        run_job.delay(key=job.pk)
    except (OperationalError, RedisError, OSError) as exc:
        log.warning("The workers were not rung for: %s", exc)


@shared_task(name="dialogs.bulk.run_job")
def run_job(*, key: int) -> None:
    """Work on one job for a while, and queue the rest of it."""
    if jobs.run(key, now=timezone.now()):
        run_job.delay(key=key)


@shared_task(name="dialogs.bulk.run_due")
def run_due() -> None:
    """Take up jobs that no bell rang for, whose worker was killed, or that waited for Altinn."""
    for key in jobs.due(now=timezone.now()):
        run_job.delay(key=key)


@shared_task(name="dialogs.bulk.tidy")
def tidy() -> None:
    """Forget the jobs of long ago. Nightly."""
    jobs.forget_old(now=timezone.now())
