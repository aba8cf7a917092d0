"""The audit log is only added to, and whoever gets around that is found out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from pytest_django import Settings

from staff import audit, chain
from staff.models import AuditEntry, AuditLink, AuditWaiting, User
from staff.tasks import shorten_audit
from tests.rewriting import rewriting, switch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def archive_root(settings: Settings, tmp_path: Path) -> Path:
    disk = "django.core.files.storage.FileSystemStorage"
    archive = {"BACKEND": disk, "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"archive": archive}
    return tmp_path


@pytest.fixture
def written(kari: User, now: datetime) -> list[int]:
    """Keys of seven entries in three links."""
    for number in range(7):
        about = f"user {kari.pk}"
        audit.record(actor=kari, act="user changed", about=about, now=now, number=number, å="æøå")
        if number in {2, 4}:
            chain.add_links(now=now)
    chain.add_links(now=now)
    return list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))


def faults() -> list[str]:
    return chain.verify_all().faults


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE staff_auditentry SET act = 'nothing'",
        "DELETE FROM staff_auditentry",
        "TRUNCATE staff_auditentry",
        "TRUNCATE staff_user CASCADE",
        "UPDATE staff_auditlink SET digest = ''",
        "UPDATE staff_auditlink SET emptied_at = now()",
        "DELETE FROM staff_auditlink",
        "TRUNCATE staff_auditlink",
    ],
)
def test_the_database_refuses_to_change_the_log(statement: str, written: list[int]) -> None:
    switch("ENABLE", "audit_not_emptied")  # off in tests, which empty their database after them

    with (
        connection.cursor() as cursor,
        pytest.raises(ProgrammingError, match="only added to"),
        transaction.atomic(),
    ):
        cursor.execute(statement)

    assert AuditEntry.objects.count() == len(written)


def test_entries_are_linked_after_they_are_written(written: list[int], now: datetime) -> None:
    assert [link.entry_ids for link in AuditLink.objects.order_by("pk")] == [
        written[:3],
        written[3:5],
        written[5:],
    ]
    assert not AuditWaiting.objects.exists()
    verdict = chain.verify_all()
    assert (verdict.faults, verdict.links, verdict.entries) == ([], 3, 7)


def test_entries_that_are_not_linked_yet_are_no_fault(written: list[int], kari: User) -> None:
    audit.record(actor=kari, act="user changed", about="user 1", now=AuditEntry.objects.all()[0].at)

    verdict = chain.verify_all()

    assert (verdict.faults, verdict.waiting) == ([], 1)


def test_a_changed_entry_is_named(written: list[int]) -> None:
    with rewriting():
        AuditEntry.objects.filter(pk=written[3]).update(detail={"number": 30})

    assert f"entry {written[3]} has been changed" in faults()
    assert "link 2 does not follow from what is there" in faults()
    assert len(faults()) == 2


def test_a_changed_entry_with_its_digest_made_anew_breaks_its_link(written: list[int]) -> None:
    with rewriting(), connection.cursor() as cursor:
        AuditEntry.objects.filter(pk=written[3]).update(about="user 0")
        cursor.execute(chain._ROWS, [[written[3]]])
        said = cursor.fetchone()[2]
        cursor.execute(
            "UPDATE staff_auditentry SET digest = sha256(%s) WHERE id = %s",
            [said.encode(), written[3]],
        )

    assert faults() == ["link 2 does not follow from what is there"]


def test_a_removed_entry_is_named(written: list[int]) -> None:
    with rewriting():
        AuditEntry.objects.filter(pk=written[0]).delete()

    assert f"entry {written[0]} has been removed" in faults()


def test_a_removed_link_is_named(written: list[int]) -> None:
    with rewriting():
        AuditLink.objects.filter(pk=2).delete()

    assert "link 2 is missing" in faults()
    assert f"entry {written[3]} is in no link" in faults()


def test_an_entry_that_was_slipped_in_is_named(written: list[int], kari: User) -> None:
    one = AuditEntry.objects.create(
        at=AuditEntry.objects.all()[0].at, actor=kari, act="user added", about="user 1"
    )
    AuditWaiting.objects.all().delete()

    assert faults() == [f"entry {one.pk} is in no link"]


def test_a_whole_chain_made_anew_contradicts_the_anchor(
    written: list[int], now: datetime, archive_root: Path
) -> None:
    end = chain.verify_all().end
    assert end
    text = chain.drop_anchor(end, now=now)
    assert (archive_root / f"revisjonslogg/{now:%Y-%m-%d}.txt").read_text() == text
    assert faults() == []

    with rewriting():
        AuditEntry.objects.filter(pk=written[6]).delete()
        AuditLink.objects.all().delete()
    AuditWaiting.objects.bulk_create(AuditWaiting(entry_id=pk) for pk in written[:6])
    chain.add_links(now=now)

    assert faults() == [f"the chain contradicts its anchor {now:%Y-%m-%d}.txt"]


def test_an_anchor_is_never_moved(written: list[int], now: datetime, archive_root: Path) -> None:
    first, *_, last = AuditLink.objects.order_by("pk")
    chain.drop_anchor(first, now=now)
    chain.drop_anchor(last, now=now)

    [anchor] = (archive_root / "revisjonslogg").iterdir()
    assert anchor.read_text().startswith("1 ")


def test_a_part_is_verified_from_the_part_before(written: list[int]) -> None:
    first = chain.verify(most_links=2)
    assert first.end
    assert (first.faults, first.entries, first.end.position) == ([], 5, 2)

    rest = chain.verify(after=first.end.position, most_links=2)
    assert rest.end
    assert (rest.faults, rest.entries, rest.end.position) == ([], 2, 3)


@pytest.mark.django_db(transaction=True)
def test_linking_and_writing_do_not_wait_for_one_another(kari: User, now: datetime) -> None:
    """What is written and not committed is linked the next time."""
    about = f"user {kari.pk}"

    with ThreadPoolExecutor(1) as pool:

        def link() -> int:
            try:
                return chain.add_links(now=now)
            finally:
                connection.close()

        audit.record(actor=kari, act="user changed", about=about, now=now)
        with transaction.atomic():
            audit.record(actor=kari, act="user changed", about=about, now=now)
            assert pool.submit(link).result(timeout=60) == 1
            audit.record(actor=kari, act="user changed", about=about, now=now)
        assert pool.submit(link).result(timeout=60) == 2

    assert (chain.verify_all().faults, chain.verify_all().links) == ([], 2)


def test_the_command_tells_the_end_of_the_chain_and_holds_it_to_an_anchor(
    written: list[int],
) -> None:
    out = StringIO()
    call_command("verify_audit", stdout=out)
    end = out.getvalue().partition("ends with ")[2].split()[0]
    assert end.startswith("3:")
    assert "7 entries in 3 links, 0 not linked yet" in out.getvalue()

    call_command("verify_audit", "--anchor", end, stdout=out)
    with pytest.raises(CommandError, match="contradicts the anchor"):
        call_command("verify_audit", "--anchor", "2:" + end[2:], stdout=out)
    with pytest.raises(CommandError, match="POSITION"):
        call_command("verify_audit", "--anchor", "x", stdout=out)

    with rewriting():
        AuditEntry.objects.filter(pk=written[0]).update(act="else")
    with pytest.raises(CommandError, match=f"entry {written[0]} has been changed"):
        call_command("verify_audit", stdout=out)


def test_what_is_older_than_a_year_may_be_removed(kari: User, now: datetime) -> None:
    old = now - timedelta(days=367)
    audit.record(actor=kari, act="user changed", about="user 1", now=old)

    AuditEntry.objects.all().delete()

    assert not AuditEntry.objects.exists()


def test_old_links_are_emptied_and_the_chain_still_holds(kari: User, now: datetime) -> None:
    for days in (800, 790, 10):
        at = now - timedelta(days=days)
        audit.record(actor=kari, act="user changed", about="user 1", now=at)
        chain.add_links(now=now)
    young = AuditEntry.objects.latest("pk")

    assert chain.shorten(before=now - timedelta(days=700), now=now) == 2
    assert chain.shorten(before=now - timedelta(days=700), now=now) == 0

    assert list(AuditEntry.objects.all()) == [young]
    verdict = chain.verify_all()
    assert (verdict.faults, verdict.links, verdict.emptied, verdict.entries) == ([], 3, 2, 1)


def test_the_task_keeps_what_the_setting_says_and_tells_what_it_removed(
    kari: User, now: datetime, settings: Settings
) -> None:
    settings.AUDIT_KEEP_YEARS = 2
    for days in (900, 500):
        at = now - timedelta(days=days)
        audit.record(actor=kari, act="user changed", about="user 1", now=at)
        chain.add_links(now=now)

    shorten_audit()
    shorten_audit()

    acts = AuditEntry.objects.order_by("pk").values_list("act", "detail")
    assert list(acts) == [("user changed", {}), ("log shortened", {"count": 1})]
