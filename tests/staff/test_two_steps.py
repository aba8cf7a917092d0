"""A password alone leads nowhere where the firm asks for two steps."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings

from staff.models import User

LOGIN, HOME = reverse("account_login"), reverse("dialogs:home")
STEPS = reverse("mfa_index")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_in_earnest")]


def log_in(user: User, password: str, browser: Browser | None = None) -> tuple[Browser, Any]:
    browser = browser or Browser()
    return browser, browser.post(LOGIN, {"login": user.email, "password": password})


def code_of(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def take_up_app(browser: Browser) -> str:
    """Set up a code app; return its secret."""
    page = browser.get(reverse("mfa_activate_totp")).content.decode()
    found = re.search(r'id="nokkel"[^>]*>([A-Z2-7]+)<', page)
    assert found
    answer = browser.post(reverse("mfa_activate_totp"), {"code": code_of(found[1])})
    assert answer.status_code == 302, answer.content.decode()
    return found[1]


def test_without_a_second_step_one_can_only_set_it_up_or_leave(
    kari: User, karis_password: str
) -> None:
    browser, answer = log_in(kari, karis_password)

    assert answer["Location"] == reverse("dialogs:start")
    for address in (HOME, reverse("dialogs:inbox"), reverse("dialogs:profile")):
        assert browser.get(address)["Location"] == STEPS
    assert browser.post(reverse("dialogs:density"))["Location"] == STEPS
    part = browser.get(HOME, headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (200, STEPS)
    assert "Firmaet krever" in browser.get(STEPS).content.decode()
    assert browser.post(reverse("account_logout")).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_with_a_code_app_set_up_the_way_is_open_and_next_time_its_code_is_asked(
    kari: User, karis_password: str
) -> None:
    browser, _ = log_in(kari, karis_password)
    secret = take_up_app(browser)

    assert browser.get(HOME).status_code == 200

    other, answer = log_in(kari, karis_password)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert other.get(HOME)["Location"].startswith(LOGIN)
    wrong = other.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "Koden stemmer ikke" in wrong.content.decode()
    assert other.post(reverse("mfa_authenticate"), {"code": code_of(secret)}).status_code == 302
    assert other.get(HOME).status_code == 200


def test_a_recovery_code_works_once(kari: User, karis_password: str) -> None:
    browser, _ = log_in(kari, karis_password)
    take_up_app(browser)
    page = browser.get(reverse("mfa_view_recovery_codes")).content.decode()
    codes = re.findall(r"<code>(\w+)</code>", page)
    assert len(codes) == 10

    for expected in (302, 200):
        other, _ = log_in(kari, karis_password)
        answer = other.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert answer.status_code == expected


def test_a_session_from_before_the_step_was_set_up_does_not_pass(
    kari: User, karis_password: str
) -> None:
    early, _ = log_in(kari, karis_password)
    browser, _ = log_in(kari, karis_password)
    take_up_app(browser)

    assert early.get(HOME)["Location"] == STEPS


def test_the_last_step_is_not_given_up_while_the_firm_asks_for_one(
    kari: User, karis_password: str, settings: Settings
) -> None:
    browser, _ = log_in(kari, karis_password)
    take_up_app(browser)

    refused = browser.post(reverse("mfa_deactivate_totp"))
    assert "Firmaet krever" in refused.content.decode()
    assert get_adapter().is_mfa_enabled(kari)

    settings.TWO_STEP_ROLES = frozenset({"ADMIN"})
    assert browser.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert not Authenticator.objects.exists()


def test_the_policy_is_by_role(kari: User, karis_password: str, settings: Settings) -> None:
    settings.TWO_STEP_ROLES = frozenset({"ADMIN", "MANAGER"})
    browser, _ = log_in(kari, karis_password)
    assert browser.get(HOME).status_code == 200

    User.objects.filter(pk=kari.pk).update(role="MANAGER")
    assert browser.get(HOME)["Location"] == STEPS


def test_no_secret_of_a_code_app_can_be_read_in_the_database(
    kari: User, karis_password: str
) -> None:
    browser, _ = log_in(kari, karis_password)
    secret = take_up_app(browser)

    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        kept = "".join(row[0] for row in cursor.fetchall())
    assert secret not in kept
    assert get_adapter().decrypt(Authenticator.objects.get(type="totp").data["secret"]) == secret


def test_wrong_passwords_are_counted_and_then_not_even_the_right_one_helps(
    kari: User, ola: User, karis_password: str
) -> None:
    for _ in range(5):
        log_in(kari, "feil")

    browser, answer = log_in(kari, karis_password)
    assert "For mange forsøk" in answer.content.decode()
    assert browser.get(HOME)["Location"].startswith(LOGIN)
    _, answer = log_in(ola, "feil")  # others from the same office are not held back
    assert "stemmer ikke" in answer.content.decode()


def test_whether_there_is_an_account_is_not_told(kari: User, karis_password: str) -> None:
    nobody = Browser().post(LOGIN, {"login": "ingen@firmaet.invalid", "password": "feil"})
    _, somebody = log_in(kari, "feil")

    said = "E-postadressen eller passordet stemmer ikke."
    assert said in nobody.content.decode()
    assert said in somebody.content.decode()


def test_codes_are_counted_too(kari: User, karis_password: str) -> None:
    browser, _ = log_in(kari, karis_password)
    secret = take_up_app(browser)
    other, _ = log_in(kari, karis_password)
    for _ in range(5):
        other.post(reverse("mfa_authenticate"), {"code": "000000"})

    answer = other.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert "For mange forsøk" in answer.content.decode()


def test_without_redis_people_still_get_in(
    kari: User, karis_password: str, settings: Settings
) -> None:
    settings.TWO_STEP_ROLES = frozenset()
    gone = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": gone}

    browser, answer = log_in(kari, karis_password)

    assert answer.status_code == 302
    assert browser.get(HOME).status_code == 200


def test_other_sessions_are_listed_and_ended(
    kari: User, karis_password: str, settings: Settings
) -> None:
    settings.TWO_STEP_ROLES = frozenset()
    here, _ = log_in(kari, karis_password, Browser(headers={"user-agent": "Nettleser A"}))
    there, _ = log_in(kari, karis_password, Browser(headers={"user-agent": "Nettleser B"}))
    page = here.get(reverse("usersessions_list")).content.decode()
    assert "Nettleser A" in page
    assert "Nettleser B" in page

    here.post(reverse("usersessions_list"))

    assert here.get(HOME).status_code == 200
    assert there.get(HOME)["Location"].startswith(LOGIN)


class TestActsThatAskAnew:
    """`needs_recent_login`, as «Ansatte» has it."""

    @pytest.fixture
    def admins(self, admin: User, settings: Settings) -> Browser:
        settings.TWO_STEP_ROLES = frozenset()
        admin.set_password("et langt nok passord")
        admin.save()
        browser, _ = log_in(admin, "et langt nok passord")
        return browser

    def pass_time(self, browser: Browser, *, minutes: int) -> None:
        session = browser.session
        for record in session["account_authentication_methods"]:
            record["at"] = time.time() - minutes * 60
        session.save()

    def test_soon_after_the_log_in_nothing_is_asked(self, admins: Browser) -> None:
        self.pass_time(admins, minutes=14)
        assert admins.get(reverse("dialogs:person-invite")).status_code == 200

    def test_later_the_password_is_asked_for_and_the_form_is_not_lost(
        self, admins: Browser, kari: User
    ) -> None:
        self.pass_time(admins, minutes=16)
        address = reverse("dialogs:person", args=[kari.pk])
        wanted = {"first_name": "Kari", "last_name": "Berntsen", "role": "MANAGER"}

        asked = admins.post(address, wanted)
        assert asked["Location"].startswith(reverse("account_reauthenticate"))
        kari.refresh_from_db()
        assert kari.role == "ACCOUNTANT"

        wrong = admins.post(asked["Location"], {"password": "feil", "next": address})
        assert "Passordet stemmer ikke" in wrong.content.decode()
        admins.post(asked["Location"], {"password": "et langt nok passord", "next": address})
        kari.refresh_from_db()
        assert (kari.role, kari.last_name) == ("MANAGER", "Berntsen")
