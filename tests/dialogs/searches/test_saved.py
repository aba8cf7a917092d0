"""Saved searches: who is offered them, who may change them, and what they keep."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client as Browser
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client
from dialogs.inbox.filters import Filters
from dialogs.inbox.frame import frame_of
from dialogs.inbox.page import InboxPage
from dialogs.models import SavedSearch, StartSearch
from dialogs.searches.menu import searches_of
from dialogs.searches.ready import READY
from dialogs.templatetags.rows import by_jinja
from staff.models import Team, User
from tests.dialogs.searches.conftest import Save

LogIn = Callable[[User], Browser]
FORM = {"name": "Over frist hos meg", "visibility": "ME", "in_menu": "on", "shows_count": "on"}


def head(user: User, query: str) -> str:
    """The save button as a list with these filters shows it."""
    request = RequestFactory().get(f"/innboks/?{query}")
    request.user = user
    filters = Filters.read(request.GET)
    page = InboxPage(user, filters, frame_of(request), now=timezone.now())
    return by_jinja("dialogs/save_search.html", page=page, searches=searches_of(request))


def entries(user: User, query: str = "", path: str = "/innboks/") -> dict[str, bool]:
    """The menu's searches, and whether each is where we are."""
    request = RequestFactory().get(f"{path}?{query}")
    request.user = user
    return {one.label: one.is_current for one in searches_of(request).entries}


def test_a_list_is_saved_in_its_one_way_to_be_written(karis: Browser, kari: User) -> None:
    response = karis.post(
        "/lagrede-sok/nytt/?frist=over&status=Draft&sok=99&etter=1.2&tull=1&ansvarlig=meg", FORM
    )

    search = SavedSearch.objects.get()
    assert (
        response.headers["Location"]
        == f"/innboks/?frist=over&ansvarlig=meg&sok={search.pk}&status=Draft"
    )
    assert search.query == "frist=over&ansvarlig=meg&status=Draft"
    assert (search.owner, search.visibility, search.team) == (kari, "ME", None)
    assert search.in_menu
    assert search.shows_count
    assert "Søket «Over frist hos meg» er lagret." in karis.get("/innboks/").content.decode()


def test_a_search_without_a_name_is_not_saved(karis: Browser) -> None:
    response = karis.post("/lagrede-sok/nytt/?frist=over", FORM | {"name": "  "})

    assert "Gi søket et navn." in response.content.decode()
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("q=01019012345", "Uskyldig"),
        ("q=010190+12345", "Uskyldig"),
        ("klientnavn=01019012345", "Uskyldig"),
        ("frist=over", "Frister 01019012345"),
    ],
)
def test_a_persons_number_is_never_saved(karis: Browser, query: str, name: str) -> None:
    response = karis.post(f"/lagrede-sok/nytt/?{query}", FORM | {"name": name})

    assert "fødselsnummer" in response.content.decode()
    assert not SavedSearch.objects.exists()


def test_an_organisation_number_may_be_saved(karis: Browser) -> None:
    karis.post("/lagrede-sok/nytt/?klientnavn=310495921", FORM)

    assert SavedSearch.objects.get().query == "klientnavn=310495921"


def test_a_persons_number_does_not_get_in_by_updating(
    karis: Browser, kari: User, save: Save
) -> None:
    search = save(kari)

    karis.post(f"/lagrede-sok/{search.pk}/filtre/?q=01019012345")

    search.refresh_from_db()
    assert search.query == "frist=over"


def test_an_accountant_shares_with_a_team_of_theirs_and_not_with_all(
    karis: Browser, kari: User, team: Team
) -> None:
    kari.teams.add(team)

    karis.post("/lagrede-sok/nytt/?frist=over", FORM | {"visibility": "ALL"})
    assert not SavedSearch.objects.exists()

    karis.post("/lagrede-sok/nytt/?frist=over", FORM | {"visibility": "TEAM"})
    assert SavedSearch.objects.get().team == team


def test_who_is_in_no_team_shares_with_nobody(karis: Browser, team: Team) -> None:
    html = karis.get("/lagrede-sok/nytt/?frist=over").content.decode()
    assert "Hvem ser søket" not in html

    karis.post("/lagrede-sok/nytt/?frist=over", FORM | {"visibility": "TEAM", "team": team.pk})
    assert SavedSearch.objects.get().visibility == "ME"


