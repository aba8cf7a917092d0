"""Write tables as people take them home: CSV, or an Excel workbook. Both piece by piece.

A workbook is written here and not by openpyxl, which needs all of a table before the first byte
goes out, and four megabytes in each process. It is one sheet: text in its cells, numbers, days.
Nothing that is written begins to work as a formula when somebody opens it.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Self
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils import timezone

from staff.streams import Taken

Cell = str | int | float | date | datetime | None
Rows = Iterable[Sequence[Cell]]

# A cell that begins with one of these is a formula to a spreadsheet. Source: OWASP, «CSV
# injection», read 2026-10.
WORKS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HARMLESS = "'"
MOST_ROWS = 1_048_575  # of a sheet, below the headings
LONGEST = 32_767  # letters of a cell; Excel takes no more
_AT_ONCE = 200  # rows in a piece
_DAY_ONE = datetime(1899, 12, 30)  # noqa: DTZ001 (Excel's days have no zone)
# What XML has no way to say, and nobody means to.
_UNFIT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Kind(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the kind that goes by this name, if there is one."""
        return next((kind for kind in cls if kind == text), None)

    @property
    def media_type(self) -> str:
        return {
            Kind.CSV: "text/csv; charset=utf-8",
            Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }[self]


def written(kind: Kind, title: str, headings: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """Write a table, a piece at a time; `title` is the sheet's name."""
    if kind is Kind.CSV:
        return as_csv(headings, rows)
    return as_xlsx(title, headings, rows)


def as_csv(headings: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """Write a table that Excel in Norwegian opens with a double click."""
    out = io.StringIO()
    lines = csv.writer(out, delimiter=";", lineterminator="\r\n")
    lines.writerow(map(_plain, headings))
    mark = "\ufeff"
    for number, row in enumerate(rows, start=1):
        lines.writerow(map(_plain, row))
        if number % _AT_ONCE == 0:
            yield (mark + out.getvalue()).encode()
            mark = ""
            out.seek(0)
            out.truncate()
    yield (mark + out.getvalue()).encode()


def _plain(cell: Cell) -> str | int | float:
    """Return a cell as CSV has it: moments in Norway's time, and no text that works."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{_local(cell):%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        text = _UNFIT.sub("", cell)
        return HARMLESS + text if text.startswith(WORKS) else text
    return cell


def as_xlsx(title: str, headings: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """Write a table as an Excel workbook whose headings stay in sight."""
    out = Taken()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=4) as book:
        for name, text in _around(title).items():
            book.writestr(_member(name), text)
        with book.open(_member("xl/worksheets/sheet1.xml"), "w") as sheet:
            sheet.write(_head(headings).encode())
            some: list[str] = []
            for number, row in enumerate(rows, start=2):
                some.append(_row(number, row))
                if len(some) == _AT_ONCE:
                    sheet.write("".join(some).encode())
                    some.clear()
                    yield out.taken()
            sheet.write("".join(some).encode())
            sheet.write(b"</sheetData></worksheet>")
    yield out.taken()


def _head(headings: Sequence[str]) -> str:
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{max(14, min(60, len(name) + 4))}" customWidth="1"/>'
        for n, name in enumerate(headings, start=1)
    )
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f"</sheetView></sheetViews><cols>{columns}</cols><sheetData>"
        f"{_row(1, headings, style=1)}"
    )


def _row(number: int, row: Sequence[Cell], *, style: int = 0) -> str:
    cells = (_cell(f"{_letters(n)}{number}", cell, style) for n, cell in enumerate(row))
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, cell: Cell, style: int) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, str):
        text = escape(_UNFIT.sub("", cell[:LONGEST])).replace("\r", "&#13;")
        inner = f'<is><t xml:space="preserve">{text}</t></is>'
        return f'<c r="{place}" s="{style}" t="inlineStr">{inner}</c>'
    if isinstance(cell, datetime):
        days = (_local(cell) - _DAY_ONE).total_seconds() / 86400
        return f'<c r="{place}" s="3"><v>{days:.9f}</v></c>'
    if isinstance(cell, date):
        return f'<c r="{place}" s="2"><v>{(cell - _DAY_ONE.date()).days}</v></c>'
    return f'<c r="{place}"><v>{cell}</v></c>'


@cache
def _letters(number: int) -> str:
    """Return a column's letters: A for 0, AA for 26."""
    more, last = divmod(number, 26)
    return (_letters(more - 1) if more else "") + chr(ord("A") + last)


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(tzinfo=None)


def _member(name: str) -> ZipInfo:
    info = ZipInfo(name)  # of 1980: when a workbook was written is no business of its own
    info.compress_type = ZIP_DEFLATED
    return info


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = f"{_OFFICE}/spreadsheetml/2006/main"
_LINKS = f"{_OFFICE}/officeDocument/2006/relationships"
_PACKAGE = f"{_OFFICE}/package/2006"
_PARTS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Of a cell's looks: as it comes, a heading, a day, a moment.
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
    "</cellStyles></styleSheet>"
)


def _around(title: str) -> dict[str, str]:
    """Return the parts of a workbook beside its sheet."""
    # What Excel does not take in a sheet's name, which has at most 31 letters and no ' at an end.
    name = re.sub(r"[\[\]:*?/\\]", " ", _UNFIT.sub("", title))[:31].strip("' ") or "1"
    quoted = escape(name, {'"': "&quot;"})
    kinds = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{_PARTS}.{kind}+xml"/>'
        for part, kind in (
            ("workbook", "sheet.main"), ("worksheets/sheet1", "worksheet"), ("styles", "styles"),
        )
    )  # fmt: skip
    return {
        "[Content_Types].xml": (
            f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{kinds}</Types>'
        ),
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": (
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>'
            f'<sheet name="{quoted}" sheetId="1" r:id="r1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": _relations(
            ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")
        ),
        "xl/styles.xml": _STYLES,
    }


def _relations(*targets: tuple[str, str]) -> str:
    each = "".join(
        f'<Relationship Id="r{number}" Type="{_LINKS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'
