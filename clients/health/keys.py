"""Keys that expire: Maskinporten says nothing beforehand, and everything stops on the day.

Source: Digdir's documentation of Maskinporten (a registered key lives for one year); read 2026-08.
"""

from datetime import datetime

from django.utils import timezone

from clients.health.alarms import Kind, Sign, settle
from clients.models import VendorKey

WARNED_WITHIN = (3, 14, 30)  # days, the most pressing first


def check_dates(*, now: datetime) -> None:
    """Raise or clear what the keys' own dates say."""
    today = timezone.localdate(now)
    keys = list(VendorKey.objects.filter(state=VendorKey.State.CURRENT))
    has_next = VendorKey.objects.filter(state=VendorKey.State.NEXT).exists()
    signs = []
    for key in keys:
        left = key.days_left(today)
        if left is None or key.expires_on is None or not 0 <= left <= max(WARNED_WITHIN):
            continue  # of one that has expired, Maskinporten's own answer tells
        within = next(days for days in WARNED_WITHIN if left <= days)
        on = key.expires_on.isoformat()
        facts = {"kid": key.kid, "expires_on": on, "within": within, "has_next": has_next}
        signs.append(Sign(f"key {key.kid}", facts))
    settle(Kind.KEY_EXPIRES, signs, looked_at=len(keys), now=now)
