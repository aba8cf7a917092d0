"""Clients who are persons: a number in lists of clients for who does not work with them.

Their national identity number is nowhere, for anybody.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.health.alarms import Kind, of_client, settle
from clients.models import Client, Party, SystemUser
from dialogs.home.day import Day
from dialogs.inbox.choices import client_choices
from dialogs.inbox.filters import Filters
from dialogs.inbox.sight import Sight
from dialogs.models import Dialog, ServiceAction
from staff.models import User
from staff.sealing import seal
from tests.dialogs.conftest import MakeDialog

NAME = "Nina Nordmann"
NUMBER = "01017012345"
LISTS = (
    "/klienter/",
    "/oversikt/",
    "/oversikt/klienter/",
    "/oversikt/sesong/",
    "/dekning/",
    "/dekning/klienter/?tilgang=full",
    "/dekning/varsler/",
)
FILES = tuple(f"/eksport/{one}/csv/" for one in
    ("klienter", "dekning", "tilgangsvarsler", "kvitteringer", "innboks"))  # fmt: skip


@pytest.fixture
def nina(
    make_client: Callable[..., Client],
    make_dialog: MakeDialog,
    kari: User,
    reader: SystemUser,
    now: datetime,
) -> Client:
    """A person Kari works for, with something late, something done, and an alarm."""
    person = make_client(NAME, orgnr=None, responsible=kari)
    urn = f"urn:altinn:person:identifier-no:{NUMBER}"
    Party.objects.filter(client=person).update(urn=urn)
    dialog = make_dialog(person, "Skattemelding", due_in=-2, responsible=kari)
    make_dialog(person, "Skatteoppgjør", content_updated_at=now, due_in=3)
    settle(Kind.SILENT, [of_client(person.pk, since=now.isoformat())], looked_at=1, now=now)
    settle(Kind.ACCESS_LOST, [of_client(person.pk, lost_at="2026-11-01")], looked_at=1, now=now)
    ServiceAction.objects.create(
        dialog=dialog,
        kind=ServiceAction.Kind.CONFIRM,
        action_id=uuid4(),
        revision=uuid4(),
        name="Bekreft",
        method="POST",
        host="skd.example",
        actor=kari,
        system_user=reader,
        request=seal(b"{}"),
        request_hash="0" * 64,
        state=ServiceAction.State.DONE,
        asked_at=now,
        sent_at=now,
        settled_at=now,
    )
    return person


@pytest.fixture(params=["admin", "leder"])
def overseer(request: pytest.FixtureRequest) -> User:
    """Somebody who sees the whole firm."""
    found: User = request.getfixturevalue(request.param)
    return found


def read(browser: Browser, address: str) -> str:
    answer: Any = browser.get(address)
    assert answer.status_code == 200, address
    if not answer.streaming:
        return str(answer.content.decode())
    return b"".join(answer.streaming_content).decode("utf-8-sig")


@pytest.mark.parametrize("address", [*LISTS, *FILES])
def test_a_person_is_a_number_in_every_list_of_clients(
    address: str, nina: Client, overseer: User, logged_in: Callable[[User], Browser]
) -> None:
    browser = logged_in(overseer)
    if "dekning/csv" in address:
        address += "?tilgang=full"

    shown = read(browser, address)
    assert NAME not in shown
    assert f"Privatperson {nina.pk}" in shown

    nina.members.add(overseer)
    assert NAME in read(browser, address)


def test_a_guess_at_the_name_is_not_answered(
    nina: Client, overseer: User, logged_in: Callable[[User], Browser]
) -> None:
    browser = logged_in(overseer)
    pages = ("/klienter/?q=Nina", "/eksport/klienter/csv/?q=Nina", "/hurtigmeny/?q=Nina")

    for address in pages:
        shown = read(browser, address)
        assert f"Privatperson {nina.pk}" not in shown
        assert f"/klienter/{nina.pk}/" not in shown

    nina.members.add(overseer)
    for address in pages:
        assert NAME in read(browser, address)


def test_what_is_new_and_whose_is_told_by_number_too(
    nina: Client, overseer: User, kari: User, now: datetime
) -> None:
    since = timezone.localdate(now - timedelta(days=3))

    def named(user: User) -> tuple[str, str]:
        [news] = Day(Sight(user), since=since, now=now).news
        [choice] = client_choices(user, Filters())
        return news.name, choice.label

    assert named(overseer) == (f"Privatperson {nina.pk}",) * 2
    assert named(kari) == (NAME,) * 2


def test_who_works_with_a_person_reads_the_name_everywhere(nina: Client, karis: Browser) -> None:
    for address in ("/klienter/", "/oversikt/", "/eksport/klienter/csv/", "/eksport/innboks/csv/"):
        assert NAME in read(karis, address)


def test_who_has_a_dialog_of_theirs_reads_the_name_in_the_file(
    nina: Client, leder: User, logged_in: Callable[[User], Browser]
) -> None:
    Dialog.objects.filter(client=nina).update(responsible=leder)

    assert NAME in read(logged_in(leder), "/eksport/innboks/csv/")


def test_a_persons_dialog_names_them_to_who_may_read_it(
    nina: Client, overseer: User, logged_in: Callable[[User], Browser]
) -> None:
    dialog = nina.dialog_set.earliest("created_at")
    for address in ("/innboks/", f"/innboks/{dialog.pk}/", f"/klienter/{nina.pk}/"):
        assert NAME in read(logged_in(overseer), address)


@pytest.mark.parametrize("who", ["kari", "admin", "leder"])
def test_the_national_identity_number_is_nowhere(
    who: str,
    request: pytest.FixtureRequest,
    nina: Client,
    logged_in: Callable[[User], Browser],
) -> None:
    user: User = request.getfixturevalue(who)
    dialog = nina.dialog_set.earliest("created_at")
    pages = ["/innboks/", "/hjem/", "/varsler/", "/klienter/", "/oversikt/", "/oversikt/sesong/",
        f"/innboks/{dialog.pk}/", f"/klienter/{nina.pk}/",
        f"/klienter/{nina.pk}/tilgang/", f"/klienter/{nina.pk}/logg/",
        f"/klienter/{nina.pk}/rediger/", "/hurtigmeny/?q=Nina",
        "/eksport/innboks/csv/", "/eksport/klienter/csv/", "/eksport/kvitteringer/csv/",
    ]  # fmt: skip
    if who != "kari":
        pages += ["/dekning/", "/dekning/varsler/", "/dekning/klienter/?tilgang=full",
            "/eksport/dekning/csv/?tilgang=full", "/eksport/tilgangsvarsler/csv/"]  # fmt: skip
    if who == "admin":
        pages += ["/personvern/", "/revisjonslogg/", f"/personvern/klienter/{nina.pk}/"]

    for address in pages:
        assert NUMBER not in read(logged_in(user), address), address
