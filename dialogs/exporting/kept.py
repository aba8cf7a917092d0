"""A made file in the storage `archive`, sealed piece by piece: neither is ever held as a whole."""

import hashlib
from collections.abc import Iterable, Iterator
from io import BufferedReader
from typing import NamedTuple

from django.core.files.base import File

from dialogs.files.archive import Damaged, Incoming, read, storage
from staff.sealing import Unreadable, seal, unseal

PIECE_BYTES = 256 * 1024
_LENGTH_BYTES = 4


class Kept(NamedTuple):
    size_bytes: int
    sha256: str


def keep(stored_as: str, pieces: Iterable[bytes]) -> Kept:
    """Put a file in the storage under a name that nothing has. On any error nothing is left."""
    digest, size = hashlib.sha256(), 0

    def sealed() -> Iterator[bytes]:
        nonlocal size
        for piece in _of_size(pieces):
            digest.update(piece)
            size += len(piece)
            token = seal(piece)
            yield len(token).to_bytes(_LENGTH_BYTES) + token

    is_kept = False
    try:
        storage().save(stored_as, File(BufferedReader(Incoming(sealed()), PIECE_BYTES)))
        is_kept = True
    finally:
        if not is_kept:
            storage().delete(stored_as)
    return Kept(size, digest.hexdigest())


def pieces_of(stored_as: str, sha256: str) -> Iterator[bytes]:
    """Read a file; the last piece comes only when all of it is what was put there.

    Raises:
        OSError: the storage does not give it.
        Damaged: it has been changed, or was sealed with a key we no longer have.
    """
    digest, last = hashlib.sha256(), b""
    try:
        for token in _tokens(read(stored_as)):
            piece = unseal(token)
            digest.update(piece)
            if last:
                yield last
            last = piece
    except Unreadable as exc:
        raise Damaged(stored_as) from exc
    if digest.hexdigest() != sha256:
        raise Damaged(stored_as)
    yield last


def remove(stored_as: str) -> None:
    storage().delete(stored_as)


def _of_size(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Put small pieces together: each is sealed by itself."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= PIECE_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _tokens(parts: Iterable[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for part in parts:
        waiting += part
        while len(waiting) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(waiting[:_LENGTH_BYTES])
            if len(waiting) < end:
                break
            yield bytes(waiting[_LENGTH_BYTES:end])
            del waiting[:end]
