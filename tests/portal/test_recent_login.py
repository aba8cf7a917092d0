"""Acts of administrators that ask anew who sits there: nothing is done before it is answered."""

import time
from datetime import datetime
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.db import transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils.http import urlencode
from pytest_django import Settings

from clients.models import Client, SystemUser, SystemUserRequest
from clients.setup.packages import ASKED_FOR, FROM_ROLE
from staff.models import AuditEntry, User
from tests.dialogs.a11y import onboarding
from tests.stand_in import Altinn

PASSWORD = "riktig hest batteri stift"
MINUTES = 15

# What stands in an act's address, by the keys of `world`, and what is sent.
Act = tuple[str, dict[str, Any]]
ACTS: dict[str, Act] = {
    "clients:setup-maskinporten": ("", {"client_id": "klient-12345", "vendor_orgnr": "310495921"}),
    "clients:setup-key-make": ("", {}),
    "clients:setup-key-upload": ("", {"jwk": "{}"}),
    "clients:setup-key-test": ("next_key", {"registered_on": "2026-01-01"}),
    "clients:setup-key-switch": ("next_key", {}),
    "clients:setup-key-discard": ("next_key", {}),
    "clients:setup-system": ("", {"name": "Portalen", "slug": "x", "packages": FROM_ROLE}),
    "clients:setup-request-new": ("", {"area": "post", "packages": FROM_ROLE}),
    "clients:setup-request-send": ("request_unsent", {}),
    "clients:setup-request-again": ("request_rejected", {}),
    "clients:setup-request-withdraw": ("request_waiting", {}),
    "clients:standard-ask": ("", {"everyone": "on", "packages": ASKED_FOR[0]}),
    "clients:system-user-new": (
        "", {"name": "Ny", "kind": "AGENT", "owner_orgnr": "310495921", "is_active": "on"},
    ),
    "clients:system-user-edit": (
        "system_user", {"name": "Post", "kind": "AGENT", "owner_orgnr": "310495921"},
    ),
    "clients:edit": ("client", {"name": "Et nytt navn", "orgnr": "310495921"}),
    "dialogs:client-archive": ("client", {}),
    "dialogs:client-categories": ("client", {}),
    "dialogs:privacy-client": ("client", {"gjor": "stans", "why": "Bokettersyn"}),
    "dialogs:privacy-client-file": ("client", {}),
    "dialogs:privacy-employee": ("gone", {"sure": "on"}),
    "dialogs:person-invite": ("", {"email": "ny@firmaet.invalid", "role": "ADMIN"}),
    "dialogs:person": ("kari", {"first_name": "Kari", "last_name": "By", "role": "ADMIN"}),
    "dialogs:person-link": ("kari", {}),
    "dialogs:person-log-out": ("kari", {}),
    "dialogs:person-leave": ("kari", {}),
    "dialogs:person-back": ("gone", {}),
    "dialogs:team-new": ("", {"name": "Lønn"}),
}  # fmt: skip

# What is let through, and then finds nothing to do in this world.
IDLE = {
    "clients:setup-key-make",
    "clients:setup-key-upload",
    "clients:setup-key-test",
    "clients:setup-key-switch",
    "clients:setup-system",
    "clients:setup-request-send",
    "clients:setup-request-again",
    "dialogs:client-categories",
    "dialogs:privacy-employee",
    "dialogs:person-invite",
}

READ = (
    "clients:setup-system",
    "clients:setup-request-new",
    "clients:setup-request-withdraw",
    "clients:standard-ask",
    "clients:system-user-edit",
    "clients:edit",
    "dialogs:client-archive",
)


