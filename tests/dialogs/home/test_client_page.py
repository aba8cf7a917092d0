import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import (
    Access,
    AreaResponsible,
    Client,
    ClientFollower,
    Party,
    ServiceArea,
    Subscription,
    SystemUser,
)
from dialogs import actions
from dialogs.models import Dialog, Mention, Note
from staff import audit
from staff.models import Absence, Team, User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.home.conftest import links, main_part, plain, rows_of, text

PERSON = "urn:altinn:person:identifier-no:01017012345"
TABS = ["", "dialoger/", "frister/", "alle-notater/", "dokumenter/", "tilgang/", "logg/"]
MakeClient = Callable[..., Client]


def address(client: Client, tab: str = "") -> str:
    return f"/klienter/{client.pk}/{tab}"


@pytest.mark.parametrize("tab", TABS)
def test_kari_sees_the_clients_page_and_ola_gets_404(
    tab: str, bakeren: Client, karis: Browser, olas: Browser
) -> None:
    page = text(karis, address(bakeren, tab))

    assert "Bakeren AS" in page
    assert re.search(rf'href="{address(bakeren, tab)}"\s+aria-current="page"', page)
    assert olas.get(address(bakeren, tab)).status_code == 404
    assert Browser().get(address(bakeren, tab)).status_code == 302


def test_ola_cannot_follow_what_he_may_not_see(bakeren: Client, olas: Browser, kari: User) -> None:
    assert olas.post(address(bakeren, "folg/"), {"folg": "ja"}).status_code == 404
    assert not ClientFollower.objects.exists()


def test_follows_and_follows_no_longer(bakeren: Client, karis: Browser, kari: User) -> None:
    assert "Slutt å følge" not in text(karis, address(bakeren))

    for _ in range(2):  # twice is as good as once
        response = karis.post(address(bakeren, "folg/"), {"folg": "ja"})
        assert response.headers["Location"] == address(bakeren)
    assert ClientFollower.objects.get().user == kari
    assert "Slutt å følge" in text(karis, address(bakeren))

    karis.post(address(bakeren, "folg/"), {"folg": "nei"})
    assert not ClientFollower.objects.exists()
    assert karis.get(address(bakeren, "folg/")).status_code == 405


def test_the_header_says_who_it_is_and_who_works_for_it(
    bakeren: Client, karis: Browser, ola: User, mva: ServiceArea
) -> None:
    AreaResponsible.objects.create(client=bakeren, area=mva, user=ola)
    bakeren.team = Team.objects.create(name="Lønn")
    bakeren.save()

    page = text(karis, address(bakeren, "logg/"))
    header = plain(page.partition('<header class="client">')[2].partition("</header>")[0])

    assert "310\u202f495\u202f921" in header.replace(" ", "\u202f") or "310" in header
    assert 'data-copy="310495921"' in page
    assert "Klientansvarlig Kari Hansen Mva Ola Berg Team Lønn" in header
    assert "Rediger" not in header


def test_only_an_administrator_is_offered_to_edit(
    bakeren: Client, admin: User, logged_in: Callable[[User], Browser]
) -> None:
    found = links(text(logged_in(admin), address(bakeren)))

    assert found["Rediger"] == f"/klienter/{bakeren.pk}/rediger/"


@pytest.mark.parametrize("tab", TABS)
def test_a_persons_national_id_is_never_shown(
    tab: str, make_client: MakeClient, kari: User, karis: Browser, reader: SystemUser, now: datetime
) -> None:
    person = make_client("Åse Dahl", orgnr=None, responsible=kari)
    Party.objects.filter(client=person).update(urn=PERSON)
    Access.objects.create(system_user=reader, party=person.parties.get(), found_at=now)

    page = text(karis, address(person, tab))

    assert "Privatperson" in page
    assert "01017" not in page


def test_every_number_leads_to_a_list_of_exactly_as_many(
    bakeren: Client, kari: User, karis: Browser, make_dialog: MakeDialog, leder: User
) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    for due_in in (-3, -1, 1, None):
        make_dialog(bakeren, due_in=due_in, responsible=kari)
    for _ in range(3):
        make_dialog(bakeren)
        make_dialog(bakeren, folder="ARCHIVE")
    make_dialog(bakeren, snoozed_until_on=tomorrow)

    found = links(text(karis, address(bakeren)))

    for words in ("7 Åpne dialoger", "2 Over frist", "3 Ufordelt", "1 Utsatt"):
        assert rows_of(text(karis, found[words])) == int(words[0]), words


