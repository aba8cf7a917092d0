import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import AreaResponsible, Client, ServiceArea
from dialogs import actions
from dialogs.models import Dialog, Mention, Note, PinRule, SavedSearch, StartSearch
from staff.models import Absence, Team, User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.home.conftest import links, main_part, plain, rows_of, text

HOME = "/hjem/"
LogIn = Callable[[User], Browser]
MakeClient = Callable[..., Client]
NUMBERS = ["Over frist", "I dag", "Denne uken de neste sju dagene"]


def number(page: str, label: str) -> tuple[int, str]:
    """The number that stands before a label, and the list it leads to."""
    found = {
        words: href for words, href in links(page).items() if re.fullmatch(rf"\d+ {label}", words)
    }
    [(words, href)] = found.items()
    return int(words.split()[0]), href


@pytest.fixture
def noon() -> datetime:
    """Today at noon: so that «in some days» is a whole number of days."""
    return timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def many_deadlines(
    bakeren: Client,
    rorleggeren: Client,
    kari: User,
    make_client: MakeClient,
    make_dialog: MakeDialog,
    noon: datetime,
) -> None:
    """At Kari's client, at one of her team's that is not hers, and at Ola's."""
    team = Team.objects.create(name="Lønn")
    kari.teams.add(team)
    teams_own = make_client("Teamets AS", team=team)
    pin = PinRule.objects.create(why="Tvangsmulkt", words="tvangsmulkt")
    for client in (bakeren, teams_own, rorleggeren):
        for days in (-40, -1, 0, 0, 1, 6, 7, 30):
            make_dialog(client, f"Frist {days}", due_at=noon + timedelta(days=days))
        make_dialog(client, "Haster", due_at=noon - timedelta(days=2), pin=pin)
        make_dialog(client, "Haster i dag", due_at=noon, pin=pin)
        make_dialog(client, "Uten frist", responsible=kari)
        make_dialog(client, "Ferdig", due_at=noon, done_at=noon)
        make_dialog(client, "Besvart", due_at=noon, status="Awaiting")


@pytest.mark.usefixtures("many_deadlines")
@pytest.mark.parametrize("role", User.Role.values)
@pytest.mark.parametrize("sees_all", [0, 1])
def test_every_number_leads_to_a_list_of_exactly_as_many(
    role: str, sees_all: int, kari: User, karis: Browser
) -> None:
    User.objects.filter(pk=kari.pk).update(role=role, sees_all_clients=sees_all)
    page = text(karis, HOME)
    is_own = role == "ACCOUNTANT" or (role == "AUDITOR" and not sees_all)
    unassigned = "Ufordelt hos mine klienter" if is_own else "Ufordelt i firmaet"

    clients = 1 if is_own else 3
    expected = [3, 3, 5, 11]
    for label, count in zip([*NUMBERS, unassigned], expected, strict=True):
        said, href = number(page, label)
        assert said == count * clients, label
        assert rows_of(text(karis, href)) == said, label


@pytest.mark.usefixtures("many_deadlines")
def test_somebody_elsewhere_sees_only_their_own(olas: Browser, ola: User) -> None:
    page = text(olas, HOME)

    assert number(page, "Over frist")[0] == 3
    assert "Bakeren" not in page
    assert "Teamets" not in page


@pytest.mark.usefixtures("many_deadlines")
def test_a_substitute_and_an_area_responsible_have_the_client_on_their_day(
    bakeren: Client, kari: User, ola: User, olas: Browser, mva: ServiceArea
) -> None:
    today = timezone.localdate()
    absence = Absence.objects.create(user=kari, from_on=today, to_on=today, substitute=ola)
    assert number(text(olas, HOME), "Over frist")[0] == 6

    absence.delete()
    assert number(text(olas, HOME), "Over frist")[0] == 3
    AreaResponsible.objects.create(client=bakeren, area=mva, user=ola)
    assert number(text(olas, HOME), "Over frist")[0] == 6


