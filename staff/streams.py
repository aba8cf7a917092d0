"""Where a zip is written that goes out while it is made."""

from io import RawIOBase
from typing import Any


class Taken(RawIOBase):
    """What has been written is taken away at once."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        found, self._waiting = b"".join(self._waiting), []
        return found
