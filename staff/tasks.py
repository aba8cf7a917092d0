"""Work on the audit log, off the pages."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from staff import audit, chain

SHORTENED = "log shortened"


@shared_task
def link_audit() -> None:
    """Take up in the chain what has been written to the audit log since the last time."""
    chain.add_links(now=timezone.now())


@shared_task
def shorten_audit() -> None:
    """Remove what has been kept in the audit log for as long as it should be. Nightly."""
    now = timezone.now()
    year = timezone.localdate(now).year - settings.AUDIT_KEEP_YEARS
    before = timezone.localtime(now).replace(year=year, day=min(28, timezone.localdate(now).day))
    if count := chain.shorten(before=before, now=now):
        audit.record(actor=None, act=SHORTENED, about="log", now=now, count=count)
