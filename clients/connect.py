"""From what is set up to configured Altinn clients; the one place that knows both.

The Maskinporten client and its key are those an administrator has set up in the portal, else those
of the settings. They are looked up at every opening, so that a change of key reaches every process.
Time-outs are set here and in `altinn.http`. Tokens are shared by all processes through Redis,
sealed: who reads Redis cannot act as us.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import httpx
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from redis import Redis

from altinn.authorized import AuthorizedParties
from altinn.credentials import SCOPES, Credential
from altinn.delegation import ClientDelegation
from altinn.dialogporten import EndUser
from altinn.enhetsregisteret import Enhetsregisteret
from altinn.events import Subscriptions
from altinn.grants import Grant
from altinn.http import open_http
from altinn.idporten import AltinnToken, IdPorten, bearer
from altinn.idporten import Client as IdPortenClient
from altinn.keys import Key
from altinn.maskinporten import Maskinporten
from altinn.systemregister import SystemRegister
from altinn.systemusers import SystemUserRequests
from altinn.tokens import MemoryTokenCache, RedisTokenCache
from clients.models import SystemUser, VendorKey
from staff.sealing import Unreadable, seal, unseal

DIALOGS = ("digdir:dialogporten",)
EVENTS = ("altinn:events.subscribe",)
AUTHORIZED_PARTIES = ("altinn:accessmanagement/authorizedparties",)
# What the vendor does in its own name, without a system user: never mixed with the above.
VENDOR = (
    "altinn:authentication/systemregister.write",
    "altinn:authentication/systemuser.request.read",
    "altinn:authentication/systemuser.request.write",
)


class NotConfigured(Exception):
    """Something is not set up; the text says what, for an administrator."""


@dataclass(frozen=True)
class Vendor:
    """Who asks Maskinporten: the client, and the key it signs with."""

    client_id: str
    key: Key


def vendor_in_use() -> Vendor:
    """Return the client and key that everything is signed with now.

    Raises:
        NotConfigured: neither the portal nor the settings have both.
    """
    current = VendorKey.objects.filter(state=VendorKey.State.CURRENT).select_related("client")
    if found := current.first():
        return Vendor(found.client.client_id, opened(found))
    if settings.MASKINPORTEN_CLIENT_ID and settings.MASKINPORTEN_JWK:
        return Vendor(settings.MASKINPORTEN_CLIENT_ID, _key(settings.MASKINPORTEN_JWK))
    msg = _(
        "Portalen har ingen klient og nøkkel hos Maskinporten ennå. En administrator legger dem "
        "inn under «Oppsett»."
    )
    raise NotConfigured(msg)


def opened(key: VendorKey) -> Key:
    """Return a key with its private part.

    Raises:
        NotConfigured: it was sealed with a key that the server no longer has.
    """
    try:
        return _unsealed(bytes(key.sealed_private))
    except Unreadable as exc:
        msg = _(
            "Nøkkelen kan ikke åpnes: den ble kryptert med en annen SEALING_KEY. Legg den gamle "
            "i SEALING_KEY_FALLBACKS, eller lag en ny nøkkel under «Oppsett»."
        )
        raise NotConfigured(msg) from exc


@lru_cache(maxsize=4)
def _unsealed(sealed: bytes) -> Key:
    return Key.from_jwk(unseal(sealed).decode())


@lru_cache(maxsize=4)
def _key(jwk: str) -> Key:
    return Key.from_jwk(jwk)


@cache
def _tokens() -> RedisTokenCache:
    server = Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    return RedisTokenCache(server, seal=seal, unseal=unseal)


def grant(system_user: SystemUser, scopes: tuple[str, ...]) -> Grant:
    """Return what to ask Maskinporten for; the owner's number, never the client's."""
    return Grant(
        scopes=scopes,
        systemuser_orgnr=system_user.owner_orgnr,
        external_ref=system_user.external_ref or None,
    )


@contextlib.contextmanager
def _opened(
    system_user: SystemUser, scopes: tuple[str, ...], *, exchange: bool
) -> Iterator[tuple[httpx.Client, httpx.Auth]]:
    """Open one kept-alive connection and the system user's token for it."""
    with _asking() as (http, maskinporten):
        yield http, maskinporten.auth(grant(system_user, scopes), exchange=exchange)


@contextlib.contextmanager
def _asking() -> Iterator[tuple[httpx.Client, Maskinporten]]:
    """Open a connection, and Maskinporten over it."""
    vendor = vendor_in_use()
    with open_http() as http:
        yield http, Maskinporten(settings.ALTINN, vendor.client_id, vendor.key, _tokens(), http)


@contextlib.contextmanager
def vendor(scopes: tuple[str, ...] = VENDOR) -> Iterator[tuple[httpx.Client, httpx.Auth]]:
    """Open a connection in the vendor's own name: for the system register and for requests.

    Raises:
        NotConfigured: the Maskinporten client or key is missing.
    """
    with _asking() as (http, maskinporten):
        yield http, maskinporten.auth(Grant(scopes=scopes))


@contextlib.contextmanager
def system_register() -> Iterator[SystemRegister]:
    """Open Altinn's register of systems as the vendor.

    Raises:
        NotConfigured: the Maskinporten client or key is missing.
    """
    with vendor() as (http, auth):
        yield SystemRegister(http, settings.ALTINN, auth)


