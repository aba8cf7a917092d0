"""Clients who are persons are named to those who work with them; others see a number in lists.

Who opens the client's page reads the name there, and the audit log tells that they did.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from clients.models import Client
from staff.models import User


def mask(clients: Iterable[Client], *, user: User) -> None:
    """Put a number for the name of those whom this person does not work with. Never save these."""
    persons = {one.pk: one for one in clients if not one.orgnr}
    if not persons:
        return
    for pk in Client.objects.filter(pk__in=persons).masked_for(user).values_list("pk", flat=True):
        persons[pk].name = masked_name(pk)


def masked_name(pk: int) -> str:
    return _("Privatperson %(number)s") % {"number": pk}
