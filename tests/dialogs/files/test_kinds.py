import pytest

from dialogs.files import kinds
from dialogs.files.kinds import Kind


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (b"%PDF-1.7\n", "brev.pdf", kinds.PDF),
        (b"%PDF-1.7\n", "brev.html", kinds.PDF),
        (b"\x89PNG\r\n\x1a\n\0\0", "bilde", kinds.PNG),
        (b"\xff\xd8\xff\xe0", "bilde.jpeg", kinds.JPEG),
        (b"<!DOCTYPE html><title>Logg inn", "Vedtak.pdf", kinds.HTML),
        (b"  \r\n<HTML>", "Vedtak.pdf", kinds.HTML),
        (b"hei <script>alert(1)</script>", "notat.txt", kinds.HTML),
        (b"<svg xmlns=", "tegning.png", kinds.SVG),
        (b"\xef\xbb\xbf<?xml version='1.0'?><svg onload=", "bilde.png", kinds.SVG),
        (b"<?xml version='1.0'?><melding/>", "mvamelding.xml", kinds.XML),
        (b'{"navn": 1}', "sykmelding.json", kinds.JSON),
        (b'{"navn": 1}', "Innsendt inntektsmelding", kinds.JSON),
        (b"Hei", "notat.txt", kinds.TEXT),
        (b"Hei", "uten ending", kinds.TEXT),
        (b"", "tom.txt", kinds.TEXT),
        (b"PK\x03\x04", "alle.zip", kinds.ZIP),
        (b"PK\x03\x04", "Vedtak.pdf", kinds.ZIP),
        (b"MZ\x90\0", "faktura.pdf", kinds.PROGRAM),
        (b"\x7fELF\x02", "faktura.pdf", kinds.PROGRAM),
        (b"#!/bin/sh\n", "les_meg.txt", kinds.PROGRAM),
        (b"hei", "faktura.pdf.exe", kinds.PROGRAM),
        (b"%PDF-1.4", "faktura.js", kinds.PROGRAM),
        (b"\0\1\2\3", "ukjent.dat", kinds.UNKNOWN),
        (b"\0\1\2\3", "Vedtak.pdf", kinds.UNKNOWN),
    ],
)
def test_a_file_is_what_it_begins_as(head: bytes, name: str, expected: Kind) -> None:
    assert kinds.of_content(head, name) == expected


def test_office_files_are_told_apart_by_name() -> None:
    assert kinds.of_content(b"PK\x03\x04", "Veiledning.docx").words == "Word"
    assert kinds.of_content(b"PK\x03\x04", "Lønn.xlsx").words == "Excel"
    assert kinds.of_content(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Gammel.xls").words == "Excel"


def test_only_pdf_png_and_jpeg_are_shown_and_nothing_a_browser_runs_has_a_type() -> None:
    every = [value for value in vars(kinds).values() if isinstance(value, Kind)]
    assert [one for one in every if one.can_be_shown] == [kinds.PDF, kinds.PNG, kinds.JPEG]
    for kind in (kinds.HTML, kinds.SVG, kinds.XML, kinds.JSON, kinds.TEXT, kinds.PROGRAM):
        assert kind.media_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "media_type", "words"),
    [
        ("Vedtak.pdf", None, "PDF"),
        ("Vedtak", "application/pdf", "PDF"),
        ("Lysbilder", "PPT", "fil"),
        ("Lønn.xlsx", "text/plain", "Excel"),
        ("Skjema", "text/html; charset=utf-8", "nettside"),
    ],
)
def test_before_it_is_fetched_the_name_says_what_it_is(
    name: str, media_type: str | None, words: str
) -> None:
    assert str(kinds.by_name(name, media_type).words) == words
