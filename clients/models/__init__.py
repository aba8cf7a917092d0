"""The firm's clients, the parties they are in Altinn, and who may act for them there.

Three organisation numbers are never mixed up: the vendor's (owns the Maskinporten client), the
firm's (owns the system users) and the client's (the company whose dialogs are read).
"""

from clients.models.registrations import (
    Access,
    AccessQuerySet,
    AreaResponsible,
    Client,
    ClientFollower,
    ClientQuerySet,
    Party,
    ServiceArea,
    Subscription,
    SystemUser,
    SystemUserQuerySet,
    check_orgnr,
    subscription_behind,
    webhook_code,
)

__all__ = [
    "Access",
    "AccessQuerySet",
    "AreaResponsible",
    "Client",
    "ClientFollower",
    "ClientQuerySet",
    "Party",
    "ServiceArea",
    "Subscription",
    "SystemUser",
    "SystemUserQuerySet",
    "check_orgnr",
    "subscription_behind",
    "webhook_code",
]
