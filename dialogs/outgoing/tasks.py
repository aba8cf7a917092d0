"""Send what is written down. Every task is short, and safe to repeat."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from dialogs.models import Delivery
from dialogs.outgoing import delivering, summaries


@shared_task
def deliver() -> None:
    """Send notices and summaries that are due."""
    now = timezone.now()
    summaries.write_due(now=now)
    delivering.deliver_due(now=now)


@shared_task
def forget() -> None:
    """Remove what was sent long ago. Nightly."""
    limit = timezone.now() - timedelta(days=settings.NOTICE_LOG_DAYS)
    Delivery.objects.filter(settled_at__lt=limit).delete()
