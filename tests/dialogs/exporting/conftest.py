"""Lists taken out: read back as others would read them."""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client as Browser
from openpyxl import load_workbook
from pytest_django import Settings

from dialogs.exporting import jobs
from dialogs.models import ExportJob
from staff.models import User
from staff.tables import Kind

Make = Callable[..., ExportJob]


def body(answer: Any) -> bytes:
    """All of an answer; read to its end, it is closed as a server closes it."""
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def leave(answer: Any) -> None:
    """End an answer as a server does whose reader has left."""
    request_finished.disconnect(close_old_connections)  # the test's own
    try:
        answer.close()
    finally:
        request_finished.connect(close_old_connections)


def lines(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV by their headings."""
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, delimiter=";"))


def taken(browser: Browser, address: str) -> list[dict[str, str]]:
    answer = browser.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/csv")
    return lines(body(answer))


def cells(content: bytes) -> list[tuple[Any, ...]]:
    """The rows of a workbook, the headings first."""
    sheet: Any = load_workbook(io.BytesIO(content), read_only=True).active
    return list(sheet.iter_rows(values_only=True))


@pytest.fixture(autouse=True)
def archive(settings: Settings, tmp_path: Path) -> Path:
    """A storage of the test's own."""
    where = tmp_path / "archive"
    options = settings.STORAGES["archive"]["OPTIONS"] | {"location": str(where)}
    own = settings.STORAGES["archive"] | {"OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"archive": own}
    assert storages["archive"].location == str(where)  # type: ignore[attr-defined]
    return where


@pytest.fixture
def made(kari: User, now: datetime) -> Make:
    """Have Kari's file made, as a worker would."""

    def make(query: str = "", *, user: User = kari, listed: str = "innboks") -> ExportJob:
        form = f"form {ExportJob.objects.count()}"
        job = jobs.ask(listed, query, Kind.CSV, user=user, now=now, form=form)
        jobs.run(job.pk, now=now)
        job.refresh_from_db()
        return job

    return make
