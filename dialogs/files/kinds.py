"""What kind of file something is: by its first bytes, and by its name where those do not say.

What a dialog says of the type is never relied on: it may be missing, «PPT», or plain wrong.

Source: altinn-correspondence da785168 (the types it lets in), read 2026-08.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dialogs.files.names import extension_of

HEAD_BYTES = 1024  # how much of a file is looked at
UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class Kind:
    """`media_type` is what we tell a browser; nothing it would run is among them."""

    words: str | Promise  # «PDF»
    extension: str = ""
    media_type: str = UNKNOWN_TYPE
    is_program: bool = False
    is_for_machines: bool = False

    @property
    def can_be_shown(self) -> bool:
        return self in (PDF, PNG, JPEG)


PDF = Kind("PDF", "pdf", "application/pdf")
PNG = Kind(_("bilde"), "png", "image/png")
JPEG = Kind(_("bilde"), "jpg", "image/jpeg")
GIF = Kind(_("bilde"), "gif", "image/gif")
BMP = Kind(_("bilde"), "bmp")
ZIP = Kind("zip", "zip", "application/zip")
HTML = Kind(_("nettside"), "html")
XML = Kind("XML", "xml", is_for_machines=True)
JSON = Kind("JSON", "json", is_for_machines=True)
SVG = Kind(_("tegning"), "svg")
TEXT = Kind(_("tekst"), "txt")
PROGRAM = Kind(_("program"), is_program=True)
UNKNOWN = Kind(_("fil"))

_PACKED = {  # office files of today are zip files
    "docx": Kind("Word", "docx"),
    "xlsx": Kind("Excel", "xlsx"),
    "pptx": Kind("PowerPoint", "pptx"),
    "ppsx": Kind("PowerPoint", "ppsx"),
    "odt": Kind("OpenDocument", "odt"),
    "ods": Kind("OpenDocument", "ods"),
}
_OLD = {  # and those of yesterday are all alike
    "doc": Kind("Word", "doc"),
    "xls": Kind("Excel", "xls"),
    "ppt": Kind("PowerPoint", "ppt"),
    "pps": Kind("PowerPoint", "pps"),
}
_PLAIN = {
    "txt": TEXT,
    "csv": Kind(_("tabell"), "csv"),
    "html": HTML,
    "htm": HTML,
    "xml": XML,
    "json": JSON,
    "svg": SVG,
    "dcm": Kind("DICOM", "dcm"),
    "dicom": Kind("DICOM", "dicom"),
}
_BY_EXTENSION = {
    "pdf": PDF, "png": PNG, "jpg": JPEG, "jpeg": JPEG, "gif": GIF, "bmp": BMP, "zip": ZIP,
} | _PACKED | _OLD | _PLAIN  # fmt: skip
_BY_MEDIA_TYPE = {
    "application/pdf": PDF,
    "image/png": PNG,
    "image/jpeg": JPEG,
    "application/zip": ZIP,
    "text/html": HTML,
    "text/plain": TEXT,
    "text/xml": XML,
    "application/xml": XML,
    "application/json": JSON,
}
_BY_BEGINNING = {
    b"%PDF-": PDF,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"GIF87a": GIF,
    b"GIF89a": GIF,
    b"MZ": PROGRAM,
    b"\x7fELF": PROGRAM,
    b"\xca\xfe\xba\xbe": PROGRAM,
    b"\xcf\xfa\xed\xfe": PROGRAM,
    b"\xce\xfa\xed\xfe": PROGRAM,
    b"#!": PROGRAM,
}
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = {b"<?xml": XML, b"<!doctype html": HTML, b"<html": HTML, b"<svg": SVG}
_SCRIPTED = (b"<script", b"<html", b"<iframe", b"<body", b"<!doctype html")
_PROGRAMS = frozenset({
    "app", "bat", "chm", "cmd", "com", "cpl", "dll", "exe", "hta", "inf", "iso", "jar", "js", "jse",
    "lnk", "msc", "msi", "msp", "pif", "ps1", "reg", "scf", "scr", "sh", "sys", "url", "vb", "vbe",
    "vbs", "wsf", "wsh",
})  # fmt: skip


def of_content(head: bytes, name: str) -> Kind:
    """Return what a file is, by how it begins; its name only tells apart what begins alike."""
    extension = extension_of(name)
    if extension in _PROGRAMS:
        return PROGRAM
    for beginning, kind in _BY_BEGINNING.items():
        if head.startswith(beginning):
            return kind
    if head.startswith(_ZIPS):
        return _PACKED.get(extension, ZIP)
    if head.startswith(_COMPOUND):
        return _OLD.get(extension, UNKNOWN)
    return _of_text(head, extension)


def by_name(name: str, media_type: str | None) -> Kind:
    """Guess what a file will be, before anything of it has been fetched: for the screen alone."""
    extension = extension_of(name)
    if extension in _PROGRAMS:
        return PROGRAM
    spoken = (media_type or "").partition(";")[0].strip().lower()
    return _BY_EXTENSION.get(extension) or _BY_MEDIA_TYPE.get(spoken, UNKNOWN)


def _of_text(head: bytes, extension: str) -> Kind:
    begins = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"\0" in head:  # no text: what else it may be, nobody has said
        return BMP if head.startswith(b"BM") and extension == "bmp" else UNKNOWN
    for beginning, kind in _MARKUP.items():
        if begins.startswith(beginning):
            is_drawing = kind is XML and b"<svg" in begins
            return SVG if is_drawing else kind
    if any(tag in begins for tag in _SCRIPTED):
        return HTML
    if begins[:1] in (b"{", b"[") and extension not in _PLAIN:
        return JSON
    return _PLAIN.get(extension, UNKNOWN if extension else TEXT)
