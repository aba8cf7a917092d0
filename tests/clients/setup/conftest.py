"""A firm that begins from nothing, and keys that are quick to make."""

import json
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_django import Settings

from altinn.keys import Key
from clients.models import VendorClient, VendorKey
from clients.setup import keys
from staff.models import User
from tests.stand_in import Altinn


def weak_jwk() -> str:
    """A key that Maskinporten does not take; made fast."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 (that is the point)
    return json.dumps(Key(kid="svak", private=private).private_jwk())


@pytest.fixture(scope="session")
def jwk() -> str:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return json.dumps(Key(kid="nøkkel-1", private=private).private_jwk())


@pytest.fixture
def world(altinn: Altinn, nothing: None) -> dict[str, Any]:
    """A firm that has nothing in Altinn yet; what the stand-in says of it."""
    altinn.reset("onboarding", clients=80, dialogs=80)
    return altinn.credentials()


@pytest.fixture
def nothing(settings: Settings) -> None:
    """No client and key in the server's settings."""
    settings.MASKINPORTEN_CLIENT_ID = settings.MASKINPORTEN_JWK = ""


@pytest.fixture
def vendor(db: None, world: dict[str, Any], admin: User, now: datetime) -> VendorClient:
    """The client that the stand-in's Maskinporten knows; no key yet."""
    return keys.set_client(
        client_id=world["client_id"], vendor_orgnr=world["vendor_orgnr"], actor=admin, now=now
    )


@pytest.fixture
def registered(
    vendor: VendorClient, world: dict[str, Any], admin: User, now: datetime
) -> VendorKey:
    """The key that is registered for it, taken in and not tried."""
    return keys.take_key(vendor, json.dumps(world["jwk"]), actor=admin, now=now)


@pytest.fixture
def in_use(registered: VendorKey, admin: User, now: datetime) -> VendorKey:
    keys.try_key(registered, registered_on=now.date(), actor=admin, now=now)
    registered.refresh_from_db()
    return registered
