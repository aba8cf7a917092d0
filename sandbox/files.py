"""Small files of every kind that dialogs point to, and one as long as a test asks for."""

import base64
import io
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.wrappers import Response

from sandbox.owners import File

if TYPE_CHECKING:
    from sandbox.state import Sandbox

TYPES = {
    "pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
    "gif": "image/gif", "bmp": "image/bmp", "xml": "application/xml", "txt": "text/plain",
    "json": "application/json", "csv": "text/csv", "html": "text/html", "zip": "application/zip",
    "doc": "application/msword", "xls": "application/vnd.ms-excel",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
SHOWN_IN_PLACE = {"pdf", "png", "jpg", "jpeg", "gif", "bmp"}
BLOCK = bytes((place * 197 + (place >> 8) * 31) & 0xFF for place in range(256 * 1024))
_GIF = "R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="
_JPEG = (
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////"
    "////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA="
)


def ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def type_of(name: str, otherwise: str = "application/octet-stream") -> str:
    return TYPES.get(ending(name), otherwise)


def named(name: str, media_type: str) -> str:
    """Give a name the ending its media type has, if it has none of its own."""
    kinds = {kind: end for end, kind in TYPES.items()} | {"text/xml": "xml", "image/jpeg": "jpg"}
    return name if ending(name) in TYPES else f"{name}.{kinds.get(media_type, 'bin')}"


def pdf(title: str) -> bytes:
    """Write a PDF of one page with one line on it."""
    line = title.encode("cp1252", "replace")
    for special in (b"\\", b"(", b")"):
        line = line.replace(special, b"\\" + special)
    text = b"BT /F1 16 Tf 40 780 Td (" + line + b") Tj ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources 6 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Font<</F1 5 0 R>>>>",
    )
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def png() -> bytes:
    """Draw a grey square."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(
            ">I", zlib.crc32(kind + body)
        )  # fmt: skip

    rows = (b"\x00" + b"\xaa" * 64) * 64
    head = struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))  # fmt: skip


def zipped(entries: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in entries:
            packed.writestr(name, body)
    return out.getvalue()


def content_of(name: str, title: str = "") -> bytes:
    """Make a file that is what its name's ending says."""
    match ending(name):
        case "pdf":
            return pdf(title or name)
        case "png":
            return png()
        case "jpg" | "jpeg":
            return base64.b64decode(_JPEG)
        case "gif":
            return base64.b64decode(_GIF)
        case "docx" | "xlsx" | "zip":
            return zipped([("innhold.txt", (title or name).encode())])
        case "html":
            return f"<!doctype html><title>{quote(name)}</title><p>Skjema</p>".encode()
        case "xml":
            return f'<?xml version="1.0" encoding="UTF-8"?>\n<fil navn="{quote(name)}"/>\n'.encode()
        case "json":
            return b'{"fra": "sandkassen"}\n'
    return f"{title or name}\n".encode()


def body_of(file: File, name: str) -> bytes:
    if file.body_base64 is not None:
        return base64.b64decode(file.body_base64)
    return file.body.encode() if file.body is not None else content_of(name)


def made_up(size: int, file: File) -> Iterator[bytes]:
    """Give so many bytes, a block at a time; it begins as a PDF if its name says so."""
    head = b"%PDF-1.4\n" if ending(file.name) == "pdf" else b""
    yield head[:size]
    left = size - len(head)
    while left > 0:
        yield BLOCK if left >= len(BLOCK) else BLOCK[:left]
        left -= len(BLOCK)


def answer(
    box: "Sandbox", key: str, *, name: str, in_place: bool = False,
    content_type: str = "", usual: str | bytes | None = None,
) -> Response:  # fmt: skip
    """Send a file: as usual, or as a control has asked for its id.

    `in_place` lets what a browser can show be shown; anything else is an attachment. Without a
    name it is embedded text, which is neither.
    """
    file = box.world.owners.files.get(key) or File()
    name = file.name or name
    if file.redirect:
        response = Response(status=file.status if file.status != 200 else 302)
        response.headers["Location"] = file.redirect
        response.autocorrect_location_header = False
        return response
    kind = file.content_type or content_type or type_of(name)
    if file.bytes is not None:
        response = Response(made_up(file.bytes, file), content_type=kind)
        response.headers["Content-Length"] = str(file.bytes)
    else:
        has_own = file.body is not None or file.body_base64 is not None or usual is None
        response = Response(body_of(file, name) if has_own else usual, content_type=kind)
    response.status_code = file.status
    if name:
        how = "inline" if in_place and ending(name) in SHOWN_IN_PLACE else "attachment"
        plain = name.encode("ascii", "replace").decode().replace('"', "'")
        plain = "".join(letter if letter.isprintable() else "_" for letter in plain)
        response.headers["Content-Disposition"] = (
            f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
        )
    response.headers.update(file.headers)
    if file.drip_seconds:
        whole = response.get_data()
        response.response = _dripped(whole, file)
        response.headers["Content-Length"] = str(len(whole))
    return response


def _dripped(whole: bytes, file: File) -> Iterator[bytes]:
    for place in range(0, len(whole), file.drip_bytes):
        yield whole[place : place + file.drip_bytes]
        time.sleep(file.drip_seconds)
