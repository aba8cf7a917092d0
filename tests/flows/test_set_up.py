"""A firm that has nothing: from its number to a system user that reads, as people do it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from clients.models import SystemUser
from staff.models import User
from tests.flows.conftest import Redis
from tests.flows.setting_up import (
    approve_as_the_manager,
    ask_for_a_system_user,
    log_in,
    register_the_system,
    say_who_the_firm_is,
    set_up_maskinporten,
)
from tests.processes import Processes, processes
from tests.stand_in import Altinn, wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(240),
]


@pytest.fixture
def empty_portal(altinn: Altinn, redis: Redis) -> Iterator[Processes]:
    """Web and worker without a client, a key or anything else, beside a firm with 80 clients."""
    altinn.reset("onboarding", clients=80, dialogs=80)
    nothing = {"MASKINPORTEN_CLIENT_ID": "", "MASKINPORTEN_JWK": ""}
    with processes(altinn, REDIS_URL=redis.url, **nothing) as running:
        running.start_web()
        running.start_worker()
        yield running


def test_from_the_firms_number_to_a_system_user_that_reads(
    empty_portal: Processes, altinn: Altinn, admin: User, page: Page
) -> None:
    world = altinn.credentials()

    log_in(page, empty_portal.url, admin)
    say_who_the_firm_is(page, world["firm"]["orgnr"])
    set_up_maskinporten(page, altinn, world["client_id"], world["vendor_orgnr"])
    register_the_system(page)
    page.get_by_role("link", name="Be om systembruker").click()
    ask_for_a_system_user(page, "Post")
    approve_as_the_manager(page)

    expect(page.get_by_role("link", name="Finn klienter")).to_be_visible()
    read = SystemUser.objects.filter(external_ref="post", parties_read_at__isnull=False)
    wait_until(read.exists)
    page.goto(f"{empty_portal.url}/oppsett/")
    expect(page.get_by_text("4 av 9 fullført")).to_be_visible()
    expect(page.locator("[aria-current=step]")).to_contain_text("Finn klientene")
