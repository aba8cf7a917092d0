"""The daily summary and the weekly report: when, to whom, and the same numbers as in the portal."""

import re
from datetime import datetime, timedelta
from email.message import EmailMessage as Parsed
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client
from dialogs.models import Delivery, Dialog, NoticeChoices
from dialogs.outgoing.delivering import deliver_due
from dialogs.outgoing.summaries import write_due
from dialogs.reports.standing import By, standing
from staff.models import Absence, Team, User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.outgoing.conftest import header, html_of, parsed, text_of

OSLO = ZoneInfo("Europe/Oslo")
State = Delivery.State


def oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


def written() -> set[tuple[str, str]]:
    return set(Delivery.objects.values_list("event", "user__first_name"))


def summary_of(user: User, *, event: str = "DAILY") -> list[Parsed]:
    """Let the worker send one person's summary now, whatever day it is."""
    now = timezone.now()
    mail.outbox.clear()
    Delivery.objects.filter(user=user).delete()
    Delivery.objects.create(
        user=user,
        channel="EMAIL",
        event=event,
        key=event,
        is_chosen=False,
        created_at=now,
        due_at=now,
    )
    deliver_due(now=now)
    return [parsed(one) for one in mail.outbox]


@pytest.mark.parametrize(
    ("at", "events"),
    [
        ("2026-11-25 06:59", set()),
        ("2026-11-25 07:00", {"DAILY"}),
        ("2026-11-25 11:59", {"DAILY"}),  # the workers were away in the morning
        ("2026-11-25 12:00", set()),
        ("2026-11-28 07:00", set()),  # a Saturday
        ("2026-12-25 07:00", set()),  # Christmas Day
        ("2026-11-30 07:29", {"DAILY"}),  # a Monday
        ("2026-11-30 07:30", {"DAILY", "WEEKLY"}),
        ("2026-04-07 08:00", {"DAILY", "WEEKLY"}),  # the day after Easter Monday
        ("2026-03-30 07:00", {"DAILY"}),  # the day after the clocks went forward
        ("2026-10-26 07:00", {"DAILY"}),  # and back
    ],
)
def test_summaries_come_on_working_mornings_and_reports_on_the_first_of_the_week(
    mails: None, leder: User, at: str, events: set[str]
) -> None:
    write_due(now=oslo(at))
    assert {event for event, _who in written()} == events


def test_each_is_written_down_once_however_often_it_is_asked(
    mails: None, kari: User, leder: User
) -> None:
    for minute in range(4):
        write_due(now=oslo(f"2026-11-30 07:3{minute}"))
    assert sorted(Delivery.objects.values_list("event", "user__first_name")) == [
        ("DAILY", "Kari"), ("DAILY", "Marit"), ("WEEKLY", "Marit"),
    ]  # fmt: skip
    write_due(now=oslo("2026-12-01 07:00"))
    assert Delivery.objects.count() == 5


def test_who_is_away_has_left_or_does_not_want_it_gets_none(
    mails: None, kari: User, ola: User, admin: User, leder: User
) -> None:
    day = oslo("2026-11-25 07:00")
    Absence.objects.create(user=ola, from_on=day.date(), to_on=day.date())
    NoticeChoices.objects.create(user=admin, events={"DAILY": {"EMAIL": False}})
    User.objects.filter(pk=leder.pk).update(is_active=False)
    write_due(now=day)
    assert written() == {("DAILY", "Kari")}


def test_quiet_hours_hold_a_summary_back(mails: None, kari: User) -> None:
    NoticeChoices.objects.create(user=kari, quiet_from="18:00", quiet_to="08:15")
    write_due(now=oslo("2026-11-25 07:00"))
    assert Delivery.objects.get().due_at == oslo("2026-11-25 08:15")


def test_a_day_with_nothing_to_say_says_nothing(mails: None, kari: User, bakeren: Client) -> None:
    assert summary_of(kari) == []
    one = Delivery.objects.get(user=kari)
    assert (one.state, one.trouble) == (State.LEFT_OUT, "nothing")


