"""Look after the firm's access. Each task finds its rows, asks, and lets the alarms follow."""

import logging

from celery import shared_task
from django.utils import timezone

from altinn.errors import AltinnError
from clients import connect
from clients.health import asking, audit_log, keys, packages, registered

log = logging.getLogger(__name__)


@shared_task
def watch() -> None:
    """Look at keys, system users and clients; raise what is wrong and clear what is right again."""
    now = timezone.now()
    keys.check_dates(now=now)
    asking.check(now=now)
    registered.check(now=now)


@shared_task
def read_packages() -> None:
    """Read which packages each system user has for each client, and compare with before."""
    packages.clear_unused(now=timezone.now())
    for system_user in packages.to_read():
        try:
            with connect.authorized_parties(system_user) as api:
                listed = api.all(packages=True)
        except (AltinnError, connect.NotConfigured) as exc:
            log.warning("The packages of %s were not read: %s", system_user, exc)
            continue
        now = timezone.now()
        packages.keep(system_user, listed, now=now)
        packages.check(system_user, now=now)


@shared_task
def check_audit_log(after: int = 0) -> None:
    """Look through the audit log's chain, a part at a time, and write down its end. Nightly."""
    if upto := audit_log.check_part(after, now=timezone.now()):
        check_audit_log.delay(upto)
