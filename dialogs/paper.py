"""What our papers have in common: A4, a typeface that has Norwegian and whatever a title may hold.

What cannot be set is shown as a mark in its place: no text that somebody else wrote stops it.
Imported where a paper is made: with fpdf it takes eighteen megabytes in each process.
"""

import unicodedata
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos

TYPEFACE = "dejavu/DejaVuSans.ttf"
SMALL, NORMAL, LARGE = 8, 10, 15
LINE_MM, LABEL_MM = 5.5, 48
LONGEST = 4000  # characters of one value
ODD = "\N{REPLACEMENT CHARACTER}"

Line = tuple[str, str]


class Paper(FPDF):
    """Its name and the page's number stand on each sheet."""

    def __init__(self, name: str, *, language: str, at: datetime) -> None:
        super().__init__(format="A4")
        self._name = name
        self.add_font("Portal", fname=_typeface())
        self.set_font("Portal", size=NORMAL)
        self.set_auto_page_break(auto=True, margin=18)
        self.set_title(plain(name))
        self.set_lang(language)
        self.set_creation_date(at)
        self.add_page()

    def header(self) -> None:
        self.set_font(size=SMALL)
        self.cell(text=plain(self._name), h=LINE_MM)
        self.ln(LINE_MM * 1.5)

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(size=SMALL)
        self.cell(text=_("Side %(number)s") % {"number": self.page_no()}, h=LINE_MM)

    def heading(self, title: str) -> None:
        self.set_font(size=LARGE)
        self.text_block(title)
        self.ln(LINE_MM / 2)

    def text(self, said: str) -> None:  # type: ignore[override]
        self.set_font(size=NORMAL)
        self.text_block(said)

    def lines(self, heading: str, lines: list[Line]) -> None:
        """A heading, and under it what is said of each label."""
        if not lines:
            return
        self.ln(LINE_MM / 2)
        self.set_font(size=NORMAL + 2)
        self.text_block(heading)
        self.set_font(size=NORMAL)
        for label, value in lines:
            top = self.get_y()
            if top + 2 * LINE_MM > self.h - self.b_margin:
                self.add_page()
                self.set_font(size=NORMAL)
                top = self.get_y()
            page = self.page_no()
            self.multi_cell(
                LABEL_MM, LINE_MM, plain(label), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
            )
            below, after_label = self.get_y(), self.page_no()
            if after_label == page:
                self.set_xy(self.l_margin + LABEL_MM, top)
            self.text_block(value)
            if self.page_no() == after_label:
                self.set_y(max(below, self.get_y()))

    def text_block(self, text: str) -> None:
        self.multi_cell(
            0,
            LINE_MM,
            plain(text),
            align="L",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
            wrapmode=WrapMode.CHAR if " " not in text.strip() else WrapMode.WORD,
        )


def plain(text: str) -> str:
    """Return a text that can be set: no control characters, no halves of characters, an end."""
    kept = (letter if _can_be_set(letter) else ODD for letter in text[:LONGEST])
    shown = "".join(kept)
    return f"{shown} …" if len(text) > LONGEST else shown


def _can_be_set(letter: str) -> bool:
    return letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cs", "Co", "Cn", "Cf"}


@cache
def _typeface() -> Path:
    """Find the typeface among the static files: where npm put it, or where they are collected."""
    found = finders.find(TYPEFACE)
    return Path(str(found)) if found else Path(settings.STATIC_ROOT) / TYPEFACE
