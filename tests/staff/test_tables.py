"""Tables as files: opened by the parsers that others open them with."""

import csv
import io
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from staff import tables
from staff.tables import Cell, Kind
from tests.naughty import naughty_strings

WORKING = ["=1+1", "+47 55", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1+1"]
MANY = 20_000


def in_csv(rows: list[list[Cell]]) -> list[list[str]]:
    text = b"".join(tables.as_csv(["A"], rows)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))[1:]


def in_excel(rows: list[list[Cell]], title: str = "x") -> Any:
    return load_workbook(io.BytesIO(b"".join(tables.as_xlsx(title, ["A"], rows)))).active


def test_a_csv_begins_with_a_mark_and_has_excels_delimiters() -> None:
    content = b"".join(tables.as_csv(["Klient", "Frist"], [["Blå; «Bølge»", date(2026, 11, 28)]]))

    assert content == '\ufeffKlient;Frist\r\n"Blå; «Bølge»";2026-11-28\r\n'.encode()


def test_no_text_works_as_a_formula_in_csv() -> None:
    assert [row[0] for row in in_csv([[text] for text in WORKING])] == [f"'{x}" for x in WORKING]


def test_no_text_works_as_a_formula_in_excel() -> None:
    cells = [row[0] for row in in_excel([[text] for text in WORKING]).iter_rows(min_row=2)]

    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells] == WORKING


def test_what_is_no_text_is_not_made_one() -> None:
    moment = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)  # half past midnight in Oslo
    row: list[Cell] = [-3, 2.5, date(2026, 11, 28), moment, None, ""]

    assert in_csv([row]) == [["-3", "2.5", "2026-11-28", "2026-07-01 00:30", "", ""]]
    number, half, day, at = (cell.value for cell in in_excel([row])[2])
    assert (number, half, f"{day:%Y-%m-%d}") == (-3, 2.5, "2026-11-28")
    assert f"{at:%Y-%m-%d %H:%M:%S}" == "2026-07-01 00:30:00"


def test_columns_beyond_z_stay_where_they_are() -> None:
    row: list[Cell] = [None] * 27 + ["her"]

    assert in_excel([row])["AB2"].value == "her"


@pytest.mark.parametrize("title", ["Innboks: [over] frist", "'", "x" * 40, "", '<&">'])
def test_a_sheet_has_a_name_that_excel_takes(title: str) -> None:
    found = in_excel([], title).title

    assert 0 < len(found) <= 31
    assert not set("[]:*?/\\") & set(found)


def test_whatever_somebody_wrote_can_be_opened() -> None:
    texts = [*naughty_strings(), "\x00\x08", "\ud800", "x" * 40_000]

    sheet = in_excel([[text] for text in texts])
    assert sheet.max_row == len(texts) + 1
    assert len(in_csv([[text] for text in texts])) == len(texts)


@pytest.mark.parametrize("kind", list(Kind))
def test_of_many_rows_few_are_held_at_a_time(kind: Kind) -> None:
    held, most = 0, 0

    def rows() -> Iterator[list[Cell]]:
        nonlocal held, most
        for number in range(MANY):
            held += 1
            most = max(most, held)
            yield [f"Brev {number}", number, date(2026, 11, 28)]

    pieces = tables.written(kind, "x", ["Brev", "Nr.", "Dag"], rows())
    tracemalloc.start()
    for _piece in pieces:
        held = 0
    _now, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most <= 201
    assert peak_bytes < 2 * 1024**2