@pytest.fixture
def world(
    altinn: Altinn, admin: User, kari: User, bakeren: Client, now: datetime, settings: Settings
) -> dict[str, str]:
    """A firm half-way through its set-up, whose policy is in earnest."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.RECENT_LOGIN_MINUTES = MINUTES
    admin.set_password(PASSWORD)
    admin.save()
    gone = User.objects.create_user("borte@firmaet.invalid", first_name="Borte", is_active=False)
    keys = onboarding.build(altinn, admin, [bakeren], now)
    agent = SystemUser.objects.get(name="Post")
    unasked = Client.objects.create(name="Snekkeren AS", orgnr="987654325", added_at=now)
    mine = {"client": bakeren, "unasked": unasked, "kari": kari, "gone": gone, "system_user": agent}
    return keys | {name: str(one.pk) for name, one in mine.items()}


def logged_in(user: User, *, minutes_ago: int) -> Browser:
    browser = Browser()
    browser.force_login(user)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    session = browser.session
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] = time.time() - minutes_ago * 60
    session.save()
    return browser


def address(name: str, world: dict[str, str]) -> str:
    key, _data = ACTS[name]
    return reverse(name, args=[world[key]] if key else [])


def press(browser: Browser, name: str, world: dict[str, str]) -> tuple[Any, int]:
    """Send an act's form, and take back what it did: the answer, and how much was written down."""
    before = AuditEntry.objects.count()
    with transaction.atomic():
        answer = browser.post(address(name, world), ACTS[name][1])
        done = AuditEntry.objects.count() - before
        transaction.set_rollback(True)
    return answer, done


def confirm(browser: Browser, asked: Any, password: str) -> Any:
    """Type a password on the page one was led to, and send its form."""
    address = asked["Location"]
    return browser.post(
        address,
        {"password": password, "next": browser.get(address).context["redirect_field_value"]},
    )


def asks(answer: Any) -> bool:
    where: str = answer.headers.get("Location", "")
    return where.startswith(reverse("account_reauthenticate"))


def test_an_old_log_in_is_asked_to_confirm_and_nothing_is_done(
    world: dict[str, str], admin: User
) -> None:
    browser = logged_in(admin, minutes_ago=MINUTES + 1)

    for name in ACTS:
        answer, done = press(browser, name, world)
        assert (name, asks(answer), done) == (name, True, 0)
        assert answer["Location"].endswith(urlencode({"next": address(name, world)}))


def test_a_recent_log_in_passes(world: dict[str, str], admin: User) -> None:
    browser = logged_in(admin, minutes_ago=MINUTES - 1)

    idle = set()
    for name in ACTS:
        answer, done = press(browser, name, world)
        assert (name, asks(answer)) == (name, False)
        idle |= set() if done else {name}
    assert idle == IDLE


def test_pages_that_only_show_how_it_stands_ask_nothing(world: dict[str, str], admin: User) -> None:
    browser = logged_in(admin, minutes_ago=MINUTES + 1)

    for name in READ:
        assert (name, browser.get(address(name, world)).status_code) == (name, 200)


def test_a_form_whose_address_has_a_query_is_carried_out_once_it_is_confirmed(
    world: dict[str, str], admin: User
) -> None:
    browser = logged_in(admin, minutes_ago=MINUTES + 1)
    form = {"client": world["unasked"], "packages": ASKED_FOR[0]}
    asked = browser.post(reverse("clients:standard-ask") + "?q=snekker&side=1", form)
    assert not SystemUserRequest.objects.filter(party_orgnr="987654325").exists()

    wrong = confirm(browser, asked, "feil")
    assert "Passordet stemmer ikke" in wrong.content.decode()
    assert not SystemUserRequest.objects.filter(party_orgnr="987654325").exists()
    answer = confirm(browser, asked, PASSWORD)

    assert answer["Location"] == reverse("clients:standard")
    wish = SystemUserRequest.objects.get(party_orgnr="987654325")
    assert wish.packages == [ASKED_FOR[0]]


def test_what_was_wrong_in_a_form_is_said_beside_what_was_typed(
    world: dict[str, str], admin: User
) -> None:
    browser = logged_in(admin, minutes_ago=MINUTES + 1)
    where = reverse("clients:setup-request-new")
    asked = browser.post(f"{where}?som={world['request_denied']}", {"area": "post"})

    answer = confirm(browser, asked, PASSWORD)

    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Velg minst én tilgangspakke." in html
    assert '<option value="post" selected>' in html
