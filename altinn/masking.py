"""Takes tokens and national identity numbers out of text that may end in a log."""

import re

_MASK = "***"
_COLON = r"(?::|%3[aA])"

# What is kept although it holds many digits: UUIDs, and the trace ids that support asks for.
_TRACE = r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NUMBER = r"\d{6}(?:[ .+-]|%20)?\d{5,}"
_NUMBERS = re.compile(rf"({_TRACE}|{_UUID})|{_NUMBER}", re.IGNORECASE)

# Persons, by number, e-mail or user name. The ephemeral id is Altinn's own mask.
_PERSONS = re.compile(
    rf"(urn{_COLON}altinn{_COLON}person{_COLON}(?!identifier-ephemeral)[a-z-]+){_COLON}{{1,2}}"
    r"[^\s&\"'<>,;()\[\]{}]+",
    re.IGNORECASE,
)
_JWT = re.compile(r"eyJ[\w-]{5,}(?:\.[\w-]*)*")
_BEARER = re.compile(r"(bearer(?:\s|%20|\+)+)[^\s\"',;]+", re.IGNORECASE)
_NAMED = re.compile(
    r"((?:access_?token|id_?token|refresh_?token|dialog_?token|assertion|client_secret)"
    r"[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;]+",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """`text` without tokens, national identity numbers and other things that name a person.

    `urn:altinn:person:identifier-no:***` is what is left of a person. Masks too much rather than
    too little: every run of eleven digits or more goes, other than in UUIDs and trace ids.
    """
    text = _JWT.sub(_MASK, text)
    text = _BEARER.sub(rf"\1{_MASK}", text)
    text = _NAMED.sub(rf"\1{_MASK}", text)
    text = _PERSONS.sub(rf"\1:{_MASK}", text)
    return _NUMBERS.sub(lambda match: match[1] or _MASK, text)
