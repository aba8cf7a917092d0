"""The overview as people see it: whose work, which links, and how few statements."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from staff.models import Team, User
from tests.dialogs.conftest import MakeDialog

LogIn = Callable[[User], Browser]
MakeClient = Callable[..., Client]
PAGES = (
    "/oversikt/",
    "/oversikt/klienter/",
    "/oversikt/frister/",
    "/oversikt/frister/?uke=",
    "/oversikt/sesong/",
)


def main_of(browser: Browser, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return unescape(response.content.decode().partition("<main")[2].partition("</main>")[0])


def cells(page: str, name: str) -> list[str]:
    """Return the figures of the row that a name heads."""
    for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL):
        found = [
            " ".join(re.sub("<[^>]+>", " ", one).split())
            for one in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        if found[0] == name:
            return found[1:]
    raise AssertionError(name)


@pytest.fixture
def work(
    bakeren: Client, rorleggeren: Client, kari: User, ola: User, make_dialog: MakeDialog
) -> None:
    """Kari has one overdue at Bakeren; Ola has one due soon, and one nobody's, at Rørleggeren."""
    make_dialog(bakeren, "Mva-melding", due_in=-3, responsible=kari)
    make_dialog(rorleggeren, "A-melding", due_in=2, responsible=ola)
    make_dialog(rorleggeren, "Skattemelding", owner="nav")


@pytest.mark.parametrize("page", PAGES)
def test_everybody_sees_the_reports_and_only_of_clients_they_may_see(
    page: str, work: None, leder: User, karis: Browser, olas: Browser, logged_in: LogIn
) -> None:
    assert "Oversikt" in main_of(logged_in(leder), page)
    assert "Rørleggeren" not in main_of(karis, page)
    assert "Bakeren" not in main_of(olas, page)


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_them_without_logging_in(page: str, db: None) -> None:
    assert Browser().get(page).status_code == 302


def test_a_manager_sees_everybody_by_name_and_what_is_nobody_s_on_top(
    work: None, leder: User, logged_in: LogIn
) -> None:
    page = main_of(logged_in(leder), "/oversikt/")

    assert cells(page, "Kari Hansen")[:3] == ["1", "1", "0"]
    assert cells(page, "Ola Berg")[:3] == ["1", "0", "1"]
    people = page[page.index('id="folk-h"') :]
    order = [people.index(name) for name in ("Ufordelt", "Kari Hansen", "Ola Berg")]
    assert order == sorted(order)
    assert "ikke laget for å måle" in page


def test_the_client_with_most_overdue_is_on_top(
    work: None, leder: User, bakeren: Client, logged_in: LogIn
) -> None:
    Client.objects.filter(pk=bakeren.pk).update(name="Øyas bakeri")
    page = main_of(logged_in(leder), "/oversikt/")

    clients = page[page.index('id="klienter-h"') :]
    assert clients.index("Øyas bakeri") < clients.index("Rørleggeren")


def test_an_accountant_sees_no_colleague_s_figures(work: None, karis: Browser) -> None:
    page = main_of(karis, "/oversikt/")

    assert cells(page, "Kari Hansen")[:3] == ["1", "1", "0"]
    assert "Ola Berg" not in page
    assert "Team</th>" not in page


def test_an_accountant_cannot_ask_for_a_colleague_s(work: None, karis: Browser, ola: User) -> None:
    page = main_of(karis, f"/oversikt/?ansvarlig={ola.pk}&klientansvarlig={ola.pk}")

    assert "Ola Berg" not in page
    assert cells(page, "Kari Hansen")[:3] == ["1", "1", "0"]


