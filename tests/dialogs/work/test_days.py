"""Putting aside and the three deadlines: by calendar day in Norway, and never past the deadline."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client as Browser
from django.utils import timezone, translation

from clients.models import Client
from dialogs import actions
from dialogs.models import Dialog, PinRule
from dialogs.work.days import internal_presets, moment_in_words, snooze_presets
from staff.models import AuditEntry, User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.work.conftest import Post, flat, panel

OSLO = ZoneInfo("Europe/Oslo")


def at(day: str, clock: str = "00:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=OSLO)


@pytest.mark.parametrize(
    ("today", "deadline", "days"),
    [
        # Wednesday, nothing in the way
        ("2026-11-18", None, ["2026-11-19", "2026-11-23", "2026-11-25"]),
        # Sunday and Monday: «neste mandag» is never today
        ("2026-11-22", None, ["2026-11-23", "2026-11-23", "2026-11-29"]),
        ("2026-11-23", None, ["2026-11-24", "2026-11-30", "2026-11-30"]),
        # The night the clock goes forward, and back: a day has 23 and 25 hours
        ("2026-03-28", "2026-03-29", ["2026-03-29"]),
        ("2026-10-24", "2026-10-25", ["2026-10-25"]),
        # The year's end
        ("2026-12-30", "2027-01-04", ["2026-12-31", "2027-01-04"]),
        ("2026-12-30", "2026-12-30", []),
    ],
)
def test_the_days_to_put_aside_to(today: str, deadline: str | None, days: list[str]) -> None:
    dialog = Dialog(deadline_at=at(deadline, "00:30") if deadline else None)

    presets = snooze_presets(dialog, today=date.fromisoformat(today))

    assert [one.value for one in presets if one.is_possible] == days
    assert [one.digit for one in presets] == [1, 2, 3]


@pytest.mark.parametrize(
    ("today", "deadline", "days"),
    [
        # Thursday 3 December: Wednesday, Monday and the Thursday before
        ("2026-11-18", "2026-12-03", ["2026-12-02", "2026-11-30", "2026-11-26"]),
        # The Tuesday after Easter
        ("2026-03-20", "2026-04-07", ["2026-04-01", "2026-03-30", "2026-03-26"]),
        # The day after 17 May, which is a Sunday; Ascension Day was the Thursday before
        ("2026-05-04", "2026-05-18", ["2026-05-15", "2026-05-12", "2026-05-08"]),
        # The year's beginning
        ("2026-12-14", "2027-01-04", ["2026-12-31", "2026-12-29", "2026-12-24"]),
        # A Sunday counts from the Friday
        ("2026-11-02", "2026-11-15", ["2026-11-12", "2026-11-10", "2026-11-06"]),
        # Too late for some of them
        ("2026-11-30", "2026-12-03", ["2026-12-02", "2026-11-30"]),
        # No deadline, or one that has passed: from now on
        ("2026-11-18", None, ["2026-11-19", "2026-11-23", "2026-11-25"]),
        ("2026-11-18", "2026-11-17", ["2026-11-19", "2026-11-23", "2026-11-25"]),
        ("2026-05-13", None, ["2026-05-15", "2026-05-19", "2026-05-21"]),
    ],
)
def test_the_working_days_before_the_deadline(
    today: str, deadline: str | None, days: list[str]
) -> None:
    dialog = Dialog(binding_at=at(deadline, "23:59") if deadline else None)

    presets = internal_presets(dialog, today=date.fromisoformat(today))

    assert [one.value for one in presets if one.is_possible] == days


@pytest.mark.parametrize(
    ("now", "moment", "words"),
    [
        ("2026-03-29T12:00", "2026-03-28T23:30", "i går kl.\u00a023.30"),
        ("2026-10-26T00:10", "2026-10-25T23:50", "i går kl.\u00a023.50"),
        ("2027-01-01T08:00", "2026-12-31T08:00", "i går kl.\u00a008.00"),
        ("2027-01-02T08:00", "2026-12-31T08:00", "31.\u00a0desember 2026 kl.\u00a008.00"),
        ("2026-11-18T08:00", "2026-11-03T08:43", "3.\u00a0november kl.\u00a008.43"),
    ],
)
def test_a_moment_is_told_by_the_calendar(now: str, moment: str, words: str) -> None:
    def oslo(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=OSLO)

    with translation.override("nb"):
        assert moment_in_words(oslo(moment), now=oslo(now)) == words


def test_it_is_put_aside_and_taken_back(
    karis: Browser, kari: User, dialog: Dialog, post: Post, today: date
) -> None:
    day = today + timedelta(days=3)
    post(karis, "utsett", day=day.isoformat())
    assert (dialog.folder, dialog.snoozed_until_on) == ("SNOOZED", day)
    html = panel(karis, dialog)
    assert "Utsatt til" in html
    assert "Hent tilbake nå" in html

    post(karis, "hent-tilbake")
    assert (dialog.folder, dialog.snoozed_until_on) == ("INBOX", None)
    assert "Hent tilbake nå" not in panel(karis, dialog)
    entries = AuditEntry.objects.filter(about=actions.about(dialog.pk)).order_by("pk")
    acts = entries.values_list("act", "actor")
    assert list(acts) == [(actions.SNOOZED, kari.pk), (actions.WOKEN, kari.pk)]


def test_a_day_after_the_deadline_is_refused_with_the_latest_day(
    karis: Browser, dialog: Dialog, post: Post
) -> None:
    Dialog.objects.update(due_at=at("2100-12-03"), binding_at=at("2100-12-03"))

    answer = post(karis, "utsett", htmx=True, day="2100-12-04")

    assert answer.status_code == 409
    html = flat(answer)
    assert "Fristen er 3. desember 2100. Velg senest den dagen." in html.replace("\u00a0", " ")
    assert 'data-reopen="utsett-boks"' in html
    assert 'value="2100-12-04"' in html
    assert 'aria-invalid="true"' in html
    assert dialog.snoozed_until_on is None

    post(karis, "utsett", day="2100-12-03")
    assert dialog.snoozed_until_on == date(2100, 12, 3)


def test_what_is_due_today_or_was_cannot_be_put_aside(
    karis: Browser, dialog: Dialog, post: Post, today: date
) -> None:
    Dialog.objects.update(binding_at=timezone.now())
    tomorrow = (today + timedelta(days=1)).isoformat()

    answer = post(karis, "utsett", htmx=True, day=tomorrow)

    assert "så dialogen kan ikke utsettes." in flat(answer)
    assert dialog.snoozed_until_on is None


@pytest.mark.parametrize("day", ["", "i går", "2026-02-30", "today", "0001-01-01", "9" * 400])
@pytest.mark.parametrize("what", ["utsett", "intern-frist", "anslatt-frist"])
def test_a_senseless_or_past_day_changes_nothing(
    karis: Browser, dialog: Dialog, post: Post, what: str, day: str
) -> None:
    assert post(karis, what, day=day).status_code == 409
    assert dialog.work_version == 0


def test_an_internal_deadline_is_set_moved_and_removed(
    karis: Browser, dialog: Dialog, post: Post, today: date
) -> None:
    first, second = today + timedelta(days=5), today
    post(karis, "intern-frist", day=first.isoformat())
    assert dialog.internal_due_on == first
    post(karis, "intern-frist", day=second.isoformat())
    assert dialog.internal_due_on == second
    post(karis, "intern-frist", fjern="ja")
    assert dialog.internal_due_on is None
    assert dialog.work_version == 3


def test_an_internal_deadline_keeps_the_authoritys_unless_that_has_passed(
    karis: Browser, dialog: Dialog, post: Post, now: datetime, today: date
) -> None:
    later = (today + timedelta(days=31)).isoformat()
    assert "Velg senest den dagen." in flat(post(karis, "intern-frist", htmx=True, day=later))
    assert dialog.internal_due_on is None

    Dialog.objects.update(binding_at=now - timedelta(days=2))
    assert post(karis, "intern-frist", day=later).status_code == 302


def test_three_deadlines_are_told_apart(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, now: datetime
) -> None:
    dialog = make_dialog(
        bakeren, due_at=at("2100-12-03"), internal_due_on=date(2100, 11, 30), status="Completed"
    )
    html = panel(karis, dialog).replace("\u00a0", " ")
    assert "<dt>Frist</dt>" in html
    assert "3. desember 2100</time>" in html
    assert "<dt>Intern frist</dt>" in html
    assert "30. november 2100</time>" in html

    Dialog.objects.update(due_at=None, binding_at=None, estimated_due_on=date(2100, 12, 1))
    html = panel(karis, dialog).replace("\u00a0", " ")
    assert "Ingen frist fra tjenesteeieren" in html
    assert "<dt>Anslått frist</dt>" in html
    assert "1. desember 2100</time>" in html


@pytest.fixture
def rule() -> PinRule:
    return PinRule.objects.create(why="Vedtak", words="vedtak", appeal_days=21)


def test_the_time_for_an_appeal_is_proposed_and_never_set(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, rule: PinRule
) -> None:
    received_at = timezone.make_aware(
        datetime.combine(timezone.localdate() - timedelta(days=2), datetime.min.time())
    )
    dialog = make_dialog(bakeren, pin=rule, content_updated_at=received_at)
    day = timezone.localdate() + timedelta(days=19)

    html = panel(karis, dialog)

    assert "Forslag: 21 dager fra mottatt" in html
    assert f'name="day" value="{day.isoformat()}"' in html
    dialog.refresh_from_db()
    assert dialog.estimated_due_on is None

    karis.post(f"/innboks/{dialog.pk}/anslatt-frist/", {"day": day.isoformat(), "work_version": 0})
    dialog.refresh_from_db()
    assert dialog.estimated_due_on == day
    assert "Forslag" not in panel(karis, dialog)


@pytest.mark.parametrize(
    "fields",
    [
        {"due_in": 5},  # the authority has said it
        {"status": "Completed"},
        {"content_updated_at": timezone.now() - timedelta(days=30)},  # it has passed
    ],
)
def test_no_proposal_where_it_makes_no_sense(
    karis: Browser,
    bakeren: Client,
    make_dialog: MakeDialog,
    rule: PinRule,
    fields: dict[str, object],
) -> None:
    dialog = make_dialog(bakeren, pin=rule, **fields)

    assert "Forslag" not in panel(karis, dialog)


def test_what_is_not_in_the_inbox_is_not_put_aside(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    archived, gone = make_dialog(bakeren, folder="ARCHIVE"), make_dialog(bakeren, folder="GONE")

    for dialog in (archived, gone):
        html = panel(karis, dialog)
        assert "Utsett" not in html
        assert "Merk som ferdig" not in html
        assert "Tildel …" in html


def test_a_late_deadline_is_never_red_once_somebody_is_done(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, now: datetime
) -> None:
    dialog = make_dialog(bakeren, due_in=-3)
    assert "3 dager over frist" in panel(karis, dialog)

    Dialog.objects.update(done_at=now)
    assert "dager over frist" not in panel(karis, dialog)
