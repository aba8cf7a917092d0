"""What is behind a refusal while access is being set up: Altinn's and Maskinporten's codes, named.

Many codes have one cause for those who must do something about it. The sentences, and who does
what next, are the portal's: see `clients.advice`.

Source: altinn-authentication ad4f6f36, Digdir's documentation of Maskinporten and ID-porten; read
2026-07. Where the code says no more than a heading, the cause is the widest one that is true.
"""

import re
from enum import StrEnum, auto

from altinn.errors import (
    AltinnError,
    Changed,
    KeyExpired,
    LevelTooLow,
    NoSystemUser,
    NotThere,
    Refused,
    TokenRefused,
    TryLater,
    UnknownOutcome,
)
from altinn.sign_in import NotGenuine, SignInCancelled, SignInEnded

_CLOCK = re.compile(r"issue time is after now", re.IGNORECASE)


class Cause(StrEnum):
    """Why it did not go well, as the one who must do something about it would say it."""

    # A request for a system user.
    EXISTS = auto()
    ALREADY_ACCEPTED = auto()
    ALREADY_PENDING = auto()
    ALREADY_REJECTED = auto()
    REQUEST_UNKNOWN = auto()
    REQUEST_ANSWERED = auto()
    SYSTEM_USER_UNKNOWN = auto()
    WRONG_KIND = auto()
    NOTHING_ASKED = auto()
    NOT_IN_SYSTEM = auto()
    PACKAGE_UNKNOWN = auto()
    PACKAGE_FOR_AGENTS = auto()
    PACKAGE_NOT_FOR_AGENTS = auto()
    REDIRECT = auto()
    UNKNOWN_ORGNR = auto()
    # Who approves.
    RIGHT_NOT_DELEGABLE = auto()
    APPROVER_LACKS_RIGHT = auto()
    APPROVER_LACKS_PACKAGE = auto()
    APPROVER_LEVEL = auto()
    APPROVER_NOT_ACCESS_MANAGER = auto()
    OWNER_RESTRICTS = auto()
    SELF_IDENTIFIED = auto()
    PARTY_MISMATCH = auto()
    # An agent's clients.
    AGENT_UNKNOWN = auto()
    CLIENT_UNKNOWN = auto()
    CLIENT_LACKS_PACKAGES = auto()
    HAS_CLIENTS = auto()
    MAY_NOT_DELETE = auto()
    # The system in Altinn's register.
    SYSTEM_UNKNOWN = auto()
    SYSTEM_ID = auto()
    SYSTEM_ID_TAKEN = auto()
    CLIENT_ID_TAKEN = auto()
    RESOURCE = auto()
    TWICE = auto()
    VISIBLE = auto()
    VENDOR = auto()
    # Tokens.
    WRONG_CLIENT = auto()
    ENVIRONMENTS_MIXED = auto()
    KEY_NOT_REGISTERED = auto()
    KEY_EXPIRED = auto()
    CLOCK = auto()
    SCOPE_MISSING = auto()
    SCOPE_NOT_GIVEN = auto()
    NO_SYSTEM_USER = auto()
    TOKEN = auto()
    # A person at ID-porten.
    IDPORTEN_CLIENT = auto()
    SIGN_IN_ENDED = auto()
    SIGN_IN_CANCELLED = auto()
    NOT_GENUINE = auto()
    LEVEL = auto()
    # Whatever was asked.
    NO_ACCESS = auto()
    NOT_THERE = auto()
    CHANGED = auto()
    UNKNOWN_OUTCOME = auto()
    ALTINN_FAILED = auto()
    ALTINN_AWAY = auto()
    OUR_MISTAKE = auto()
    UNCLEAR = auto()


def _coded(prefix: str, width: int, causes: dict[Cause, tuple[int, ...]]) -> dict[str, Cause]:
    return {
        f"{prefix}{number:0{width}}": cause
        for cause, numbers in causes.items()
        for number in numbers
    }


