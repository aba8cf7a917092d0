"""Notice what only the dialogs tell."""

from celery import shared_task
from django.utils import timezone

from dialogs.home import silence


@shared_task
def notice_silence() -> None:
    """Raise or clear the alarms about clients from whom nothing comes any more."""
    silence.check(now=timezone.now())
