"""The firm's clients, the parties they are in Altinn, and who may act for them there.

Three organisation numbers are never mixed up: the vendor's (owns the Maskinporten client), the
firm's (owns the system users) and the client's (the company whose dialogs are read).
"""

from clients.models.adding import AddingItem, AddingRun, PersonConnection
from clients.models.finding import (
    Candidate,
    ClientImport,
    DelegationReading,
    DelegationSnapshot,
    Discovery,
    ImportLine,
)
from clients.models.health import Alarm, AlarmQuerySet, GrantedPackages
from clients.models.keeping import (
    Category,
    CategoryRestriction,
    CategoryService,
    ClientHold,
    ClientRegisterState,
    ErasedClient,
    RegisterCursor,
    WatchedService,
)
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
    address_mark,
    check_orgnr,
    subscription_behind,
    webhook_code,
)
from clients.models.setup import (
    ONLY,
    Firm,
    SystemRegistration,
    SystemUserRequest,
    VendorClient,
    VendorKey,
    a_year_after,
)

__all__ = [
    "ONLY",
    "Access",
    "AccessQuerySet",
    "AddingItem",
    "AddingRun",
    "Alarm",
    "AlarmQuerySet",
    "AreaResponsible",
    "Candidate",
    "Category",
    "CategoryRestriction",
    "CategoryService",
    "Client",
    "ClientFollower",
    "ClientHold",
    "ClientImport",
    "ClientQuerySet",
    "ClientRegisterState",
    "DelegationReading",
    "DelegationSnapshot",
    "Discovery",
    "ErasedClient",
    "Firm",
    "GrantedPackages",
    "ImportLine",
    "Party",
    "PersonConnection",
    "RegisterCursor",
    "ServiceArea",
    "Subscription",
    "SystemRegistration",
    "SystemUser",
    "SystemUserQuerySet",
    "SystemUserRequest",
    "VendorClient",
    "VendorKey",
    "WatchedService",
    "a_year_after",
    "address_mark",
    "check_orgnr",
    "subscription_behind",
    "webhook_code",
]
