"""From an empty database to the first dialog on screen, as the firm's people do it.

The administrator and the manager who approves are played in a browser; what beat would ring for is
rung for here. Two ways in: an agent with the firm's 200 clients, and a client's own system user.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from clients import tasks as clients_tasks
from clients.models import Candidate, Client, SystemUserRequest
from clients.setup import tasks as setup_tasks
from dialogs import tasks
from staff.models import User
from tests.clients.finding.test_discovery import CONCLUSIONS
from tests.flows.conftest import Redis
from tests.flows.setting_up import (
    approve_as_the_manager,
    ask_for_a_system_user,
    log_in,
    register_the_system,
    say_who_the_firm_is,
    set_up_maskinporten,
    upload,
)
from tests.processes import Processes, processes
from tests.stand_in import Altinn, wait_until

CLIENTS = 200
MAIL = ("Ordinær post til virksomheten", "Post til virksomheten med taushetsbelagt innhold")
AGENTS: dict[str, tuple[str, ...]] = {"Hele innboksen": (), "Post": MAIL}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]

# What the import of the firm's own list says of those that it does not take.
NOT_IMPORTED = {
    "deleted": "slettet 30. september 2026",
    "removed": "fjernet fra Enhetsregisteret",
    "sub-unit": "underenhet",
    "unknown-number": "kjenner ikke nummeret",
}

# Level 4 is not a matter of packages: the search says that all is there, and the coverage page
# which services nobody but a person may open.
NOT_SEARCHED = {"", "level-four", *NOT_IMPORTED}


@pytest.fixture
def empty_portal(altinn: Altinn, redis: Redis) -> Iterator[Processes]:
    """Web and worker without a client, a key or anything else, beside a firm with 200 clients."""
    altinn.reset("onboarding", clients=CLIENTS, dialogs=CLIENTS)
    nothing = {"MASKINPORTEN_CLIENT_ID": "", "MASKINPORTEN_JWK": ""}
    with processes(altinn, REDIS_URL=redis.url, **nothing) as running:
        running.start_web()
        running.start_worker(at_once=2)
        yield running


def test_an_agent_with_two_hundred_clients(
    empty_portal: Processes, altinn: Altinn, admin: User, page: Page, tmp_path: Path
) -> None:
    url, rows = empty_portal.url, altinn.get("/onboarding", all=1)
    set_up(page, empty_portal, altinn, admin)
    for area, packages in AGENTS.items():
        ask_for_a_system_user(page, area, *packages)
        approve_as_the_manager(page)
        page.get_by_role("link", name="Systembrukere for firmaet").click()
    find_and_register(page)
    import_the_rest(page, rows, tmp_path)

    page.get_by_role("link", name="Legg dem til systembrukerne").click()
    connect_with_idporten(page)
    for run in [begin_to_add_all_to(page, area) for area in AGENTS]:
        see_it_finish(page, run)
    search_again(page)

    see_every_odd_one(page, rows)
    read_the_dialogs()
    see_the_first_dialog(page, url)
    see_what_wants_level_four(page, rows)


def test_a_client_that_owns_its_system_user(
    empty_portal: Processes, altinn: Altinn, admin: User, page: Page
) -> None:
    """One that has another accountant: it asks nobody but its own manager."""
    url = empty_portal.url
    odd = next(row for row in altinn.get("/onboarding") if row["fault"] == "no-role")
    letter = {"party": f"urn:altinn:organization:identifier-no:{odd['orgnr']}"}
    altinn.post("/dialogs", letter | {"template": "mva-ikke-levert", "title": "Send meldingen"})
    set_up(page, empty_portal, altinn, admin)
    page.goto(f"{url}/klienter/ny/")
    page.get_by_role("textbox", name="Organisasjonsnummer").fill(odd["orgnr"])
    page.get_by_role("textbox", name="Navn").fill("Klienten AS")
    page.get_by_role("main").locator("form button[type=submit]").last.click()

    ask_the_client(page, url, "Klienten AS")
    approve_as_the_client(page)
    setup_tasks.follow_requests()
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("Godkjent")
    read_the_dialogs()

    see_the_first_dialog(page, url)
    expect(page.get_by_role("link", name="Send meldingen")).to_be_visible()


def ask_the_client(page: Page, url: str, name: str) -> None:
    page.goto(f"{url}/klienter/legg-til/")
    page.get_by_role("link", name="Spør klientene").click()
    page.get_by_role("link", name="Spør flere klienter").click()
    page.get_by_label("Merverdiavgift").check()
    page.get_by_label(name).check()
    page.get_by_role("button", name="Spør de valgte").click()
    expect(page.get_by_text("1 forespørsel sendes til Altinn.")).to_be_visible()
    wait_until(SystemUserRequest.objects.filter(status="NEW", confirm_url__gt="").exists)
    page.reload()


def approve_as_the_client(page: Page) -> None:
    """The client's manager knows nothing of the portal: they have the address, by e-mail."""
    address = page.get_by_role("link", name="Adressen for godkjenning").get_attribute("href")
    browser = page.context.browser
    assert address is not None
    assert browser is not None
    theirs = browser.new_page(locale="nb-NO")
    theirs.goto(address)
    theirs.get_by_role("button", name="Godkjenn").click()
    expect(theirs.get_by_role("heading", name="Takk")).to_be_visible()
    theirs.close()