def test_it_begins_with_what_is_over_its_deadline(
    mails: None, karis: Browser, kari: User, bakeren: Client, make_dialog: MakeDialog
) -> None:
    old = timezone.now() - timedelta(days=40)
    for number in range(12):
        make_dialog(bakeren, f"Purring {number}", due_in=-number - 1, content_updated_at=old)
    make_dialog(bakeren, "Mva-melding", due_at=timezone.now(), content_updated_at=old)
    make_dialog(bakeren, "Om lenge", due_in=30, content_updated_at=old)

    [message] = summary_of(kari)

    assert header(message, "Subject") == "Dagen din: 12 over frist, 1 med frist i dag"
    text = text_of(message)
    assert text.startswith("OVER FRIST (12)")
    assert text.index("Purring 11") < text.index("Purring 2") < text.index("Mva-melding")
    assert text.count("Purring") == 10
    assert "Om lenge" not in text
    assert "NYTT" not in text
    [link] = re.findall(r"Vis alle 12\n  (\S+)", text)
    page = karis.get(link.removeprefix("http://localhost")).content.decode()
    assert page.count("data-dialog=") == 12


def test_a_summary_is_about_ones_own_clients(
    mails: None,
    kari: User,
    ola: User,
    leder: User,
    bakeren: Client,
    rorleggeren: Client,
    make_dialog: MakeDialog,
) -> None:
    make_dialog(bakeren, "Hemmelig", due_in=-1)
    make_dialog(rorleggeren, "Åpent", due_in=-1)
    [message] = summary_of(ola)
    for body in (text_of(message), html_of(message)):
        assert "Åpent" in body
        assert "Hemmelig" not in body
        assert "Bakeren" not in body
    [message] = summary_of(leder)
    assert header(message, "Subject") == "Dagen din: 2 over frist"


def test_a_summary_hides_what_is_sensitive(
    mails: None, kari: User, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, "Sykmelding for Anne", owner="nav", due_in=-1)
    [message] = summary_of(kari)
    assert "Anne" not in text_of(message)
    assert "Tittelen vises bare i portalen – Bakeren AS" in text_of(message)


@pytest.mark.parametrize(
    ("language", "subject", "heading"),
    [
        ("nb", "Dagen din: 1 over frist", "OVER FRIST (1)"),
        ("nn", "Dagen din: 1 over frist", "OVER FRIST (1)"),
        ("en", "Your day: 1 overdue", "OVERDUE (1)"),
    ],
)
def test_a_summary_is_in_the_readers_language(
    mails: None,
    kari: User,
    bakeren: Client,
    make_dialog: MakeDialog,
    language: str,
    subject: str,
    heading: str,
) -> None:
    make_dialog(bakeren, due_in=-1)
    kari.language = language
    kari.save()
    [message] = summary_of(kari)
    assert header(message, "Subject") == subject
    assert text_of(message).startswith(heading)
    assert f'lang="{language}"' in html_of(message)


def test_the_report_says_what_the_dashboard_says(
    mails: None,
    kari: User,
    leder: User,
    bakeren: Client,
    rorleggeren: Client,
    make_dialog: MakeDialog,
) -> None:
    bakeren.team = Team.objects.create(name="Bergen")
    bakeren.save()
    make_dialog(bakeren, due_in=-2, responsible=kari)
    make_dialog(bakeren, due_in=3)
    make_dialog(rorleggeren)

    [message] = summary_of(leder, event="WEEKLY")

    now = timezone.now()
    text = text_of(message)
    assert header(message, "Subject").endswith(": 1 over frist, 3 åpne")
    for by in (By.FIRM, By.TEAM, By.RESPONSIBLE):
        for row in standing(leder, by=by, now=now):
            assert f"{row.label}: {row.open} åp" in text
            assert f"http://localhost{row.href}\n" in text
    assert "De rangerer ingen." in text
    assert html_of(message).count("<h2>") == 3


def test_a_report_is_for_those_who_lead(
    mails: None, kari: User, leder: User, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, due_in=-2)
    assert summary_of(kari, event="WEEKLY") == []
    assert len(summary_of(leder, event="WEEKLY")) == 1
    Dialog.objects.update(done_at=timezone.now())
    assert summary_of(leder, event="WEEKLY") == [], "nothing is open"
