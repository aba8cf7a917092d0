"""How somebody likes to work."""

from django.test import Client as Browser

from dialogs.models import StartSearch
from staff.models import User
from tests.dialogs.searches.conftest import Save

FORM = {"is_compact": "nei", "uses_single_keys": "on", "language": "nb", "start": ""}


def test_the_profile_keeps_what_is_chosen(karis: Browser, kari: User, save: Save) -> None:
    search = save(kari)

    karis.post("/profil/", {"is_compact": "ja", "language": "en", "start": search.pk})

    kari.refresh_from_db()
    assert (kari.is_compact, kari.uses_single_keys, kari.language) == (True, False, "en")
    assert StartSearch.objects.get(user=kari).search == search


def test_one_goes_back_to_starting_in_min_dag(karis: Browser, kari: User, save: Save) -> None:
    StartSearch.objects.create(user=kari, search=save(kari))

    karis.post("/profil/", FORM)

    assert not StartSearch.objects.exists()


def test_the_profile_shows_what_is_chosen(karis: Browser, kari: User, save: Save) -> None:
    kari.is_compact, kari.uses_single_keys = True, False
    kari.save()
    StartSearch.objects.create(user=kari, search=save(kari, "Mitt søk"))

    html = karis.get("/profil/").content.decode()

    form = karis.get("/profil/").context["form"]
    assert form["is_compact"].value() == "ja"
    assert form["uses_single_keys"].value() is False
    assert "selected>Mitt søk" in html


def test_a_search_that_is_not_offered_is_no_start(olas: Browser, kari: User, save: Save) -> None:
    olas.post("/profil/", FORM | {"start": save(kari).pk})

    assert not StartSearch.objects.exists()


def test_what_one_chooses_is_ones_own(karis: Browser, ola: User) -> None:
    karis.post("/profil/", FORM | {"is_compact": "ja", "language": "nn"})

    ola.refresh_from_db()
    assert (ola.is_compact, ola.language) == (False, "nb")


def test_an_unknown_language_is_refused(karis: Browser, kari: User) -> None:
    karis.post("/profil/", FORM | {"language": "xx"})

    kari.refresh_from_db()
    assert kari.language == "nb"
