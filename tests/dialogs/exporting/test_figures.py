"""The pages of the overview as files: their own rows, for the one who looks, and no formula."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Category, CategoryRestriction, Client
from dialogs.exporting.lists import LISTS
from dialogs.models import ExportJob
from staff.models import AuditEntry, User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.exporting.conftest import Make, body, cells, taken

LogIn = Callable[[User], Browser]
MakeClient = Callable[..., Client]

OF_PAGES = {
    "oversikt": "/oversikt/",
    "uke-for-uke": "/oversikt/",
    "dager-over-frist": "/oversikt/",
    "oversikt-klienter": "/oversikt/klienter/",
    "fristkalender": "/oversikt/frister/",
    "frister-i-uken": "/oversikt/frister/?uke=",
    "sesong": "/oversikt/sesong/?periode=maned",
}
FIGURES = ("Åpne", "Over frist", "Forfaller 7 dager", "Ferdig 28 dager")


def address(listed: str, kind: str = "csv") -> str:
    query = OF_PAGES[listed].partition("?")[2]
    return f"/eksport/{listed}/{kind}/" + (f"?{query}" if query else "")


def on_screen(browser: Browser, page: str, *, width: int) -> list[list[str]]:
    """The rows of so many cells in the page's tables, as they read."""
    main = unescape(browser.get(page).content.decode().partition("<main")[2])
    bodies = "".join(re.findall(r"<tbody>(.*?)</tbody>", main, re.DOTALL))
    rows = [
        [
            " ".join(re.sub("<[^>]+>", " ", one).split())
            for one in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr.*?</tr>", bodies, re.DOTALL)
    ]
    return [row for row in rows if len(row) == width]


def standing_of(row: list[str]) -> list[str]:
    """A row of figures, less the day, which is written otherwise on a page."""
    return [*row[:4], row[5], row[6].replace("–", "")]


def standing_in(row: dict[str, str], name: str) -> list[str]:
    return [row[name], *(row[one] for one in FIGURES), row["Median dager"]]


@pytest.fixture
def people(
    bakeren: Client,
    rorleggeren: Client,
    kari: User,
    ola: User,
    leder: User,
    make_client: MakeClient,
    make_dialog: MakeDialog,
    health: Category,
    now: datetime,
) -> dict[str, User]:
    """A manager, two accountants and two auditors; what Nav sent Bakeren only Kari may read."""
    CategoryRestriction.objects.create(client=bakeren, category=health).readers.add(kari)
    make_dialog(bakeren, "Mva-melding", due_in=-3, responsible=kari)
    make_dialog(bakeren, "Ferdig", done_at=now, responsible=kari)
    make_dialog(bakeren, "Gammel", created_at=now - timedelta(days=40))
    make_dialog(bakeren, "Sykemelding", owner="nav_sykepenger_m", due_in=-40)
    make_dialog(rorleggeren, "A-melding", due_in=0, responsible=ola)
    make_dialog(make_client("Æ AS"), "Skattemelding", due_in=-9)
    auditor = User.Role.AUDITOR
    return {
        "leder": leder,
        "kari": kari,
        "ola": ola,
        "revisor": User.objects.create_user("revisor@firmaet.invalid", role=auditor),
        "liten": User.objects.create_user(
            "liten@firmaet.invalid", role=auditor, sees_all_clients=False
        ),
    }


everybody = pytest.mark.parametrize("who", ["leder", "kari", "ola", "revisor", "liten"])


@everybody
def test_the_first_page_is_taken_out_as_it_is_shown(
    who: str, people: dict[str, User], logged_in: LogIn
) -> None:
    browser = logged_in(people[who])

    for query in ("", "?eier=skd"):
        whole, *rows = taken(browser, f"/eksport/oversikt/csv/{query}")
        weeks = taken(browser, f"/eksport/uke-for-uke/csv/{query}")
        ages = taken(browser, f"/eksport/dager-over-frist/csv/{query}")

        page = f"/oversikt/{query}"
        assert [standing_in(row, "Navn") for row in rows] == [
            standing_of(row) for row in on_screen(browser, page, width=7)
        ]
        assert whole["Gruppe"] == "Samlet"
        shown = browser.get(page).context["whole"]
        assert (whole["Åpne"], whole["Over frist"]) == (str(shown.open), str(shown.overdue))
        assert [[row["Kommet inn"], row["Ferdig"]] for row in weeks] == [
            row[1:] for row in on_screen(browser, page, width=3)
        ]
        assert [list(row.values()) for row in ages] == on_screen(browser, page, width=2)


@everybody
def test_clients_are_taken_out_as_they_are_shown(
    who: str, people: dict[str, User], logged_in: LogIn
) -> None:
    browser = logged_in(people[who])

    for query in ("", "?sort=navn", "?eier=skd&side=2"):
        first_page = query.replace("&side=2", "")

        rows = taken(browser, f"/eksport/oversikt-klienter/csv/{query}")

        assert [standing_in(row, "Klient") for row in rows] == [
            standing_of(row)
            for row in on_screen(browser, f"/oversikt/klienter/{first_page}", width=7)
        ]


def test_every_client_is_taken_out_however_many_a_page_has(
    people: dict[str, User], logged_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialogs.reports.views.CLIENTS_ON_A_PAGE", 1)
    browser = logged_in(people["leder"])

    rows = taken(browser, "/eksport/oversikt-klienter/csv/?side=2")

    assert len(on_screen(browser, "/oversikt/klienter/", width=7)) == 1
    assert [row["Klient"] for row in rows] == ["Bakeren AS", "Æ AS", "Rørleggeren ENK"]
    assert [row["Eldste frist"] == "" for row in rows] == [False, False, True]


@everybody
def test_a_month_is_taken_out_day_by_day(
    who: str, people: dict[str, User], logged_in: LogIn
) -> None:
    browser = logged_in(people[who])
    month = f"?maned={timezone.localdate() - timedelta(days=3):%Y-%m}"

    rows = taken(browser, f"/eksport/fristkalender/csv/{month}")

    weeks = browser.get(f"/oversikt/frister/{month}").context["weeks"]
    assert [(row["Dag"], row["Frister"]) for row in rows] == [
        (str(day.on), str(day.total)) for week in weeks for day in week
    ]
    assert (rows[0]["Ukedag"], rows[6]["Ukedag"]) == ("mandag", "søndag")


@everybody
def test_a_week_is_taken_out_dialog_by_dialog(
    who: str, people: dict[str, User], logged_in: LogIn
) -> None:
    browser = logged_in(people[who])
    day = timezone.localdate() - timedelta(days=3)

    rows = taken(browser, f"/eksport/frister-i-uken/csv/?uke={day}")

    days = browser.get(f"/oversikt/frister/?uke={day}").context["days"]
    shown = [str(row.title) for _day, lines in days for row in lines]
    assert sorted(row["Dialog"] for row in rows) == sorted(shown)
    assert len(rows) == sum(day.total for day, _lines in days)


@everybody
def test_a_season_is_taken_out_as_it_is_shown(
    who: str, people: dict[str, User], logged_in: LogIn
) -> None:
    browser = logged_in(people[who])

    for query in ("?periode=maned", "?periode=kvartal", "?periode=maned&vis=stille"):
        rows = taken(browser, f"/eksport/sesong/csv/{query}")

        shown = on_screen(browser, f"/oversikt/sesong/{query}", width=7)
        nothing = "– ingenting"
        assert [list(row.values()) for row in rows] == [
            [cell.replace(nothing, "0") for cell in row] for row in shown
        ]


@pytest.mark.parametrize("listed", OF_PAGES)
def test_who_sees_no_client_takes_nothing_of_one(
    listed: str, people: dict[str, User], logged_in: LogIn, bakeren: Client, kari: User
) -> None:
    asked = f"klient={bakeren.pk}&ansvarlig={kari.pk}"
    narrowed = address(listed) + ("&" if "?" in address(listed) else "?") + asked

    for browser in (logged_in(people["ola"]), logged_in(people["liten"])):
        words = body(browser.get(address(listed))) + body(browser.get(narrowed))
        assert b"Baker" not in words
        assert b"Kari" not in words
        assert b"Mva" not in words


def test_what_only_others_may_read_is_in_no_file(
    people: dict[str, User], logged_in: LogIn, health: Category
) -> None:
    leders, karis = logged_in(people["leder"]), logged_in(people["kari"])

    [owner] = [
        row for row in taken(karis, address("oversikt")) if row["Navn"] == "nav_sykepenger_m"
    ]
    assert owner["Over frist"] == "1"
    assert taken(karis, address("dager-over-frist"))[2]["Dialoger"] == "1"
    names = [row["Navn"] for row in taken(leders, address("oversikt"))]
    assert "nav_sykepenger_m" not in names
    assert taken(leders, address("dager-over-frist"))[2]["Dialoger"] == "0"
    day = timezone.localdate() - timedelta(days=40)
    assert taken(leders, f"/eksport/frister-i-uken/csv/?uke={day}") == []
    assert len(taken(karis, f"/eksport/frister-i-uken/csv/?uke={day}")) == 1


@pytest.mark.parametrize("listed", OF_PAGES)
def test_both_kinds_are_offered_on_the_page_under_its_filters(
    listed: str, people: dict[str, User], logged_in: LogIn
) -> None:
    page = OF_PAGES[listed] + ("&" if "?" in OF_PAGES[listed] else "?") + "eier=skd"

    html = unescape(logged_in(people["leder"]).get(page).content.decode())

    for kind in ("csv", "xlsx"):
        assert f'href="/eksport/{listed}/{kind}/?{page.partition("?")[2]}"' in html


@pytest.mark.parametrize("listed", OF_PAGES)
def test_what_was_taken_is_written_down(
    listed: str, people: dict[str, User], logged_in: LogIn
) -> None:
    query = "ansvarlig=ingen&eier=skd"

    rows = taken(logged_in(people["leder"]), f"/eksport/{listed}/csv/?{query}")

    entry = AuditEntry.objects.get(act="export.taken")
    assert entry.actor == people["leder"]
    assert entry.detail == {
        "list": listed, "filters": query, "kind": "csv", "rows": len(rows),
    }  # fmt: skip


def test_a_name_that_looks_like_a_formula_is_text(
    leder: User, logged_in: LogIn, make_client: MakeClient, make_dialog: MakeDialog
) -> None:
    make_dialog(make_client('=HYPERLINK("x")'), due_in=-1)
    browser = logged_in(leder)

    for listed in ("oversikt-klienter", "sesong"):
        [row] = taken(browser, address(listed))
        assert row["Klient"] == '\'=HYPERLINK("x")'
    heading, row_of_cells = cells(body(browser.get(address("oversikt-klienter", "xlsx"))))
    found = dict(zip(heading, row_of_cells, strict=False))  # the last is empty
    assert found["Klient"] == '=HYPERLINK("x")'
    assert found["Åpne"] == 1
    assert isinstance(found["Eldste frist"], date)


def test_a_long_table_of_clients_is_made_by_a_worker_and_asked_about_again(
    people: dict[str, User], made: Make, kari: User, karis: Browser, bakeren: Client
) -> None:
    job = made(listed="oversikt-klienter")
    assert job.state == ExportJob.State.READY
    assert b"Bakeren" in body(karis.get(reverse("dialogs:export-file", args=[job.pk])))

    Client.objects.filter(pk=bakeren.pk).update(responsible=None)

    answer = karis.get(reverse("dialogs:export-file", args=[job.pk]))
    assert answer.status_code == 409
    assert "ikke lenger alt" in answer.content.decode()


def test_a_file_of_sums_is_not_kept_for_later(
    people: dict[str, User], made: Make, karis: Browser
) -> None:
    job = made(listed="oversikt")

    assert karis.get(reverse("dialogs:export-file", args=[job.pk])).status_code == 409


def test_the_name_of_every_list_can_be_kept_with_a_job() -> None:
    field = ExportJob._meta.get_field("listed")
    assert all(len(listed) <= (field.max_length or 0) for listed in LISTS)