@contextlib.contextmanager
def system_user_requests() -> Iterator[SystemUserRequests]:
    """Open the requests for system users, and the system users made of them, as the vendor.

    Raises:
        NotConfigured: the Maskinporten client or key is missing.
    """
    with vendor() as (http, auth):
        yield SystemUserRequests(http, settings.ALTINN, auth)


@contextlib.contextmanager
def authorized_parties(system_user: SystemUser) -> Iterator[AuthorizedParties]:
    """Open the list of parties a system user may act for, with its packages for each.

    Raises:
        NotConfigured: the Maskinporten client or key is missing.
    """
    with _opened(system_user, AUTHORIZED_PARTIES, exchange=True) as (http, auth):
        yield AuthorizedParties(http, settings.ALTINN, auth)


@contextlib.contextmanager
def enhetsregisteret() -> Iterator[Enhetsregisteret]:
    """Open the Central Coordinating Register: open data, and no token goes there."""
    with open_http(read_seconds=10.0) as http:
        yield Enhetsregisteret(http, settings.ALTINN)


def forget_refusal(system_user: SystemUser) -> None:
    """Ask Maskinporten anew at once: the system user has just been approved.

    Raises:
        NotConfigured: the Maskinporten client or key is missing.
    """
    with _asking() as (_http, maskinporten):
        for scopes in (DIALOGS, EVENTS, AUTHORIZED_PARTIES):
            maskinporten.forget(grant(system_user, scopes))


@contextlib.contextmanager
def end_user(system_user: SystemUser) -> Iterator[EndUser]:
    """Open Dialogporten as this system user.

    Raises:
        NotConfigured: the Maskinporten client or key is missing.
    """
    with _opened(system_user, DIALOGS, exchange=False) as (http, auth):
        yield EndUser(http, settings.ALTINN, auth)


@contextlib.contextmanager
def credential(
    system_user: SystemUser, credential: Credential
) -> Iterator[tuple[httpx.Client, Callable[[], str]]]:
    """Open a connection, and give what makes a token of the credential's own kind and scopes.

    The token is made when it is asked for, and goes where `altinn.credentials` says alone.

    Raises:
        NotConfigured: the Maskinporten client or key is missing.
        ValueError: the credential is a person's browser or a dialog token, which no one asks for.
    """
    if credential not in SCOPES:
        msg = f"{credential} is not asked for at Maskinporten"
        raise ValueError(msg)
    scopes, exchange = SCOPES[credential]
    with _asking() as (http, maskinporten):
        wanted = grant(system_user, scopes)
        get = maskinporten.exchanged if exchange else maskinporten.token
        yield http, lambda: get(wanted)


@contextlib.contextmanager
def subscriptions(system_user: SystemUser) -> Iterator[Subscriptions]:
    """Open Altinn Events as this system user, with an exchanged token.

    Raises:
        NotConfigured: the Maskinporten client or key is missing.
    """
    with _opened(system_user, EVENTS, exchange=True) as (http, auth):
        yield Subscriptions(http, settings.ALTINN, auth)


def ask_for_token(system_user: SystemUser, scopes: tuple[str, ...] = DIALOGS) -> None:
    """Ask Maskinporten anew, whatever is kept of earlier answers: does it still say yes?

    Raises:
        NotConfigured: the Maskinporten client or key is missing.
        AltinnError: it says no, or nothing.
    """
    asking = vendor_in_use()
    with open_http() as http:
        maskinporten = Maskinporten(
            settings.ALTINN, asking.client_id, asking.key, MemoryTokenCache(), http
        )
        maskinporten.token(grant(system_user, scopes))


@contextlib.contextmanager
def id_porten() -> Iterator[IdPorten]:
    """Open ID-porten: a person lets the portal call Altinn for them.

    Raises:
        NotConfigured: our integration's id, or its key or secret, is missing.
    """
    jwk, secret = settings.IDPORTEN_JWK, settings.IDPORTEN_CLIENT_SECRET
    if not (settings.IDPORTEN_CLIENT_ID and (jwk or secret)):
        msg = _(
            "Portalen har ingen klient hos ID-porten. Den som driver serveren setter "
            "IDPORTEN_CLIENT_ID og IDPORTEN_JWK_FILE. Imens kan klienter legges til i Altinn."
        )
        raise NotConfigured(msg)
    client = IdPortenClient(
        id=settings.IDPORTEN_CLIENT_ID,
        redirect_uri=settings.PUBLIC_URL + reverse("clients:idporten-back"),
        key=_key(jwk) if jwk else None,
        secret="" if jwk else secret,
    )
    with open_http(read_seconds=15) as http:
        yield IdPorten(http, settings.ALTINN, client)


@contextlib.contextmanager
def delegation(token: AltinnToken) -> Iterator[ClientDelegation]:
    """Open the list of an agent system user's clients, as the person whose token it is."""
    with open_http(read_seconds=20) as http:
        yield ClientDelegation(http, settings.ALTINN, bearer(settings.ALTINN, token))


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold, over all processes, the right to renew a token."""
    with _tokens().lock(name):
        yield