CAUSES: dict[str, Cause] = {
    **_coded(
        "AUTH-",
        5,
        {
            Cause.UNKNOWN_ORGNR: (0,),
            Cause.RIGHT_NOT_DELEGABLE: (1, 70, 71),
            Cause.ALTINN_FAILED: (
                *(2, 3, 12, 22, 32, 33, 37, 38, 45, 46, 47, 48, 49),
                *(51, 54, 55, 56, 57, 60, 62),
            ),
            Cause.EXISTS: (4,),
            Cause.UNCLEAR: (5, 67),
            Cause.ALREADY_ACCEPTED: (6,),
            Cause.ALREADY_PENDING: (7,),
            Cause.ALREADY_REJECTED: (8, 9),
            Cause.REQUEST_UNKNOWN: (10, 30),
            Cause.SYSTEM_UNKNOWN: (11, 17),
            Cause.REQUEST_ANSWERED: (13, 61),
            Cause.APPROVER_LACKS_RIGHT: (14, 16, 18),
            Cause.SYSTEM_USER_UNKNOWN: (15,),
            Cause.OWNER_RESTRICTS: (19, 69),
            Cause.APPROVER_LEVEL: (20,),
            Cause.REDIRECT: (21, 26),
            Cause.VENDOR: (23,),
            Cause.MAY_NOT_DELETE: (24,),
            Cause.WRONG_KIND: (25, 34, 36),
            Cause.PACKAGE_UNKNOWN: (27, 52),
            Cause.CLIENT_UNKNOWN: (28, 79),
            Cause.PARTY_MISMATCH: (31, 39, 40, 41, 42),
            Cause.HAS_CLIENTS: (35,),
            Cause.TOKEN: (43,),
            Cause.NO_ACCESS: (44,),
            Cause.APPROVER_LACKS_PACKAGE: (50, 53, 68),
            Cause.NOTHING_ASKED: (58, 59),
            Cause.NOT_IN_SYSTEM: (63,),
            Cause.PACKAGE_FOR_AGENTS: (64,),
            Cause.PACKAGE_NOT_FOR_AGENTS: (65,),
            Cause.APPROVER_NOT_ACCESS_MANAGER: (66,),
            Cause.SELF_IDENTIFIED: (72, 73, 74, 75, 76, 77, 78),
            Cause.CLIENT_LACKS_PACKAGES: (80,),
        },
    ),
    **_coded(
        "AUTH.VLD-",
        5,
        {
            Cause.OUR_MISTAKE: (0, 12),
            Cause.SYSTEM_ID: (1, 13),
            Cause.SYSTEM_ID_TAKEN: (2,),
            Cause.RESOURCE: (3, 9, 17),
            Cause.CLIENT_ID_TAKEN: (4,),
            Cause.REDIRECT: (5,),
            Cause.TWICE: (6, 7, 11),
            Cause.PACKAGE_UNKNOWN: (8,),
            Cause.AGENT_UNKNOWN: (14,),
            Cause.WRONG_KIND: (15,),
            Cause.CLIENT_UNKNOWN: (16,),
            Cause.VISIBLE: (18,),
        },
    ),
    **_coded(
        "MP-",
        3,
        {
            Cause.OUR_MISTAKE: (10, 11, 12, 301, 302),
            Cause.WRONG_CLIENT: (100,),
            Cause.ENVIRONMENTS_MIXED: (110,),
            Cause.KEY_NOT_REGISTERED: (120, 122, 123, 124),
            Cause.KEY_EXPIRED: (121,),
            Cause.CLOCK: (130,),
            Cause.SCOPE_MISSING: (200, 201),
            Cause.SCOPE_NOT_GIVEN: (250, 251),
            Cause.NO_SYSTEM_USER: (303,),
        },
    ),
    "invalid_client": Cause.IDPORTEN_CLIENT,
    "unauthorized_client": Cause.IDPORTEN_CLIENT,
    "invalid_scope": Cause.IDPORTEN_CLIENT,
    "invalid_request": Cause.OUR_MISTAKE,
}

# Where there is no code, or none that is known: the first that fits.
_BY_KIND: tuple[tuple[type[AltinnError], Cause], ...] = (
    (SignInEnded, Cause.SIGN_IN_ENDED),
    (SignInCancelled, Cause.SIGN_IN_CANCELLED),
    (NotGenuine, Cause.NOT_GENUINE),
    (LevelTooLow, Cause.LEVEL),
    (NoSystemUser, Cause.NO_SYSTEM_USER),
    (KeyExpired, Cause.KEY_EXPIRED),
    (TokenRefused, Cause.TOKEN),
    (TryLater, Cause.ALTINN_AWAY),
    (UnknownOutcome, Cause.UNKNOWN_OUTCOME),
    (Refused, Cause.NO_ACCESS),
    (NotThere, Cause.NOT_THERE),
    (Changed, Cause.CHANGED),
)


def cause_of(error: AltinnError) -> Cause:
    """The cause: what is wrong with what we sent first, then the code, then the kind of error."""
    for code in (*error.validation_codes, error.code):
        if code in CAUSES:
            return CAUSES[code]
    if isinstance(error, TokenRefused) and _CLOCK.search(error.message):
        return Cause.CLOCK
    return next((cause for kind, cause in _BY_KIND if isinstance(error, kind)), Cause.UNCLEAR)
