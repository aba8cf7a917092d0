"""All files of a dialog in one zip."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.test import Client as Browser

from altinn.details import Attachment
from altinn.outside import TooSlow
from altinn.wire import Localization
from dialogs.files import kinds
from dialogs.files.fetching import Arriving
from dialogs.files.passing import Got
from dialogs.files.refusals import NotGiven, Reason
from dialogs.files.zipping import Zipped
from dialogs.models import Dialog
from tests.dialogs.files.conftest import (
    PDF,
    Opened,
    attachment_of,
    details_of,
    entries,
    key_of,
    unzipped,
)
from tests.stand_in import Altinn


def together(dialog: Dialog, query: str = "") -> str:
    return f"/innboks/{dialog.pk}/vedlegg/alle/{query}"


def test_the_dialogs_files_come_in_one_zip(opened: Opened, marits: Browser, altinn: Altinn) -> None:
    dialog = opened()

    response = marits.get(together(dialog))
    files = unzipped(response)

    assert sorted(files) == ["Klageinformasjon.pdf", PDF]
    assert all(content.startswith(b"%PDF-") for content in files.values())
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"].startswith("attachment; ")
    assert not response.has_header("Content-Length")
    assert altinn.received("correspondence-files") == []  # its own zip of the same files
    [entry] = entries("file.downloaded_all")
    digests = {hashlib.sha256(content).hexdigest() for content in files.values()}
    assert {one["sha256"] for one in entry["files"]} == digests


def test_a_transmissions_files_come_alone(opened: Opened, marits: Browser) -> None:
    dialog = opened("correspondence-as-transmission")
    first, *_ = [one for one in details_of(dialog).transmissions if one.attachments]

    files = unzipped(marits.get(together(dialog, f"?forsendelse={first.id}")))

    assert list(files) == [first.attachments[0].display_name[0].value]
    for query in ("", f"?forsendelse={uuid4()}", "?forsendelse=hei"):
        assert marits.get(together(dialog, query)).status_code == 404


def test_what_is_not_given_is_listed_and_the_rest_is_whole(
    opened: Opened, marits: Browser, altinn: Altinn
) -> None:
    dialog = opened()
    altinn.post("/files", {"id": key_of(attachment_of(dialog, PDF)), "state": "expired"})

    files = unzipped(marits.get(together(dialog)))

    assert sorted(files) == ["Klageinformasjon.pdf", "mangler.txt"]
    missing = files["mangler.txt"].decode("utf-8-sig")
    assert f"{PDF}: Filen er utløpt." in missing
    assert "Klageinformasjon" not in missing


@dataclass
class Files:
    """Gives files that a test has made, and counts what is left open."""

    made: dict[str, Callable[[], Iterator[bytes]] | Reason]
    size_bytes: int | None = None
    open_now: int = 0

    def open(self, attachment: Attachment) -> Arriving:
        name = attachment.display_name[0].value
        made = self.made[name]
        if isinstance(made, Reason):
            raise NotGiven(made)
        self.open_now += 1
        return Arriving(name, kinds.UNKNOWN, self.size_bytes, made(), self._close)

    def _close(self) -> None:
        self.open_now -= 1


def zip_of(files: Files, names: list[str], now: datetime) -> tuple[Zipped, Got]:
    got: Got = []
    listed = [
        Attachment(id=uuid4(), display_name=(Localization(value=name, language_code="nb"),))
        for name in names
    ]
    return Zipped(listed, files, now=now, ended=got.extend), got  # type: ignore[arg-type]


def test_names_that_are_there_twice_are_told_apart(now: datetime) -> None:
    files = Files({"Brev.txt": lambda: iter([b"hei"]), "brev.TXT": lambda: iter([b"hallo"])})

    zipped, got = zip_of(files, ["Brev.txt", "Brev.txt", "brev.TXT"], now)

    with ZipFile(io.BytesIO(b"".join(zipped))) as archive:
        assert archive.namelist() == ["Brev.txt", "Brev (2).txt", "brev (3).txt"]
    zipped.close()
    assert len(got) == 3


def test_a_file_that_breaks_off_is_left_out_and_the_zip_is_whole(now: datetime) -> None:
    def broken() -> Iterator[bytes]:
        yield b"a" * 100_000
        raise TooSlow("Broke off")

    made = {
        "først.txt": lambda: iter([b"en"]),
        "brutt.txt": broken,
        "sist.txt": lambda: iter([b"to"]),
    }
    files = Files(made)  # type: ignore[arg-type]
    zipped, got = zip_of(files, list(made), now)

    with ZipFile(io.BytesIO(b"".join(zipped))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["først.txt", "sist.txt", "mangler.txt"]
        assert archive.read("sist.txt") == b"to"
        missing = archive.read("mangler.txt").decode("utf-8-sig")
    assert "brutt.txt: Tjenesteeieren sendte ikke filen i tide." in missing
    zipped.close()
    assert [passed.sha256 is None for _, passed in got] == [False, True, False]
    assert files.open_now == 0


def test_a_reader_who_leaves_in_the_middle_leaves_nothing_open(now: datetime) -> None:
    files = Files({"stor.txt": lambda: iter([b"a" * 1000] * 100)})
    zipped, _ = zip_of(files, ["stor.txt"], now)

    next(zipped)
    next(zipped)
    zipped.close()

    assert files.open_now == 0


def test_nothing_is_asked_for_before_the_zip_is_read(now: datetime) -> None:
    files = Files({"a.txt": Reason.GONE})

    zipped, got = zip_of(files, ["a.txt"], now)
    zipped.close()

    assert got == []


@pytest.mark.timeout(300)
def test_a_zip_may_be_larger_than_four_gibibytes(now: datetime) -> None:
    """Counted, not kept: the reader checks the end, where the sizes are."""
    piece = b"\0" * (16 * 1024 * 1024)
    files = Files({"stor.bin": lambda: iter([piece] * 257), "liten.txt": lambda: iter([b"hei"])})
    zipped, got = zip_of(files, ["stor.bin", "liten.txt"], now)

    size, end = 0, b""
    for part in zipped:
        size += len(part)
        end = (end + part)[-4096:] if len(part) < 4096 else part[-4096:]
    zipped.close()

    assert size > 2**32
    assert b"PK\x06\x06" in end  # the zip64 end of central directory
    assert [passed.size_bytes for _, passed in got] == [257 * len(piece), 3]