def test_who_is_in_several_teams_says_which(karis: Browser, kari: User, team: Team) -> None:
    other, strange = Team.objects.create(name="Mva"), Team.objects.create(name="Revisjon")
    kari.teams.add(team, other)
    form = FORM | {"visibility": "TEAM"}

    response = karis.post("/lagrede-sok/nytt/?frist=over", form)
    assert "Velg hvilket team som skal se søket." in response.content.decode()

    karis.post("/lagrede-sok/nytt/?frist=over", form | {"team": strange.pk})
    assert not SavedSearch.objects.exists()

    karis.post("/lagrede-sok/nytt/?frist=over", form | {"team": other.pk})
    assert SavedSearch.objects.get().team == other


def test_a_manager_shares_with_all(leder: User, logged_in: LogIn, ola: User) -> None:
    logged_in(leder).post("/lagrede-sok/nytt/?frist=over", FORM | {"visibility": "ALL"})

    assert "Over frist hos meg" in entries(ola)


def test_one_is_offered_ones_own_the_teams_and_everybodys(
    kari: User, ola: User, leder: User, team: Team, save: Save
) -> None:
    ola.teams.add(team)
    save(kari, "Karis eget")
    save(kari, "Teamets", team=team)
    save(kari, "Et annet teams", team=Team.objects.create(name="Mva"))
    save(leder, "Alles", visibility="ALL")
    save(ola, "Olas eget")
    save(ola, "Ikke i menyen", in_menu=False)

    ready = [str(one.name) for one in READY if one.in_menu]
    assert list(entries(ola)) == ["Olas eget", "Alles", "Teamets", *ready]


def test_somebody_elses_search_is_used_and_not_changed(
    olas: Browser, kari: User, leder: User, save: Save
) -> None:
    private, shared = save(kari, "Karis eget"), save(leder, "Alles", visibility="ALL")

    html = olas.get("/lagrede-sok/").content.decode()
    assert "Karis eget" not in html
    assert "Delt av Marit Solberg" in html

    for search in (private, shared):
        pk = search.pk
        assert olas.get(f"/lagrede-sok/{pk}/").status_code == 404
        assert olas.post(f"/lagrede-sok/{pk}/", FORM).status_code == 404
        assert olas.post(f"/lagrede-sok/{pk}/filtre/?frist=uke").status_code == 404
        assert olas.post(f"/lagrede-sok/{pk}/slett/").status_code == 404
    assert SavedSearch.objects.filter(query="frist=over").count() == 2
    assert olas.post("/lagrede-sok/start/", {"search": private.pk}).status_code == 404
    assert olas.post("/lagrede-sok/start/", {"search": "tull"}).status_code == 404
    assert not StartSearch.objects.exists()


def test_a_shared_search_does_not_name_a_client_its_reader_may_not_see(
    olas: Browser, karis: Browser, leder: User, kari: User, bakeren: Client, save: Save
) -> None:
    save(leder, "Én klient", f"klient={bakeren.pk}", visibility="ALL")

    assert "Klient: Bakeren AS" in karis.get("/lagrede-sok/").content.decode()
    assert "Bakeren AS" not in olas.get("/lagrede-sok/").content.decode()


def test_the_button_knows_a_list_that_is_saved(kari: User, save: Save) -> None:
    assert "Lagre søk" in head(kari, "frist=over")

    save(kari, "Viktig", "frist=over&status=Draft&status=InProgress")

    assert "Lagret søk" in head(kari, "status=InProgress&status=Draft&frist=over")
    assert "Lagret søk" not in head(kari, "status=InProgress&frist=over")


def test_a_changed_search_is_updated_or_saved_as_new(
    karis: Browser, kari: User, save: Save
) -> None:
    search = save(kari, "Haster nå")
    query = f"frist=uke&sok={search.pk}"

    html = karis.get(f"/lagrede-sok/nytt/?{query}", headers={"HX-Request": "true"}).content.decode()
    assert "Oppdater «Haster nå»" in html
    assert "Lagre som nytt" in html
    assert "<html" not in html

    response = karis.post(f"/lagrede-sok/{search.pk}/filtre/?{query}")
    assert response.headers["Location"] == f"/innboks/?frist=uke&sok={search.pk}"
    search.refresh_from_db()
    assert search.query == "frist=uke"


