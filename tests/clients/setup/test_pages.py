"""The checklist and the firm; and who may not see any of it."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from pytest_django import Settings

from altinn.environment import PRODUCTION
from clients.models import Access, Client, Firm, SystemUser, VendorClient, VendorKey
from clients.setup.steps import checklist
from staff.models import AuditEntry, User
from tests.clients.conftest import Browse
from tests.clients.setup.urls import ADDRESSES
from tests.stand_in import Altinn

OVERVIEW = reverse("clients:setup")
FIRM = reverse("clients:setup-firm")
HOME = reverse("dialogs:home")


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def admins(admin: User, browse: Browse) -> Browser:
    return browse(admin)


def test_only_administrators_set_up(
    kari: User, leder: User, client: Browser, browse: Browse, registered: VendorKey
) -> None:
    done = AuditEntry.objects.exclude(act="access refused")
    before = done.count()
    for address in ADDRESSES:
        there = address.format(key=registered.pk)
        for browser, refused in ((browse(kari), 403), (browse(leder), 403), (client, 302)):
            assert browser.get(there).status_code in (refused, 405), there
            assert browser.post(there).status_code in (refused, 405), there
            assert refused in (browser.get(there).status_code, browser.post(there).status_code)
    assert done.count() == before


def test_the_menu_and_min_dag_show_it_to_administrators_only(
    admins: Browser, kari: User, leder: User, browse: Browse
) -> None:
    assert "0 av 9 fullført" not in text(browse(kari).get(HOME))
    assert f'href="{OVERVIEW}"' not in text(browse(leder).get(HOME))
    page = text(admins.get(HOME))
    assert "av 9 fullført" in page
    assert f'href="{OVERVIEW}"' in page


def test_it_begins_with_the_firm(db: None, nothing: None, admins: Browser) -> None:
    page = text(admins.get(OVERVIEW))

    assert "0 av 9 fullført" in page
    following = checklist(now=timezone.now()).next
    assert following is not None
    assert following.name == "firm"


def test_steps_are_done_when_what_they_are_about_is_there(
    in_use: VendorKey, bakeren: Client, leder: User, admins: Browser, now: datetime
) -> None:
    Firm.objects.create(orgnr="310495921", name="Firmaet")
    user = SystemUser.objects.create(name="Alt", owner_orgnr="310495921", external_ref="alt")
    access = Access.objects.create(system_user=user, party=bakeren.parties.get(), found_at=now)

    def done() -> set[str]:
        return {step.name for step in checklist(now=now).steps if step.is_done}

    others = {"firm", "maskinporten", "system-users", "clients", "adding", "responsibles", "staff"}
    assert done() == others
    page = text(admins.get(OVERVIEW))
    assert "1 av 1 klienter kan leses" in page
    assert "0 av 1 enheter er hentet" in page
    access.loaded_at = now
    access.save()
    assert done() == {*others, "reading"}


def test_what_cannot_be_counted_is_said_and_taken_back(admins: Browser, admin: User) -> None:
    there = reverse("clients:setup-step", args=["staff"])
    admins.post(there)
    assert Firm.get().passed == ["staff"]
    assert "Ikke fullført likevel" in text(admins.get(OVERVIEW))

    admins.post(there, {"gjenstar": "1"})

    assert Firm.get().passed == []
    assert AuditEntry.objects.filter(actor=admin).count() == 2


def test_what_can_be_counted_is_not_taken_on_somebodys_word(admins: Browser) -> None:
    admins.post(reverse("clients:setup-step", args=["firm"]))

    assert Firm.get().passed == []


def test_the_card_is_put_away_and_brought_back(admins: Browser) -> None:
    there = reverse("clients:setup-card")
    admins.post(there)
    assert "av 9 fullført" not in text(admins.get(HOME))
    assert "Vis kortet" in text(admins.get(OVERVIEW))

    admins.post(there, {"vis": "1"})

    assert "av 9 fullført" in text(admins.get(HOME))


def test_the_firm_is_looked_up_before_it_is_taken(
    world: dict[str, Any], admins: Browser, admin: User
) -> None:
    orgnr, name = world["firm"]["orgnr"], world["firm"]["name"].upper()
    page = text(admins.get(FIRM, {"orgnr": f"{orgnr[:3]} {orgnr[3:6]} {orgnr[6:]}"}))
    assert escape(name) in page
    assert "Dette er firmaet" in page
    assert not Firm.objects.exists()

    admins.post(FIRM, {"orgnr": orgnr})

    firm = Firm.get()
    assert (firm.orgnr, firm.name) == (orgnr, name)
    assert firm.snapshot is not None
    assert AuditEntry.objects.filter(act="firm set", actor=admin).exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("923609017", "Kontrollsifferet stemmer ikke"),
        ("12345", "Skriv ni siffer"),
        ("01017012345", "Skriv aldri et fødselsnummer"),
    ],
)
def test_a_mistyped_number_is_explained(
    typed: str, said: str, world: dict[str, Any], admins: Browser
) -> None:
    page = text(admins.get(FIRM, {"orgnr": typed}))

    assert said in page
    assert "Dette er firmaet" not in page


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("deleted", "er slettet i Enhetsregisteret"),
        ("removed", "er fjernet fra registeret"),
        ("sub-unit", "er en underenhet"),
    ],
)
def test_a_number_that_cannot_own_is_explained_and_not_taken(
    fault: str, said: str, world: dict[str, Any], altinn: Altinn, admins: Browser
) -> None:
    orgnr = next(row["orgnr"] for row in altinn.get("/onboarding") if row["fault"] == fault)

    page = text(admins.get(FIRM, {"orgnr": orgnr}))
    refused = admins.post(FIRM, {"orgnr": orgnr, "name": "Likevel"})

    assert said in page
    assert refused.status_code == 422
    assert not Firm.objects.exists()
    assert ("Slå opp hovedenheten" in page) == (fault == "sub-unit")


def test_an_unknown_number_is_a_warning_in_test_and_an_error_for_real(
    world: dict[str, Any],
    altinn: Altinn,
    admins: Browser,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = altinn.get("/onboarding")
    orgnr = next(row["orgnr"] for row in rows if row["fault"] == "unknown-number")
    assert "I testmiljøet" in text(admins.get(FIRM, {"orgnr": orgnr}))
    assert admins.post(FIRM, {"orgnr": orgnr}).status_code == 422
    monkeypatch.setattr("clients.setup.firm.PRODUCTION", settings.ALTINN)
    assert "kjenner ikke nummeret" in text(admins.get(FIRM, {"orgnr": orgnr}))
    assert admins.post(FIRM, {"orgnr": orgnr, "name": "Mitt"}).status_code == 422
    monkeypatch.setattr("clients.setup.firm.PRODUCTION", PRODUCTION)

    admins.post(FIRM, {"orgnr": orgnr, "name": "Prøvefirmaet"})

    assert (Firm.get().orgnr, Firm.get().name, Firm.get().checked_at) == (
        orgnr,
        "Prøvefirmaet",
        None,
    )


def test_a_register_that_is_away_is_not_in_the_way(
    world: dict[str, Any], altinn: Altinn, admins: Browser
) -> None:
    altinn.post("/faults", {"operation": "*", "status": 503, "times": 99})
    page = text(admins.get(FIRM, {"orgnr": world["firm"]["orgnr"]}))
    altinn.delete("/faults")

    assert "svarer ikke nå" in page
    assert 'name="name"' in page


@pytest.mark.parametrize("client_id", ["", "kort", "har mellomrom her", "<script>alert(1)"])
def test_a_client_id_that_is_none_is_refused(
    client_id: str, db: None, nothing: None, admins: Browser
) -> None:
    fields = {"client_id": client_id, "vendor_orgnr": "310 495 921"}

    page = admins.post(reverse("clients:setup-maskinporten"), fields)

    assert page.status_code == 422
    assert not VendorClient.objects.exists()
