"""How much anybody may ask of the portal at a time."""

import asyncio
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client as Browser
from django.urls import reverse

from clients.finding import sheets
from portal import pages
from staff.models import User

ROOT = Path(__file__).resolve().parents[2]


def status_of(body: bytes) -> int:
    """Send a body to the web server's door; nothing behind it is reached if it is too large."""

    class Behind(WSGIHandler):
        def __call__(self, environ: Any, start_response: Any) -> Any:
            raise AssertionError("the pages were reached")

    answers: list[int] = []
    parts = [body[start : start + 65536] for start in range(0, len(body), 65536)]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Any) -> None:
        answers.append(message.get("status", 0))

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
    asyncio.run(pages.Pages(Behind())(scope, receive, send))
    return answers[0]


def test_a_request_larger_than_any_form_of_ours_is_stopped_at_the_door() -> None:
    assert status_of(b"x" * (pages.MOST_BYTES + 1)) == 413


def test_the_proxy_stops_at_the_same_size_and_the_largest_form_fits() -> None:
    caddy = (ROOT / "docker/Caddyfile").read_text("utf-8")
    sizes = [int(size) for size in re.findall(r"max_size (\d+)MB", caddy)]

    assert sizes == [pages.MOST_BYTES // 1024**2]
    assert sheets.MOST_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE <= pages.MOST_BYTES


@pytest.fixture
def browser(client: Browser, admin: User) -> Browser:
    client.force_login(admin)
    return client


def test_a_form_with_too_much_text_or_too_many_fields_is_refused(browser: Browser) -> None:
    address = reverse("dialogs:profile")
    kind = "application/x-www-form-urlencoded"

    large = b"a=" + b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    assert browser.post(address, large, content_type=kind).status_code == 400
    many = "&".join(f"f{number}=1" for number in range(1001))
    assert browser.post(address, many, content_type=kind).status_code == 400


def test_one_file_is_sent_at_a_time(browser: Browser) -> None:
    files = [BytesIO(b"310495921\n"), BytesIO(b"310495921\n")]
    files[0].name, files[1].name = "a.csv", "b.csv"

    answer = browser.post(reverse("clients:imports"), {"file": files[0], "text": files[1]})

    assert answer.status_code == 400


@pytest.mark.django_db
def test_a_statement_that_takes_too_long_is_stopped() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("30s",)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("10s",)
        cursor.execute("SET LOCAL statement_timeout = '20ms'")
        with pytest.raises(OperationalError, match="statement timeout"):
            cursor.execute("SELECT pg_sleep(5)")
