"""Addresses in a dialog that a person may follow in their own browser."""

from urllib.parse import urlsplit

from django.conf import settings

from altinn.environment import origin
from dialogs.content.cleaning import is_address


def may_follow(url: str) -> bool:
    """Tell whether we make a link of it: https anywhere, or where Altinn itself is.

    A stand-in for Altinn is on this machine, and without https.
    """
    try:
        is_altinns = origin(url) == origin(settings.ALTINN.platform_url)
    except ValueError:
        return False
    is_page = url.lower().startswith("https:") and is_address(url)
    return is_page or (is_altinns and is_address(url.replace("http:", "https:", 1)))


def host_of(url: str) -> str:
    """Return where a link leads, as it really is: letters that imitate others show as «xn--…»."""
    host = urlsplit(url).hostname or ""
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host.encode("ascii", "backslashreplace").decode()
