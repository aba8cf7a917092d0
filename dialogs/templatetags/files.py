"""Attachments on the page of a dialog."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django import template

from altinn.details import Attachment
from dialogs.files.shown import Shown, shown
from dialogs.models import Dialog

register = template.Library()


@register.simple_tag
def attachments_of(
    dialog: Dialog,
    attachments: Iterable[Attachment],
    *,
    now: datetime,
    transmission_id: UUID | None = None,
) -> list[Shown]:
    """Return what to show of attachments: the dialog's own, or those of a transmission."""
    return shown(dialog, attachments, now=now, transmission_id=transmission_id)


@register.filter
def in_one_zip(attachments: Iterable[Shown]) -> int:
    """Return how many files «Last ned alle» would be about."""
    return sum(one.can_be_fetched and not one.is_all_in_one for one in attachments)