def find_and_register(page: Page) -> None:
    """Let the portal find the clients, and register those that can be added."""
    page.get_by_role("navigation").get_by_role("link", name="Oppsett").first.click()
    next_step(page, "Finn klientene").get_by_role("link", name="Finn klienter").click()
    page.get_by_role("button", name="Finn klientene våre").click()
    expect(page.get_by_role("button", name="Søk på nytt")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Klar til å legges til").click()
    page.get_by_role("button", name="Registrer alle").click()
    expect(page.get_by_text("klienter er registrert.")).to_be_visible(timeout=30_000)


def next_step(page: Page, title: str) -> Locator:
    step = page.locator("[aria-current=step]")
    expect(step).to_contain_text(title)
    return step


def import_the_rest(page: Page, rows: list[dict[str, Any]], folder: Path) -> None:
    """Take the firm's own list: it has clients that no register gives, and wrong lines."""
    page.get_by_role("link", name="Importer klienter").click()
    upload(page, rows, folder)
    accept = page.get_by_role("button", name="Importer 5 klienter")
    expect(accept).to_be_visible(timeout=30_000)
    odd = {row["fault"]: row["orgnr"] for row in rows}
    for fault, says in NOT_IMPORTED.items():
        line = page.get_by_role("row").filter(has_text=odd[fault])
        expect(line).to_contain_text(says)
    accept.click()
    expect(page.get_by_text("5 klienter er registrert.")).to_be_visible(timeout=30_000)


def connect_with_idporten(page: Page) -> None:
    page.get_by_role("link", name="Koble til med ID-porten").click()
    page.get_by_role("button", name="Logg inn").click()
    expect(page.get_by_text("Du er koblet til med ID-porten. Klientlistene")).to_be_visible()
    expect(page.get_by_text("kan legges til.")).to_have_count(2, timeout=20_000)


def begin_to_add_all_to(page: Page, area: str) -> str:
    """Have the queue add every registered client to an agent; return where to follow it."""
    page.get_by_role("main").get_by_role("link", name=area, exact=True).click()
    page.get_by_role("button", name="registrerte klienter").click()
    page.get_by_label("Tempo").select_option("600")
    page.get_by_role("button", name="Begynn").click()
    expect(page.get_by_role("button", name="Sett på pause")).to_be_visible()
    run = page.url
    page.get_by_role("link", name=area, exact=True).click()
    page.get_by_role("link", name="Legg til klienter").click()
    return run


def see_it_finish(page: Page, run: str) -> None:
    """Come back to a queue; it ends by itself, and says which client Altinn refused."""
    page.goto(run)
    done = page.get_by_role("region").get_by_text("Ferdig", exact=True)
    expect(done).to_be_visible(timeout=100_000)
    expect(page.get_by_role("main")).to_contain_text("AUTH-00069")


def search_again(page: Page) -> None:
    page.get_by_role("link", name="Klienter", exact=True).first.click()
    page.get_by_role("link", name="Finn klienter").click()
    page.get_by_role("button", name="Søk på nytt").click()
    expect(page.locator("#fremdrift")).to_have_count(0, timeout=30_000)


def see_every_odd_one(page: Page, rows: list[dict[str, Any]]) -> None:
    """Read on screen what is said of each of the clients that lack something."""
    wrong = []
    for row in rows:
        if row["fault"] in NOT_SEARCHED:
            continue
        state, says = CONCLUSIONS[row["fault"]]
        page.get_by_role("searchbox").first.fill(row["orgnr"])
        page.get_by_role("searchbox").first.press("Enter")
        page.wait_for_url(f"**q={row['orgnr']}**")
        said = page.locator("tbody tr").all_inner_texts()
        if len(said) != 1 or str(state.label) not in said[0] or says not in said[0]:
            wrong.append((row["fault"], said))
    assert wrong == []
    assert not Candidate.objects.filter(state__in=["READY", ""]).exists()


def read_the_dialogs() -> None:
    """Ring for what beat rings for every half minute, and wait until the workers are done."""
    clients_tasks.keep_parties_in_step()
    tasks.load_new()
    tasks.read_names()


def see_what_wants_level_four(page: Page, rows: list[dict[str, Any]]) -> None:
    """The services are on the coverage page, and lead to the dialogs of the one that has them."""
    page.get_by_role("navigation").get_by_role("link", name="Dekning").first.click()
    services = page.get_by_role("region", name="Tjenester på nivå 4")
    expect(services).to_contain_text("en person må logge inn i Altinn for å åpne dem")
    services.get_by_role("link").first.click()
    odd = next(row for row in rows if row["fault"] == "level-four")
    name = Client.objects.get(orgnr=odd["orgnr"]).name
    expect(page.get_by_role("main").get_by_text(name).first).to_be_visible()


def see_the_first_dialog(page: Page, url: str) -> None:
    """Nothing but the row is looked at: opening it would ask Altinn for its details."""
    page.goto(f"{url}/innboks/")
    expect(page.get_by_role("main").locator("a.title").first).to_be_visible()


def set_up(page: Page, portal: Processes, altinn: Altinn, admin: User) -> None:
    """From the firm's number to a system that is registered, and on to its system users."""
    world = altinn.credentials()
    log_in(page, portal.url, admin)
    say_who_the_firm_is(page, world["firm"]["orgnr"])
    set_up_maskinporten(page, altinn, world["client_id"], world["vendor_orgnr"])
    register_the_system(page, *MAIL, "Merverdiavgift")
    page.get_by_role("link", name="Be om systembruker").click()
