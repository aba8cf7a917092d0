"""Who may say who somebody is: the OIDC providers of one setting, checked at start."""

from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.core.exceptions import ImproperlyConfigured

_LOCAL = {"127.0.0.1", "localhost", "::1"}


class OidcProvider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One provider. Its two-step log-in counts when the ID token says one of `mfa_amr` or
    `mfa_acr`; `is_mfa_trusted` when the provider always demands it and never says so."""

    id: str
    name: str
    issuer: str
    client_id: str
    client_secret: str
    mfa_amr: frozenset[str] = frozenset()
    mfa_acr: frozenset[str] = frozenset()
    is_mfa_trusted: bool = False
    vouches_for: tuple[str, ...] = ()  # domains whose addresses it never lets others have
    acr_values: str = ""


def read(text: str) -> list[OidcProvider]:
    """Return the providers in the setting, a JSON list.

    Raises:
        ImproperlyConfigured: it is not one, or a provider is not as it must be.
    """
    if not text:
        return []
    try:
        found = msgspec.json.decode(text, type=list[OidcProvider])
    except msgspec.MsgspecError as exc:
        msg = f"OIDC_PROVIDERS is not a JSON list of providers: {exc}."
        raise ImproperlyConfigured(msg) from exc
    for one in found:
        _check(one)
    if len({one.id for one in found}) < len(found):
        raise ImproperlyConfigured("OIDC_PROVIDERS has two providers with one id.")
    return found


def _check(one: OidcProvider) -> None:
    where = urlsplit(one.issuer)
    if where.scheme != "https" and where.hostname not in _LOCAL:
        msg = f"OIDC_PROVIDERS: the issuer of «{one.id}» must begin with https."
        raise ImproperlyConfigured(msg)
    if not one.id.replace("-", "").isalnum() or not one.id.isascii():
        msg = f"OIDC_PROVIDERS: «{one.id}» must be letters, digits and hyphens."
        raise ImproperlyConfigured(msg)


def as_apps(found: list[OidcProvider]) -> list[dict[str, Any]]:
    """Return the providers as allauth wants them."""
    return [
        {
            "provider_id": one.id,
            "name": one.name,
            "client_id": one.client_id,
            "secret": one.client_secret,
            "settings": {
                "server_url": one.issuer.rstrip("/"),
                "verified_email": list(one.vouches_for),
                "auth_params": {"acr_values": one.acr_values} if one.acr_values else {},
            },
        }
        for one in found
    ]
