"""Which column is what, and which number a pasted line is about."""

import pytest

from clients.finding.lists import HIDDEN, ClientList, orgnr_in, understand, understand_pasted
from clients.finding.sheets import read_text
from clients.models import ServiceArea


def read(text: str, *areas: ServiceArea) -> ClientList:
    return understand(read_text(text), areas)


def pasted(text: str) -> list[dict[str, str]]:
    return [line.cells for line in understand_pasted(text, [], read_text(text)).lines]


@pytest.mark.parametrize(
    "written",
    [
        "310495921", "310 495 921", "NO 310 495 921 MVA", "NO310495921MVA", "no310495921mva",
        "310.495.921", "310\u00a0495\u00a0921", " 310495921 ", "NO-310495921-MVA",
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_written(written: str) -> None:
    assert orgnr_in(written) == "310495921"


@pytest.mark.parametrize("written", ["31049592", "3104959210", "01017012345", "Bakeren", "", "-"])
def test_what_is_no_number_is_none(written: str) -> None:
    assert orgnr_in(written) == ""


def test_columns_are_known_by_their_headings(mva: ServiceArea) -> None:
    found = read(
        "Kundenr.;Klientnavn;Org. nr.;Klientansvarlig;Team;Merverdiavgift;Kontaktperson\n"
        "7;Bakeren AS;310495921;kari@firmaet.invalid;Vest;ola@firmaet.invalid;Per\n",
        mva,
    )

    area = f"area {mva.pk}"
    assert found.columns == ["name", "orgnr", "responsible", "team", area]
    assert found.ignored == ["Kundenr.", "Kontaktperson"]
    [line] = found.lines
    assert line.number == 2
    assert line.cells == {
        "name": "Bakeren AS",
        "orgnr": "310495921",
        "responsible": "kari@firmaet.invalid",
        "team": "Vest",
        area: "ola@firmaet.invalid",
    }


def test_without_headings_columns_are_known_by_what_is_in_them() -> None:
    found = read("Bakeren AS;310 495 921;kari@firmaet.invalid\nFisker'n;313170004;ola@x.no\n")

    assert found.columns == ["name", "orgnr", "responsible"]
    assert [line.cells["orgnr"] for line in found.lines] == ["310 495 921", "313170004"]


def test_a_table_without_any_number_is_taken_in_to_be_complained_of() -> None:
    found = read("Bakeren AS;Bergen\nFisker'n;Bodø\n")

    assert found.columns[0] == "orgnr"
    assert len(found.lines) == 2


@pytest.mark.parametrize("written", ["01017012345", "010170 12345", "Ola 01017012345 Berg"])
def test_a_persons_number_is_never_kept(written: str) -> None:
    text = f"Org.nr.;Navn\n{written};x\n310495921;{written}\n"

    cells = [line.cells for line in read(text).lines]
    assert "12345" not in str(cells)
    assert HIDDEN in cells[0]["orgnr"]
    assert HIDDEN in cells[1]["name"]
    assert "12345" not in str(pasted(written))


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("NO 310 495 921 MVA", [{"orgnr": "NO 310 495 921 MVA"}]),
        ("310495921, 313170004;310495921", [{"orgnr": n} for n in
                                           ("310495921", "313170004", "310495921")]),
        ("310495921 313170004", [{"orgnr": "310495921"}, {"orgnr": "313170004"}]),
        ("310 495 921 Bakeren AS", [{"orgnr": "310 495 921", "name": "Bakeren AS"}]),
        ("Bakeren AS\t310495921", [{"orgnr": "310495921", "name": "Bakeren AS"}]),
        ("310495921\n\n  \n313170004", [{"orgnr": "310495921"}, {"orgnr": "313170004"}]),
        ("Bakeren AS", [{"orgnr": "Bakeren AS"}]),
        ("12345, 67890", [{"orgnr": "12345"}, {"orgnr": "67890"}]),
        ("Org.nr.\tNavn\n310495921\tBakeren", [{"orgnr": "310495921", "name": "Bakeren"}]),
    ],
)  # fmt: skip
def test_pasted_lines_are_taken_apart(text: str, cells: list[dict[str, str]]) -> None:
    assert pasted(text) == cells
