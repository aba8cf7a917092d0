"""Getting in and out as people do: with a code app, a passkey, and a provider."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from staff.models import User
from tests.dialogs.conftest import PORTAL, is_at_rest
from tests.processes import Processes, database_url
from tests.staff.provider import setting, started
from tests.staff.test_two_steps import code_of
from tests.stand_in import wait_until

PASSWORD = "riktig hest batteri stift"

pytestmark = pytest.mark.browser


@pytest.fixture
def portal(transactional_db: None) -> Iterator[Processes]:
    """The portal with a firm's policies and a provider. Browsers take passkeys on localhost."""
    with tempfile.TemporaryDirectory() as folder:
        running = Processes(
            {
                "DATABASE_URL": database_url(),
                "REDIS_URL": settings.REDIS_URL,
                "SECRET_KEY": settings.SECRET_KEY,
                "PGAPPNAME": PORTAL,
                "TWO_STEP_ROLES": "ACCOUNTANT,MANAGER,ADMIN",
                "RECENT_LOGIN_MINUTES": "15",
            },
            Path(folder),
        )
        running.url = f"http://localhost:{running.port}"
        with started(running.url) as issuer:
            providers = json.dumps(setting(issuer, mfa_amr=["mfa"]))
            running.environment |= {
                "PUBLIC_URL": running.url,
                "OIDC_PROVIDERS": providers,
                "ISSUER": issuer,
            }
            try:
                running.start_web()
                yield running
            finally:
                running.kill_all()
                wait_until(is_at_rest)


@pytest.fixture
def karis_password(kari: User) -> str:
    kari.set_password(PASSWORD)
    kari.save()
    return PASSWORD


def log_in(page: Page, portal: Processes, user: User) -> None:
    page.goto(f"{portal.url}/konto/login/")
    page.get_by_label("E-postadresse").fill(user.email)
    page.get_by_label("Passord").fill(PASSWORD)
    page.get_by_role("button", name="Logg inn", exact=True).click()


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def is_in(page: Page, user: User) -> None:
    expect(page.locator("#meny .who")).to_contain_text(user.name)


def log_out(page: Page) -> None:
    page.locator("#meny").get_by_role("button", name="Logg ut").click()


def test_a_code_app_is_set_up_at_the_first_log_in_and_a_passkey_is_enough_alone(
    page: Page, portal: Processes, kari: User, karis_password: str
) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    kind = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": kind})

    log_in(page, portal, kari)
    heading(page, "Innlogging i to trinn")
    page.get_by_role("link", name="Ta i bruk en kodeapp").click()
    secret = page.locator("#nokkel").inner_text()
    page.get_by_label("Kode fra appen").fill(code_of(secret))
    page.get_by_role("button", name="Ta i bruk").click()
    heading(page, "Reservekoder")
    recovery = page.locator("#reservekoder code").first.inner_text()
    page.get_by_role("link", name="Jeg har tatt vare på dem").click()
    is_in(page, kari)

    log_out(page)
    log_in(page, portal, kari)
    heading(page, "Logg inn i to trinn")
    page.get_by_label("Kode fra appen, eller en reservekode").fill(recovery)
    page.get_by_role("button", name="Logg inn", exact=True).click()
    is_in(page, kari)

    page.goto(f"{portal.url}/konto/to-trinn/")
    page.get_by_role("link", name="Legg til en passnøkkel").click()
    page.get_by_role("button", name="Lag passnøkkelen").click()
    expect(page.get_by_text("Passnøkkelen er lagt til.")).to_be_visible()
    log_out(page)
    page.get_by_role("button", name="Logg inn med passnøkkel").click()
    is_in(page, kari)

    log_out(page)
    log_in(page, portal, kari)
    page.get_by_role("button", name="Bruk en passnøkkel").click()
    is_in(page, kari)


def come_by_provider(page: Page, portal: Processes, user: User) -> None:
    page.goto(f"{portal.url}/konto/login/")
    page.get_by_role("link", name="Logg inn med Firmaets konto").click()
    page.locator("[name=sub]").fill("kari-1")
    page.locator("[name=email]").fill(user.email)
    page.locator("[name=amr]").fill("mfa")
    page.get_by_role("button", name="Det er meg").click()


def test_with_a_provider_one_comes_in_and_a_log_out_on_either_side_is_one_on_both(
    page: Page, portal: Processes, kari: User
) -> None:
    come_by_provider(page, portal, kari)
    is_in(page, kari)
    page.goto(f"{portal.environment['ISSUER']}/session/end")
    page.get_by_role("button", name="Logg ut hos leverandøren").click()
    heading(page, "Ute hos leverandøren")
    page.goto(f"{portal.url}/hjem/")
    heading(page, "Logg inn")

    come_by_provider(page, portal, kari)
    is_in(page, kari)
    log_out(page)
    page.get_by_role("button", name="Logg ut hos leverandøren").click()
    heading(page, "Logg inn")
    page.get_by_role("link", name="Logg inn med Firmaets konto").click()
    expect(page.get_by_role("button", name="Det er meg")).to_be_visible()  # it asks anew
