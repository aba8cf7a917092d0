"""Make sense of a list of clients: which column is what, and which number a line is about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from altinn.identifiers import is_orgnr
from clients.finding.sheets import Row
from clients.models import ServiceArea


class Column(StrEnum):
    """What a column may hold, besides «area 3»: who is responsible for a service area."""

    ORGNR = "orgnr"
    NAME = "name"
    RESPONSIBLE = "responsible"
    TEAM = "team"


AREA = "area "

# As people and other programs write their headings, without everything but letters and digits.
_HEADINGS = {
    Column.ORGNR: {
        "orgnr", "orgno", "organisasjonsnummer", "organisasjonsnr", "orgnummer", "orgnumber",
        "organizationnumber", "organisationnumber", "virksomhetsnummer", "foretaksnummer",
    },
    Column.NAME: {
        "navn", "namn", "name", "klient", "klientnavn", "klientnamn", "kunde", "kundenavn",
        "firma", "firmanavn", "selskap", "selskapsnavn", "virksomhet", "client", "clientname",
        "company", "companyname",
    },
    Column.RESPONSIBLE: {
        "ansvarlig", "ansvarleg", "klientansvarlig", "klientansvarleg", "kundeansvarlig",
        "ansvarligepost", "klientansvarligepost", "ansvarligregnskapsfører", "regnskapsfører",
        "oppdragsansvarlig", "responsible", "responsibleemail",
    },
    Column.TEAM: {"team", "lag", "gruppe"},
}  # fmt: skip

_NATIONAL_ID = re.compile(r"(?<![0-9])[0-9]{6}[ .]?[0-9]{5}(?![0-9])")
HIDDEN = "•••••• •••••"
# «NO 987 654 321 MVA», with the spaces, points and letters that people put around and within.
_NUMBER = re.compile(r"(?<![0-9])(?:NO[\s-]*)?([0-9]{3})[\s.]?([0-9]{3})[\s.]?([0-9]{3})(?![0-9])"
                     r"(?:[\s-]*MVA\b)?", re.IGNORECASE)  # fmt: skip


@dataclass
class Line:
    """One line of a list, as it was written."""

    number: int
    cells: dict[str, str] = field(default_factory=dict)

    @property
    def written_orgnr(self) -> str:
        return self.cells.get(Column.ORGNR, "")


@dataclass
class ClientList:
    """A list that was made sense of."""

    columns: list[str]
    ignored: list[str]
    lines: list[Line]


def orgnr_in(text: str) -> str:
    """Return the nine digits somebody meant, with a valid control digit or not; else nothing."""
    match = _NUMBER.fullmatch(text.strip())
    return "".join(match.groups()) if match else ""


def without_national_ids(text: str) -> str:
    """Return the text without a person's number: such a one is neither kept nor shown."""
    return _NATIONAL_ID.sub(HIDDEN, text)


def has_national_id(text: str) -> bool:
    return HIDDEN in text


def understand(rows: Sequence[Row], areas: Sequence[ServiceArea]) -> ClientList:
    """Find the columns by their headings, or by what is in them where there are none."""
    named = _columns_named(rows[0][1], areas)
    if Column.ORGNR in named.values():
        headings, body = rows[0][1], rows[1:]
    else:
        headings, body = [], rows
        named = _columns_guessed(rows)
    ignored = [text for place, text in enumerate(headings) if text and place not in named]
    lines = [
        Line(
            number,
            {
                column: without_national_ids(cells[place])
                for place, column in named.items()
                if place < len(cells) and cells[place]
            },
        )
        for number, cells in body
    ]
    kept = [column for _place, column in sorted(named.items())]
    return ClientList(kept, ignored, [line for line in lines if line.cells])


def _columns_named(headings: Sequence[str], areas: Sequence[ServiceArea]) -> dict[int, str]:
    """Return {place: column} for the headings that are understood, the first of each."""
    known = {heading: str(column) for column, texts in _HEADINGS.items() for heading in texts}
    for area in areas:
        name, column = _plain(area.name), f"{AREA}{area.pk}"
        known |= {name: column, f"ansvarlig{name}": column, f"{name}ansvarlig": column}
    found: dict[int, str] = {}
    for place, heading in enumerate(headings):
        column = known.get(_plain(heading), "")
        if column and column not in found.values():
            found[place] = column
    return found


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _columns_guessed(rows: Sequence[Row]) -> dict[int, str]:
    """Return {place: column} without headings: the number, an e-mail address, and a name."""
    sample = [cells for _number, cells in rows[:50]]
    width = max(len(cells) for cells in sample)

    def share(place: int, fits: re.Pattern[str]) -> int:
        return sum(1 for cells in sample if place < len(cells) and fits.search(cells[place]))

    # The most numbers; the first column where there is none, so that its lines are complained of.
    number = max(range(width), key=lambda place: share(place, _NUMBER))
    found = {number: str(Column.ORGNR)}
    others = [place for place in range(width) if place != number]
    for place in others:
        if share(place, re.compile("@")) * 2 > len(sample):
            found[place] = str(Column.RESPONSIBLE)
            break
    for place in others:
        if place not in found and share(place, re.compile(r"[^\W\d_]{2}")) * 2 > len(sample):
            found[place] = str(Column.NAME)
            break
    return found


def understand_pasted(text: str, areas: Sequence[ServiceArea], rows: Sequence[Row]) -> ClientList:
    """Read pasted text: a table with headings, or numbers with or without a name beside them."""
    if rows and Column.ORGNR in _columns_named(rows[0][1], areas).values():
        return understand(rows, areas)
    lines: list[Line] = []
    for written in text.splitlines():
        for cells in _pasted(without_national_ids(written)):
            lines.append(Line(len(lines) + 1, cells))
    has_names = any(Column.NAME in line.cells for line in lines)
    return ClientList([Column.ORGNR, *([Column.NAME] if has_names else [])], [], lines)


def _pasted(line: str) -> list[dict[str, str]]:
    """Return what one pasted line says: each number in it, and the name beside a lonely one."""
    line = " ".join(line.split())
    if not line:
        return []
    found = [match[0].strip() for match in _NUMBER.finditer(line)]
    if len(found) > 1:
        return [{Column.ORGNR: one} for one in found]
    rest = _NUMBER.sub(" ", line).strip(" ,;:|-–\"'") if found else ""
    if found and is_orgnr(orgnr_in(found[0])) and rest:
        return [{Column.ORGNR: found[0], Column.NAME: rest[:255]}]
    # Numbers that are none of ours are shown as they were written, one a line.
    pieces = [piece.strip() for piece in re.split(r"[,;\t]", line) if piece.strip()]
    all_numbers = len(pieces) > 1 and all(re.search(r"[0-9]{4}", piece) for piece in pieces)
    return [{Column.ORGNR: piece[:255]} for piece in (pieces if all_numbers else [line])]
