"""What beat rings for to keep clients and subscriptions in step."""

import logging
from collections.abc import Callable

from celery import shared_task
from django.utils import timezone

from altinn.errors import AltinnError
from altinn.events import Subscriptions
from clients import connect, subscribing
from clients.keeping import feeds, reconciling, register, renewing
from clients.models import SystemUser

log = logging.getLogger(__name__)

AT_ONCE = 200
CLIENTS_AT_ONCE = 100


@shared_task
def follow_register() -> None:
    """Hear which clients have changed in Enhetsregisteret, and read those and new ones."""
    try:
        with connect.enhetsregisteret() as api:
            feeds.follow(api, now=timezone.now())
    except AltinnError as exc:
        log.warning("The feeds of Enhetsregisteret were not read: %s", exc)
    read_register()


@shared_task
def read_register() -> None:
    """Read some of the clients that are due; queue itself while there are more."""
    now = timezone.now()
    clients = register.due(now=now, most=CLIENTS_AT_ONCE)
    try:
        with connect.enhetsregisteret() as api:
            register.read(api, clients, now=now)
    except AltinnError as exc:
        log.warning("Enhetsregisteret was not read: %s", exc)
        return
    if len(clients) == CLIENTS_AT_ONCE:
        read_register.delay()


@shared_task
def follow_up_subscriptions() -> None:
    """See whether Altinn has validated what was just made."""

    def look(api: Subscriptions, system_user: SystemUser) -> None:
        now = timezone.now()
        due = subscribing.to_check(system_user.pk, now=now, most=AT_ONCE)
        subscribing.follow_up(api, due, now=now)

    for system_user in SystemUser.objects.usable():
        if subscribing.to_check(system_user.pk, now=timezone.now(), most=1):
            _with(system_user, look)


@shared_task
def renew_subscriptions() -> None:
    """Carry subscriptions over to the present address, some hundred a time."""

    def renew(api: Subscriptions, system_user: SystemUser) -> None:
        now = timezone.now()
        renewing.finish(api, renewing.to_finish(system_user.pk, now=now, most=AT_ONCE), now=now)
        renewing.begin(api, renewing.to_begin(system_user.pk, most=AT_ONCE), now=now)

    for system_user in SystemUser.objects.usable():
        old = renewing.to_begin(system_user.pk, most=1)
        if old or renewing.to_finish(system_user.pk, now=timezone.now(), most=1):
            _with(system_user, renew)


@shared_task
def reconcile_subscriptions() -> None:
    """Compare with Altinn's whole list, and remove what nobody needs. Nightly."""

    def compare(api: Subscriptions, system_user: SystemUser) -> None:
        reconciling.reconcile(api, system_user, now=timezone.now())

    for system_user in SystemUser.objects.usable():
        _with(system_user, compare)


def _with(system_user: SystemUser, work: Callable[[Subscriptions, SystemUser], None]) -> None:
    """Do something with a system user's subscriptions; one that fails does not stop the others."""
    try:
        with connect.subscriptions(system_user) as api:
            work(api, system_user)
    except (AltinnError, connect.NotConfigured) as exc:
        log.warning("The subscriptions of %s were not seen to: %s", system_user, exc)
