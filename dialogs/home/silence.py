"""Notice a client from whom nothing comes any more, though it used to: access may be gone.

What only some may read is left out: that, and the day it last came, would tell of it.
"""

from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet

from clients.health.alarms import Kind, of_client, settle
from clients.models import CategoryRestriction, Client
from dialogs.models import Dialog

QUIET = timedelta(days=45)
BEFORE = timedelta(days=180)
USUALLY = 18  # dialogs in the half year before: three a month


def silent_since(client_id: int, *, now: datetime) -> datetime | None:
    """Return when the last dialog came, if the silence since is unlike the client."""
    quiet = _quiet(Dialog.objects.filter(client=client_id), now=now)
    return dict(quiet).get(client_id)


def _quiet(dialogs: QuerySet[Dialog], *, now: datetime) -> QuerySet[Dialog, tuple[int, datetime]]:
    """Keep the clients that have become silent, and when each had its last dialog."""
    dialogs = dialogs.filter(restriction=None)
    quiet_from = now - QUIET
    before = Q(created_at__lt=quiet_from, created_at__gte=quiet_from - BEFORE)
    counted = (
        dialogs.order_by()
        .values("client")
        .annotate(last=Max("created_at"), usually=Count("pk", filter=before))
    )
    return counted.filter(last__lt=quiet_from, usually__gte=USUALLY).values_list("client", "last")


def check(*, now: datetime) -> None:
    """Raise an alarm for each client that has become silent; clear those that speak again."""
    active = Client.objects.active()
    quiet = _quiet(Dialog.objects.filter(client__archived_at=None), now=now)
    apart = set(CategoryRestriction.objects.values_list("client", flat=True))
    signs = [
        of_client(pk, since=last.isoformat(), leaves_some_out=pk in apart) for pk, last in quiet
    ]
    settle(Kind.SILENT, signs, looked_at=active.count(), now=now)
