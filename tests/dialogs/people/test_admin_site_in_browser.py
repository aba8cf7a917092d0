"""The admin site in a browser: its styles and scripts are let through, and nothing complains."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse
from playwright.sync_api import Page, expect

from staff.models import Team, User
from tests.dialogs.conftest import PORTAL
from tests.processes import Processes, processes
from tests.stand_in import Altinn

PASSWORD = "et langt passord til drift"

pytestmark = pytest.mark.browser


@pytest.fixture
def portal(transactional_db: None, altinn: Altinn) -> Iterator[Processes]:
    """The portal, which asks for the password again."""
    with processes(altinn, PGAPPNAME=PORTAL, RECENT_LOGIN_MINUTES="15") as running:
        running.start_web()
        yield running


def test_a_superuser_confirms_finds_a_colleague_and_renames_a_team(
    page: Page, portal: Processes, kari: User, ola: User, logged_in: Callable[[User], Browser]
) -> None:
    drift = User.objects.create_superuser("drift@firmaet.invalid", PASSWORD)
    team = Team.objects.create(name="Lønm")
    cookie = settings.SESSION_COOKIE_NAME
    session = logged_in(drift).cookies[cookie].value
    page.context.add_cookies([{"name": cookie, "value": session, "url": portal.url}])

    page.goto(portal.url + reverse("admin:index"))
    page.get_by_label("Passord").fill(PASSWORD)
    page.get_by_role("button", name="Fortsett").click()
    expect(page.locator("#site-name")).to_have_text("Regnskapsportalen")
    page.locator(".theme-toggle").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("#header")).to_have_css("display", "flex")

    page.locator(f"#content-main a[href='{reverse('admin:staff_user_changelist')}']").first.click()
    expect(page.locator("#result_list tbody tr")).to_have_count(3)
    page.locator("#searchbar").fill("kari")
    page.locator("#changelist-search [type=submit]").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    page.locator("#result_list tbody tr a").click()
    expect(page.locator(".field-last_name")).to_contain_text(kari.last_name)

    page.goto(portal.url + reverse("admin:staff_team_change", args=[team.pk]))
    page.locator("#id_name").fill("Lønn")
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist .success")).to_contain_text("Lønn")
    team.refresh_from_db()
    assert team.name == "Lønn"
