"""Keep what must not be readable in a copy of the database: opened content, forms that were sent.

The keys come from the environment, never from the database. What an older key sealed is still
read, so that keys can be rotated.
"""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


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


def is_sealed_with_first_key(sealed: bytes | memoryview) -> bool:
    try:
        _box(tuple(settings.SEALING_KEYS[:1])).decrypt(bytes(sealed))
    except InvalidToken:
        return False
    return True


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """What `seal` returned, or nothing. `manage.py reseal` finds it by its class.

    To migrations it is the BinaryField that the database has.
    """

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.BinaryField", arguments, options


@cache
def _box(keys: tuple[str, ...]) -> MultiFernet:
    """Make 32 bytes of each key, whatever its form: keys are random, not passwords."""
    digests = [hashlib.sha256(b"sealing " + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(each)) for each in digests])
