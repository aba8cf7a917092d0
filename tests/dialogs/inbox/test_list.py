"""One list over all clients: order, filters, paging, and what it costs."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from clients.models import Client, Party, SystemUser
from dialogs.inbox import listing
from staff.models import Team, User
from tests.dialogs.conftest import MakeDialog

LogIn = Callable[[User], Browser]


def shown(browser: Browser, address: str = "/innboks/", **headers: str) -> str:
    response = browser.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def titles(html: str) -> list[str]:
    """The titles on a page, as read: without marks and what only screen readers say."""
    found = re.findall(r'class="ds-link title".*?>(.*?)</a>', html, re.DOTALL)
    return [unescape(re.sub(r"<span.*?</span>|<[^>]+>", "", title)) for title in found]


def listed(browser: Browser, query: str = "") -> list[str]:
    return titles(shown(browser, f"/innboks/?{query}"))


def test_the_front_door_leads_home(karis: Browser) -> None:
    assert karis.get("/").headers["Location"] == "/hjem/"


def test_a_stranger_is_asked_to_log_in(db: None) -> None:
    response = Browser().get("/innboks/?q=mva")

    assert response.headers["Location"] == "/konto/login/?next=/innboks/%3Fq%3Dmva"


def test_the_soonest_deadline_comes_first_and_then_the_newest(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, now: datetime
) -> None:
    make_dialog(bakeren, "gammel", content_updated_at=now - timedelta(days=9))
    make_dialog(bakeren, "ny", content_updated_at=now - timedelta(hours=1))
    make_dialog(bakeren, "senere", due_in=20)
    make_dialog(bakeren, "ferdig", due_in=-30, status="Completed")
    make_dialog(bakeren, "over frist", due_in=-3)
    make_dialog(bakeren, "snart", due_in=2)

    assert listed(karis) == ["over frist", "snart", "senere", "ny", "ferdig", "gammel"]


def test_somebody_elses_client_is_not_there(
    olas: Browser, bakeren: Client, rorleggeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, "Karis brev", reference="AR-1", due_in=1)
    make_dialog(rorleggeren, "Olas brev")

    for query in (
        "",
        "q=brev",
        "q=Bakeren",
        "q=310495921",
        "q=AR-1",
        f"klient={bakeren.pk}",
        "klientnavn=bak",
        "mappe=alle",
        "frist=har",
        "ansvarlig=ingen",
    ):
        html = shown(olas, f"/innboks/?{query}")
        assert "Karis brev" not in html, query
        assert "Bakeren AS" not in html, query


def test_counts_only_what_one_may_see(
    karis: Browser, olas: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    for _ in range(3):
        make_dialog(bakeren, due_in=-2)

    assert "3 dialoger." in shown(karis)
    assert "Ingen dialoger." in shown(olas)
    assert "<title>(3)" in shown(karis)
    assert "<title>Innboks" in shown(olas)


def test_a_colleague_sees_through_membership_and_team(
    ola: User, olas: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, "Felles")
    bakeren.members.add(ola)
    assert listed(olas) == ["Felles"]

    bakeren.members.clear()
    assert listed(olas) == []

    bakeren.team = Team.objects.create(name="Lønn")
    bakeren.save()
    ola.teams.add(bakeren.team)
    assert listed(olas) == ["Felles"]


def test_each_filter_keeps_what_it_says(
    karis: Browser, kari: User, ola: User, bakeren: Client, make_dialog: MakeDialog
) -> None:
    today = timezone.localdate()
    make_dialog(bakeren, "over", due_in=-2, responsible=kari)
    make_dialog(bakeren, "i dag", due_at=timezone.localtime().replace(hour=10))
    make_dialog(bakeren, "uke", due_in=5, status="InProgress", is_unread=True)
    make_dialog(bakeren, "langt", due_in=40, owner="nav", responsible=ola)
    make_dialog(bakeren, "uten", status="NotApplicable", is_sent=True)
    make_dialog(bakeren, "arkivert", folder="ARCHIVE")
    make_dialog(bakeren, "kladd", folder="DRAFTS", status="Draft")
    make_dialog(bakeren, "kastet", folder="BIN")
    make_dialog(bakeren, "borte", folder="GONE")

    day = today + timedelta(days=40)
    expected = {
        "": ["over", "i dag", "uke", "langt", "uten"],
        "frist=over": ["over"],
        "frist=idag": ["i dag"],
        "frist=uke": ["i dag", "uke"],
        "frist=har": ["over", "i dag", "uke", "langt"],
        "frist=uten": ["uten"],
        f"fra={day}&til={day}": ["langt"],
        "status=InProgress": ["uke"],
        "status=InProgress&status=NotApplicable": ["uke", "uten"],
        "ansvarlig=meg": ["over"],
        f"ansvarlig={ola.pk}": ["langt"],
        "ansvarlig=ingen": ["i dag", "uke", "uten"],
        "eier=nav": ["langt"],
        "eier=nav&eier=skd&frist=har": ["over", "i dag", "uke", "langt"],
        "lest=ulest": ["uke"],
        "mappe=arkiv": ["arkivert"],
        "mappe=utkast": ["kladd"],
        "mappe=papirkurv": ["kastet"],
        "mappe=fjernet": ["borte"],
        "mappe=sendt": ["uten"],
        f"klient={bakeren.pk}&frist=over": ["over"],
        "klientnavn=310495&frist=over": ["over"],
        "klientnavn=rørlegger": [],
    }
    assert {query: listed(karis, query) for query in expected} == expected
    assert len(listed(karis, "mappe=alle")) == 9


def test_a_chip_removes_its_filter_and_no_other(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren)
    html = shown(karis, "/innboks/?q=mva&status=Draft&status=Completed&ansvarlig=ingen")

    chips = {
        unescape(text): unescape(href)
        for href, text in re.findall(
            r'<a class="ds-chip".*?href="(.*?)".*?</span>(.*?)</a>', html, re.DOTALL
        )
    }
    assert chips["Søk: mva"] == "/innboks/?ansvarlig=ingen&status=Draft&status=Completed"
    assert chips["Status: Utkast"] == "/innboks/?q=mva&ansvarlig=ingen&status=Completed"
    assert chips["Ansvarlig: Ufordelt"] == "/innboks/?q=mva&status=Draft&status=Completed"


@pytest.mark.parametrize(
    "query", ["mappe=x", "status=x", "frist=x", "klient=x", "etter=x", "fra=x", "ansvarlig=x"]
)
def test_a_bad_address_shows_a_page_and_says_so(karis: Browser, query: str) -> None:
    html = shown(karis, f"/innboks/?{query}")

    assert "ser bort fra det" in html or "Den vises fra starten" in html


@pytest.mark.parametrize("sees_all", [True, False])
@pytest.mark.parametrize("query", ["", "q=likt", "mappe=alle", "ansvarlig=meg"])
def test_paging_shows_each_dialog_once_also_with_equal_urgency(
    kari: User,
    karis: Browser,
    bakeren: Client,
    rorleggeren: Client,
    make_dialog: MakeDialog,
    now: datetime,
    query: str,
    monkeypatch: pytest.MonkeyPatch,
    sees_all: bool,  # noqa: FBT001
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 4)
    rorleggeren.members.add(kari)
    User.objects.filter(pk=kari.pk).update(sees_all_clients=sees_all)
    when = now - timedelta(days=2)
    for number in range(11):
        client = (bakeren, rorleggeren)[number % 2]
        make_dialog(client, f"likt {number}", content_updated_at=when, responsible=kari)

    seen: list[str] = []
    address = f"/innboks/?{query}"
    while address:
        html = shown(karis, address)
        seen += titles(html)
        link = re.search(r'href="([^"]+)"\s+hx-get="[^"]+"\s+hx-target="#flere"', html)
        address = unescape(link[1]) if link else ""

    assert sorted(seen) == sorted(f"likt {number}" for number in range(11))


def test_more_rows_are_the_rows_of_the_next_page(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    for days in range(5):
        make_dialog(bakeren, f"nr {days}", due_in=days + 1)
    first = shown(karis)
    link = re.search(r'hx-get="([^"]+)"\s+hx-target="#flere"', first)
    assert link is not None

    more = shown(karis, unescape(link[1]), **{"HX-Request": "true", "HX-Target": "flere"})

    assert titles(more) == ["nr 2", "nr 3"]
    assert more.lstrip().startswith("<tr")
    assert "Til starten av listen" in shown(karis, unescape(link[1]))


def test_a_swap_is_the_same_as_that_part_of_the_page(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, due_in=3)
    full = shown(karis, "/innboks/?q=mva")
    response = karis.get("/innboks/?q=mva", headers={"HX-Request": "true", "HX-Target": "liste"})
    part = response.content.decode()
    section = part[: part.index("</section>")]

    def without_token(html: str) -> str:
        return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", html)

    assert without_token(section.strip()) in without_token(full)
    assert "<html" not in part
    assert {"HX-Request", "HX-Target"} <= set(response.headers["Vary"].split(", "))
    assert response.headers["HX-Push-Url"] == "/innboks/?q=mva"


def test_going_back_gets_the_whole_page(karis: Browser) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

    assert "<html" in shown(karis, **headers)


def test_a_refresh_keeps_as_many_rows_as_were_there(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    for _ in range(60):
        make_dialog(bakeren)

    assert len(listed(karis)) == 50
    assert len(listed(karis, "antall=60")) == 60
    assert len(listed(karis, "antall=-3")) == 50
    assert len(listed(karis, "antall=99999999")) == 50


@pytest.mark.parametrize("query", ["", "q=melding", "q=310495921", "status=Draft", "mappe=alle"])
@pytest.mark.parametrize("role", ["ACCOUNTANT", "ADMIN"])
def test_a_page_costs_the_same_whatever_is_in_it(
    kari: User,
    karis: Browser,
    make_client: Callable[..., Client],
    make_dialog: MakeDialog,
    query: str,
    role: str,
) -> None:
    User.objects.filter(pk=kari.pk).update(role=role)

    def statements(address: str, **headers: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            shown(karis, address, **headers)
        return len(captured)

    panel = {"HX-Request": "true", "HX-Target": "panel"}

    few = [make_client(f"Klient {n}", responsible=kari) for n in range(3)]
    dialog, *_others = [make_dialog(few[n % 3], "En melding") for n in range(5)]
    list_costs = statements(f"/innboks/?{query}")
    panel_costs = statements(f"/innboks/{dialog.pk}/?{query}", **panel)
    both_cost = statements(f"/innboks/{dialog.pk}/?{query}")
    many = [make_client(f"Klient {n}", responsible=kari) for n in range(60)]
    for n in range(listing.PAGE_SIZE * 2):  # more than a page shows
        make_dialog(many[n % 60], "Enda en melding")

    assert statements(f"/innboks/?{query}") == list_costs <= 10
    assert statements(f"/innboks/{dialog.pk}/?{query}", **panel) == panel_costs <= 12
    assert statements(f"/innboks/{dialog.pk}/?{query}") == both_cost


def test_counts_hits_up_to_a_number(
    karis: Browser,
    bakeren: Client,
    rorleggeren: Client,
    kari: User,
    make_dialog: MakeDialog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listing, "MOST_HITS_COUNTED", 4)
    rorleggeren.members.add(kari)
    for client in (bakeren, bakeren, rorleggeren):
        make_dialog(client, "Skattemelding")
    assert "3 treff hos 2 klienter." in shown(karis, "/innboks/?q=skattemelding")

    make_dialog(bakeren, "Skattemelding")
    make_dialog(bakeren, "Skattemelding")
    assert "Mer enn 4 treff." in shown(karis, "/innboks/?q=skattemelding")


def test_says_when_altinn_last_answered_and_what_is_wrong(
    karis: Browser,
    admin: User,
    logged_in: LogIn,
    reader: SystemUser,
    bakeren: Client,
    make_dialog: MakeDialog,
) -> None:
    make_dialog(bakeren)
    assert "Oppdatert kl." in shown(karis)

    reader.trouble = "Nøkkelen er utløpt."
    reader.trouble_since_at = timezone.now()
    reader.save()

    assert "Vi får ikke hentet fra Altinn siden kl." in shown(karis)
    assert "Mva-melding" in shown(karis)
    assert "Nøkkelen er utløpt." not in shown(karis)
    assert "Nøkkelen er utløpt." in shown(logged_in(admin))


def test_an_empty_list_says_why_and_what_to_do(
    karis: Browser, kari: User, admin: User, logged_in: LogIn, make_client: Callable[..., Client]
) -> None:
    assert "Du har ingen klienter ennå" in shown(karis)
    assert "Ingen klienter er lagt til ennå" in shown(logged_in(admin))

    make_client("Bakeren AS", responsible=kari)
    assert "Innboksen er tom" in shown(karis)
    assert "Ingenting i Arkiv" in shown(karis, "/innboks/?mappe=arkiv")
    nothing = shown(karis, "/innboks/?q=mva&mappe=arkiv")
    assert "Ingen treff for «mva»" in nothing
    assert 'href="/innboks/?q=mva&amp;mappe=alle"' in nothing


def test_a_persons_number_is_never_shown(
    karis: Browser, kari: User, make_client: Callable[..., Client], make_dialog: MakeDialog
) -> None:
    person = make_client("Nora Testperson", orgnr=None, responsible=kari)
    Party.objects.filter(client=person).update(urn="urn:altinn:person:identifier-no:01017012345")
    dialog = make_dialog(person)

    assert "Nora Testperson" in shown(karis)
    assert "01017012345" not in shown(karis, f"/innboks/{dialog.pk}/")


def test_numbers_are_grouped_and_units_are_named(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    unit = Party.objects.create(
        urn="urn:altinn:organization:identifier-no:910000012",
        client=bakeren,
        kind=Party.Kind.SUB,
        orgnr="910000012",
        name="Bakeren avd. Sentrum",
    )
    make_dialog(bakeren)
    make_dialog(bakeren, "Til enheten", party=unit)

    html = shown(karis)

    assert "310\u2009495\u2009921" in html
    assert "910\u2009000\u2009012" in html
    assert listed(karis, "q=910000") == ["Til enheten"] or "Til enheten" in listed(
        karis, "q=910000"
    )


def test_an_unknown_status_is_shown_as_it_came(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, status="Paused")

    assert ">Paused</span>" in shown(karis)


def test_pages_hold_no_script_or_style_of_their_own(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, settings: Settings
) -> None:
    dialog = make_dialog(bakeren, "<script>alert(1)</script>", summary="<img onerror=alert(1)>")

    for address in (
        "/innboks/?q=script",
        f"/innboks/{dialog.pk}/",
        "/konto/login/",
        "/finnes-ikke/",
    ):
        response = karis.get(address)
        html = response.content.decode()
        policy = response.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*\bsrc=)", html), address
        assert not re.search(r"<style|<[^>]+\sstyle=|<[^>]+\son\w+=", html), address


def test_the_menu_marks_where_one_is(karis: Browser) -> None:
    html = shown(karis, "/innboks/?ansvarlig=meg&q=x")

    current = re.findall(r'<a href="([^"]+)"\s+aria-current="page"', html)
    assert current == ["/innboks/?ansvarlig=meg"]
