"""File names, which somebody else has chosen, made harmless for a disk, a zip and a header."""

import re
import unicodedata
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

MOST_BYTES = 255  # what file systems take
_LONGEST_EXTENSION = 12
_SEPARATORS = re.compile(r"[/\\]")
_FORBIDDEN = re.compile(r'[<>:"|?*]')  # on Windows
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)


def safe(name: str) -> str:
    """Return a name without folders, invisible letters, or what Windows gives a meaning.

    Marks that turn the direction of reading are taken out: «faktura⟨RLO⟩fdp.exe» shows what it is.
    """
    plain = "".join(map(_visible, unicodedata.normalize("NFC", name)))
    parts = (part.strip() for part in _SEPARATORS.split(plain))
    joined = "-".join(part for part in parts if part.strip("."))
    joined = " ".join(_FORBIDDEN.sub("_", joined).split()).strip(". ")
    if _RESERVED.fullmatch(joined.partition(".")[0].strip()):
        joined = f"_{joined}"
    return _shortened(joined or _("vedlegg"), MOST_BYTES)


def extension_of(name: str) -> str:
    """Return «pdf», in lower case; nothing when what follows the point is no extension."""
    found = PurePosixPath(name).suffix.lower().removeprefix(".")
    return found if found.isascii() and found.isalnum() and len(found) < _LONGEST_EXTENSION else ""


def with_extension(name: str, extension: str) -> str:
    """Return the name with what the file is at its end, whatever it called itself."""
    same = {"jpeg": "jpg", "htm": "html"}
    own = extension_of(name)
    if not extension or same.get(own, own) == same.get(extension, extension):
        return name
    return f"{_shortened(name, MOST_BYTES - len(extension) - 1, keep_extension=False)}.{extension}"


def unique(name: str, taken: set[str]) -> str:
    """Return a name that is not taken, also where letters' case is not told apart; take it."""
    found, number = name, 1
    extension = extension_of(name)
    stem = name.removesuffix(name[-len(extension) - 1 :]) if extension else name
    while found.casefold() in taken:
        number += 1
        end = f" ({number}){f'.{extension}' if extension else ''}"
        found = _shortened(stem, MOST_BYTES - len(end), keep_extension=False) + end
    taken.add(found.casefold())
    return found


def _visible(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if category.startswith("C") else letter


def _shortened(name: str, most_bytes: int, *, keep_extension: bool = True) -> str:
    if len(name.encode()) <= most_bytes:
        return name
    extension = extension_of(name) if keep_extension else ""
    end = f".{extension}" if extension else ""
    stem = name.encode()[: most_bytes - len(end)].decode(errors="ignore")
    return stem.removesuffix(end).rstrip(". ") + end
