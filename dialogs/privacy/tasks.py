"""Erase what has been kept for long enough."""

import logging

from celery import shared_task
from django.utils import timezone

from dialogs.privacy import erasing

log = logging.getLogger(__name__)


@shared_task
def erase_clients() -> None:
    """Erase the clients whose time is out, one at a time; queue itself while there are more."""
    now = timezone.now()
    due = erasing.to_erase(today=timezone.localdate(now))
    if not due:
        return
    counts = erasing.erase(due[0], actor=None, now=now)
    log.info("Client %d was erased: %s", due[0].pk, counts)
    if due[1:]:
        erase_clients.delay()
