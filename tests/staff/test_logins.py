"""Who logged in and out, and who tried to, is written down."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.utils import timezone

from staff.models import AuditEntry, User

PASSWORD = "et langt passord her"


@pytest.fixture
def nina(db: None) -> User:
    return User.objects.create_user("nina@firmaet.invalid", PASSWORD, first_name="Nina")


def entries() -> list[tuple[str, int | None, str, dict[str, str]]]:
    found = AuditEntry.objects.order_by("pk")
    return list(found.values_list("act", "actor", "about", "detail"))


def log_in(email: str, password: str) -> Browser:
    browser = Browser()
    browser.post("/konto/login/", {"login": email, "password": password})
    return browser


def test_logging_in_and_out_is_noted(nina: User) -> None:
    browser = log_in(nina.email, PASSWORD)
    browser.post("/konto/logout/")

    here = {"address": "127.0.0.1"}
    about = f"user {nina.pk}"
    assert entries() == [
        ("user logged in", nina.pk, about, here),
        ("user logged out", nina.pk, about, {}),
    ]


def test_a_wrong_password_is_noted_and_is_not_kept(nina: User) -> None:
    log_in(nina.email, "feil passord her 7")

    assert entries() == [("log-in failed", None, f"user {nina.pk}", {"address": "127.0.0.1"})]
    assert "feil" not in str(entries())


def test_an_address_that_is_nobodys_here_is_not_kept(nina: User) -> None:
    log_in("hemmelig@andre.invalid", PASSWORD)

    assert entries() == [("log-in failed", None, "log-in", {"address": "127.0.0.1"})]


def test_only_what_is_done_puts_off_the_end_of_a_session(nina: User) -> None:
    """Pages that are left open ask by themselves, and would keep it alive for ever."""
    browser = log_in(nina.email, PASSWORD)
    ends_at = Session.objects.get().expire_date
    assert ends_at - timezone.now() < timedelta(hours=12)

    for address in ("/hjem/", "/innboks/", "/innboks/nytt/", "/lagrede-sok/antall/"):
        assert browser.get(address).status_code in {200, 204}, address

    assert Session.objects.get().expire_date == ends_at
    Session.objects.update(expire_date=timezone.now())
    assert browser.get("/hjem/")["Location"].startswith("/konto/login/")
