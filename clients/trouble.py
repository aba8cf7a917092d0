"""Remember, per system user, since when and why we cannot read from Altinn."""

import logging
from datetime import datetime

from clients.models import SystemUser

log = logging.getLogger(__name__)


def note(system_user: SystemUser, exc: Exception, *, now: datetime) -> None:
    """Record the first failure's moment and the latest reason. Shown above the inbox."""
    log.warning("%s cannot read from Altinn: %s", system_user, exc)
    mine = SystemUser.objects.filter(pk=system_user.pk)
    mine.update(trouble=(getattr(exc, "advice", "") or str(exc))[:1000])
    mine.filter(trouble_since_at=None).update(trouble_since_at=now)


def clear(system_user: SystemUser) -> None:
    """Forget it: Altinn answered."""
    failing = SystemUser.objects.filter(pk=system_user.pk, trouble_since_at__isnull=False)
    failing.update(trouble="", trouble_since_at=None)
