"""Sorting, grouping and density, and the filters that look at the firm's own work."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client
from dialogs import actions, counters, notices, pinning
from dialogs.inbox import grouped, listing
from dialogs.models import Dialog, Notice, Opening, PinRule
from staff.models import Absence, Team, User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.inbox.test_list import listed, shown, titles

LogIn = Callable[[User], Browser]


@pytest.fixture
def leders(leder: User, logged_in: LogIn) -> Browser:
    return logged_in(leder)


@pytest.fixture
def many(
    make_client: Callable[..., Client], make_dialog: MakeDialog, kari: User, ola: User
) -> list[str]:
    """Three dialogs for each of four clients, the names in Norwegian order."""
    names = ["Bakeren AS", "Ærlig AS", "Østre AS", "Ås Rør AS"]
    for client in (make_client(name) for name in reversed(names)):
        for due_in, responsible in ((3, kari), (None, None), (1, ola)):
            make_dialog(client, f"{client.name} {due_in}", due_in=due_in, responsible=responsible)
    return names


def decided(user: User, dialog: Dialog) -> actions.Decision:
    return actions.Decision(user, timezone.now(), dialog.work_version)


def pages(browser: Browser, query: str) -> list[str]:
    """Every title of a list, page after page."""
    found: list[str] = []
    address = f"/innboks/?{query}"
    for _ in range(20):
        html = shown(browser, address)
        found += titles(html)
        more = re.search(r'href="([^"]*etter=[^"]*)"', html)
        if not more:
            return found
        address = more[1].replace("&amp;", "&")
    raise AssertionError("the list does not end")


def test_clients_sort_as_norwegians_do_and_their_soonest_deadline_first(
    leders: Browser, many: list[str]
) -> None:
    assert listed(leders, "sort=klient") == [f"{name} {n}" for name in many for n in (1, 3, None)]
    turned = listed(leders, "sort=klient&retning=motsatt")
    assert turned[0] == "Ås Rør AS 1"


def test_colleagues_sort_by_name_and_what_is_nobodys_comes_last(
    leders: Browser, many: list[str]
) -> None:
    found = listed(leders, "sort=ansvarlig")

    assert [title.rsplit(" ", 1)[1] for title in found] == ["3"] * 4 + ["1"] * 4 + ["None"] * 4


@pytest.mark.parametrize(
    "query",
    [
        "sort=klient",
        "sort=ansvarlig",
        "sort=klient&retning=motsatt",
        "sort=ansvarlig&retning=motsatt",
        "sort=oppdatert",
        "sort=oppdatert&retning=motsatt",
        "retning=motsatt",
        "gruppe=klient",
        "gruppe=frist",
        "sort=klient&q=as",
        "frist=har",
        "frist=uke&mappe=alle",
    ],
)
def test_pages_follow_each_other_without_a_gap_or_a_repeat(
    leders: Browser, many: list[str], query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = listed(leders, query)
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    monkeypatch.setattr(grouped, "GROUPS_AT_FIRST", 1)

    assert pages(leders, query) == whole
    assert len(whole) == (8 if "frist=" in query else 12)


@pytest.mark.parametrize("query", ["", "sort=ansvarlig", "sort=klient", "frist=har", "q=as"])
def test_a_list_is_the_same_read_client_by_client_and_along_an_index(
    karis: Browser, kari: User, many: list[str], query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kari.clients.set(Client.objects.exclude(name="Østre AS"))
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    monkeypatch.setattr(grouped, "GROUPS_AT_FIRST", 1)
    client_by_client = pages(karis, query)

    monkeypatch.setattr(listing, "A_HANDFUL", 0)
    assert pages(karis, query) == client_by_client
    monkeypatch.setattr(listing, "FEW_DIALOGS", 0)
    monkeypatch.setattr(listing, "MOST_CLIENTS_ONE_BY_ONE", 0)

    assert pages(karis, query) == client_by_client
    assert len(client_by_client) == (6 if "frist=" in query else 9)


def test_the_newest_content_comes_first_when_sorted_by_it(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog, now: datetime
) -> None:
    for days in (4, 2, 9):
        make_dialog(bakeren, f"{days}", content_updated_at=now - timedelta(days=days), due_in=days)

    assert listed(karis, "sort=oppdatert") == ["2", "4", "9"]
    assert listed(karis, "sort=oppdatert&retning=motsatt") == ["9", "4", "2"]
    assert listed(karis, "retning=motsatt") == ["9", "4", "2"]


def test_a_heading_stands_where_a_group_begins_and_not_where_a_page_goes_on(
    leders: Browser, many: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    html = shown(leders, "/innboks/?gruppe=klient")
    assert re.findall(r'scope="colgroup">(.*?)</th>', html) == many

    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    first = shown(leders, "/innboks/?gruppe=klient")
    more = re.search(r'href="([^"]*etter=[^"]*)"', first)
    assert more
    second = shown(leders, more[1].replace("&amp;", "&"))
    assert re.findall(r'scope="colgroup">(.*?)</th>', second) == ["Ærlig AS"]


def test_groups_by_deadline_are_what_an_accountant_calls_them(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    for due_in in (-3, 0, 60, None):
        make_dialog(bakeren, str(due_in), due_in=due_in)

    html = shown(karis, "/innboks/?gruppe=frist")

    headings = re.findall(r'scope="colgroup">(.*?)</th>', html)
    assert headings == ["Over frist", "I dag", "Senere", "Uten frist"]


def test_what_is_pinned_stands_on_top_and_says_why(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    rule = PinRule.objects.get(why="Tvangsmulkt")
    make_dialog(bakeren, "over frist", due_in=-3)
    make_dialog(bakeren, "haster", pin=rule)
    make_dialog(bakeren, "haster mer", pin=rule, due_in=4)
    make_dialog(bakeren, "svart på", pin=rule, status="Completed")

    assert listed(karis)[:3] == ["haster mer", "haster", "over frist"]
    assert "Haster: Tvangsmulkt" in shown(karis)
    assert listed(karis, "haster=ja") == ["haster mer", "haster"]
    assert listed(karis, "frist=har") == ["haster mer", "over frist"]
    assert listed(karis, "frist=uke&haster=ja") == ["haster mer"]


def test_rules_are_held_against_the_inbox_again_when_they_change(
    bakeren: Client, make_dialog: MakeDialog
) -> None:
    letter = make_dialog(bakeren, "Varsel om tvangsmulkt")
    other = make_dialog(bakeren, "Mva-melding", summary="Klagefrist er tre uker")
    assert pinning.apply_again() == 2
    letter.refresh_from_db()
    other.refresh_from_db()
    assert (str(letter.pin), str(other.pin)) == ("Tvangsmulkt", "Klagefrist")

    PinRule.objects.all().update(is_active=False)
    assert pinning.apply_again() == 2
    assert Dialog.objects.filter(pin=None).count() == 2


def test_a_rule_without_a_condition_pins_nothing(bakeren: Client, make_dialog: MakeDialog) -> None:
    PinRule.objects.all().delete()
    PinRule.objects.create(why="Alt")
    make_dialog(bakeren)

    assert pinning.apply_again() == 0


def test_what_is_put_aside_or_done_leaves_the_inbox_and_the_counts(
    karis: Browser, kari: User, bakeren: Client, make_dialog: MakeDialog
) -> None:
    today = timezone.localdate()
    snoozed = make_dialog(bakeren, "utsatt", due_in=9)
    done = make_dialog(bakeren, "ferdig", due_in=-9)
    make_dialog(bakeren, "igjen")
    actions.snooze(snoozed, today + timedelta(days=3), decided(kari, snoozed))
    actions.finish(done, decided(kari, done))

    assert listed(karis) == ["igjen"]
    assert listed(karis, "mappe=utsatt") == ["utsatt"]
    assert listed(karis, "mappe=ferdig") == ["ferdig"]
    assert listed(karis, "frist=over") == []
    assert counters.drift() == {}

    assert actions.return_snoozed(now=timezone.now(), today=today + timedelta(days=2)) == 0
    assert actions.return_snoozed(now=timezone.now(), today=today + timedelta(days=3)) == 1
    assert listed(karis) == ["utsatt", "igjen"]


def test_an_internal_or_estimated_deadline_counts_when_the_authority_gave_none(
    karis: Browser, kari: User, bakeren: Client, make_dialog: MakeDialog
) -> None:
    today = timezone.localdate()
    letter = make_dialog(bakeren, "brev")
    make_dialog(bakeren, "skjema", due_in=5)
    actions.set_internal_due(letter, today + timedelta(days=2), decided(kari, letter))
    assert listed(karis) == ["brev", "skjema"]
    assert "intern frist" in shown(karis)

    letter.refresh_from_db()
    actions.set_estimated_due(letter, today + timedelta(days=9), decided(kari, letter))
    assert listed(karis) == ["skjema", "brev"]
    assert "anslått frist" in shown(karis)
    assert listed(karis, "intern=uke") == ["brev"]
    assert listed(karis, "intern=over") == []


def test_each_filter_on_our_own_work_keeps_what_it_says(
    karis: Browser,
    kari: User,
    ola: User,
    bakeren: Client,
    make_client: Callable[..., Client],
    make_dialog: MakeDialog,
    now: datetime,
) -> None:
    team = Team.objects.create(name="Lønn")
    kari.teams.add(team)
    teams = make_client("Lagets AS", team=team)
    followed = make_dialog(bakeren, "fulgt", is_unread=True)
    actions.follow(followed, user=kari, now=now)
    read = make_dialog(bakeren, "lest", is_unread=True, content_updated_at=now - timedelta(days=40))
    actions.look_at(read, user=kari, now=now)
    actions.look_at(followed, user=ola, now=now)
    opened = make_dialog(bakeren, "åpnet", has_unopened_content=True, note_count=2)
    Opening.objects.create(dialog=opened, user=ola, at=now)
    make_dialog(bakeren, "igjen", reopened_at=now, content_updated_at=now - timedelta(days=400))
    make_dialog(teams, "lagets")

    expected = {
        "folger=ja": ["fulgt"],
        "lest=ulestmeg": {"fulgt", "åpnet", "igjen", "lagets"},
        "lest=uapnet": {"fulgt", "lest", "igjen", "lagets"},
        "lest=innhold": ["åpnet"],
        "notat=ja": ["åpnet"],
        "gjenapnet=ja": ["igjen"],
        "mine=ja": {"fulgt", "lest", "åpnet", "igjen"},
        f"team={team.pk}": ["lagets"],
        "klientansvarlig=ingen": ["lagets"],
        f"klientansvarlig={kari.pk}": {"fulgt", "lest", "åpnet", "igjen"},
        "oppdatert=eldre": ["igjen"],
        "oppdatert=uke": {"fulgt", "åpnet", "lagets"},
        f"otil={(timezone.localdate() - timedelta(days=30)).isoformat()}": {"lest", "igjen"},
    }
    for query, titles_ in expected.items():
        found = listed(karis, query)
        assert len(found) == len(titles_), query
        assert set(found) == set(titles_), query


def test_a_substitute_sees_what_the_absent_colleague_is_responsible_for(
    olas: Browser, kari: User, ola: User, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren, "Karis sak", responsible=kari)
    today = timezone.localdate()
    assert listed(olas, "ansvarlig=meg") == []

    absence = Absence.objects.create(user=kari, from_on=today, to_on=today, substitute=ola)
    html = shown(olas, "/innboks/?ansvarlig=meg")
    assert titles(html) == ["Karis sak"]
    assert "Kari Hansen (stedfortreder Ola Berg)" in html
    assert "1 dialog." in html

    absence.to_on = absence.from_on = today - timedelta(days=1)
    absence.save()
    assert listed(olas, "mappe=alle") == []


def test_a_density_is_kept_and_the_list_stays_where_it_was(
    karis: Browser, kari: User, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren)
    answer = karis.post(
        "/innboks/tetthet/", {"tetthet": "kompakt", "liste": "?mappe=alle&next=//onde.invalid"}
    )

    assert answer.headers["Location"] == "/innboks/?mappe=alle"
    assert "data-compact" in shown(karis)


@pytest.mark.parametrize(
    "query", ["", "sort=klient", "sort=ansvarlig", "gruppe=klient&q=mva", "klient=1&eier=skd&q=x"]
)
def test_the_page_costs_ten_statements_at_most(
    karis: Browser, kari: User, bakeren: Client, make_dialog: MakeDialog, query: str
) -> None:
    for _ in range(3):
        make_dialog(bakeren, responsible=kari)
    shown(karis, f"/innboks/?{query}")
    with CaptureQueriesContext(connection) as queries:
        shown(karis, f"/innboks/?{query}")

    assert len(queries) <= 10


def test_every_filter_is_offered_in_the_bar_and_on_a_page_of_its_own(
    karis: Browser, bakeren: Client, make_dialog: MakeDialog
) -> None:
    make_dialog(bakeren)
    page = shown(karis, "/innboks/filtre/?status=Draft&sort=klient")
    assert 'name="sort" value="klient"' in page
    for name in ("status", "frist", "ansvarlig", "klient", "eier", "mappe", "lest", "oppdatert"):
        assert f'name="{name}"' in page

    part = shown(karis, "/innboks/filtre/?valg=status&status=Draft", **{"HX-Request": "true"})
    assert "<html" not in part
    assert re.search(r'value="Draft"\s+checked', part)


def test_what_a_filter_offers_is_only_what_one_may_see(
    olas: Browser, bakeren: Client, rorleggeren: Client
) -> None:
    page = shown(olas, "/innboks/filtre/")

    assert "Rørleggeren ENK" in page
    assert "Bakeren AS" not in page


def test_who_opens_a_dialog_has_read_what_was_told_of_it(
    karis: Browser, kari: User, ola: User, bakeren: Client, make_dialog: MakeDialog, now: datetime
) -> None:
    dialog, other = make_dialog(bakeren), make_dialog(bakeren)
    for one in (dialog, other):
        notices.notify([kari, ola], Notice.Kind.ASSIGNED, now=now, dialog=one)

    shown(karis, f"/innboks/{dialog.pk}/")

    unread = Notice.objects.filter(read_at=None)
    assert {(one.user, one.dialog) for one in unread} == {
        (kari, other),
        (ola, dialog),
        (ola, other),
    }