def test_a_changed_search_of_somebody_elses_becomes_ones_own(
    olas: Browser, leder: User, save: Save
) -> None:
    search = save(leder, "Alles", visibility="ALL")

    html = olas.get(f"/lagrede-sok/nytt/?frist=uke&sok={search.pk}").content.decode()

    assert "Oppdater «" not in html
    assert "delt av Marit Solberg" in html


def test_the_search_one_came_through_is_current_even_when_changed(kari: User, save: Save) -> None:
    search = save(kari, "Haster nå")

    assert entries(kari, f"frist=uke&sok={search.pk}")["Haster nå"]
    assert not entries(kari, f"frist=uke&sok={search.pk}")["Forfaller denne uken"]
    assert entries(kari, "frist=uke")["Forfaller denne uken"]
    assert not entries(kari, f"sok={search.pk}", path="/klienter/")["Haster nå"]


def test_a_deleted_search_comes_back_as_it_was(
    karis: Browser, kari: User, ola: User, leder: User, save: Save, team: Team
) -> None:
    search = save(kari, "Teamets", team=team, shows_count=False)
    StartSearch.objects.create(user=ola, search=search)
    before = SavedSearch.objects.values().get()

    response = karis.post(f"/lagrede-sok/{search.pk}/slett/", follow=True)
    assert "Søket «Teamets» er slettet." in response.content.decode()
    assert not SavedSearch.objects.exists()

    karis.post("/lagrede-sok/angre/")
    assert SavedSearch.objects.values().get() == before
    assert StartSearch.objects.get(user=ola).search_id == search.pk

    response = karis.post("/lagrede-sok/angre/", follow=True)
    assert "kan ikke hentes tilbake" in response.content.decode()


def test_an_edit_renames_hides_and_sets_the_start(karis: Browser, kari: User, save: Save) -> None:
    search = save(kari)

    karis.post(f"/lagrede-sok/{search.pk}/", {"name": "Nytt navn", "starts_here": "on"})

    search.refresh_from_db()
    assert (search.name, search.in_menu, search.query) == ("Nytt navn", False, "frist=over")
    assert StartSearch.objects.get(user=kari).search == search

    karis.post(f"/lagrede-sok/{search.pk}/", {"name": "Nytt navn"})
    assert not StartSearch.objects.exists()


def test_one_starts_where_one_has_chosen_while_it_is_offered(
    olas: Browser, ola: User, leder: User, save: Save
) -> None:
    search = save(leder, "Alles", visibility="ALL")

    olas.post("/lagrede-sok/start/", {"search": search.pk})
    assert olas.get("/").headers["Location"] == f"/innboks/?frist=over&sok={search.pk}"

    SavedSearch.objects.update(visibility="ME")
    assert "/innboks/" not in olas.get("/").headers["Location"]

    olas.post("/lagrede-sok/start/", {"search": ""})
    assert not StartSearch.objects.exists()


def test_every_ready_made_search_is_one_the_list_understands() -> None:
    for one in READY:
        filters = Filters.read(QueryDict(one.query))
        assert not filters.complaints
        assert filters.as_query() == one.query


def test_menu_and_button_cost_one_statement_together(kari: User, save: Save, now: datetime) -> None:
    for number in range(5):
        save(kari, f"Søk {number}", f"frist=uke&klient={number + 1}")
    request = RequestFactory().get("/innboks/?frist=over")
    request.user = kari

    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = InboxPage(kari, Filters.read(request.GET), frame_of(request), now=now)
        searches = searches_of(request)
        assert len(searches.entries) == 8
        by_jinja("dialogs/save_search.html", page=page, searches=searches)
    assert len(queries) == 1


@pytest.mark.parametrize(
    "address",
    ["/lagrede-sok/", "/lagrede-sok/nytt/", "/lagrede-sok/antall/", "/hurtigmeny/", "/profil/"],
)
def test_a_stranger_is_asked_to_log_in(db: None, address: str) -> None:
    assert Browser().get(address).headers["Location"].startswith("/konto/login/")
