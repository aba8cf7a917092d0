"""From Altinn's push to the accountant's screen, through everything we own."""

import pytest
from playwright.sync_api import Page, expect

from clients.models import SystemUser
from staff.models import User
from tests.dialogs.ingest.test_full_sync import theirs
from tests.processes import Processes
from tests.stand_in import Altinn

PASSWORD = "long-enough-for-a-test"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(240),
]


def test_a_pushed_dialog_is_on_the_screen_without_a_reload(
    portal: Processes, altinn: Altinn, agent: SystemUser, leder: User, page: Page
) -> None:
    leder.set_password(PASSWORD)
    leder.save()
    known = theirs(altinn, agent)[0]
    page.goto(portal.url)
    page.fill("input[name=login]", leder.email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/hjem/**")
    page.goto(page.url.replace("/hjem/", "/innboks/"))
    loads: list[str] = []
    page.on("load", lambda loaded: loads.append(loaded.url))

    altinn.post(
        "/dialogs",
        {
            "party": known["party"],
            "resource": known["service"],
            "title": "Varsel om tvangsmulkt som nettopp kom",
            "status": "RequiresAttention",
            "dueAt": "2020-01-01T12:00:00Z",
        },
    )

    row = page.get_by_role("link", name="Varsel om tvangsmulkt som nettopp kom")
    expect(row).to_be_visible(timeout=60_000)
    assert loads == []
    assert altinn.counts()["details"] == 0