@pytest.mark.usefixtures("many_deadlines")
def test_the_next_deadlines_begin_today_with_the_soonest_pinned_or_not(karis: Browser) -> None:
    titles = re.findall(r'class="ds-link title"[^>]*>([^<]+)<', text(karis, HOME))

    assert sorted(titles[:3]) == ["Frist 0", "Frist 0", "Haster i dag"]
    assert titles[3:7] == ["Frist 1", "Frist 6", "Frist 7", "Frist 30"]
    assert "Frist -1" not in titles


def test_no_more_than_ten_deadlines_are_shown(
    bakeren: Client, karis: Browser, make_dialog: MakeDialog, noon: datetime
) -> None:
    for days in range(12):
        make_dialog(bakeren, f"Frist {days:02}", due_at=noon + timedelta(days=days))

    titles = re.findall(r"Frist \d\d", text(karis, HOME))

    assert list(dict.fromkeys(titles)) == [f"Frist {days:02}" for days in range(10)]


def test_somebody_without_clients_is_told_who_gives_them(
    bakeren: Client, ingrid: User, logged_in: LogIn, karis: Browser
) -> None:
    assert "Du har ingen klienter nå." in text(logged_in(ingrid), HOME)
    assert "Du har ingen klienter nå." not in text(karis, HOME)


def test_when_nothing_is_overdue_the_next_deadline_is_named(
    bakeren: Client, karis: Browser, make_dialog: MakeDialog, noon: datetime
) -> None:
    assert "Ingenting over frist, og ingen frister er satt." in plain(text(karis, HOME))

    make_dialog(bakeren, due_at=noon.replace(year=noon.year + 1, month=10, day=25))
    assert f"Ingenting over frist. Neste frist er 25. oktober {noon.year + 1}." in plain(
        text(karis, HOME)
    )

    make_dialog(bakeren, due_at=noon - timedelta(days=1))
    assert "Ingenting over frist" not in plain(text(karis, HOME))


class TestNew:
    """«Nytt siden sist»: by client, since the last day somebody was here."""

    @pytest.fixture(autouse=True)
    def dialogs(
        self, bakeren: Client, rorleggeren: Client, make_dialog: MakeDialog, noon: datetime
    ) -> None:
        for client in (bakeren, rorleggeren):
            for days in (0, 1, 3, 3, 5, 9, 20):
                make_dialog(client, content_updated_at=noon - timedelta(days=days))
            make_dialog(client, content_updated_at=noon, folder="ARCHIVE")

    def test_counts_what_came_since_the_last_day_and_leads_to_it(
        self, kari: User, karis: Browser, bakeren: Client, noon: datetime
    ) -> None:
        User.objects.filter(pk=kari.pk).update(home_seen_at=noon - timedelta(days=3))

        found = links(text(karis, HOME))

        assert rows_of(text(karis, found["4 nye eller endrede dialoger"])) == 4
        of_client = found["4 nye eller endrede hos Bakeren AS"]
        assert f"klient={bakeren.pk}" in of_client
        assert rows_of(text(karis, of_client)) == 4

    def test_keeps_still_all_day(self, kari: User, karis: Browser, noon: datetime) -> None:
        User.objects.filter(pk=kari.pk).update(home_seen_at=noon - timedelta(days=3))

        first = main_part(text(karis, HOME))
        User.objects.filter(pk=kari.pk).update(home_seen_at=noon.replace(hour=0))

        assert main_part(text(karis, HOME)) == first

    def test_goes_two_weeks_back_at_most(self, kari: User, karis: Browser, noon: datetime) -> None:
        User.objects.filter(pk=kari.pk).update(home_seen_at=noon - timedelta(days=300))

        assert "6 nye eller endrede dialoger" in links(text(karis, HOME))

    def test_shows_a_week_to_who_is_new(self, karis: Browser) -> None:
        assert "5 nye eller endrede dialoger" in links(text(karis, HOME))

    def test_a_check_of_the_address_is_no_visit(self, kari: User, karis: Browser) -> None:
        karis.head(HOME)
        kari.refresh_from_db()
        assert kari.home_seen_at is None

        karis.get(HOME)
        kari.refresh_from_db()
        assert kari.home_seen_at is not None


