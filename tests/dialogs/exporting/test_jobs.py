"""Long lists: made by a worker, kept sealed for a day, and asked about again before they go out."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings

from clients.models import Client
from dialogs.exporting import jobs, kept, tasks
from dialogs.files.archive import Damaged
from dialogs.models import Dialog, ExportJob, Notice
from staff.models import AuditEntry, User
from staff.tables import Kind
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.exporting.conftest import Make, body, lines
from tests.stand_in import Altinn

State = ExportJob.State


@pytest.fixture
def brev(bakeren: Client, make_dialog: MakeDialog) -> list[Dialog]:
    return [make_dialog(bakeren, f"Brev {number}", due_in=number) for number in range(3)]


@pytest.fixture
def long(brev: list[Dialog], monkeypatch: pytest.MonkeyPatch) -> list[Dialog]:
    """Three are many."""
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    return brev


def acts() -> list[str]:
    made = AuditEntry.objects.filter(act__startswith="export.").order_by("pk")
    return list(made.values_list("act", flat=True))


def files_in(archive: Path) -> list[Path]:
    return [path for path in archive.rglob("*") if path.is_file()]


def test_a_long_list_is_asked_about_made_and_fetched(
    altinn: Altinn, karis: Browser, kari: User, long: list[Dialog]
) -> None:
    question = karis.get("/eksport/innboks/csv/?klientnavn=bakeren&side=3").content.decode()
    assert "mer enn 5 000 rader" in question
    assert ExportJob.objects.count() == 0
    assert acts() == []

    form = {"liste": "klientnavn=bakeren", "nokkel": "x"}
    answer = karis.post("/eksport/innboks/csv/lag/", form)
    job = ExportJob.objects.get()
    assert answer["Location"] == f"/eksport/{job.pk}/"
    assert (job.state, job.rows, job.total) == (State.READY, 3, 3)

    page = karis.get(answer["Location"]).content.decode()
    assert "Klar: 3 rader." in page
    assert f"/eksport/{job.pk}/fil/" in page
    assert f"/eksport/{job.pk}/" in karis.get("/eksport/").content.decode()
    got = body(karis.get(f"/eksport/{job.pk}/fil/"))
    assert [row["Dialog"] for row in lines(got)] == ["Brev 0", "Brev 1", "Brev 2"]
    assert acts() == ["export.made", "export.fetched"]
    detail = AuditEntry.objects.get(act="export.fetched").detail
    assert (detail["rows"], detail["filters"]) == (3, "klientnavn=…")


def test_the_one_who_asked_is_told_and_led_there(
    karis: Browser, kari: User, long: list[Dialog], made: Make
) -> None:
    job = made()

    notice = Notice.objects.get(user=kari)
    assert "Filen du ba om, er klar: 3 rader." in karis.get("/varsler/").content.decode()
    assert karis.get(f"/varsler/{notice.pk}/")["Location"] == f"/eksport/{job.pk}/"


def test_a_file_is_nobody_elses(
    olas: Browser, long: list[Dialog], made: Make, logged_in: Callable[[User], Browser], admin: User
) -> None:
    job = made()

    for browser in (olas, logged_in(admin)):
        assert browser.get(f"/eksport/{job.pk}/").status_code == 404
        assert browser.get(f"/eksport/{job.pk}/fil/").status_code == 404
        assert f"/eksport/{job.pk}/" not in browser.get("/eksport/").content.decode()


def test_what_somebody_no_longer_sees_is_not_handed_out(
    karis: Browser, kari: User, bakeren: Client, ola: User, long: list[Dialog], made: Make,
    archive: Path,
) -> None:  # fmt: skip
    job = made()
    bakeren.responsible = ola
    bakeren.save()

    answer = karis.get(f"/eksport/{job.pk}/fil/")

    assert answer.status_code == 409
    assert "Du ser ikke lenger alt" in answer.content.decode()
    assert files_in(archive) == []
    assert acts() == ["export.made", "export.refused"]
    assert karis.get(f"/eksport/{job.pk}/fil/").status_code == 409


def test_one_dialog_that_is_gone_for_them_is_enough(
    karis: Browser,
    kari: User,
    ola: User,
    make_client: Callable[..., Client],
    make_dialog: MakeDialog,
    long: list[Dialog],
    made: Make,
) -> None:
    other = make_client("Åsene AS", responsible=kari)
    make_dialog(other, "Annet")
    job = made()
    assert job.rows == 4

    Client.objects.filter(pk=other.pk).update(responsible=ola)

    assert karis.get(f"/eksport/{job.pk}/fil/").status_code == 409


def test_what_lies_in_the_archive_cannot_be_read_there(
    long: list[Dialog], made: Make, archive: Path
) -> None:
    job = made()

    [path] = files_in(archive)
    content = path.read_bytes()
    assert b"Brev" not in content
    assert b"Bakeren" not in content
    assert b"Brev 1" in b"".join(kept.pieces_of(job.stored_as, job.sha256))


@pytest.mark.parametrize(
    "harm",
    [lambda raw: raw[:-200], lambda raw: raw[:40] + bytes([raw[40] ^ 1]) + raw[41:]],
    ids=["cut", "one bit"],
)
def test_a_file_that_was_changed_is_not_handed_out(
    harm: Callable[[bytes], bytes], long: list[Dialog], made: Make, archive: Path, karis: Browser
) -> None:
    job = made()
    [path] = files_in(archive)
    path.chmod(0o600)
    path.write_bytes(harm(path.read_bytes()))

    answer: Any = karis.get(f"/eksport/{job.pk}/fil/")

    with pytest.raises(Damaged):
        list(answer.streaming_content)


def test_a_file_of_several_pieces_comes_back_whole(archive: Path) -> None:
    pieces = [bytes([number % 256]) * 100_000 for number in range(12)]

    stored = kept.keep("eksport/x", iter(pieces))

    assert stored.size_bytes == 1_200_000
    assert b"".join(kept.pieces_of("eksport/x", stored.sha256)) == b"".join(pieces)


def test_a_form_sent_twice_asks_for_one_file(karis: Browser, long: list[Dialog]) -> None:
    for _time in range(2):
        karis.post("/eksport/innboks/csv/lag/", {"liste": "", "nokkel": "samme"})

    assert ExportJob.objects.count() == 1


def test_a_person_has_three_files_on_their_way_at_most(karis: Browser, long: list[Dialog]) -> None:
    for number in range(jobs.MOST_AT_A_TIME):
        answer = karis.post("/eksport/innboks/csv/lag/", {"nokkel": f"{number}"})
        assert answer.status_code == 302

    answer = karis.post("/eksport/innboks/csv/lag/", {"nokkel": "en til"})

    assert answer.status_code == 409
    assert "allerede tre filer" in answer.content.decode()


def test_a_file_goes_after_a_day_and_its_row_after_sixty(
    long: list[Dialog], made: Make, archive: Path, karis: Browser, now: datetime
) -> None:
    job = made()

    assert jobs.tidy(now=now + timedelta(hours=23)) == 0
    assert jobs.tidy(now=now + timedelta(hours=25)) == 1

    assert files_in(archive) == []
    page = karis.get(f"/eksport/{job.pk}/").content.decode()
    assert "Slettet. Den hadde 3 rader." in page
    assert karis.get(f"/eksport/{job.pk}/fil/").status_code == 409
    job.refresh_from_db()
    assert job.keys == []
    jobs.tidy(now=now + timedelta(days=61))
    assert not ExportJob.objects.exists()


def test_a_list_that_is_too_long_or_empty_says_so(
    long: list[Dialog], made: Make, karis: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_ROWS", 2)

    too_long, empty = made(), made("frist=over&klient=999999")

    assert too_long.state == empty.state == State.FAILED
    assert "mer enn 100 000 rader" in karis.get(f"/eksport/{too_long.pk}/").content.decode()
    assert "tom nå" in karis.get(f"/eksport/{empty.pk}/").content.decode()
    assert "ble ikke laget" in karis.get("/varsler/").content.decode()
    assert karis.get(f"/eksport/{too_long.pk}/fil/").status_code == 409


def test_a_list_that_takes_too_long_is_given_up(
    long: list[Dialog], made: Make, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SECONDS", -1)

    job = made()

    assert job.state == State.FAILED
    assert "lang tid" in job.reason
    assert files_in(archive) == []


def test_who_has_left_gets_no_file(kari: User, long: list[Dialog], made: Make) -> None:
    kari.is_active = False
    kari.save()

    job = made()

    assert job.state == State.FAILED
    assert "tilgang" in job.reason


def test_what_a_killed_worker_left_is_made_anew_three_times(
    long: list[Dialog], kari: User, now: datetime, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = jobs.ask("innboks", "", Kind.CSV, user=kari, now=now, form="x")
    keep = kept.keep

    def killed(stored_as: str, pieces: Iterator[bytes]) -> kept.Kept:
        keep(stored_as, pieces)  # and the process ends here
        raise SystemExit

    monkeypatch.setattr(kept, "keep", killed)
    for number in range(jobs.MOST_TRIES):
        later = now + number * timedelta(minutes=10)
        assert jobs.due(now=later) == [job.pk]
        with pytest.raises(SystemExit):
            jobs.run(job.pk, now=later)
        assert jobs.due(now=timezone.now()) == []  # whoever has it, may be at it yet
        assert len(files_in(archive)) == 1  # what was left of the time before is gone

    jobs.run(job.pk, now=now + timedelta(hours=2))

    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "tre ganger" in job.reason
    assert files_in(archive) == []


def test_of_two_workers_the_one_with_the_lease_makes_the_file(
    long: list[Dialog], kari: User, now: datetime, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = jobs.ask("innboks", "", Kind.CSV, user=kari, now=now, form="x")
    keep = kept.keep
    taken: list[str] = []

    def slow(stored_as: str, pieces: Iterator[bytes]) -> kept.Kept:
        done = keep(stored_as, pieces)
        if not taken:
            taken.append(stored_as)
            jobs.run(job.pk, now=now + timedelta(hours=1))  # another one, meanwhile
        return done

    monkeypatch.setattr(kept, "keep", slow)

    jobs.run(job.pk, now=now)

    job.refresh_from_db()
    assert job.state == State.READY
    assert job.stored_as != taken[0]
    assert len(files_in(archive)) == 1
    assert Notice.objects.count() == 1
    assert acts() == ["export.made"]


def test_beat_takes_up_what_no_bell_rang_for(
    altinn: Altinn, long: list[Dialog], kari: User, now: datetime
) -> None:
    job = jobs.ask("innboks", "", Kind.CSV, user=kari, now=now, form="x")

    tasks.run_due()

    job.refresh_from_db()
    assert job.state == State.READY
    tasks.tidy()
    assert ExportJob.objects.get().stored_as


def test_the_page_asks_on_until_there_is_a_file(
    karis: Browser, kari: User, long: list[Dialog], now: datetime
) -> None:
    job = jobs.ask("innboks", "", Kind.CSV, user=kari, now=now, form="x")
    part = {"HTTP_HX_REQUEST": "true"}

    waiting = karis.get(f"/eksport/{job.pk}/", **part).content.decode()  # type: ignore[arg-type]
    assert "every 2s" in waiting
    assert "<html" not in waiting
    jobs.run(job.pk, now=now)
    ready = karis.get(f"/eksport/{job.pk}/", **part).content.decode()  # type: ignore[arg-type]
    assert "every" not in ready
    assert f"/eksport/{job.pk}/fil/" in ready


def test_a_key_that_is_rotated_still_opens_a_file(
    long: list[Dialog], made: Make, settings: Settings, karis: Browser
) -> None:
    job = made()
    settings.SEALING_KEYS = ["a new key", *settings.SEALING_KEYS]

    assert len(lines(body(karis.get(f"/eksport/{job.pk}/fil/")))) == 3
