"""Files of long lists, made in the background. Every task is safe to repeat."""

import logging

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from dialogs.exporting import jobs
from dialogs.models import ExportJob

log = logging.getLogger(__name__)


def ring_for(job: ExportJob) -> None:
    """Ask a worker to make a file. If Redis is down, beat does."""
    if job.state != ExportJob.State.WAITING:
        return
    try:
        run_job.delay(key=job.pk)
    except (OperationalError, RedisError, OSError) as exc:
        log.warning("The workers were not rung for: %s", exc)


@shared_task(name="dialogs.exporting.run_job")
def run_job(*, key: int) -> None:
    jobs.run(key, now=timezone.now())


@shared_task(name="dialogs.exporting.run_due")
def run_due() -> None:
    """Make files that no bell rang for, or whose worker was killed."""
    for key in jobs.due(now=timezone.now()):
        run_job.delay(key=key)


@shared_task(name="dialogs.exporting.tidy")
def tidy() -> None:
    """Remove files that have lain for a day. Hourly."""
    jobs.tidy(now=timezone.now())