def put_aside(dialog: Dialog, actor: User, now: datetime, days: int) -> None:
    until_on = timezone.localdate() + timedelta(days=days)
    actions.snooze(dialog, until_on, actions.Decision(actor, now, dialog.work_version))
    dialog.refresh_from_db()


def come_back(now: datetime, days: int) -> None:
    actions.return_snoozed(now=now, today=timezone.localdate() + timedelta(days=days))


BACK = "Utsatt som kommer tilbake i dag"


def back_today(page: str) -> list[str]:
    part = page.partition(BACK)[2].partition("</section>")[0]
    return sorted(re.findall(r'class="ds-link title"[^>]*>([^<]+)<', part))


def test_what_came_back_today_is_listed_for_who_is_responsible(
    bakeren: Client, kari: User, karis: Browser, make_dialog: MakeDialog, now: datetime
) -> None:
    given: dict[str, Any] = {"responsible": kari}
    until_today = [make_dialog(bakeren, f"Tilbake {n}", **given) for n in range(3)]
    tomorrow = make_dialog(bakeren, "I morgen", **given)
    fetched = make_dialog(bakeren, "Hentet før tiden", **given)
    earlier = make_dialog(bakeren, "I går", **given)
    nobodys = make_dialog(bakeren, "Ingens")
    for dialog in (*until_today, fetched, nobodys):
        put_aside(dialog, kari, now, 0)
    put_aside(tomorrow, kari, now, 1)
    put_aside(earlier, kari, now, -1)
    actions.wake(fetched, actions.Decision(kari, now, fetched.work_version))
    come_back(now, 0)

    assert back_today(text(karis, HOME)) == ["Tilbake 0", "Tilbake 1", "Tilbake 2"]


def test_what_the_authority_brought_back_did_not_come_back_by_itself(
    bakeren: Client, kari: User, karis: Browser, make_dialog: MakeDialog, now: datetime
) -> None:
    dialog = make_dialog(bakeren, "Endret av Skatteetaten", responsible=kari)
    put_aside(dialog, kari, now, 0)
    come_back(now, 0)
    assert back_today(text(karis, HOME)) == ["Endret av Skatteetaten"]

    Dialog.objects.filter(pk=dialog.pk).update(reopened_at=now)
    assert BACK not in text(karis, HOME)


def test_a_substitute_sees_what_came_back_for_the_other(
    bakeren: Client, kari: User, ola: User, olas: Browser, make_dialog: MakeDialog, now: datetime
) -> None:
    dialog = make_dialog(bakeren, "Tilbake", responsible=kari)
    put_aside(dialog, kari, now, 0)
    come_back(now, 0)
    assert BACK not in text(olas, HOME)

    today = timezone.localdate()
    Absence.objects.create(user=kari, from_on=today, to_on=today, substitute=ola)
    assert back_today(text(olas, HOME)) == ["Tilbake"]


def test_internal_deadlines_that_have_passed_lead_to_their_list(
    bakeren: Client, rorleggeren: Client, kari: User, karis: Browser, make_dialog: MakeDialog
) -> None:
    today = timezone.localdate()
    for days in (-12, -1, 0, 3):
        for who in (kari, None):
            make_dialog(bakeren, internal_due_on=today + timedelta(days=days), responsible=who)
    settled: dict[str, Any] = {"status": "Awaiting", "responsible": kari}
    make_dialog(bakeren, internal_due_on=today - timedelta(days=1), **settled)
    make_dialog(rorleggeren, internal_due_on=today - timedelta(days=1))

    found = links(text(karis, HOME))

    assert rows_of(text(karis, found["Se alle 2 med passert intern frist"])) == 2


