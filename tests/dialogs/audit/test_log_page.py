import csv
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from dialogs.audit import views
from staff import audit
from staff.models import AuditEntry, Team, User
from tests.dialogs.conftest import MakeDialog

PAGE = "/revisjonslogg/"
FILE = "/revisjonslogg/fil/"
MakeClient = Callable[..., Client]


def said(browser: Browser, **query: str) -> list[str]:
    """The lines of the page, in words: what, and whose client."""
    html = browser.get(PAGE, query).content.decode()
    found = []
    for row in html.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr>")[1:]:
        cells = [re.sub(r"<[^>]+>", " ", cell) for cell in row.split("<td>")[2:]]
        found.append(" ".join(" ".join(cells).split()))
    return found


@pytest.fixture
def written(bakeren: Client, rorleggeren: Client, kari: User, ola: User, now: datetime) -> None:
    """Kari and Ola have worked, and the portal too."""
    for days, actor, act, about in (
        (3, kari, "client added", f"client {bakeren.pk}"),
        (2, ola, "client archived", f"client {rorleggeren.pk}"),
        (1, None, "user added", f"user {ola.pk}"),
    ):
        audit.record(actor=actor, act=act, about=about, now=now - timedelta(days=days))


@pytest.mark.usefixtures("written")
def test_administrators_and_auditors_read_it_and_nobody_else(
    admins: Browser,
    revisors: Browser,
    karis: Browser,
    leder: User,
    logged_in: Callable[..., Browser],
) -> None:
    for address in (PAGE, FILE):
        assert admins.get(address).status_code == 200
        assert revisors.get(address).status_code == 200
        assert karis.get(address).status_code == 403
        assert logged_in(leder).get(address).status_code == 403
        assert Browser().get(address).status_code == 302
    assert PAGE in admins.get("/hjem/").content.decode()
    assert PAGE in revisors.get("/klienter/").content.decode()
    assert PAGE not in karis.get("/hjem/").content.decode()


@pytest.mark.usefixtures("written")
def test_the_newest_come_first_with_who_what_and_whose(admins: Browser) -> None:
    assert said(admins)[-3:] == [
        "Portalen ga Ola Berg en konto.",
        "Ola Berg arkiverte klienten. Rørleggeren ENK",
        "Kari Hansen registrerte klienten. Bakeren AS",
    ]


@pytest.mark.usefixtures("written")
def test_it_is_searched_by_person_client_act_and_period(
    admins: Browser, kari: User, bakeren: Client, now: datetime
) -> None:
    karis = ["Kari Hansen registrerte klienten. Bakeren AS"]
    olas = ["Ola Berg arkiverte klienten. Rørleggeren ENK"]
    assert said(admins, person=str(kari.pk)) == karis
    assert said(admins, person="portalen") == ["Portalen ga Ola Berg en konto."]
    assert said(admins, klient="baker") == karis
    assert said(admins, klient="310 495 921") == karis
    assert said(admins, klient=str(bakeren.pk)) == karis
    assert said(admins, klient="finnes ikke") == []
    assert said(admins, hva="client archived") == olas
    assert said(admins, hva="klienter") == olas + karis
    day = (now - timedelta(days=2)).astimezone().date().isoformat()
    assert said(admins, fra=day, til=day) == olas
    assert said(admins, til="0001-01-01") == []
    assert said(admins, til="9999-12-31", hva="klienter") == olas + karis
    # What makes no sense is left out.
    assert len(said(admins, person="x", hva="x", fra="x", eldre="x")) >= 3


@pytest.mark.usefixtures("written")
def test_who_sees_some_clients_reads_of_those_alone(
    revisor: User, bakeren: Client, revisors: Browser
) -> None:
    User.objects.filter(pk=revisor.pk).update(sees_all_clients=False)
    assert said(revisors) == []

    bakeren.team = Team.objects.create(name="Lønn")
    bakeren.save()
    revisor.teams.add(bakeren.team)

    assert said(revisors) == ["Kari Hansen registrerte klienten. Bakeren AS"]
    assert said(revisors, klient="Rør") == []
    page = revisors.get(PAGE).content.decode() + body(revisors.get(FILE))
    assert "Rørleggeren" not in page
    assert "Ola Berg ga" not in page


