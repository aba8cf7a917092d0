"""What `manage.py check` says of settings that would let somebody in. Asked before every start."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks

FEWEST_LETTERS = 32
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@checks.register(checks.Tags.security)
def hosts_are_named(**_: Any) -> list[checks.CheckMessage]:
    return [
        checks.Error(
            f"The portal would answer to {host}.",
            hint="Name each host in EXTRA_HOSTS in full: with a wildcard links can be forged.",
            id="portal.E001",
        )
        for host in settings.ALLOWED_HOSTS
        if "*" in host or host.startswith(".") or not host
    ]


@checks.register(checks.Tags.security)
def keys_are_long(**_: Any) -> list[checks.CheckMessage]:
    """Keys are random letters; short ones can be guessed by whoever has the database."""
    names = ("SEALING_KEYS", "WEBHOOK_KEYS")
    short = [name for name in names for key in getattr(settings, name) if len(key) < FEWEST_LETTERS]
    return [
        checks.Error(
            f"A key in {name.removesuffix('S')} or its fallbacks is shorter than "
            f"{FEWEST_LETTERS} letters.",
            hint="Make one of 50 random letters and digits.",
            id="portal.E002",
        )
        for name in dict.fromkeys(short)
    ]


@checks.register(checks.Tags.security, deploy=True)
def the_line_is_encrypted(**_: Any) -> list[checks.CheckMessage]:
    address = urlsplit(settings.PUBLIC_URL)
    if address.scheme == "https" or address.hostname in _LOOPBACK:
        return []
    return [
        checks.Warning(
            "PUBLIC_URL is not https: log-ins and letters would cross the network in the open.",
            hint="Put a proxy with a certificate in front; docs/operations.md says how.",
            id="portal.W001",
        )
    ]


@checks.register(checks.Tags.security, deploy=True)
def keys_have_one_use_each(**_: Any) -> list[checks.CheckMessage]:
    shared = {settings.SECRET_KEY} & {settings.SEALING_KEYS[0], settings.WEBHOOK_KEYS[0]}
    if not shared and settings.SEALING_KEYS[0] != settings.WEBHOOK_KEYS[0]:
        return []
    return [
        checks.Warning(
            "One key is used for more than one thing, so that none of them can be changed alone.",
            hint="Set SEALING_KEY and WEBHOOK_KEY, each its own.",
            id="portal.W002",
        )
    ]
