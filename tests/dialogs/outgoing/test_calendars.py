"""Calendars as a calendar library reads them, and who may."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone
from icalendar import Calendar

from clients.models import Client
from dialogs.models import CalendarFeed, Dialog
from staff.models import AuditEntry, Team, User
from tests.dialogs.conftest import MakeDialog

NOBODY = Browser()


def made(browser: Browser, **wanted: object) -> str:
    """Make a calendar on the page, and return the address it shows."""
    page = browser.post("/varsler/kalendere/", {"scope": "USER"} | wanted).content.decode()
    return str(re.findall(r"http://localhost(/kalender/[^<]+\.ics)", page)[0])


def read(address: str) -> Calendar:
    """Read a calendar as a program without a log-in does."""
    response = NOBODY.get(address)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in response.headers["Cache-Control"]
    return Calendar.from_ical(response.content)


def titles(calendar: Calendar) -> list[str]:
    return [str(event["SUMMARY"]) for event in calendar.walk("VEVENT")]


def test_deadlines_are_whole_days_with_a_link_and_no_doubt(
    karis: Browser, kari: User, bakeren: Client, make_dialog: MakeDialog, now: datetime
) -> None:
    dialog = make_dialog(
        bakeren, "Mva-melding; 4. termin, æøå " + "x" * 90, responsible=kari, due_in=3
    )
    make_dialog(bakeren, "Til internt bruk", responsible=kari, internal_due_on=timezone.localdate())
    make_dialog(bakeren, "Gjetning", responsible=kari, estimated_due_on=timezone.localdate())
    make_dialog(bakeren, "Ferdig", responsible=kari, due_in=3, done_at=now)
    make_dialog(bakeren, "Ikke min", due_in=3)
    make_dialog(bakeren, "For lenge siden", responsible=kari, due_in=-200)

    calendar = read(made(karis))

    assert str(calendar["X-WR-CALNAME"]) == "Frister for Kari Hansen"
    assert sorted(titles(calendar)) == [
        "Anslått frist: Gjetning – Bakeren AS",
        "Intern frist: Til internt bruk – Bakeren AS",
        f"{dialog.copy.title} – Bakeren AS",
    ]
    [event] = [one for one in calendar.walk("VEVENT") if str(dialog.pk) in one["UID"]]
    assert dialog.deadline_at is not None
    day = timezone.localdate(dialog.deadline_at)
    assert type(event["DTSTART"].dt) is date
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (day, day + timedelta(days=1))
    assert str(event["URL"]) == f"http://localhost/innboks/{dialog.pk}/"
    assert event["TRANSP"] == "TRANSPARENT"
    assert "Skatteetaten" in event["DESCRIPTION"]


@pytest.mark.parametrize(
    ("language", "name", "due"),
    [
        ("nb", "Frister for Kari Hansen", "Frist: "),
        ("nn", "Fristar for Kari Hansen", "Frist: "),
        ("en", "Deadlines for Kari Hansen", "Deadline: "),
    ],
)
def test_a_calendar_is_in_its_owners_language(
    karis: Browser,
    kari: User,
    bakeren: Client,
    make_dialog: MakeDialog,
    language: str,
    name: str,
    due: str,
) -> None:
    kari.language = language
    kari.save()
    make_dialog(bakeren, responsible=kari, due_in=3)
    calendar = read(made(karis))
    assert str(calendar["X-WR-CALNAME"]) == name
    [event] = calendar.walk("VEVENT")
    assert due in event["DESCRIPTION"]


def test_sensitive_titles_and_clients_that_are_hidden_do_not_come_along(
    karis: Browser, kari: User, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, "Sykmelding for Anne", owner="nav", responsible=kari, due_in=3)
    content = read(made(karis, hides_clients="on")).to_ical().decode()
    assert "Anne" not in content
    assert "Bakeren" not in content
    assert "Tittelen vises bare i portalen" in content


def test_a_team_and_a_client_have_calendars_of_their_own(
    logged_in: Callable[[User], Browser],
    leder: User,
    bakeren: Client,
    rorleggeren: Client,
    make_dialog: MakeDialog,
) -> None:
    team = bakeren.team = Team.objects.create(name="Bergen")
    bakeren.save()
    make_dialog(bakeren, "Brød", due_in=3)
    make_dialog(rorleggeren, "Rør", due_in=3)
    leders = logged_in(leder)

    of_team = read(made(leders, scope="TEAM", team=team.pk))
    of_client = read(made(leders, scope="CLIENT", client="987654325"))

    assert titles(of_team) == ["Brød – Bakeren AS"]
    assert titles(of_client) == ["Rør – Rørleggeren ENK"]
    assert str(of_client["X-WR-CALNAME"]) == "Frister hos Rørleggeren ENK"


def test_nobody_makes_a_calendar_of_what_they_may_not_see(olas: Browser, bakeren: Client) -> None:
    team = bakeren.team = Team.objects.create(name="Bergen")
    bakeren.save()
    for wanted in (
        {"scope": "CLIENT", "client": "Bakeren"},
        {"scope": "CLIENT", "client": "310495921"},
        {"scope": "CLIENT", "client": ""},
        {"scope": "TEAM", "team": team.pk},
    ):
        response = olas.post("/varsler/kalendere/", wanted)
        assert response.status_code == 422
        assert "Bakeren AS" not in response.content.decode()
    assert not CalendarFeed.objects.exists()


def test_a_calendar_shows_nothing_of_a_client_that_is_lost(
    olas: Browser, ola: User, bakeren: Client, make_dialog: MakeDialog
) -> None:
    bakeren.members.add(ola)
    make_dialog(bakeren, "Hemmelig", responsible=ola, due_in=3)
    addresses = [made(olas, scope="CLIENT", client="Bakeren AS"), made(olas)]
    assert all(titles(read(one)) for one in addresses)
    bakeren.members.remove(ola)

    for address in addresses:
        content = read(address).to_ical().decode()
        assert "Hemmelig" not in content
        assert "Bakeren" not in content
    assert "Bakeren" not in olas.get("/varsler/kalendere/").content.decode()


def test_an_address_can_be_revoked_and_is_gone_with_its_owner(
    karis: Browser, olas: Browser, kari: User
) -> None:
    first, second = made(karis), made(karis)
    feed = CalendarFeed.objects.earliest("created_at")
    end = f"/varsler/kalendere/{feed.pk}/fjern/"
    assert olas.post(end).status_code == 404
    assert karis.get(end).status_code == 405
    read(first)

    assert karis.post(end).status_code == 302
    assert NOBODY.get(first).status_code == 404
    assert karis.post(end).status_code == 404
    acts = AuditEntry.objects.filter(actor=kari).order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["calendar made", "calendar made", "calendar revoked"]

    read(second)
    User.objects.filter(pk=kari.pk).update(is_active=False)
    assert NOBODY.get(second).status_code == 404
    assert NOBODY.get("/kalender/gjettet.ics").status_code == 404


def test_the_code_is_shown_once_and_kept_as_a_digest(karis: Browser) -> None:
    address = made(karis)
    code = address.removeprefix("/kalender/").removesuffix(".ics")
    assert len(code) == 43
    feed = CalendarFeed.objects.get()
    assert code not in str(vars(feed))
    assert feed.read_at is None
    read(address)
    feed.refresh_from_db()
    assert feed.read_at is not None
    page = karis.get("/varsler/kalendere/").content.decode()
    assert code not in page
    assert feed.code_hash not in page


def test_a_calendar_takes_few_statements(
    karis: Browser,
    kari: User,
    bakeren: Client,
    make_dialog: MakeDialog,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    for number in range(20):
        make_dialog(bakeren, f"Brev {number}", responsible=kari, due_in=number)
    address = made(karis)
    read(address)
    with django_assert_max_num_queries(4):  # type: ignore[attr-defined]
        assert len(titles(read(address))) == 20
    assert Dialog.objects.count() == 20
