"""More of the firm: a colleague with room to spare, service areas, and what a page links to."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client as Browser

from clients.models import ServiceArea
from dialogs.models import Service
from staff.models import User

Ask = Callable[[Browser, str], str]


@pytest.fixture
def ingrid(db: None) -> User:
    return User.objects.create_user("ingrid@firmaet.invalid", first_name="Ingrid", last_name="Moen")


@pytest.fixture
def mva(db: None) -> ServiceArea:
    return ServiceArea.objects.create(name="Mva")


def belongs_to(area: ServiceArea, owner: str = "skd") -> None:
    """Let the service that make_dialog uses for an authority belong to an area."""
    Service.objects.filter(urn=f"urn:altinn:resource:{owner}-x").update(area=area)


def text(browser: Browser, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def links(page: str) -> dict[str, str]:
    """What each link says, and where it leads."""
    found = re.findall(r'<a\b[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL)
    return {plain(words): unescape(href) for href, words in found}


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def rows_of(page: str) -> int:
    """How many dialogs a list shows."""
    return len(re.findall(r"<tr\b[^>]*\bdata-dialog=", page))


def main_part(page: str) -> str:
    """The page without its menu."""
    return page.partition("<main")[2]
