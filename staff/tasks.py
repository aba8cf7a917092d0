"""Work on the audit log, off the pages."""

from celery import shared_task
from django.utils import timezone

from staff import chain


@shared_task
def link_audit() -> None:
    """Take up in the chain what has been written to the audit log since the last time."""
    chain.add_links(now=timezone.now())
