"""The admin site: for superusers who have just shown who they are, and never with a key in it."""

import pytest
from django.contrib.admin import site as djangos_own
from django.db import models
from django.test import Client as Browser
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from pytest_django import Settings

from clients.models import VendorClient, VendorKey
from portal.admin_site import site
from staff.models import AuditEntry, Team, User
from staff.sealing import SealedField, seal

INDEX = reverse("admin:index")
PASSWORD = "et langt passord til drift"
KEPT_FROM = {
    "password",
    "sealed_private",
    "public_jwk",
    "session_digest",
    "address",
    "home_seen_at",
}


@pytest.fixture(autouse=True)
def in_earnest(settings: Settings) -> None:
    settings.RECENT_LOGIN_MINUTES = 15


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def drift(db: None) -> User:
    return User.objects.create_superuser("drift@firmaet.invalid", PASSWORD)


@pytest.fixture
def drifts(client: Browser, drift: User) -> Browser:
    """The superuser's browser, who has just shown again who they are."""
    client.force_login(drift)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def pages() -> list[str]:
    names = ["index"] + [
        f"{model._meta.app_label}_{model._meta.model_name}_changelist" for model in site._registry
    ]
    return [reverse(f"admin:{name}") for name in names]


@pytest.mark.parametrize("role", User.Role.values)
@pytest.mark.parametrize("is_staff", [False, True])
def test_for_everybody_else_it_is_not_there(
    client: Browser, kari: User, role: str, *, is_staff: bool
) -> None:
    User.objects.filter(pk=kari.pk).update(role=role, is_staff=is_staff)
    client.force_login(kari)

    for page in pages():
        assert client.get(page).status_code == 404, page
        # An auditor's POST is refused before it is looked up.
        refused = 403 if role == User.Role.AUDITOR else 404
        assert client.post(page).status_code == refused, page


@pytest.mark.django_db
def test_a_stranger_is_sent_to_log_in(client: Browser) -> None:
    for page in pages():
        assert client.get(page)["Location"].startswith(reverse("account_login")), page


def test_a_superuser_shows_again_who_they_are(client: Browser, drift: User) -> None:
    client.force_login(drift)

    for page in pages():
        answer = client.get(page)
        assert answer.status_code == 302, page
        assert answer["Location"].startswith(reverse("account_reauthenticate")), page


def test_having_shown_it_lasts_some_minutes(drifts: Browser, settings: Settings) -> None:
    assert drifts.get(INDEX).status_code == 200
    settings.RECENT_LOGIN_MINUTES = 1e-6

    assert drifts.get(INDEX)["Location"].startswith(reverse("account_reauthenticate"))


def test_a_superuser_who_no_longer_works_here_gets_nothing(drifts: Browser, drift: User) -> None:
    User.objects.filter(pk=drift.pk).update(is_active=False)

    assert drifts.get(INDEX)["Location"].startswith(reverse("account_login"))


def test_every_page_of_it_is_shown_to_a_superuser(drifts: Browser) -> None:
    for page in pages():
        assert drifts.get(page).status_code == 200, page


def test_it_has_no_log_in_of_its_own() -> None:
    for name in ("login", "logout", "password_change"):
        with pytest.raises(NoReverseMatch):
            reverse(f"admin:{name}")


def test_what_others_register_in_djangos_own_site_is_nowhere() -> None:
    assert not djangos_own._registry
    assert {model._meta.label for model in site._registry} == {
        "staff.User",
        "staff.Team",
        "clients.SystemUser",
        "clients.Subscription",
        "clients.VendorKey",
    }


def test_no_page_shows_a_field_that_is_sealed_or_secret() -> None:
    for model, looks in site._registry.items():
        shown = {*(looks.fields or ()), *looks.list_display}
        assert shown, model
        assert not shown & KEPT_FROM, model
        for name in shown:
            field = model._meta.get_field(str(name))
            assert not isinstance(field, SealedField | models.BinaryField), (model, name)


def test_a_keys_page_tells_its_days_and_not_its_numbers(drifts: Browser) -> None:
    client = VendorClient.objects.create(client_id="a-client", vendor_orgnr="310000000")
    sealed = seal(b"CANARY-PRIVATE")
    key = VendorKey.objects.create(
        client=client, kid="the-kid", sealed_private=sealed, made_at=timezone.now(),
        public_jwk={"n": "CANARY-PUBLIC"},
    )  # fmt: skip

    shown = drifts.get(reverse("admin:clients_vendorkey_change", args=[key.pk])).content.decode()

    assert "the-kid" in shown
    assert "CANARY" not in shown
    assert sealed.decode()[:40] not in shown


def test_nothing_is_added_or_removed_there(drifts: Browser, drift: User, kari: User) -> None:
    for model in site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert drifts.get(reverse(f"{name}_add")).status_code == 403, model
    change = reverse("admin:staff_user_change", args=[kari.pk])
    assert drifts.post(change, {"role": "ADMIN", "is_superuser": "on"}).status_code == 403
    assert drifts.post(reverse("admin:staff_user_delete", args=[kari.pk])).status_code == 403

    kari.refresh_from_db()
    assert (kari.role, kari.is_superuser) == (User.Role.ACCOUNTANT, False)


def test_a_teams_name_is_put_right_and_it_is_written_down(drifts: Browser, drift: User) -> None:
    team = Team.objects.create(name="Lønm")

    answer = drifts.post(reverse("admin:staff_team_change", args=[team.pk]), {"name": "Lønn"})

    assert answer.status_code == 302
    team.refresh_from_db()
    assert team.name == "Lønn"
    entry = AuditEntry.objects.get(act="team renamed")
    assert (entry.actor, entry.about, entry.detail) == (drift, f"team {team.pk}", {"name": "Lønn"})