def test_a_row_leads_to_the_same_report_of_it_alone(
    work: None, leder: User, ola: User, rorleggeren: Client, logged_in: LogIn
) -> None:
    browser = logged_in(leder)
    team = Team.objects.create(name="Lønn")
    Client.objects.filter(pk=rorleggeren.pk).update(team=team)

    whole = main_of(browser, "/oversikt/")
    href = re.search(rf'href="(/oversikt/\?team={team.pk})"', whole)
    assert href
    page = main_of(browser, href[1])

    assert cells(page, "Ola Berg")[:3] == ["1", "0", "1"]
    assert "Kari Hansen" not in page
    assert (
        f"team={team.pk}&ansvarlig={ola.pk}" in page or f"ansvarlig={ola.pk}&team={team.pk}" in page
    )


def test_figures_of_the_page_lead_to_their_lists(work: None, leder: User, logged_in: LogIn) -> None:
    browser = logged_in(leder)
    page = main_of(browser, "/oversikt/")

    hrefs = set(re.findall(r'href="(/innboks/[^"]*)"', page))

    assert len(hrefs) > 20
    for href in hrefs:
        response = browser.get(href)
        assert response.status_code == 200
        assert "ser bort fra det" not in response.content.decode()


def test_the_statements_are_as_few_whatever_there_is(
    work: None,
    leder: User,
    kari: User,
    make_client: MakeClient,
    make_dialog: MakeDialog,
    logged_in: LogIn,
) -> None:
    def statements(user: User, page: str) -> int:
        browser = logged_in(user)
        browser.get(page)
        with CaptureQueriesContext(connection) as asked:
            browser.get(page)
        return len(asked)

    make_dialog(make_client("Klient", responsible=kari), due_in=0, responsible=kari)
    few = {(user.pk, page): statements(user, page) for user in (leder, kari) for page in PAGES}
    for number in range(12):
        client = make_client(f"Klient {number}", responsible=kari)
        make_dialog(client, due_in=number - 6, owner=f"etat{number}", responsible=kari)

    many = {(user.pk, page): statements(user, page) for user in (leder, kari) for page in PAGES}

    assert many == few
    assert max(few.values()) <= 8


def test_a_month_shows_each_day_s_deadlines_and_a_week_which_they_are(
    bakeren: Client, karis: Browser, make_dialog: MakeDialog, now: datetime
) -> None:
    make_dialog(bakeren, "Skattemelding for næring", due_in=40)
    day = timezone.localdate(now + timedelta(days=40))

    month = main_of(karis, f"/oversikt/frister/?maned={day:%Y-%m}")
    week = main_of(karis, f"/oversikt/frister/?uke={day.isoformat()}")

    assert "1 frist i måneden" in month
    assert f"fra={day}&til={day}" in month
    assert "Skattemelding for næring" in week


@pytest.mark.parametrize("asked", ["maned=2026-13", "maned=0001-01", "uke=i+går", "uke=9999-12-31"])
def test_a_day_that_is_none_shows_today(asked: str, karis: Browser) -> None:
    assert f"{timezone.localdate():%Y}" in main_of(karis, f"/oversikt/frister/?{asked}")


def test_the_season_says_who_has_become_silent(
    bakeren: Client, make_client: MakeClient, kari: User, karis: Browser, make_dialog: MakeDialog
) -> None:
    last_month = timezone.localtime().replace(day=1, hour=12) - timedelta(days=5)
    month_before = last_month.replace(day=1) - timedelta(days=5)
    faithful = make_client("Trofast AS", responsible=kari)
    make_dialog(bakeren, created_at=month_before)
    make_dialog(faithful, created_at=month_before)
    make_dialog(faithful, created_at=last_month)

    everybody = main_of(karis, "/oversikt/sesong/?periode=maned")
    silent = main_of(karis, "/oversikt/sesong/?periode=maned&vis=stille")

    assert "Trofast AS" in everybody
    assert "Bakeren AS" in silent
    assert "Trofast AS" not in silent


def test_the_menu_leads_there(karis: Browser) -> None:
    assert f'href="{reverse("dialogs:overview")}"' in karis.get("/hjem/").content.decode()
