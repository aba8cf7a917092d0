"""What every answer tells a browser, and which of a browser's questions get none."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client as Browser
from django.urls import reverse

from staff.models import User

ROOT = Path(__file__).resolve().parents[2]


def asked_from(site: str, mode: str, destination: str) -> dict[str, str]:
    """What a browser says of why it asks."""
    return {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": destination}


# Asked of the settings as a deployment has them.
TELL = """
import json, django
from django.conf import settings
django.setup()
names = ("SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
         "SESSION_COOKIE_NAME", "SESSION_COOKIE_PATH", "SESSION_COOKIE_DOMAIN",
         "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_SAMESITE", "CSRF_COOKIE_NAME",
         "CSRF_COOKIE_PATH", "CSRF_COOKIE_DOMAIN", "ALLOWED_HOSTS", "SECURE_SSL_REDIRECT",
         "SECURE_HSTS_SECONDS", "MESSAGE_STORAGE", "DEBUG")
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


@pytest.fixture
def browser(client: Browser, kari: User) -> Browser:
    client.force_login(kari)
    return client


@pytest.mark.parametrize("address", ["/", "/er/ikke/her/", "/konto/login/", "/helse/lever/"])
def test_every_answer_is_kept_nowhere_and_closed_to_others(browser: Browser, address: str) -> None:
    answer = browser.get(address)

    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in answer["Permissions-Policy"]


def test_the_policy_lets_nothing_run_that_is_not_a_file_of_ours(browser: Browser) -> None:
    policy = browser.get(reverse("dialogs:inbox"))["Content-Security-Policy"]
    allowed = {
        name: set(values)
        for name, *values in (directive.split() for directive in policy.split(";"))
    }

    assert allowed["default-src"] == {"'none'"}
    assert allowed["script-src"] == allowed["style-src"] == {"'self'"}
    assert allowed["form-action"] == allowed["connect-src"] == {"'self'"}
    assert allowed["base-uri"] == allowed["frame-ancestors"] == {"'none'"}
    assert allowed["require-trusted-types-for"] == {"'script'"}
    assert allowed["trusted-types"] == {"default"}
    assert "unsafe" not in policy
    assert "*" not in policy


@pytest.mark.parametrize(
    ("method", "mode", "destination"),
    [
        ("POST", "navigate", "document"),
        ("POST", "cors", "empty"),
        ("GET", "no-cors", "image"),
        ("GET", "no-cors", "script"),
        ("GET", "cors", "empty"),
        ("GET", "navigate", "embed"),
        ("GET", "navigate", "object"),
    ],
)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_page_gets_no_answer(
    browser: Browser, method: str, mode: str, destination: str, site: str
) -> None:
    headers = asked_from(site, mode, destination)

    answer = browser.generic(method, reverse("dialogs:inbox"), headers=headers)

    assert answer.status_code == 403
    assert b"Kari" not in answer.content
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {},  # no browser, or an old one
        asked_from("same-origin", "cors", "empty"),
        asked_from("none", "navigate", "document"),
        asked_from("cross-site", "navigate", "document"),  # a link, the way back from signing in
        asked_from("cross-site", "navigate", "iframe"),  # ID-porten's call to log out
    ],
)
def test_our_own_pages_and_links_to_us_are_answered(
    browser: Browser, headers: dict[str, str]
) -> None:
    assert browser.get(reverse("dialogs:inbox"), headers=headers).status_code == 200


def test_a_host_that_is_not_ours_is_refused(browser: Browser) -> None:
    for host in ("evil.example", "localhost.evil.example", "localhost@evil.example", ""):
        assert browser.get("/", headers={"Host": host}).status_code == 400, host


def test_what_is_said_to_somebody_is_in_no_cookie(browser: Browser) -> None:
    answer = browser.post(reverse("dialogs:profile"), {"language": "nb", "is_compact": "nei"})

    assert answer.status_code == 302
    assert set(browser.cookies) <= {"session", "csrf"}
    assert "Profilen er lagret." in browser.get(answer["Location"]).content.decode()


def test_cookies_are_for_us_alone_where_the_portal_has_https() -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PUBLIC_URL": "https://portal.example.no",
        "SECRET_KEY": secrets.token_urlsafe(60),
    }
    told = subprocess.run(
        [sys.executable, "-c", TELL],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(told.stdout)

    for kind in ("SESSION", "CSRF"):
        assert found[f"{kind}_COOKIE_SECURE"] is True
        assert found[f"{kind}_COOKIE_HTTPONLY"] is True
        assert found[f"{kind}_COOKIE_SAMESITE"] == "Lax"
        # The browser itself holds such a cookie to https, our host alone and all of it.
        assert found[f"{kind}_COOKIE_NAME"].startswith("__Host-")
        assert found[f"{kind}_COOKIE_PATH"] == "/"
        assert found[f"{kind}_COOKIE_DOMAIN"] is None
    assert found["ALLOWED_HOSTS"] == ["portal.example.no"]
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    assert found["MESSAGE_STORAGE"].endswith("session.SessionStorage")
    assert found["DEBUG"] is False
