"""Nothing secret reaches the log, in whatever way it is written there."""

import json
import logging
import time
from collections.abc import Iterator
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser
from django.test import override_settings
from django.urls import include, path, reverse

from staff.logs import HideSecrets, hide

PERSON = "08844397713"
CANARY = "CANARY0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the portal's own handler writes, as it is set up."""
    handlers = [h for h in logging.getLogger().handlers if any_hides(h)]
    assert len(handlers) == 1
    handler = handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    written = StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


def any_hides(handler: logging.Handler) -> bool:
    return any(isinstance(one, HideSecrets) for one in handler.filters)


WAYS = [
    f"Authorization: Bearer {CANARY}",
    f"Authorization: Basic {CANARY}",
    f"Cookie: session={CANARY}; csrf={CANARY}",
    f"Set-Cookie: __Host-session={CANARY}; Secure",
    f"grant_type=x&assertion={CANARY}&client_secret={CANARY}",
    json.dumps({"access_token": CANARY, "refresh_token": CANARY, "id_token": CANARY}),
    str({"password": CANARY, "csrfmiddlewaretoken": CANARY}),
    f"GET /idporten/tilbake/?code={CANARY}&state={CANARY} 302",
    f"POST /altinn/hendelser/{CANARY} 200",
    f"GET /konto/password/reset/key/1-c9x2ab-{CANARY}/ 200",
    f"GET /invitasjon/{CANARY}/",
    f"GET /kalender/{CANARY}?x=1",
    f"could not connect to postgresql://portal:{CANARY}@db:5432/portal",
    f"redis://:{CANARY}@redis:6379/0",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJDQU5BUlkifQ.Q0FOQVJZ",
    f"urn:altinn:person:identifier-no:{PERSON}",
    f"«{PERSON[:6]} {PERSON[6:]}»",
]


def is_clean(text: str) -> bool:
    secrets = (CANARY, PERSON, PERSON[6:], "eyJzdWIi", "Q0FOQVJZ")
    return not any(secret in text for secret in secrets)


@pytest.mark.parametrize("line", WAYS)
def test_a_secret_is_hidden_in_every_way_of_logging_it(log: StringIO, line: str) -> None:
    logger = logging.getLogger("somebody.elses.library")

    logger.error(line)
    logger.error("with an argument: %s", line)
    logger.error("with a name: %(it)s", {"it": line})
    logger.error("with where it was said", stack_info=True)
    try:
        raise ValueError(line) from KeyError(line)
    except ValueError:
        logger.exception("with what went wrong")

    assert log.getvalue().count("somebody.elses.library") == 5
    assert is_clean(log.getvalue()), log.getvalue()


@pytest.mark.parametrize(
    "line",
    [
        "GET /innboks/019cd12e-6612-71fc-9e1c-9c00146e6042/ 310495921",
        "GET /dialogporten/api/v1/enduser/dialogs/019cd12e-6612-71fc-9e1c-9c00146e6042 200",
        "trace 00-26f9e197f009120826539665366e56fb-d3d7ef0de64fa61f-00",
        'File "portal/pages.py", line 12, in _ask',
        "/srv/portal/dialogs/management/commands/diagnose.py",
        "urn:altinn:resource:ske-innkrevingsforespoersel 1234567890123",
        "the token could not be fetched",
        "5000 events in 12 s",
    ],
)
def test_what_helps_to_find_a_fault_is_kept(line: str) -> None:
    assert hide(line) == line


def test_what_others_write_cannot_look_like_a_line_of_ours(log: StringIO) -> None:
    logging.getLogger("portal").error("no such page: %s", "/x\n2026-01-01 ERROR forged\r\x1b[2J")

    assert log.getvalue().count("\n") == 1
    assert "\x1b" not in log.getvalue()


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    """A page that breaks with a secret in its hands."""
    raise RuntimeError(f"password={CANARY} of {PERSON} by {request.headers['Authorization']}")


urlpatterns = [path("", broken), path("", include("portal.urls"))]


@pytest.mark.django_db
def test_a_page_that_breaks_tells_the_log_no_secret(log: StringIO, client: Browser) -> None:
    client.raise_request_exception = False
    with override_settings(ROOT_URLCONF="tests.staff.test_logs"):
        answer = client.get(
            f"/?code={CANARY}",
            headers={"Authorization": f"Bearer {CANARY}", "Cookie": f"session={CANARY}"},
        )

    assert answer.status_code == 500
    assert "RuntimeError" in log.getvalue()
    assert is_clean(log.getvalue()), log.getvalue()
    assert is_clean(answer.content.decode())


@pytest.mark.django_db
def test_a_log_in_that_fails_and_a_form_that_is_forged_leave_no_password(
    log: StringIO, client: Browser
) -> None:
    authenticate(email="kari@firmaet.invalid", password=CANARY)
    client.post(reverse("account_login"), {"login": "kari@firmaet.invalid", "password": CANARY})
    forger = Browser(enforce_csrf_checks=True)
    forger.post(f"{reverse('account_login')}?key={CANARY}", {"password": CANARY})

    assert "Forbidden (CSRF" in log.getvalue()
    assert is_clean(log.getvalue()), log.getvalue()


def test_a_long_line_is_read_in_no_time() -> None:
    for text in ("a" * 100_000, "a." * 50_000, "/a1" * 30_000, "token" * 20_000, "1" * 100_000):
        began = time.monotonic()
        hide(text)
        assert time.monotonic() - began < 2, text[:10]
