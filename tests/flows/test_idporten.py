"""A person connects with ID-porten and logs out of it, in a browser."""

import pytest
from playwright.sync_api import Page, expect

from clients.models import PersonConnection
from staff.models import User
from tests.flows.setting_up import log_in
from tests.processes import processes
from tests.stand_in import Altinn


@pytest.mark.browser
def test_connecting_and_logging_out(
    transactional_db: None, altinn: Altinn, admin: User, page: Page
) -> None:
    with processes(altinn) as portal:
        portal.start_web()
        log_in(page, portal.url, admin)
        page.goto(f"{portal.url}/id-porten/")
        page.get_by_role("link", name="Koble til med ID-porten").click()
        page.get_by_role("button", name="Logg inn").click()
        expect(page.get_by_text("Du er koblet til med ID-porten.")).to_be_visible()
        assert PersonConnection.objects.get().user == admin

        page.goto(f"{portal.url}/id-porten/")
        page.get_by_role("button", name="Koble fra og logg ut av ID-porten").click()
        page.wait_for_url(f"{portal.url}/id-porten/")  # by way of ID-porten
        expect(page.get_by_role("link", name="Koble til med ID-porten")).to_be_visible()
        expect(page.locator("#meny .who")).to_contain_text(admin.name)  # still logged in here
        assert not PersonConnection.objects.exists()
