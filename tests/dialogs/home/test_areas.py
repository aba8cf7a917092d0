from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from clients.models import AreaResponsible, Client, ServiceArea
from dialogs.models import Dialog, Notice
from staff.models import AuditEntry, User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.home.conftest import belongs_to, plain, rows_of, text

LogIn = Callable[[User], Browser]


@pytest.fixture
def admins(admin: User, logged_in: LogIn) -> Browser:
    return logged_in(admin)


def address(client: Client) -> str:
    return f"/klienter/{client.pk}/fagansvar/"


def choose(browser: Browser, client: Client, wanted: dict[ServiceArea, User | None]) -> Any:
    fields = {f"omrade-{area.pk}": user.pk if user else "" for area, user in wanted.items()}
    return browser.post(address(client), fields)


def test_the_edit_page_has_an_area_for_each_and_says_how_many_dialogs(
    bakeren: Client, admins: Browser, mva: ServiceArea, make_dialog: MakeDialog
) -> None:
    for _ in range(3):
        make_dialog(bakeren)
    make_dialog(bakeren, folder="ARCHIVE")
    belongs_to(mva)

    page = text(admins, f"/klienter/{bakeren.pk}/rediger/")

    assert f'name="omrade-{mva.pk}"' in page
    assert "Flytt også de 3 åpne dialogene" in page
    assert page.count("Flytt også") == 1


def test_a_colleague_gets_an_area_and_it_is_written_down(
    bakeren: Client, admins: Browser, admin: User, ola: User, kari: User, mva: ServiceArea
) -> None:
    choose(admins, bakeren, {mva: ola})
    choose(admins, bakeren, {mva: ola})
    choose(admins, bakeren, {mva: kari})
    choose(admins, bakeren, {mva: None})

    assert not AreaResponsible.objects.exists()
    entries = AuditEntry.objects.filter(about=f"client {bakeren.pk}").order_by("pk")
    assert [entry.detail["areas"] for entry in entries] == [
        {"Mva": [None, ola.pk]},
        {"Mva": [ola.pk, kari.pk]},
        {"Mva": [kari.pk, None]},
    ]
    assert entries[0].actor == admin


def test_open_dialogs_stay_unless_they_are_asked_to_follow(
    bakeren: Client,
    admins: Browser,
    kari: User,
    ola: User,
    olas: Browser,
    mva: ServiceArea,
    make_dialog: MakeDialog,
) -> None:
    ours = [make_dialog(bakeren, responsible=kari) for _ in range(2)]
    ours.append(make_dialog(bakeren))
    others = [
        make_dialog(bakeren, owner="nav", responsible=kari),
        make_dialog(bakeren, folder="ARCHIVE", responsible=kari),
    ]
    belongs_to(mva)
    choose(admins, bakeren, {mva: ola})
    assert not Dialog.objects.filter(responsible=ola).exists()

    response = admins.post(
        address(bakeren), {f"omrade-{mva.pk}": ola.pk, f"flytt-{mva.pk}": "on"}, follow=True
    )

    assert "3 dialoger er flyttet." in plain(response.content.decode())
    theirs = Dialog.objects.filter(responsible=ola)
    assert set(theirs) == set(ours)
    assert not Dialog.objects.filter(pk__in=[one.pk for one in others], responsible=ola).exists()
    assert all(one.work_version == 1 for one in theirs)
    assigned = AuditEntry.objects.filter(act="dialog.assigned")
    assert {entry.about for entry in assigned} == {f"dialog {one.pk}" for one in ours}
    [to_ola] = Notice.objects.filter(user=ola)
    assert (to_ola.kind, to_ola.count) == ("HANDED_OVER", 3)
    assert rows_of(text(olas, f"/innboks/?{to_ola.query}")) == 3
    [to_kari] = Notice.objects.filter(user=kari)
    assert (to_kari.kind, to_kari.count) == ("TAKEN", 2)


def test_with_nobody_left_they_go_to_the_clients_responsible(
    bakeren: Client,
    admins: Browser,
    kari: User,
    ola: User,
    mva: ServiceArea,
    make_dialog: MakeDialog,
) -> None:
    AreaResponsible.objects.create(client=bakeren, area=mva, user=ola)
    dialog = make_dialog(bakeren, responsible=ola)
    belongs_to(mva)

    admins.post(address(bakeren), {f"omrade-{mva.pk}": "", f"flytt-{mva.pk}": "on"})

    dialog.refresh_from_db()
    assert dialog.responsible == kari


def test_only_administrators_may_and_for_ola_the_client_is_not_there(
    bakeren: Client, karis: Browser, olas: Browser, ola: User, mva: ServiceArea
) -> None:
    assert choose(karis, bakeren, {mva: ola}).status_code == 403
    assert karis.get(address(bakeren)).status_code == 403
    assert choose(olas, bakeren, {mva: ola}).status_code == 404
    assert not AreaResponsible.objects.exists()
    assert "omrade-" not in text(karis, f"/klienter/{bakeren.pk}/rediger/")


def test_somebody_who_does_not_work_here_is_refused(
    bakeren: Client, admins: Browser, ola: User, mva: ServiceArea
) -> None:
    User.objects.filter(pk=ola.pk).update(is_active=False)

    response = choose(admins, bakeren, {mva: ola})

    assert response.status_code == 422
    assert "Ingenting er lagret" in response.content.decode()
    assert not AreaResponsible.objects.exists()
