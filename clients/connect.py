"""From settings to configured Altinn clients; the one place that knows both.

Time-outs are set here and in `altinn.http`. Tokens are shared by all processes through Redis,
sealed: who reads Redis cannot act as us.
"""

import contextlib
from collections.abc import Callable, Iterator
from functools import cache

import httpx
from django.conf import settings
from redis import Redis

from altinn.credentials import SCOPES, Credential
from altinn.dialogporten import EndUser
from altinn.events import Subscriptions
from altinn.grants import Grant
from altinn.http import open_http
from altinn.keys import Key
from altinn.maskinporten import Maskinporten
from altinn.tokens import RedisTokenCache
from clients.models import SystemUser
from staff.sealing import seal, unseal

DIALOGS = ("digdir:dialogporten",)
EVENTS = ("altinn:events.subscribe",)


class NotConfigured(Exception):
    """A setting is missing; the text says which, for an administrator."""


@cache
def _key() -> Key:
    if not (settings.MASKINPORTEN_CLIENT_ID and settings.MASKINPORTEN_JWK):
        msg = (
            "Sett MASKINPORTEN_CLIENT_ID og MASKINPORTEN_JWK_FILE før portalen kan lese fra Altinn."
        )
        raise NotConfigured(msg)
    return Key.from_jwk(settings.MASKINPORTEN_JWK)


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
    key = _key()
    with open_http() as http:
        maskinporten = Maskinporten(
            settings.ALTINN, settings.MASKINPORTEN_CLIENT_ID, key, _tokens(), http
        )
        yield http, maskinporten.auth(grant(system_user, scopes), exchange=exchange)


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
    key = _key()
    with open_http() as http:
        maskinporten = Maskinporten(
            settings.ALTINN, settings.MASKINPORTEN_CLIENT_ID, key, _tokens(), http
        )
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