class TestMentions:
    def mention(self, user: User, author: User, now: datetime, **place: Any) -> Note:
        note = Note.objects.create(
            author=author, text="Kan du se på dette?", created_at=now, **place
        )
        Mention.objects.create(note=note, user=user)
        return note

    def test_unseen_ones_are_shown_until_seen(
        self,
        bakeren: Client,
        kari: User,
        karis: Browser,
        leder: User,
        make_dialog: MakeDialog,
        now: datetime,
    ) -> None:
        dialog = make_dialog(bakeren, "Skattemelding")
        self.mention(kari, leder, now, dialog=dialog)
        self.mention(kari, leder, now, client=bakeren)
        self.mention(kari, leder, now, service=dialog.service)
        deleted = self.mention(kari, leder, now, dialog=dialog)
        Note.objects.filter(pk=deleted.pk).update(text="Slettet", deleted_at=now)

        page = text(karis, HOME)

        assert page.count("Kan du se på dette?") == 3
        assert "Marit Solberg" in page
        assert "Slettet" not in page
        found = links(page)
        assert found["Skattemelding"] == f"/innboks/{dialog.pk}/"
        assert found["Bakeren AS"].startswith(f"/klienter/{bakeren.pk}/")
        Mention.objects.update(seen_at=now)
        assert "Nevnt i notater" not in text(karis, HOME)

    def test_of_a_client_one_may_not_see_nothing_is_shown(
        self,
        bakeren: Client,
        kari: User,
        ola: User,
        olas: Browser,
        make_dialog: MakeDialog,
        now: datetime,
    ) -> None:
        self.mention(ola, kari, now, dialog=make_dialog(bakeren, "Skattemelding"))
        self.mention(ola, kari, now, client=bakeren)

        page = text(olas, HOME)

        assert "Kan du se på dette?" not in page
        assert "Bakeren" not in page


@pytest.mark.parametrize("role", ["ACCOUNTANT", "MANAGER"])
def test_min_dag_asks_the_database_as_often_for_300_clients_as_for_5(
    role: str,
    kari: User,
    karis: Browser,
    leder: User,
    make_client: MakeClient,
    make_dialog: MakeDialog,
    now: datetime,
) -> None:
    User.objects.filter(pk=kari.pk).update(role=role)

    def fill(first: int, last: int) -> None:
        for n in range(first, last):
            client = make_client(f"Klient {n}", responsible=kari)
            dialog = make_dialog(
                client,
                due_in=n % 20 - 3,
                responsible=kari,
                internal_due_on=timezone.localdate() - timedelta(days=1),
            )
            note = Note.objects.create(dialog=dialog, author=leder, text="Se", created_at=now)
            Mention.objects.create(note=note, user=kari)
            put_aside(make_dialog(client, responsible=kari), kari, now, 0)
        come_back(now, 0)

    def statements() -> int:
        User.objects.filter(pk=kari.pk).update(home_seen_at=None)
        with CaptureQueriesContext(connection) as captured:
            text(karis, HOME)
        return len(captured)

    fill(0, 5)
    few = statements()
    fill(5, 300)

    assert statements() == few
    assert few <= 8


class TestStart:
    def test_leads_to_min_dag(self, karis: Browser) -> None:
        assert karis.get("/").headers["Location"] == HOME

    def test_leads_to_the_list_somebody_begins_with(self, kari: User, karis: Browser) -> None:
        search = self.search(kari, kari)

        assert karis.get("/").headers["Location"] == f"/innboks/?frist=over&sok={search.pk}"

    def test_leads_to_min_dag_when_the_search_is_not_shared_any_more(
        self, kari: User, karis: Browser, ola: User
    ) -> None:
        search = self.search(kari, ola)
        search.visibility = SavedSearch.Visibility.ALL
        search.save()
        assert karis.get("/").headers["Location"].startswith("/innboks/")

        search.visibility = SavedSearch.Visibility.ME
        search.save()
        assert karis.get("/").headers["Location"] == HOME

    def test_is_where_a_login_leads(self, kari: User) -> None:
        kari.set_password("et langt nok passord")
        kari.save()

        response = Browser().post(
            "/konto/login/", {"login": kari.email, "password": "et langt nok passord"}
        )

        assert response.headers["Location"] == "/"

    def test_a_stranger_logs_in_first(self, db: None) -> None:
        for address in ("/", HOME):
            assert Browser().get(address).headers["Location"].startswith("/konto/login/")

    def search(self, user: User, owner: User) -> SavedSearch:
        search = SavedSearch.objects.create(
            name="Over frist", owner=owner, query="frist=over", created_at=timezone.now()
        )
        StartSearch.objects.create(user=user, search=search)
        return search