def test_the_most_urgent_come_first_and_only_of_this_client(
    bakeren: Client, rorleggeren: Client, kari: User, karis: Browser, make_dialog: MakeDialog
) -> None:
    rorleggeren.members.add(kari)
    make_dialog(rorleggeren, "En annens", due_in=0)
    for due_in in (9, 2, -4, 5, 7, 11):
        make_dialog(bakeren, f"Om {due_in}", due_in=due_in)

    titles = re.findall(r'class="ds-link title"[^>]*>([^<]+)<', text(karis, address(bakeren)))

    assert titles == ["Om -4", "Om 2", "Om 5", "Om 7", "Om 9"]


class TestSilence:
    HINT = "Ingenting har kommet siden"

    def dialogs(
        self, make_dialog: MakeDialog, client: Client, now: datetime, count: int, days: int
    ) -> None:
        for n in range(count):
            made = make_dialog(client)
            Dialog.objects.filter(pk=made.pk).update(created_at=now - timedelta(days=days + n))

    @pytest.mark.parametrize(
        ("count", "days", "is_silent"), [(18, 46, True), (17, 46, False), (18, 44, False)]
    )
    def test_is_said_when_it_is_unlike_the_client(
        self,
        count: int,
        days: int,
        is_silent: bool,  # noqa: FBT001 (a parameter of the test)
        bakeren: Client,
        karis: Browser,
        make_dialog: MakeDialog,
        now: datetime,
    ) -> None:
        self.dialogs(make_dialog, bakeren, now, count, days)

        assert (self.HINT in text(karis, address(bakeren))) == is_silent

    def test_one_new_dialog_ends_it(
        self, bakeren: Client, karis: Browser, make_dialog: MakeDialog, now: datetime
    ) -> None:
        self.dialogs(make_dialog, bakeren, now, 20, 50)
        assert self.HINT in text(karis, address(bakeren))

        self.dialogs(make_dialog, bakeren, now, 1, 3)
        assert self.HINT not in text(karis, address(bakeren))


def test_deadlines_stand_day_by_day_also_of_what_is_put_aside(
    bakeren: Client, karis: Browser, make_dialog: MakeDialog
) -> None:
    noon = timezone.localtime().replace(hour=12)
    make_dialog(bakeren, "I dag", due_at=noon)
    make_dialog(bakeren, "Senere", due_at=noon + timedelta(days=8))
    make_dialog(
        bakeren,
        "Utsatt",
        due_at=noon + timedelta(days=8),
        snoozed_until_on=noon.date() + timedelta(days=2),
    )
    make_dialog(bakeren, "Arkivert", due_at=noon, folder="ARCHIVE")

    page = text(karis, address(bakeren, "frister/"))

    days = re.findall(r'id="dag-([\d-]+)"', page)
    assert days == [noon.date().isoformat(), (noon.date() + timedelta(days=8)).isoformat()]
    today, later = page.split('class="card"')[1:]
    assert "Senere" not in today
    assert "Senere" in later
    assert "Utsatt" in later
    assert "Arkivert" not in page


def test_notes_on_the_clients_dialogs_are_gathered(
    bakeren: Client,
    rorleggeren: Client,
    kari: User,
    karis: Browser,
    leder: User,
    make_dialog: MakeDialog,
    now: datetime,
) -> None:
    for client, words in ((bakeren, "Ringte Skatteetaten"), (rorleggeren, "En annens notat")):
        dialog = make_dialog(client, note_count=1)
        Note.objects.create(dialog=dialog, author=leder, text=words, created_at=now)
    on_client = Note.objects.create(client=bakeren, author=leder, text="Viktig", created_at=now)
    mention = Mention.objects.create(note=on_client, user=kari)

    page = text(karis, address(bakeren, "alle-notater/"))

    assert "Ringte Skatteetaten" in page
    assert "Viktig" in page
    assert "En annens notat" not in page
    mention.refresh_from_db()
    assert mention.seen_at is not None


def test_access_says_who_reads_since_when_and_what_is_wrong(
    bakeren: Client,
    karis: Browser,
    admin: User,
    logged_in: Callable[[User], Browser],
    reader: SystemUser,
    now: datetime,
) -> None:
    access = Access.objects.create(
        system_user=reader, party=bakeren.parties.get(), found_at=now, loaded_at=now
    )
    state = Subscription.State
    for n, one in enumerate([state.VALIDATED, state.VALIDATED, state.WANTED, state.REFUSED]):
        Subscription.objects.create(access=access, resource=f"urn:{n}", state=one, wanted_at=now)
    where = address(bakeren, "tilgang/")

    said = plain(text(karis, where))
    assert "2 tjenester i drift, 1 venter på bekreftelse, 1 tillater det ikke" in said
    assert "Leses av Regnskap" in said

    SystemUser.objects.update(trouble_since_at=now, trouble="401 fra Maskinporten")
    assert "Får ikke lest fra Altinn siden" in text(karis, where)
    assert "401 fra Maskinporten" not in text(karis, where)
    assert "401 fra Maskinporten" in text(logged_in(admin), where)