def test_a_dialog_is_linked_and_its_title_not_told(
    admins: Browser, bakeren: Client, make_dialog: MakeDialog, kari: User, now: datetime
) -> None:
    dialog = make_dialog(bakeren, "Sykmelding for Per")
    audit.record(actor=kari, act="dialog.opened", about=f"dialog {dialog.pk}", now=now)

    page = admins.get(PAGE).content.decode()

    assert f"/innboks/{dialog.pk}/" in page
    assert "Kari Hansen åpnet dialogen i Altinn." in page
    assert "Bakeren AS" in page
    assert "Sykmelding" not in page


def test_a_person_is_a_number_to_who_does_not_work_with_them(
    make_client: MakeClient, admin: User, admins: Browser, now: datetime
) -> None:
    person = make_client("Nina Nordmann", orgnr=None)
    audit.record(actor=admin, act="client added", about=f"client {person.pk}", now=now)

    for page in (PAGE, "/klienter/"):
        html = admins.get(page).content.decode()
        assert "Nina" not in html
        assert f"Privatperson {person.pk}" in html
    assert "Nina" not in body(admins.get(FILE))
    assert said(admins, klient="Nina") == []

    person.members.add(admin)
    for page in (PAGE, "/klienter/"):
        assert "Nina Nordmann" in admins.get(page).content.decode()
    assert said(admins, klient="Nina")


def test_older_pages_follow_by_key_though_many_are_of_the_same_moment(
    admins: Browser, kari: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE_SIZE", 3)
    for _ in range(8):
        audit.record(actor=kari, act="user changed", about="user 1", now=now)
    found, address = [], PAGE
    while address:
        html = admins.get(address).content.decode()
        found.append(html.count("Kari Hansen endret kontoen"))
        older = re.search(r'href="(\?eldre=\d+)"', html)
        address = f"{PAGE}{older[1]}" if older else ""

    assert found == [3, 3, 2]


def test_a_page_costs_the_same_however_many_lines(
    admins: Browser, bakeren: Client, make_dialog: MakeDialog, kari: User, now: datetime
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert admins.get(PAGE).status_code == 200
        return len(caught)

    dialog = make_dialog(bakeren)
    audit.record(actor=kari, act="dialog.opened", about=f"dialog {dialog.pk}", now=now)
    statements()
    few = statements()
    for _ in range(40):
        other = make_dialog(bakeren)
        audit.record(actor=kari, act="dialog.opened", about=f"dialog {other.pk}", now=now)

    assert statements() == few


def body(response: object) -> str:
    return b"".join(response).decode("utf-8-sig")  # type: ignore[arg-type]


@pytest.mark.usefixtures("written")
def test_what_was_found_is_taken_home_as_csv_and_that_is_told(
    admins: Browser, admin: User, kari: User, bakeren: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "AT_ONCE", 1)
    kari.last_name = "=HYPERLINK()"
    kari.first_name = ""
    kari.save()

    response = admins.get(FILE, {"hva": "klienter", "klient": ""})
    lines = list(csv.reader(io.StringIO(body(response)), delimiter=";"))

    assert lines[0] == ["Når", "Hvem", "Klient", "Hva", "Hvor fra", "act", "about", "id"]
    assert [line[2] for line in lines[1:]] == ["Rørleggeren ENK", "Bakeren AS"]
    assert lines[2][1] == "'=HYPERLINK()"
    assert "attachment" in response["Content-Disposition"]
    entry = AuditEntry.objects.get(act="log exported")
    assert (entry.actor, entry.detail) == (admin, {"what": "klienter"})
