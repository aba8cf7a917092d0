"""Tables in and out: what Norwegian offices really have, and what somebody hostile may send."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from clients.finding import sheets
from clients.finding.sheets import Unreadable, read
from staff import tables

ROWS = [(1, ["Org.nr.", "Navn"]), (2, ["310495921", "Bakeren Blå AS"])]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_csv_is_read_in_all_its_dialects(delimiter: str, encoding: str) -> None:
    text = f"Org.nr.{delimiter}Navn\r\n310495921{delimiter}Bakeren Blå AS\r\n"

    assert read(text.encode(encoding)) == ROWS


def test_excels_hint_to_itself_and_empty_lines_are_left_out() -> None:
    rows = read("sep=;\r\nOrg.nr.;Navn\r\n;\r\n\r\n310495921;Bakeren Blå AS\r\n".encode())

    assert [cells for _number, cells in rows] == [cells for _number, cells in ROWS]
    assert rows[1][0] == 4


def test_a_quoted_cell_may_hold_the_delimiter_and_a_line_break() -> None:
    rows = read('Navn;Org.nr.\n"Bakeren; Bryggen\nog Blå AS";310495921\n'.encode())

    assert rows[1][1] == ["Bakeren; Bryggen og Blå AS", "310495921"]


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_excel_numbers_are_read_as_they_look() -> None:
    rows = read(workbook(["Org.nr.", "Navn"], [310495921, "Bakeren"], [310495921.0, None]))

    assert [cells for _number, cells in rows] == [
        ["Org.nr.", "Navn"],
        ["310495921", "Bakeren"],
        ["310495921"],
    ]


def test_a_formula_is_not_worked_out() -> None:
    rows = read(workbook(["Org.nr.", "Navn"], ["310495921", "=1+1"], ["310495921", "=HYPERLINK()"]))

    assert [cells for _number, cells in rows[1:]] == [["310495921"], ["310495921"]]


def test_a_hidden_sheet_is_not_read() -> None:
    book = Workbook()
    book.active.append(["Lønn", "900000"])  # type: ignore[union-attr]
    book.active.sheet_state = "hidden"  # type: ignore[union-attr]
    book.create_sheet("Klienter").append(["310495921"])
    out = io.BytesIO()
    book.save(out)

    assert read(out.getvalue()) == [(1, ["310495921"])]


def bomb(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * size)
    return out.getvalue()


def laughs() -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(["310495921"]))) as good,
        zipfile.ZipFile(out, "w") as archive,
    ):
        for name in good.namelist():
            content = good.read(name)
            if name.endswith("sheet1.xml"):
                content = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]>' + content
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "tom"),
        (b" \n \n", "tom"),
        (b"1" * (sheets.MOST_BYTES + 1), "5 MB"),
        (b"\xd0\xcf\x11\xe0 old", "gammel"),
        (bomb(sheets.MOST_UNPACKED_BYTES + 1), "pakkes ut"),
        (laughs(), "kan ikke leses"),
        (b"PK\x03\x04 not really", "kan ikke leses"),
        (bomb(10), "kan ikke leses"),
        (b"%PDF-1.7\n\0\0", "tekstfil"),
        (b"310495921\n" * (sheets.MOST_ROWS + 2), "20"),
        (b'"' + b"x" * 200_000 + b'"', "CSV"),
    ],
)
def test_what_cannot_be_taken_in_says_why(content: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        read(content)


def test_a_workbook_with_too_many_rows_is_refused() -> None:
    rows = [["310495921"] for _ in range(sheets.MOST_ROWS + 2)]

    with pytest.raises(Unreadable, match="20"):
        read(b"".join(tables.as_xlsx("x", ["Org.nr."], rows)))


@pytest.mark.parametrize("kind", list(tables.Kind))
def test_what_we_write_we_read_back(kind: tables.Kind) -> None:
    rows = [["310495921", "=Bakeren"], ["310495922", "Blå; «Bølge»"]]

    found = read(b"".join(tables.written(kind, "x", ["Org.nr.", "Navn"], rows)))

    assert [cells for _number, cells in found] == [["Org.nr.", "Navn"], *rows]
