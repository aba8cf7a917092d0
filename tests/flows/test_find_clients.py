"""An administrator finds the firm's clients and imports a list, with a real web and worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from clients.finding import sheets
from clients.models import Candidate, Client, Firm
from staff.models import User
from tests.flows.conftest import Redis
from tests.flows.setting_up import log_in, upload
from tests.processes import Processes, processes
from tests.stand_in import Altinn

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(240),
]


@pytest.fixture
def running(altinn: Altinn, redis: Redis) -> Iterator[Processes]:
    """Web and worker beside a firm with 80 clients, and nothing registered of them."""
    altinn.reset("onboarding", clients=80, dialogs=80)
    firm = altinn.credentials()["firm"]
    Firm.objects.create(orgnr=firm["orgnr"], name=firm["name"])
    with processes(altinn, REDIS_URL=redis.url) as found:
        found.start_web()
        found.start_worker()
        yield found


def test_clients_are_found_and_a_list_is_imported(
    running: Processes, altinn: Altinn, admin: User, page: Page, tmp_path: Path
) -> None:
    log_in(page, running.url, admin)
    page.goto(f"{running.url}/klienter/")

    found = find(page, running.url)
    import_rest(page, running.url, altinn, tmp_path, already=found)


def find(page: Page, url: str) -> set[str]:
    """Search, leave, come back, and register two; return their numbers."""
    page.get_by_role("link", name="Finn klienter").click()
    page.get_by_role("button", name="Finn klientene våre").click()
    page.goto(f"{url}/klienter/")
    page.goto(f"{url}/klienter/finn/")
    expect(page.get_by_role("button", name="Søk på nytt")).to_be_visible(timeout=30_000)
    page.get_by_role("navigation", name="Tilstander").get_by_role("link", name="Konkurs").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody")).to_contain_text("bostyreren avgjør")

    page.get_by_role("link", name="Klar til å legges til").click()
    boxes = page.get_by_role("checkbox")
    picked = {boxes.nth(place).get_attribute("value") or "" for place in (0, 1)}
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.get_by_role("button", name="Registrer de valgte").click()
    expect(page.get_by_text("2 klienter er registrert.")).to_be_visible()
    assert set(Client.objects.values_list("orgnr", flat=True)) == picked
    assert Candidate.objects.filter(orgnr__in=picked).count() == 2
    return picked


def import_rest(page: Page, url: str, altinn: Altinn, folder: Path, *, already: set[str]) -> None:
    """Upload the firm's own list as Excel: 80 clients, two of which are none, and two are here."""
    rows = altinn.get("/onboarding", all=1)
    odd = {row["fault"]: row["orgnr"] for row in rows}
    page.goto(f"{url}/klienter/import/")
    upload(page, rows, folder)
    bad = already | {odd[key] for key in ("deleted", "removed", "sub-unit", "unknown-number")}
    good = len(rows) - len(bad)
    accept = page.get_by_role("button", name=f"Importer {good} klienter")
    expect(accept).to_be_visible(timeout=30_000)
    expect(page.locator("tbody tr")).to_have_count(len(bad))
    assert Client.objects.count() == 2

    with page.expect_download() as begun:
        page.get_by_role("link", name="Last ned som CSV").click()
    assert {row[1][0] for row in sheets.read(begun.value.path().read_bytes())[1:]} == bad

    accept.click()
    expect(page.get_by_text(f"{good} klienter er registrert.")).to_be_visible(timeout=30_000)
    assert Client.objects.count() == 2 + good
