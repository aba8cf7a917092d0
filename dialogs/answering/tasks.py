"""Look for the end of what was sent and not answered. Looks, and never sends."""

import logging
from datetime import datetime, timedelta

from celery import shared_task
from django.db.models import F, Q
from django.utils import timezone

from altinn.errors import AltinnError
from clients import connect
from dialogs.answering import drafts
from dialogs.answering.looking import give_up_waiting, look_quietly
from dialogs.answering.receipts import RELATED
from dialogs.models import ServiceAction

log = logging.getLogger(__name__)

MOST = 50  # in one go
# How long after the sending, and how often somebody looks then.
PACE = (
    (timedelta(minutes=15), timedelta(minutes=1)),
    (timedelta(days=1), timedelta(minutes=15)),
    (timedelta(days=90), timedelta(hours=6)),
)


@shared_task(name="dialogs.tasks.look_for_outcomes")
def look_for_outcomes() -> None:
    """Look where it is time to. Safe to repeat, and beside people who look themselves."""
    now = timezone.now()
    for action in due(now=now):
        give_up_waiting(action, now=now)
        if action.state == ServiceAction.State.SENT:
            continue
        try:
            look_quietly(action, now=now)
        except (AltinnError, connect.NotConfigured) as exc:
            ServiceAction.objects.filter(pk=action.pk).update(looked_at=now)
            log.warning("The end of action %s is not known yet: %s", action.pk, exc)


@shared_task(name="dialogs.tasks.forget_drafts")
def forget_drafts() -> None:
    """Remove what was begun and left. Nightly: it may tell of somebody's health."""
    drafts.forget_old(now=timezone.now())


def due(*, now: datetime) -> list[ServiceAction]:
    """Return what it is time to look for: often at first, and at once when the dialog changed."""
    wanted = Q(looked_at=None) | Q(dialog__updated_at__gt=F("looked_at"))
    for age, pause in PACE:
        wanted |= Q(sent_at__gt=now - age, looked_at__lt=now - pause)
    rows = ServiceAction.objects.unsettled().filter(wanted, sent_at__gt=now - PACE[-1][0])
    return list(rows.select_related(*RELATED).order_by("sent_at")[:MOST])
