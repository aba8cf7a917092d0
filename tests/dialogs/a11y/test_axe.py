"""axe finds nothing to complain of, on any page, for anybody, in any state, colour or width.

`make a11y` looks at every combination (A11Y=all). The ordinary run takes a sample in which every
state of every page meets both colour schemes and two of the three widths, and the people by turns.
A page is loaded once for all its widths and colours, unless something was opened on it.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client as Browser
from playwright.sync_api import Page
from pytest_django import Settings

from clients.models import Client, Firm, SystemUser
from staff.models import User
from tests.dialogs import answered
from tests.dialogs.a11y import onboarding
from tests.dialogs.a11y.pages import PLACES, Place, send_wrong
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
EVERY_WAY = tuple(product(WIDTHS, SCHEMES))
PARTS = 2  # every other state: two workers share the pages, and each makes a world of its own
STAYS = (None, send_wrong)  # after these the page can change its width; what is opened might close
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

# What is right is not collected, nor where a fault is: its HTML says that. Files in frames are not
# ours to look at.
_RUN = """async (tags) => {
  const found = await axe.run(document, {
    runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'],
    selectors: false, iframes: false,
  });
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
    auditor = User.objects.create_user(
        "revisor@firmaet.example", first_name="Nora", last_name="Dahl", role=User.Role.AUDITOR
    )
    people = {
        "accountant": kari, "manager": leder, "admin": admin, "empty": ola, "auditor": auditor
    }  # fmt: skip
    password = make_password("et langt passord til testen")  # one for all: it takes a second
    for user in people.values():
        user.password = password
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


def looks(part: int) -> Iterator[tuple[Place, str, str, Sequence[tuple[int, Scheme]]]]:
    """Yield (page, role, state), and in which widths and colours to look at it."""
    number = 0
    for place in PLACES:
        for state in place.states:
            number += 1
            if number % PARTS != part:
                continue
            if WHOLE:
                yield from ((place, role, state, EVERY_WAY) for role in place.roles)
                continue
            role = place.roles[number // PARTS % len(place.roles)]
            light, dark = WIDTHS[number % 3], WIDTHS[(number + 1) % 3]
            yield place, role, state, ((light, "light"), (dark, "dark"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(7200 if WHOLE else 900)
@pytest.mark.expects_complaints("Failed to load resource")  # what is not there, what is refused
@pytest.mark.parametrize("part", range(PARTS))
def test_axe_finds_nothing(portal: Processes, page: Page, world: World, part: int) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.add_init_script(path=AXE)
    sessions = {role: session_of(user) for role, user in world.users.items()}
    found = []
    for place, role, state, ways in looks(part):
        act = place.states[state]
        is_there = False
        for width, scheme in ways:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            if not is_there:
                come_as(page, portal, sessions.get(role))
                page.goto(portal.url + place.address.format(**world.keys))
                if act:
                    act(page)
            is_there = act in STAYS
            faults = page.evaluate(_RUN, RULES)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            faults += [f"{wide} px too wide"] if wide > 0 else []
            where = f"{place.name}/{state or 'shown'}/{role}/{width}/{scheme}"
            found += [f"{where}: {fault}" for fault in faults]

    assert found == []


def come_as(page: Page, portal: Processes, session: str | None) -> None:
    page.context.clear_cookies()
    if session:
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": session, "url": portal.url}])


def session_of(user: User) -> str:
    """Log somebody in; return what the browser sends."""
    browser = Browser()
    browser.force_login(user)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value
