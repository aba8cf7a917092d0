"""Clients who are persons are named to those who work with them; others see a number in lists.

Who opens the client's page reads the name there, and the audit log tells that they did.
"""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from clients.models import Client
from staff.models import User


def mask(clients: Iterable[Client], *, user: User) -> None:
    """Put a number for the name of those whom this person does not work with. Never save these."""
    persons = [one for one in clients if not one.orgnr]
    if not persons:
        return
    names = masked_names((one.pk for one in persons), user=user)
    for one in persons:
        one.name = names.get(one.pk, one.name)


def masked_names(keys: Iterable[int], *, user: User) -> dict[int, str]:
    """Return what is put for the names of those among these clients; one statement."""
    found = Client.objects.filter(pk__in=set(keys)).masked_for(user)
    return {pk: masked_name(pk) for pk in found.values_list("pk", flat=True)}


def called(words: str, *, user: User) -> Q:
    """Return «called so, by a name this person is shown»: a guess must not be answered."""
    return Q(name__icontains=words) & ~Q(pk__in=Client.objects.all().masked_for(user).values("pk"))


def masked_name(pk: int) -> str:
    return _("Privatperson %(number)s") % {"number": pk}
