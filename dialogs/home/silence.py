"""Notice a client from whom nothing comes any more, though it used to: access may be gone."""

from datetime import datetime, timedelta

from django.db.models import Count, Max, Q

from dialogs.models import Dialog

QUIET = timedelta(days=45)
BEFORE = timedelta(days=180)
USUALLY = 12  # dialogs in the half year before: one in two weeks


def silent_since(client_id: int, *, now: datetime) -> datetime | None:
    """Return when the last dialog came, if the silence since is unlike the client."""
    quiet_from = now - QUIET
    before = Q(created_at__lt=quiet_from, created_at__gte=quiet_from - BEFORE)
    found = Dialog.objects.filter(client=client_id).aggregate(
        last=Max("created_at"), usually=Count("pk", filter=before)
    )
    last: datetime | None = found["last"]
    is_silent = last is not None and last < quiet_from and found["usually"] >= USUALLY
    return last if is_silent else None
