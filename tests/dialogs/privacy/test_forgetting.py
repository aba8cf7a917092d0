"""Who has left is a number from then on, and the audit log is what it was."""

from collections.abc import Callable
from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser

from clients.models import Client, PersonConnection
from dialogs import actions
from dialogs.home import hand_over
from dialogs.models import Note, Notice, ReadMark, SavedSearch
from dialogs.privacy import forgetting
from staff import audit, chain
from staff.models import AuditEntry, Team, User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.privacy.test_erasing import tables_that_name


@pytest.fixture
def kanari(bakeren: Client, make_dialog: MakeDialog, ola: User, now: datetime) -> User:
    """Somebody who has left, after some work."""
    user = User.objects.create_user(
        "kanari@firmaet.invalid", "x", first_name="Kanari", last_name="Fugl", last_login=now
    )
    bakeren.members.add(user)
    user.teams.add(Team.objects.create(name="Lønn"))
    dialog = make_dialog(bakeren, responsible=user)
    actions.look_at(dialog, user=user, now=now)
    Note.objects.create(dialog=dialog, author=user, text="Ring", created_at=now)
    Notice.objects.create(user=user, kind=Notice.Kind.ASSIGNED, created_at=now)
    PersonConnection.objects.create(user=user, sealed=b"x", acr="x", connected_at=now)
    for visibility in ("ME", "ALL"):
        SavedSearch.objects.create(
            name=visibility, owner=user, visibility=visibility, created_at=now
        )
    hand_over.hand_over(user, hand_over.Plan(ola), actor=ola, now=now)
    Notice.objects.all().delete()  # to the one who took over, while it was news
    user.is_active = False
    user.save()
    return user


def test_the_name_is_gone_and_the_chain_holds(kanari: User, admin: User, now: datetime) -> None:
    chain.add_links(now=now)
    before = AuditEntry.objects.count()
    assert "staff_user" in tables_that_name(("Kanari", "kanari"))

    assert forgetting.forget(kanari, actor=admin, now=now)

    assert tables_that_name(("Kanari", "kanari")) == set()
    kanari.refresh_from_db()
    assert kanari.name == f"Tidligere ansatt {kanari.pk}"
    assert not kanari.has_usable_password()
    assert not kanari.last_login
    assert not kanari.teams.exists()
    chain.add_links(now=now)
    assert chain.verify().faults == []
    assert AuditEntry.objects.count() == before + 1
    assert AuditEntry.objects.latest("pk").act == "employee forgotten"


def test_what_is_theirs_goes_and_what_is_the_firms_stays(
    kanari: User, admin: User, now: datetime
) -> None:
    forgetting.forget(kanari, actor=admin, now=now)

    assert not ReadMark.objects.filter(user=kanari).exists()
    assert not PersonConnection.objects.filter(user=kanari).exists()
    assert list(SavedSearch.objects.values_list("name", flat=True)) == ["ALL"]
    assert Note.objects.filter(author=kanari).exists()
    assert AuditEntry.objects.filter(actor=kanari).exists()


def test_once_is_enough_and_nobody_who_works_here_is_forgotten(
    kanari: User, kari: User, admin: User, now: datetime
) -> None:
    with pytest.raises(forgetting.StillHere):
        forgetting.forget(kari, actor=admin, now=now)
    assert forgetting.forget(kanari, actor=admin, now=now)
    assert not forgetting.forget(kanari, actor=admin, now=now)
    kari.refresh_from_db()
    assert kari.name == "Kari Hansen"


def test_the_log_tells_of_a_number(
    kanari: User, admin: User, now: datetime, logged_in: Callable[[User], Browser]
) -> None:
    audit.record(actor=kanari, act="user logged in", about=f"user {kanari.pk}", now=now)
    forgetting.forget(kanari, actor=admin, now=now)

    page = logged_in(admin).get("/revisjonslogg/").content.decode()

    assert f"Tidligere ansatt {kanari.pk} logget inn." in page
    assert "Kanari" not in page


def test_an_administrator_is_asked_first(
    kanari: User, kari: User, admins: Browser, karis: Browser
) -> None:
    address = f"/personvern/ansatte/{kanari.pk}/"
    assert karis.get(address).status_code == 403
    assert karis.post(address, {"sikker": "on"}).status_code == 403
    assert admins.get(f"/personvern/ansatte/{kari.pk}/").status_code == 404
    assert "Kanari Fugl" in admins.get("/personvern/").content.decode()
    assert "Kanari Fugl" in admins.get(address).content.decode()
    assert admins.post(address).status_code == 422

    assert admins.post(address, {"sikker": "on"}).status_code == 302

    page = admins.get("/personvern/").content.decode()
    assert f"Tidligere ansatt {kanari.pk}" in page
    assert admins.get(address).status_code == 404


def test_the_command_forgets(kanari: User, kari: User) -> None:
    with pytest.raises(CommandError, match="Nobody"):
        call_command("forget_employee", "nobody@firmaet.invalid")
    with pytest.raises(CommandError, match="in use"):
        call_command("forget_employee", kari.email)
    out = StringIO()
    call_command("forget_employee", kanari.email, stdout=out)
    assert str(kanari.pk) in out.getvalue()
    kanari.refresh_from_db()
    assert kanari.forgotten_at
