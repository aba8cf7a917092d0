"""The panel as Kari sees it."""

from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client
from dialogs.models import Dialog
from tests.dialogs.conftest import MakeDialog

IN_PANEL = {"HX-Request": "true", "HX-Target": "panel"}
Post = Callable[..., Any]


def flat(response: Any) -> str:
    """The answer with every run of white space as one space, as it is read."""
    return " ".join(unescape(response.content.decode()).split())


def panel(browser: Browser, dialog: Dialog) -> str:
    """What the panel shows, once it is fetched into the page."""
    response = browser.get(f"/innboks/{dialog.pk}/", headers=IN_PANEL)
    assert response.status_code == 200
    return flat(response)


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def dialog(bakeren: Client, make_dialog: MakeDialog) -> Dialog:
    return make_dialog(bakeren, "Mva-melding", due_in=30)


@pytest.fixture
def post(dialog: Dialog) -> Post:
    """Send one of the panel's forms; the version is the current one unless given."""

    def send(browser: Browser, what: str, *, htmx: bool = False, **sent: Any) -> Any:
        if "work_version" not in sent:
            dialog.refresh_from_db()
            sent["work_version"] = dialog.work_version
        headers = {"HX-Request": "true"} if htmx else {}
        if htmx:
            sent["vis"] = "ansvarlig panel"
        answer = browser.post(f"/innboks/{dialog.pk}/{what}/?mappe=alle", sent, headers=headers)
        dialog.refresh_from_db()
        return answer

    return send
