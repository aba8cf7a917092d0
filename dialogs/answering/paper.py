"""A receipt as PDF, with a typeface that has Norwegian, and whatever else a title may hold.

What cannot be set is shown as a mark in its place: no text that somebody else wrote stops it.
"""

import unicodedata
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos

from dialogs.answering.asked import Line
from dialogs.answering.receipts import Receipt

TYPEFACE = "dejavu/DejaVuSans.ttf"
SMALL, NORMAL, LARGE = 8, 10, 15
LINE_MM, LABEL_MM = 5.5, 48
LONGEST = 4000  # characters of one value
ODD = "\N{REPLACEMENT CHARACTER}"


def pdf(receipt: Receipt) -> bytes:
    """Return the receipt as a file."""
    paper = _Paper(receipt)
    paper.heading(receipt.title)
    paper.lines(_("Utfall"), receipt.results)
    for one in receipt.advice:
        paper.text(one)
    paper.lines(_("Det som ble gjort"), receipt.facts)
    paper.lines(_("Opplysninger som fulgte med"), receipt.form_lines)
    if receipt.answer:
        paper.lines(_("Svaret"), [(_("Svar"), receipt.answer)])
    return bytes(paper.output())


class _Paper(FPDF):
    """A4, with the receipt's number and the page's on each sheet."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(format="A4")
        self._number = receipt.pk
        self.add_font("Receipt", fname=_typeface())
        self.set_font("Receipt", size=NORMAL)
        self.set_auto_page_break(auto=True, margin=18)
        self.set_title(_("Kvittering %(number)s") % {"number": receipt.pk})
        self.set_lang("nb")
        self.set_creation_date(receipt.action.settled_at or receipt.action.asked_at)
        self.add_page()

    def header(self) -> None:
        self.set_font(size=SMALL)
        self.cell(text=_("Kvittering %(number)s") % {"number": self._number}, h=LINE_MM)
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
