"""What is sent to a service owner, with the lines that a person saw of it before they said yes.

Sealed in the database: the body may hold a national id number. The lines never do.
"""

import hashlib
from dataclasses import dataclass, field

import msgspec

from staff.sealing import seal, unseal

Line = tuple[str, str]  # a label and what it says


@dataclass(frozen=True)
class Request:
    """One call: where, how, and with what. Without a body it is a press of a button."""

    method: str
    url: str
    body: str = ""  # JSON, as the very bytes that are sent
    lines: list[Line] = field(default_factory=list)
    reference: str = ""  # what the service owner calls what is answered
    # The service owner's ids of what it had got before, so that a new one is known as ours; None
    # where it was not asked.
    known: list[str] | None = None

    @property
    def hash(self) -> str:
        """What proves later that it was this very request: SHA-256, in hexadecimal."""
        whole = "\n".join((self.method, self.url, self.body))
        return hashlib.sha256(whole.encode()).hexdigest()

    def sealed(self) -> bytes:
        return seal(msgspec.json.encode(self))

    def __repr__(self) -> str:
        return f"Request({self.hash})"


def unsealed(sealed: bytes | memoryview) -> Request:
    """Return a request as it was sealed.

    Raises:
        Unreadable: none of our keys opens it.
    """
    return msgspec.json.decode(unseal(sealed), type=Request)
