"""Services that want more than a system user has are learned from the catalogue and shown."""

from django.test import Client as Browser

from clients.models import Category, Client
from dialogs.models import Service
from dialogs.tasks import read_names
from staff.models import User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.home.conftest import links, plain
from tests.stand_in import Altinn

HIGH = "urn:altinn:resource:nav-refusjon-vedtak"


def page_of(user: User) -> str:
    browser = Browser()
    browser.force_login(user)
    return browser.get("/dekning/").content.decode()


def test_the_level_is_learned_with_the_name(
    agent: object, bakeren: Client, make_dialog: MakeDialog, altinn: Altinn
) -> None:
    service = make_dialog(bakeren).service
    Service.objects.filter(pk=service.pk).update(urn=HIGH, name="")

    read_names()

    service.refresh_from_db()
    assert (service.minimum_level, bool(service.name)) == (4, True)


def test_a_service_above_our_level_leads_to_its_dialogs(
    bakeren: Client, make_dialog: MakeDialog, leder: User
) -> None:
    dialog = make_dialog(bakeren)
    assert "Ingen av tjenestene vi har sett." in plain(page_of(leder))

    Service.objects.update(minimum_level=4, name="Refusjon")

    page = page_of(leder)
    assert links(page)["Refusjon"].endswith(f"?mappe=alle&tjeneste={dialog.service_id}")
    assert "1 dialog" in plain(page)


def test_it_is_counted_by_what_who_looks_may_read(
    bakeren: Client, health: Category, make_dialog: MakeDialog, leder: User, kari: User
) -> None:
    restriction = bakeren.category_restrictions.create(category=health)
    restriction.readers.set([kari])
    make_dialog(bakeren, owner="nav_sykepenger_")
    Service.objects.update(minimum_level=4, name="Refusjon")

    assert "Ingen av tjenestene vi har sett." in plain(page_of(leder))

    restriction.readers.add(leder)
    assert "1 dialog" in plain(page_of(leder))
