"""Log in with a provider: a certified one, over HTTP. Nobody gets in whom nobody invited."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings

from portal import providers
from staff.models import AuditEntry, ProviderSession, User
from tests.staff.provider import Person, setting, signed, started

HOME, LOGIN = reverse("dialogs:home"), reverse("account_login")
ENDED = reverse("openid_connect_ended", args=["firmaet"])

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_in_earnest")]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with started("http://testserver") as issuer:
        yield issuer


def use(settings: Settings, issuer: str, **more: Any) -> None:
    found = providers.read(json.dumps(setting(issuer, **more)))
    settings.OIDC_PROVIDERS = found
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"] | {"APPS": providers.as_apps(found)}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": apps}


@pytest.fixture
def at_firm(issuer: str, settings: Settings) -> str:
    use(settings, issuer, mfa_amr=["mfa"])
    return issuer


@pytest.fixture
def karis(kari: User, at_firm: str) -> Person:
    return Person("kari-1", "Kari@firmaet.invalid", amr="mfa")


def test_who_works_here_comes_in_and_is_known_by_her_number_from_then_on(
    karis: Person, kari: User
) -> None:
    assert karis.log_in()["Location"] == reverse("dialogs:start")
    assert karis.browser.get(HOME).status_code == 200
    assert SocialAccount.objects.get().uid == "kari-1"
    assert AuditEntry.objects.get(act="oidc connected").about == f"user {kari.pk}"

    again = Person("kari-1", "et.annet@navn.invalid", amr="mfa")
    again.log_in()
    assert again.browser.get(HOME).status_code == 200
    assert User.objects.count() == 1


def test_the_question_has_all_it_should_and_nothing_a_link_adds(karis: Person) -> None:
    leads = karis.begin("/konto/oidc/firmaet/login/?process=connect&auth_params=prompt%3Dnone")
    asked = parse_qs(urlsplit(leads).query)

    assert asked["code_challenge_method"] == ["S256"]
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert len(asked["nonce"][0]) > 30
    assert asked["state"]
    assert "prompt" not in asked


@pytest.mark.parametrize(
    ("sub", "email", "said"),
    [
        ("ukjent", "ukjent@firmaet.invalid", "yes"),
        ("tyv", "kari@firmaet.invalid", "no"),
    ],
)
def test_who_was_not_invited_does_not_come_in_and_gets_no_account(
    sub: str, email: str, said: str, kari: User, at_firm: str
) -> None:
    person = Person(sub, email, verified=said == "yes", amr="mfa")
    answer = person.log_in()

    assert answer.status_code == 403
    assert "Ingen som arbeider her" in answer.content.decode()
    assert person.browser.get(HOME)["Location"].startswith(LOGIN)
    assert list(User.objects.all()) == [kari]
    assert not SocialAccount.objects.exists()


def test_an_address_that_has_been_given_to_somebody_else_opens_nothing(karis: Person) -> None:
    karis.log_in()
    heir = Person("en-ny-kari", "kari@firmaet.invalid", amr="mfa")

    assert heir.log_in().status_code == 403
    assert heir.browser.get(HOME)["Location"].startswith(LOGIN)


def test_a_domain_the_provider_vouches_for_needs_no_claim(
    kari: User, issuer: str, settings: Settings
) -> None:
    use(settings, issuer, mfa_amr=["mfa"], vouches_for=["firmaet.invalid"])
    person = Person("kari-2", "kari@firmaet.invalid", verified=False, amr="mfa")
    person.log_in()
    assert person.browser.get(HOME).status_code == 200


def test_who_has_left_does_not_come_in(karis: Person, kari: User) -> None:
    karis.log_in()
    User.objects.filter(pk=kari.pk).update(is_active=False)
    assert karis.browser.get(HOME)["Location"].startswith(LOGIN)

    karis.log_in()

    assert karis.browser.get(HOME)["Location"].startswith(LOGIN)


@pytest.mark.parametrize(("amr", "leads_to"), [("mfa", None), ("pwd", "mfa_index")])
def test_the_providers_two_steps_count_when_it_says_they_were_taken(
    amr: str, leads_to: str | None, kari: User, at_firm: str
) -> None:
    person = Person("kari-3", "kari@firmaet.invalid", amr=amr)
    person.log_in()

    page = person.browser.get(HOME)
    assert page.get("Location") == (leads_to and reverse(leads_to))


def test_a_provider_trusted_for_it_need_not_say(
    kari: User, issuer: str, settings: Settings
) -> None:
    use(settings, issuer, is_mfa_trusted=True)
    person = Person("kari-4", "kari@firmaet.invalid")
    person.log_in()
    assert person.browser.get(HOME).status_code == 200


def test_another_browsers_answer_is_not_taken(karis: Person) -> None:
    back = karis.at_provider(karis.begin())
    thief = Browser()
    assert thief.get(back).status_code == 401
    assert thief.get(HOME)["Location"].startswith(LOGIN)


def test_an_answer_with_another_nonce_is_not_taken(karis: Person) -> None:
    leads = karis.begin()
    session = karis.browser.session
    for state, _, _ in session["socialaccount_states"].values():
        state["nonce"] = "en annen"
    session.save()

    answer = karis.browser.get(karis.at_provider(leads))

    assert answer.status_code == 403
    assert not SocialAccount.objects.exists()


def test_an_issuer_that_calls_itself_another_is_not_taken(
    kari: User, at_firm: str, settings: Settings
) -> None:
    use(settings, at_firm.replace("127.0.0.1", "localhost"))
    answer = Browser().get("/konto/oidc/firmaet/login/")
    assert answer.status_code in (401, 502)


def test_a_provider_that_is_away_is_told_in_words(kari: User, settings: Settings) -> None:
    use(settings, "http://127.0.0.1:9")
    answer = Browser().get("/konto/oidc/firmaet/login/")
    assert answer.status_code in (401, 502)
    assert "svarte ikke som ventet" in answer.content.decode()


def test_a_provider_nobody_has_set_up_is_not_found(kari: User, at_firm: str) -> None:
    for name in ("openid_connect_login", "openid_connect_callback"):
        assert Browser().get(reverse(name, args=["ukjent"])).status_code == 404
    assert Browser().post(reverse("openid_connect_ended", args=["ukjent"])).status_code == 404


def test_logging_out_leads_on_to_the_providers_log_out(karis: Person, settings: Settings) -> None:
    karis.log_in()
    answer = karis.browser.post(reverse("account_logout"))

    where = answer["Refresh"].removeprefix("0;url=")
    asked = parse_qs(urlsplit(where).query)
    claims = jwt.decode(asked["id_token_hint"][0], options={"verify_signature": False})
    assert claims["sub"] == "kari-1"
    assert asked["post_logout_redirect_uri"] == [f"{settings.PUBLIC_URL}{LOGIN}"]
    assert karis.browser.get(HOME)["Location"].startswith(LOGIN)


def test_no_token_of_the_providers_lies_readable_in_a_session(karis: Person) -> None:
    karis.log_in()
    kept = [str(one.get_decoded()) for one in Session.objects.all()]
    assert len(kept) >= 1
    assert not re.search(r"eyJ", "".join(kept))


class TestLogOutsBegunThere:
    """Without a browser, signed by the provider, once."""

    @pytest.fixture
    def claims(self, karis: Person, at_firm: str) -> dict[str, Any]:
        karis.log_in()
        return {
            "iss": at_firm,
            "aud": "portalen",
            "iat": int(time.time()),
            "jti": str(time.time_ns()),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            "sid": ProviderSession.objects.get().sid,
        }

    def hear(self, token: str) -> int:
        browser = Browser(enforce_csrf_checks=True)
        return int(browser.post(ENDED, {"logout_token": token}).status_code)

    def test_the_session_here_ends(self, karis: Person, kari: User, claims: dict[str, Any]) -> None:
        other = Person("kari-1", "kari@firmaet.invalid", amr="mfa")
        other.log_in()

        assert self.hear(signed(**claims)) == 200

        assert karis.browser.get(HOME)["Location"].startswith(LOGIN)
        assert other.browser.get(HOME).status_code == 200  # another session there
        assert AuditEntry.objects.get(act="logged out at provider").actor == kari

    def test_without_a_session_all_of_the_persons_end(
        self, karis: Person, claims: dict[str, Any]
    ) -> None:
        del claims["sid"]
        assert self.hear(signed(**claims, sub="kari-1")) == 200
        assert karis.browser.get(HOME)["Location"].startswith(LOGIN)

    def test_a_token_is_heard_once(self, claims: dict[str, Any]) -> None:
        token = signed(**claims)
        assert [self.hear(token), self.hear(token)] == [200, 400]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"iss": "https://en.annen.example"},
            {"aud": "en annen"},
            {"iat": 1},
            {"events": {}},
            {"events": "http://schemas.openid.net/event/backchannel-logout"},
            {"nonce": "et innloggingstoken"},
            {"sid": ""},
            {"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)},
        ],
    )
    def test_what_is_not_the_providers_log_out_ends_nothing(
        self, wrong: dict[str, Any], karis: Person, claims: dict[str, Any]
    ) -> None:
        assert self.hear(signed(**claims | wrong)) == 400
        assert self.hear("") == 400
        assert karis.browser.get(HOME).status_code == 200


def test_who_came_by_the_provider_shows_there_who_she_is_before_she_changes_who_gets_in(
    admin: User, kari: User, at_firm: str
) -> None:
    person = Person("admin-1", "admin@firmaet.invalid", amr="mfa")
    person.log_in()
    session = person.browser.session
    for record in session["account_authentication_methods"]:
        record["at"] = time.time() - 16 * 60
    session.save()
    address = reverse("dialogs:person", args=[kari.pk])
    wanted = {"first_name": "Kari", "last_name": "Berntsen", "role": "ACCOUNTANT"}

    asked = person.browser.post(address, wanted)
    assert asked["Location"].startswith("/konto/oidc/firmaet/login/igjen/")
    leads = person.begin(asked["Location"])
    assert "prompt=login" in leads
    person.browser.get(person.at_provider(leads))

    kari.refresh_from_db()
    assert kari.last_name == "Berntsen"
    assert person.browser.get(reverse("dialogs:person-invite")).status_code == 200


def test_another_person_cannot_show_it_for_her(admin: User, kari: User, at_firm: str) -> None:
    person = Person("admin-1", "admin@firmaet.invalid", amr="mfa")
    person.log_in()
    other = Person("kari-1", "kari@firmaet.invalid", amr="mfa")
    again = reverse("openid_connect_again", args=["firmaet"])

    answer = person.browser.get(other.at_provider(person.begin(again)))

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"issuer": "http://login.example.no"}, "https"),
        ({"id": "to ord"}, "letters"),
        ({"hemmelig": "x"}, "hemmelig"),
    ],
)
def test_a_setting_that_is_wrong_stops_the_portal_with_a_sentence(
    wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        providers.read(json.dumps(setting("https://a.example", **wrong)))
    with pytest.raises(ImproperlyConfigured, match="two providers"):
        providers.read(json.dumps(setting("https://a.example") * 2))
    with pytest.raises(ImproperlyConfigured, match="JSON"):
        providers.read("nei")
