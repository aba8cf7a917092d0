"""Follow requests and system users at Altinn, so that a page needs only to look here."""

import logging
from datetime import timedelta

from celery import shared_task
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from altinn.errors import AltinnError, TryLater
from clients import connect
from clients.models import SystemUserRequest
from clients.setup import requesting

log = logging.getLogger(__name__)

AT_ONCE = 200  # looked up in one run; those not looked at for longest come first
FRESH = timedelta(days=1)  # a request that young is looked at each time
SLOW = timedelta(minutes=15)


@shared_task
def follow_requests() -> None:
    """Look up requests that wait: young ones every time, older ones every quarter of an hour."""
    now = timezone.now()
    due = Q(checked_at=None) | Q(checked_at__lt=now - SLOW) | Q(sent_at__gt=now - FRESH)
    _look_up(SystemUserRequest.objects.waiting().filter(due))


@shared_task
def follow_system_users() -> None:
    """See that the approved system users are still there."""
    _look_up(SystemUserRequest.objects.filter(status=SystemUserRequest.Status.ACCEPTED))


def _look_up(requests: QuerySet[SystemUserRequest]) -> None:
    due = list(requests.order_by(F("checked_at").asc(nulls_first=True), "pk")[:AT_ONCE])
    if not due:
        return
    try:
        with connect.system_user_requests() as api:
            for request in due:
                try:
                    requesting.check_with(api, request, now=timezone.now())
                except TryLater:
                    raise
                except AltinnError as exc:
                    log.warning("Request %s was not looked up: %s", request.pk, exc)
    except (AltinnError, connect.NotConfigured) as exc:
        log.warning("Requests for system users were not looked up: %s", exc)
