"""Keep what must not be readable in a copy of the database: opened content, forms that were sent.

The keys come from the environment, never from the database. What an older key sealed is still
read, so that keys can be rotated.
"""

import base64
import hashlib
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(ValueError):
    """Sealed with a key we no longer have, or changed since."""


def seal(plain: bytes) -> bytes:
    return _box(tuple(settings.SEALING_KEYS)).encrypt(plain)


def unseal(sealed: bytes | memoryview) -> bytes:
    """Return what was sealed.

    Raises:
        Unreadable: none of our keys opens it.
    """
    try:
        return _box(tuple(settings.SEALING_KEYS)).decrypt(bytes(sealed))
    except InvalidToken as exc:
        raise Unreadable("None of the keys in SEALING_KEYS opens this") from exc


@cache
def _box(keys: tuple[str, ...]) -> MultiFernet:
    """Make 32 bytes of each key, whatever its form: keys are random, not passwords."""
    digests = [hashlib.sha256(b"sealing " + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(each)) for each in digests])
