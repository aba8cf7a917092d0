"""Read tables as people have them: CSV in any of its dialects, Excel, or pasted text.

What is read is bounded before it is unpacked, and no formula is ever worked out: Excel's own last
result is read. staff/tables.py writes them.

openpyxl is imported where a workbook is at hand: four megabytes in each process, for few pages.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError  # what openpyxl lets through

from django.utils.translation import gettext as _

from staff.tables import HARMLESS, WORKS

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 40
MOST_CELL = 300  # letters
MOST_UNPACKED_BYTES = 30 * 1024 * 1024
MOST_MEMBERS = 200

_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_DELIMITERS = ";\t,"
Row = tuple[int, list[str]]  # its number in the file, and its cells


class Unreadable(Exception):
    """The file cannot be taken in; the text says why and what to do."""


def read(content: bytes) -> list[Row]:
    """Return the rows that hold something, with their numbers in the file.

    Raises:
        Unreadable: it is too large, of another kind, or broken.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable(
            _("Filen er større enn 5 MB. Del den i to, eller ta bort det som er pynt.")
        )
    if content.startswith(_OLD_EXCEL):
        raise Unreadable(_("Dette er en Excel-fil av gammel type. Lagre den som .xlsx eller CSV."))
    rows = _read_excel(content) if content.startswith(_ZIP) else read_text(_decoded(content))
    if not rows:
        raise Unreadable(_("Filen er tom. Velg en fil med ett organisasjonsnummer på hver linje."))
    return rows


def read_text(text: str) -> list[Row]:
    """Return the rows of a CSV text.

    Raises:
        Unreadable: there are too many, or it is no text.
    """
    if "\0" in text:
        raise Unreadable(_("Dette er ikke en tekstfil. Lagre listen som CSV eller .xlsx."))
    text = re.sub(r"\Asep=.\r?\n", "", text)  # Excel's own hint to itself
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter_of(text))
    rows: list[Row] = []
    try:
        for number, cells in enumerate(lines, start=1):
            _take(rows, number, cells)
    except csv.Error as exc:
        raise Unreadable(_("Filen er ikke en lesbar CSV-fil. Lagre den på nytt.")) from exc
    return rows


def _take(rows: list[Row], number: int, cells: Iterable[Any]) -> None:
    written = [_written(cell) for cell in cells][:MOST_COLUMNS]
    while written and not written[-1]:
        written.pop()
    if not written:
        return
    if len(rows) > MOST_ROWS:  # one more than may be: the headings
        raise Unreadable(_("Listen har mer enn 20 000 linjer. Del den i flere."))
    rows.append((number, written))


def _decoded(content: bytes) -> str:
    """Return the text: as its mark says, else UTF-8, else what Windows here writes."""
    for mark, encoding in _BOMS.items():
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _delimiter_of(text: str) -> str:
    """Return what the first line that has any of them has most of, outside quotes."""
    for line in text.splitlines()[:20]:
        outside = re.sub(r'"[^"]*"', "", line)
        found = max(_DELIMITERS, key=outside.count)
        if found in outside:
            return found
    return ";"


def _read_excel(content: bytes) -> list[Row]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    broken = _("Excel-filen kan ikke leses. Lagre den på nytt, eller lagre den som CSV.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_unpacked(archive)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except (*_BROKEN, InvalidFileException) as exc:
        raise Unreadable(broken) from exc
    rows: list[Row] = []
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            cells = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True)
            for number, values in enumerate(cells, start=1):
                _take(rows, number, values)
            if rows:
                break
    except _BROKEN as exc:
        raise Unreadable(broken) from exc
    finally:
        book.close()
    return rows


# What a damaged or hostile workbook makes zipfile, the XML parser and openpyxl raise.
_BROKEN = (
    zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError,
    EOFError, NotImplementedError, OSError, RuntimeError, OverflowError,
)  # fmt: skip


def _check_unpacked(archive: zipfile.ZipFile) -> None:
    """Refuse a bomb before anything is unpacked. zipfile gives no more of a member than it says."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > MOST_UNPACKED_BYTES:
        raise Unreadable(
            _("Excel-filen er for stor når den pakkes ut. Lagre bare listen, som CSV.")
        )
    for member in members:
        if member.filename.endswith((".xml", ".rels")):
            with archive.open(member) as opened:
                if b"<!DOCTYPE" in opened.read(2048):
                    raise zipfile.BadZipFile


def _written(cell: Any) -> str:
    """Return a cell as it is read on the screen, on one line."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime | date):
        cell = cell.isoformat()[:10]
    text = " ".join(str(cell).replace("\0", "").split())[:MOST_CELL]
    # What we made harmless ourselves may come back corrected.
    return text[1:] if text.startswith(tuple(HARMLESS + sign for sign in WORKS)) else text
