"""axe finds nothing to complain of, on any page, for anybody, in any state, colour or width.

`make a11y` looks at every combination (A11Y=all). The ordinary run takes a sample in which every
state of every page meets both colour schemes and two of the three widths, and the people by turns.
"""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import pytest
from django.conf import settings
from django.test import Client as Browser
from playwright.sync_api import Page
from pytest_django import Settings

from clients.models import Client, Firm, SystemUser
from staff.models import User
from tests.dialogs import answered
from tests.dialogs.a11y import onboarding
from tests.dialogs.a11y.pages import PLACES, Place
from tests.dialogs.a11y.world import CLIENTS, World, build
from tests.dialogs.answered import open_and_answer
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.content.conftest import firms_agent, read_all
from tests.processes import Processes, processes
from tests.stand_in import Altinn

AXE = Path(__file__).resolve().parents[3] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (1440, 390, 320)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
# What open_and_answer calls its pages, and pages.py.
SHORT = {
    f"opened-{answered.LETTER}": "letter",
    f"opened-{answered.APP}": "app",
    f"opened-{answered.THREAD}": "thread",
    f"opened-{answered.MIX}": "mix",
    f"opened-{answered.FORM}": "nav",
    f"opened-{answered.BUTTON}": "generic",
    "question-bekreft": "confirm",
    "question-slett": "delete",
}
WHOLE = os.environ.get("A11Y") == "all"

_RUN = """async (tags) => {
  const found = await axe.run(document, {runOnly: {type: 'tag', values: tags}});
  return found.violations.map((one) =>
    `${one.id} (${one.impact}): ${one.nodes.slice(0, 3).map((node) => node.html).join(' | ')}`);
}"""


@pytest.fixture
def portal(transactional_db: None, altinn: Altinn, tmp_path: Path) -> Iterator[Processes]:
    """The portal with the stand-in as its Altinn: some pages ask it."""
    with processes(altinn, ARCHIVE_ROOT=str(tmp_path), PGAPPNAME="portal under test") as running:
        running.start_web()
        yield running


@pytest.fixture
def world(
    kari: User,
    leder: User,
    admin: User,
    ola: User,
    make_client: Callable[..., Client],
    make_dialog: MakeDialog,
    reader: SystemUser,
    altinn: Altinn,
    logged_in: Callable[[User], Browser],
    settings: Settings,
    tmp_path: Path,
    now: datetime,
) -> World:
    people = {"accountant": kari, "manager": leder, "admin": admin, "empty": ola}
    for user in people.values():
        user.set_password("et langt passord til testen")
        user.save()
    altinn.reset("services")
    read_all(firms_agent(altinn), altinn, now=now)
    disk = "django.core.files.storage.FileSystemStorage"
    archive = {"BACKEND": disk, "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"archive": archive}
    found = open_and_answer(logged_in(leder), leder, altinn, now=now)
    world = build(people, make_client, make_dialog, reader, now)
    clients = list(Client.objects.filter(name__in=CLIENTS).order_by("pk"))
    access = onboarding.build(altinn, admin, clients, now)
    newcomer = User.objects.create_user(
        "ny@firmaet.example", first_name="Nils", last_name="Ny", role=User.Role.ADMIN
    )
    opened = {SHORT.get(name, name): at for name, at in found.items()}
    firm = {"firm": Firm.get().orgnr}
    return World(world.users | {"newcomer": newcomer}, world.keys | opened | access | firm)


def combinations(width: int, scheme: Scheme) -> Iterator[tuple[Place, str, str]]:
    """Yield (page, role, state) to look at in this width and these colours."""
    turn = WIDTHS.index(width) + SCHEMES.index(scheme)
    number = 0
    for place in PLACES:
        for state in place.states:
            number += 1
            if WHOLE:
                yield from ((place, role, state) for role in place.roles)
            elif (number + turn) % 3 == 0:
                yield place, place.roles[(number + turn) % len(place.roles)], state


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(7200 if WHOLE else 900)
@pytest.mark.expects_complaints("Failed to load resource")  # what is not there, what is refused
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing(portal: Processes, page: Page, world: World, scheme: Scheme) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = []
    looked_at = [(width, *one) for width in WIDTHS for one in combinations(width, scheme)]
    for width, place, role, state in looked_at:
        page.set_viewport_size({"width": width, "height": 900})
        log_in(page, portal, world.users.get(role))
        page.goto(portal.url + place.address.format(**world.keys))
        if act := place.states[state]:
            act(page)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        faults = page.evaluate(_RUN, RULES)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        faults += [f"{wide} px too wide"] if wide > 0 else []
        where = f"{place.name}/{state or 'shown'}/{role}/{width}"
        found += [f"{where}: {fault}" for fault in faults]

    assert found == []


def log_in(page: Page, portal: Processes, user: User | None) -> None:
    page.context.clear_cookies()
    if user is None:
        return
    browser = Browser()
    browser.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies(
        [{"name": name, "value": browser.cookies[name].value, "url": portal.url}]
    )
