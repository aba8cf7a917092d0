"""Keep registrations in step with Altinn. Each task finds its rows, calls, and hands over."""

import logging

from celery import shared_task
from django.utils import timezone

from altinn.errors import AltinnError
from clients import actions, connect, subscribing, trouble
from clients.keeping import reconciling
from clients.models import SystemUser

log = logging.getLogger(__name__)

SUBSCRIPTIONS_AT_ONCE = 300


@shared_task
def keep_parties_in_step() -> None:
    """Read Altinn's list of parties for each system user in use."""
    for system_user in SystemUser.objects.usable():
        try:
            with connect.end_user(system_user) as api:
                listed = api.parties()
        except (AltinnError, connect.NotConfigured) as exc:
            trouble.note(system_user, exc, now=timezone.now())
            continue
        trouble.clear(system_user)
        actions.keep_in_step(system_user, listed, now=timezone.now())


@shared_task
def create_subscriptions() -> None:
    """Create wanted subscriptions, some hundred a time; queue itself while there are more."""
    more = False
    subscribing.want_watched(now=timezone.now())
    subscribing.want_again(now=timezone.now())
    for system_user in SystemUser.objects.usable():
        now = timezone.now()
        wanted = subscribing.claim_wanted(system_user.pk, now=now, most=SUBSCRIPTIONS_AT_ONCE)
        if not wanted:
            continue
        try:
            with connect.subscriptions(system_user) as api:
                subscribing.create_wanted(api, wanted, now=now)
        except (AltinnError, connect.NotConfigured) as exc:
            log.warning("Subscriptions of %s were not created: %s", system_user, exc)
            continue
        more = more or len(wanted) == SUBSCRIPTIONS_AT_ONCE
    if more:
        create_subscriptions.delay()


@shared_task
def check_subscriptions() -> None:
    """See by one of them whether Altinn still has our subscriptions; if not, compare them all."""
    for system_user in SystemUser.objects.usable():
        try:
            with connect.subscriptions(system_user) as api:
                if reconciling.has_vanished(api, system_user):
                    reconciling.reconcile(api, system_user, now=timezone.now())
        except (AltinnError, connect.NotConfigured) as exc:
            log.warning("Subscriptions of %s were not checked: %s", system_user, exc)
