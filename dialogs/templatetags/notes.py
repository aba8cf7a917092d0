"""The notes that a template includes: gathered where they are shown."""

from typing import Any

from django import template
from django.utils import timezone

from clients.models import Client
from dialogs.models import Dialog
from dialogs.notes import shown
from dialogs.notes.place import Place

register = template.Library()


@register.simple_tag(takes_context=True)
def notes_of_dialog(context: dict[str, Any], dialog: Dialog) -> shown.Notes:
    return shown.notes_of_dialog(dialog, context["user"], now=timezone.now())


@register.simple_tag(takes_context=True)
def notes_of_client(context: dict[str, Any], client: Client) -> shown.Notes:
    return shown.notes_of_client(Place(client), context["user"], now=timezone.now())
