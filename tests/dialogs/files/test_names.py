import re
import unicodedata

import pytest
from django.utils.http import content_disposition_header

from dialogs.files import names
from tests.naughty import naughty_strings

RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Vedtak tvangsmulkt.pdf", "Vedtak tvangsmulkt.pdf"),
        ("../../etc/passwd", "etc-passwd"),
        ("..\\..\\Windows\\system32\\kart.pdf", "Windows-system32-kart.pdf"),
        ("C:\\Brev.pdf", "C_-Brev.pdf"),
        ("Mva 1/2026.pdf", "Mva 1-2026.pdf"),
        (".\u200b./.\u200b./skjult.pdf", "skjult.pdf"),
        ("faktura\u202efdp.exe", "fakturafdp.exe"),
        ("to\r\nlinjer\x00\t.pdf", "to linjer .pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("nul", "_nul"),
        ("lpt1.tar.gz", "_lpt1.tar.gz"),
        ("  .skjult.  ", "skjult"),
        ('spørsmål? "ja" <b>|*.pdf', "spørsmål_ _ja_ _b___.pdf"),
        ("", "vedlegg"),
        ("...", "vedlegg"),
        ("/", "vedlegg"),
        ("A\u030arsregnskap.pdf", "Årsregnskap.pdf"),
    ],
)
def test_a_name_is_made_harmless(given: str, expected: str) -> None:
    assert names.safe(given) == expected


def test_a_long_name_keeps_its_end_and_fits_a_file_system() -> None:
    for letter in ("a", "å", "😀"):
        found = names.safe(letter * 400 + ".pdf")
        assert len(found.encode()) <= 255
        assert found.endswith(f"{letter}.pdf")


def test_no_naughty_string_gives_a_name_that_does_anything() -> None:
    for text in [*naughty_strings(), *(f"{text}.pdf" for text in naughty_strings())]:
        found = names.safe(text)
        assert found, repr(text)
        assert len(found.encode()) <= 255
        assert not re.search(r'[/\\<>:"|?*]', found), repr(found)
        assert not any(unicodedata.category(one).startswith("C") for one in found), repr(found)
        assert not RESERVED.fullmatch(found), repr(found)
        assert not found.startswith((".", " ")), repr(found)
        assert not found.endswith((".", " ")), repr(found)
        header = content_disposition_header(as_attachment=True, filename=found)
        assert header
        assert header.isascii()
        assert "\n" not in header


def test_what_a_file_is_goes_at_the_end_whatever_it_is_called() -> None:
    assert names.with_extension("Vedtak.pdf", "pdf") == "Vedtak.pdf"
    assert names.with_extension("Bilde.JPEG", "jpg") == "Bilde.JPEG"
    assert names.with_extension("Vedtak.pdf", "html") == "Vedtak.pdf.html"
    assert names.with_extension("Hovedskjema", "xml") == "Hovedskjema.xml"
    assert names.with_extension("ukjent.dat", "") == "ukjent.dat"
    assert len(names.with_extension("å" * 127, "pdf").encode()) <= 255


def test_no_name_is_taken_twice() -> None:
    taken: set[str] = set()
    given = ["Brev.pdf", "brev.PDF", "Brev.pdf", "Brev", "Brev"]
    assert [names.unique(name, taken) for name in given] == [
        "Brev.pdf",
        "brev (2).pdf",
        "Brev (3).pdf",
        "Brev",
        "Brev (2)",
    ]
    long = "a" * 251 + ".pdf"
    assert names.unique(long, taken) == long
    assert len(names.unique(long, taken).encode()) == 255
