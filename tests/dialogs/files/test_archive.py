"""The client's folder."""

import hashlib
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings

from dialogs import tasks
from dialogs.files import archive
from dialogs.models import ArchivedFile, Dialog
from staff.models import User
from tests.dialogs.files.conftest import (
    PDF,
    Opened,
    address,
    attachment_of,
    body,
    entries,
    key_of,
)
from tests.stand_in import Altinn


@pytest.fixture
def dialog(opened: Opened, archive_root: Path) -> Dialog:
    return opened()


@pytest.fixture
def kept(dialog: Dialog, marits: Browser) -> ArchivedFile:
    marits.post(address(dialog, attachment_of(dialog, PDF), "arkiver/"))
    return ArchivedFile.objects.get()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_kept_with_its_checksum_and_a_last_day(
    dialog: Dialog, marits: Browser, archive_root: Path, leder: User, altinn: Altinn
) -> None:
    letter = attachment_of(dialog, PDF)

    response = marits.post(address(dialog, letter, "arkiver/"), follow=True)

    assert response.redirect_chain[-1][0] == f"/innboks/{dialog.pk}/dialog/#vedlegg"
    assert "Filen er lagret i klientmappen." in response.content.decode()
    row = ArchivedFile.objects.get()
    [path] = files_in(archive_root)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == row.sha256
    assert path.stat().st_size == row.size_bytes
    assert (row.client, row.saved_by, row.name) == (dialog.client, leder, PDF)
    assert row.keep_until_on == date(timezone.localdate().year + 5, 12, 31)
    assert "Vedtak" not in str(path)
    [entry] = entries("file.archived")
    assert entry["sha256"] == row.sha256
    assert len(altinn.received("correspondence-file")) == 1


def test_its_name_is_not_readable_in_the_database(kept: ArchivedFile) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM dialogs_archivedfile t")
        [(text,)] = cursor.fetchall()

    assert "Vedtak" not in text
    assert b"Vedtak".hex() not in text


def test_twice_is_as_good_as_once(
    dialog: Dialog, kept: ArchivedFile, marits: Browser, altinn: Altinn, archive_root: Path
) -> None:
    marits.post(address(dialog, attachment_of(dialog, PDF), "arkiver/"))

    assert ArchivedFile.objects.count() == 1
    assert len(files_in(archive_root)) == 1
    assert len(altinn.received("correspondence-file")) == 1


def test_what_breaks_off_is_not_kept(
    dialog: Dialog, marits: Browser, altinn: Altinn, archive_root: Path, settings: Settings
) -> None:
    settings.ATTACHMENT_SECONDS = 1
    letter = attachment_of(dialog, PDF)
    altinn.post(
        "/files",
        {"id": key_of(letter), "bytes": 100_000, "drip_seconds": 0.1, "drip_bytes": 2000},
    )

    response = marits.post(address(dialog, letter, "arkiver/"))

    assert response.status_code == 504
    assert not ArchivedFile.objects.exists()
    assert files_in(archive_root) == []


def test_the_clients_page_lists_it_and_gives_it_without_asking_altinn(
    dialog: Dialog, kept: ArchivedFile, marits: Browser, altinn: Altinn, leder: User
) -> None:
    altinn.delete("/received")
    page = marits.get(f"/klienter/{kept.client_id}/dokumenter/").content.decode()
    where = f"/klienter/{kept.client_id}/dokumenter/{kept.pk}/"
    assert PDF in page
    assert f'href="{where}"' in page
    assert f"31. desember {kept.keep_until_on.year}" in page

    response = marits.get(where)

    assert hashlib.sha256(body(response)).hexdigest() == kept.sha256
    assert response["Content-Disposition"] == f'attachment; filename="{PDF}"'
    assert "sandbox" in response["Content-Security-Policy"]
    assert entries("file.fetched")[0]["actor"] == leder
    assert altinn.received() == []


def test_ola_sees_nothing_of_it(kept: ArchivedFile, olas: Browser, marits: Browser) -> None:
    where = f"/klienter/{kept.client_id}/dokumenter/"

    assert olas.get(where).status_code == 404
    assert olas.get(f"{where}{kept.pk}/").status_code == 404
    assert Browser().get(f"{where}{kept.pk}/").status_code == 302
    assert marits.get(f"/klienter/{kept.client_id + 1}/dokumenter/{kept.pk}/").status_code == 404


def test_a_file_that_was_changed_is_not_given_as_if_it_were_whole(
    kept: ArchivedFile, marits: Browser, archive_root: Path
) -> None:
    [path] = files_in(archive_root)
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    response = marits.get(f"/klienter/{kept.client_id}/dokumenter/{kept.pk}/")

    with pytest.raises(archive.Damaged):
        body(response)


def test_the_night_after_its_last_day_it_is_gone_and_the_row_tells_of_it(
    dialog: Dialog, kept: ArchivedFile, marits: Browser, archive_root: Path, now: datetime
) -> None:
    archive.remove_old(today=kept.keep_until_on, now=now)
    assert len(files_in(archive_root)) == 1

    ArchivedFile.objects.update(keep_until_on=timezone.localdate() - timedelta(days=1))
    tasks.tidy_folders()
    tasks.tidy_folders()

    assert files_in(archive_root) == []
    kept.refresh_from_db()
    assert kept.removed_at
    assert kept.name == ""
    [entry] = entries("file.removed")
    assert entry["actor"] is None
    assert PDF not in marits.get(f"/klienter/{kept.client_id}/dokumenter/").content.decode()
    assert marits.get(f"/klienter/{kept.client_id}/dokumenter/{kept.pk}/").status_code == 404

    marits.post(address(dialog, attachment_of(dialog, PDF), "arkiver/"))
    assert ArchivedFile.objects.kept().count() == 1


def test_the_log_says_who_did_what_with_files(
    dialog: Dialog, kept: ArchivedFile, marits: Browser
) -> None:
    body(marits.get(address(dialog, attachment_of(dialog, PDF))))
    page = marits.get(f"/klienter/{kept.client_id}/logg/").content.decode()

    assert "Marit Solberg lagret et vedlegg i klientmappen." in page
    assert "Marit Solberg lastet ned et vedlegg." in page


def test_the_beat_tidies_every_night() -> None:
    from portal.celery import app

    assert "dialogs.tasks.tidy_folders" in {
        entry["task"] for entry in app.conf.beat_schedule.values()
    }


def test_the_archive_is_no_folder_that_is_served(settings: Settings) -> None:
    assert type(storages["archive"]).__name__ == "FileSystemStorage"
    assert not str(settings.STORAGES["archive"]["OPTIONS"]["location"]).startswith(
        str(settings.STATIC_ROOT)
    )
