"""Which clients Enhetsregisteret says something grave of."""

from django.db.models import Q

from clients.models import Client, ClientQuerySet, Firm, SystemUser


def firm_numbers() -> frozenset[str]:
    """Return the firm's numbers: the one it was set up with or is a client by, and its agents'."""
    agents = SystemUser.objects.usable().filter(kind=SystemUser.Kind.AGENT)
    clients = Client.objects.filter(is_firm=True, orgnr__isnull=False)
    numbers = {
        Firm.get().orgnr,
        *agents.values_list("owner_orgnr", flat=True),
        *clients.values_list("orgnr", flat=True),
    }
    return frozenset(number for number in numbers if number)


def bankrupt_clients() -> ClientQuerySet:
    return _read().filter(register_state__is_bankrupt=True)


def dissolving_clients() -> ClientQuerySet:
    return _read().filter(register_state__is_dissolving=True)


def deleted_clients() -> ClientQuerySet:
    gone = Q(register_state__deleted_on__isnull=False) | Q(register_state__is_removed=True)
    return _read().filter(gone)


def role_ended_clients() -> ClientQuerySet:
    """Those of which the firm was the registered accountant, and is no longer."""
    return _read().filter(
        register_state__role_held=False, register_state__role_ended_at__isnull=False
    )


def _read() -> ClientQuerySet:
    return Client.objects.active().select_related("register_state")
