"""What an administrator does in the set-up, and what the firm's manager does at Altinn."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from clients.models import VendorKey
from staff import tables
from staff.models import User
from tests.stand_in import Altinn

PASSWORD = "long-enough-for-a-test"


def log_in(page: Page, url: str, user: User) -> None:
    user.set_password(PASSWORD)
    user.save()
    page.goto(url)
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/hjem/**")


def say_who_the_firm_is(page: Page, orgnr: str) -> None:
    page.get_by_role("link", name="Legg inn firmaet").click()
    page.get_by_role("textbox", name="Organisasjonsnummer").fill(orgnr)
    page.get_by_role("button", name="Slå opp").click()
    page.get_by_role("button", name="Dette er firmaet").click()
    expect(page.get_by_text("1 av 9 fullført")).to_be_visible()


def set_up_maskinporten(page: Page, altinn: Altinn, client_id: str, vendor: str) -> None:
    page.get_by_role("link", name="Sett opp Maskinporten").click()
    page.get_by_label("Klient-ID").fill(client_id)
    page.get_by_label("Leverandørens organisasjonsnummer").fill(vendor)
    page.get_by_role("button", name="Lagre klienten").click()
    page.get_by_role("button", name="Lag nøkkel i portalen").click()
    page.get_by_role("button", name="Prøv nøkkelen").click()
    expect(page.get_by_role("alert")).to_contain_text("MP-")  # nobody has registered it yet
    public = json.loads(page.locator(".setup-key").inner_text())
    assert "d" not in public
    altinn.post("/keys", public)
    page.get_by_role("button", name="Prøv nøkkelen").click()
    expect(page.get_by_text("Nøkkelen virker, og klienten har alle scopene.")).to_be_visible()
    assert VendorKey.objects.get().state == VendorKey.State.CURRENT
    page.get_by_role("navigation").get_by_role("link", name="Oppsett").first.click()


def register_the_system(page: Page, *more_packages: str) -> None:
    page.get_by_role("link", name="Registrer systemet").click()
    for package in more_packages:
        page.get_by_label(package, exact=True).check()
    page.get_by_role("button", name="Registrer i Altinn").click()
    expect(page.get_by_text("Systemet er registrert i Altinn.")).to_be_visible()


def ask_for_a_system_user(page: Page, area: str, *only: str) -> None:
    """Ask for an agent of one service area; its packages are an accountant's unless others are."""
    page.get_by_role("link", name="Ny forespørsel").click()
    page.get_by_label("Fagområde").select_option(area)
    if only:
        for box in page.get_by_role("checkbox", name="Regnskapsfører").all():
            box.uncheck()
    for package in only:
        page.get_by_label(package, exact=True).check()
    page.get_by_role("button", name="Send forespørselen til Altinn").click()
    expect(page.get_by_text("Venter på godkjenning")).to_be_visible()


def approve_as_the_manager(page: Page) -> None:
    """Approve in a tab of its own; the page that waits finds out by itself."""
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Åpne i Altinn").click()
    altinns = opened.value
    altinns.get_by_role("button", name="Godkjenn").click()
    altinns.wait_for_url("**/oppsett/systembrukere/**")
    altinns.close()
    expect(page.get_by_text("Godkjent", exact=True)).to_be_visible(timeout=20_000)


def upload(page: Page, rows: list[dict[str, Any]], folder: Path) -> None:
    """Have the portal look over the firm's own list, as Excel."""
    file = folder / "klienter.xlsx"
    cells = [[row["orgnr"], "7"] for row in rows]
    file.write_bytes(b"".join(tables.as_xlsx("x", ["Org.nr.", "Kundenr."], cells)))
    page.get_by_label("Fil", exact=True).set_input_files(file)
    page.get_by_role("button", name="Se over listen").click()
