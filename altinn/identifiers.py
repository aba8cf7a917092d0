"""Organisation numbers and the URNs Altinn puts them in."""

import re

_ORGNR = re.compile(r"[0-9]{9}")
_ORGNR_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)
_ORGANISATION = re.compile(r"urn:altinn:organization:identifier-no::?([0-9]{9})", re.IGNORECASE)
_DOUBLE_COLON = re.compile(r"^(urn:altinn:[^:]+:[^:]+)::")


def is_orgnr(text: str) -> bool:
    """Whether `text` is nine digits whose last one is the right check digit (mod 11)."""
    if not _ORGNR.fullmatch(text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _ORGNR_WEIGHTS, strict=False))
    return (11 - total % 11) % 11 == int(text[8])


def party_urn(orgnr: str) -> str:
    """`urn:altinn:organization:identifier-no:{nine digits}`.

    Raises:
        ValueError: not an organisation number. Dialogporten answers 400 to the whole search then.
    """
    if not is_orgnr(orgnr):
        raise ValueError("Not an organisation number: nine digits with a valid check digit wanted")
    return f"urn:altinn:organization:identifier-no:{orgnr}"


def orgnr_of(urn: str) -> str | None:
    """The nine digits in an organisation's URN; None for anything else."""
    match = _ORGANISATION.fullmatch(urn.strip())
    return match[1] if match else None


def canonical_party(urn: str) -> str:
    """The URN in lower case, with one colon before the value.

    Dialogporten publishes the single colon; documentation and older events show two.
    Source: Dialogporten 1.119.1, read 2026-08.
    """
    return _DOUBLE_COLON.sub(r"\1:", urn.strip().lower())


def is_person(urn: str) -> bool:
    """Whether the URN names a person, whatever identifies them."""
    return canonical_party(urn).startswith("urn:altinn:person:")