class TestLog:
    def test_tells_of_the_client_and_its_dialogs_and_of_no_others(
        self,
        bakeren: Client,
        rorleggeren: Client,
        kari: User,
        karis: Browser,
        leder: User,
        make_dialog: MakeDialog,
        now: datetime,
    ) -> None:
        for client in (bakeren, rorleggeren):
            dialog = make_dialog(client, f"Skattemelding for {client.name}")
            decision = actions.Decision(leder, now, 0)
            actions.assign_dialog(dialog, kari, decision, comment="Haster litt")
        done: dict[str, dict[str, Any]] = {
            "client changed": {"responsible": [None, kari.pk], "name": ["Baker", "Bakeren AS"]},
            "client areas changed": {"areas": {"Mva": [kari.pk, None]}},
            "client archived": {},
            "noe nytt": {},
        }
        for act, detail in done.items():
            audit.record(actor=leder, act=act, about=f"client {bakeren.pk}", now=now, **detail)

        page = text(karis, address(bakeren, "logg/"))

        assert "Skattemelding for Bakeren AS" in page
        assert "Marit Solberg tildelte Kari Hansen." in page
        assert "Haster litt" in page
        assert "klientansvarlig fra ingen til Kari Hansen" in page
        assert "navn fra «Baker» til «Bakeren AS»" in page
        assert "Marit Solberg endret fagansvar: Mva fra Kari Hansen til ingen." in page
        assert "Marit Solberg arkiverte klienten." in page
        assert "Rørleggeren" not in page

    def test_goes_on_to_older_lines_and_loses_none(
        self, bakeren: Client, karis: Browser, kari: User, now: datetime, make_dialog: MakeDialog
    ) -> None:
        about = [f"dialog {make_dialog(bakeren).pk}", f"client {bakeren.pk}"]
        for n in range(120):
            audit.record(
                actor=kari,
                act="client changed",
                about=about[n % 2],
                now=now,
                name=[f"a{n:03}", f"b{n:03}"],
            )
        seen: list[str] = []
        where = address(bakeren, "logg/")
        for _ in range(3):
            page = text(karis, where)
            seen += re.findall(r"til «(b\d+)»", page)
            where = address(bakeren, "logg/") + links(page).get("Vis eldre", "")

        assert seen == [f"b{n:03}" for n in reversed(range(120))]

    @pytest.mark.parametrize("older", ["x", "-1", "9" * 30, "٣", "0"])
    def test_an_odd_address_shows_the_newest(
        self, older: str, bakeren: Client, karis: Browser
    ) -> None:
        text(karis, address(bakeren, f"logg/?eldre={older}"))


@pytest.mark.parametrize("tab", TABS)
def test_the_page_asks_the_database_as_often_for_300_dialogs_as_for_5(
    tab: str,
    bakeren: Client,
    kari: User,
    karis: Browser,
    make_client: MakeClient,
    make_dialog: MakeDialog,
    now: datetime,
) -> None:
    def fill(first: int, last: int) -> None:
        for n in range(first, last):
            make_client(f"Klient {n}", responsible=kari)
            dialog = make_dialog(bakeren, due_in=n % 30, note_count=1)
            Note.objects.create(dialog=dialog, author=kari, text="Se", created_at=now)
            actions.assign_dialog(dialog, kari, actions.Decision(kari, now, 0))

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            main_part(text(karis, address(bakeren, tab)))
        return len(captured)

    fill(0, 5)
    few = statements()
    fill(5, 300)

    assert statements() == few


def test_a_substitute_sees_the_page_while_it_lasts(
    bakeren: Client, kari: User, ola: User, olas: Browser
) -> None:
    today = timezone.localdate()
    absence = Absence.objects.create(user=kari, from_on=today, to_on=today, substitute=ola)
    assert olas.get(address(bakeren)).status_code == 200

    absence.delete()
    assert olas.get(address(bakeren)).status_code == 404


def test_the_list_of_clients_leads_here_and_finds_those_without_a_responsible(
    bakeren: Client,
    make_client: MakeClient,
    admin: User,
    logged_in: Callable[[User], Browser],
) -> None:
    make_client("Alene AS")
    browser = logged_in(admin)

    assert links(text(browser, "/klienter/"))["Bakeren AS"] == address(bakeren)
    found = links(text(browser, "/klienter/?ansvarlig=ingen"))
    assert "Alene AS" in found
    assert "Bakeren AS" not in found
