"""Every night the audit log is looked through, and an alarm tells when it is not as it was."""

from datetime import datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from clients.health import audit_log
from clients.health.sentences import say
from clients.health.tasks import check_audit_log
from clients.models import Alarm
from staff import audit, chain
from staff.models import AuditEntry, User
from tests.rewriting import rewriting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def archive_root(settings: Settings, tmp_path: Path) -> Path:
    disk = "django.core.files.storage.FileSystemStorage"
    archive = {"BACKEND": disk, "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"archive": archive}
    return tmp_path


@pytest.fixture
def three_links(kari: User, now: datetime, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keys of three entries, each in a link of its own; the log is looked through by twos."""
    monkeypatch.setattr(audit_log, "PART", 2)
    for _ in range(3):
        audit.record(actor=kari, act="user changed", about=f"user {kari.pk}", now=now)
        chain.add_links(now=now)
    return list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))


def look_through(now: datetime) -> list[int]:
    """Do what the task does; return where each part began."""
    begun, after = [], 0
    while True:
        begun.append(after)
        upto = audit_log.check_part(after, now=now)
        if upto is None:
            return begun
        after = upto


def test_a_log_in_order_gets_an_anchor_and_no_alarm(
    three_links: list[int], now: datetime, archive_root: Path
) -> None:
    assert look_through(now) == [0, 2]

    [anchor] = (archive_root / "revisjonslogg").iterdir()
    assert anchor.read_text().startswith("3 ")
    assert not Alarm.objects.exists()


def test_a_changed_entry_raises_the_alarm_until_all_is_in_order(
    three_links: list[int], now: datetime, archive_root: Path
) -> None:
    with rewriting():
        AuditEntry.objects.filter(pk=three_links[2]).update(act="client added")
    look_through(now)

    alarm = Alarm.objects.open().get(kind=Alarm.Kind.AUDIT_LOG)
    assert f"entry {three_links[2]} has been changed" in say(alarm).text
    assert not (archive_root / "revisjonslogg").exists()

    with rewriting():
        AuditEntry.objects.filter(pk=three_links[2]).update(act="user changed")
    look_through(now)
    assert not Alarm.objects.open().exists()


def test_the_task_looks_through_it_all(three_links: list[int], archive_root: Path) -> None:
    check_audit_log(2)

    assert (archive_root / "revisjonslogg").exists()
