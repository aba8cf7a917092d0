"""Ids as Altinn makes them: time-ordered UUIDs, organisation numbers, national identity numbers.

Every number is invented. Organisation numbers start with 31, the range Norway's test data uses;
the identity numbers have 80 added to the month, which no real person's has.
"""

import hashlib
import random
import uuid

ORGANIZATION = "urn:altinn:organization:identifier-no:"
PERSON = "urn:altinn:person:identifier-no:"
SYSTEM_USER = "urn:altinn:systemuser:uuid:"


def uuid7(stamp: int, dice: random.Random) -> str:
    """Make a version 7 UUID of a stamp (microseconds)."""
    return _as_uuid7(stamp, dice.getrandbits(74))


def uuid7_of(stamp: int, *names: str) -> str:
    """Make the version 7 UUID that the stamp and the names always give."""
    digest = hashlib.sha256("\x00".join(names).encode()).digest()
    return _as_uuid7(stamp, int.from_bytes(digest[:10], "big") & (1 << 74) - 1)


def _as_uuid7(stamp: int, bits: int) -> str:
    head = (max(0, stamp // 1000) & (1 << 48) - 1) << 80 | 0x7 << 76 | (bits >> 62) << 64
    text = f"{head | 0b10 << 62 | bits & (1 << 62) - 1:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def uuid4(dice: random.Random) -> str:
    text = f"{dice.getrandbits(128) & ~(0xF << 76 | 3 << 62) | 4 << 76 | 2 << 62:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return len(text) == 36


def orgnr(serial: int) -> str | None:
    """Give the organisation number with these first eight digits, if there is one."""
    first = f"{serial:08d}"
    weights = (3, 2, 7, 6, 5, 4, 3, 2)
    check = -sum(int(digit) * weight for digit, weight in zip(first, weights, strict=True)) % 11
    return None if check == 10 else f"{first}{check}"


def is_orgnr(text: str) -> bool:
    return len(text) == 9 and text.isascii() and text.isdigit() and orgnr(int(text[:8])) == text


def orgnrs(dice: random.Random, count: int) -> list[str]:
    """Draw different organisation numbers from the range for test data."""
    found: dict[str, None] = {}
    while len(found) < count:
        number = orgnr(31_000_000 + dice.randrange(1_000_000))
        if number:
            found[number] = None
    return list(found)


_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def _check(digits: str, weights: tuple[int, ...]) -> int:
    return -sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11


def identity_number(day: int, month: int, year: int) -> str:
    """Give an identity number that belongs to nobody: 80 is added to the month."""
    for serial in range(100, 500):
        digits = f"{day:02d}{month + 80:02d}{year % 100:02d}{serial}"
        first = _check(digits, _FIRST)
        second = _check(f"{digits}{first}", _SECOND) if first < 10 else 10
        if second < 10:
            return f"{digits}{first}{second}"
    raise AssertionError("no identity number for that day")


def is_identity_number(text: str) -> bool:
    return (
        len(text) == 11
        and text.isascii()
        and text.isdigit()
        and _check(text[:9], _FIRST) == int(text[9])
        and _check(text[:10], _SECOND) == int(text[10])
    )


def is_party(urn: str) -> bool:
    """Tell a party URN that Dialogporten takes from one it answers 400 to."""
    if urn.startswith(ORGANIZATION):
        return is_orgnr(urn.removeprefix(ORGANIZATION))
    if urn.startswith(PERSON):
        return is_identity_number(urn.removeprefix(PERSON))
    named = ("urn:altinn:person:legacy-selfidentified:", "urn:altinn:person:idporten-email:")
    return any(urn.startswith(prefix) and len(urn) > len(prefix) for prefix in named)
