"""Who may do what, asked in Python and of the database."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.contrib.auth import get_user
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.test import Client as Browser

from clients.keeping.categories import those_who_see
from clients.models import Client
from dialogs.inbox.choices import colleagues_for, readers_for
from staff import rules
from staff.models import Team, User

Role = User.Role
RULES: dict[Callable[[User], bool], set[str]] = {
    rules.may_work: {Role.ACCOUNTANT, Role.MANAGER, Role.ADMIN},
    rules.may_register: {Role.ADMIN},
    rules.may_oversee: {Role.MANAGER, Role.ADMIN},
    rules.may_manage: {Role.MANAGER, Role.ADMIN},
    rules.may_lead: {Role.MANAGER, Role.ADMIN},
    rules.may_audit: {Role.ADMIN, Role.AUDITOR},
    rules.may_export: set(Role),
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_each_rule_names_its_roles_and_nobody_who_has_left(
    rule: Callable[[User], bool], role: Role
) -> None:
    assert rule(User(role=role)) == (role in RULES[rule])
    assert not rule(User(role=role, is_active=False))


def test_what_is_not_allowed_is_refused() -> None:
    rules.check(True)
    with pytest.raises(PermissionDenied):
        rules.check(False)
    with pytest.raises(PermissionDenied):
        rules.check_may_work(User(role=Role.AUDITOR))


@pytest.mark.django_db
def test_the_database_answers_who_may_work_as_python_does() -> None:
    for number, role in enumerate(Role):
        User.objects.create_user(f"{number}@firmaet.invalid", role=role)
        User.objects.create_user(f"{number}.off@firmaet.invalid", role=role, is_active=False)

    able = set(rules.workers())

    assert able == {one for one in User.objects.all() if rules.may_work(one)}
    assert len(able) == 3


@pytest.mark.django_db
def test_an_auditor_sees_every_client_unless_somebody_says_otherwise() -> None:
    reads_all = User.objects.create_user("revisor@firmaet.invalid", role=Role.AUDITOR)
    reads_some = User.objects.create_user(
        "liten@firmaet.invalid", role=Role.AUDITOR, sees_all_clients=False
    )

    assert reads_all.may_see_all_clients
    assert not reads_some.may_see_all_clients


def test_a_team_lets_its_members_see_every_client(bakeren: Client, ola: User) -> None:
    team = Team.objects.create(name="Kvalitet", sees_all_clients=True)
    assert not Client.objects.visible_to(User.objects.get(pk=ola.pk)).exists()

    ola.teams.add(team)

    again = User.objects.get(pk=ola.pk)
    assert list(Client.objects.visible_to(again)) == [bakeren]
    assert again in User.objects.filter(rules.sees_every_client())
    assert again in colleagues_for(bakeren.pk)
    assert again in those_who_see(bakeren)


def test_a_team_without_that_shows_no_more_than_it_works_for(bakeren: Client, ola: User) -> None:
    ola.teams.add(Team.objects.create(name="Lønn"))

    again = User.objects.get(pk=ola.pk)
    assert not Client.objects.visible_to(again).exists()
    assert again not in User.objects.filter(rules.sees_every_client())


def test_the_database_answers_who_sees_everything_as_python_does(
    kari: User, ola: User, admin: User, leder: User
) -> None:
    ola.teams.add(Team.objects.create(name="Kvalitet", sees_all_clients=True))
    auditor = User.objects.create_user("revisor@firmaet.invalid", role=Role.AUDITOR)

    found = set(User.objects.filter(rules.sees_every_client()))

    assert found == {ola, admin, leder, auditor}
    assert found == {one for one in User.objects.all() if one.may_see_all_clients}


def test_who_is_logged_in_is_fetched_with_their_teams_in_one_statement(
    ola: User, django_assert_num_queries: Callable[[int], object]
) -> None:
    ola.teams.add(Team.objects.create(name="Kvalitet", sees_all_clients=True))
    browser = Browser()
    browser.force_login(ola)
    request = HttpRequest()
    request.session = browser.session
    len(request.session.keys())

    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        user = get_user(request)
        assert isinstance(user, User)
        assert user.may_see_all_clients


def test_an_auditor_can_be_told_of_a_client_but_is_given_no_work(
    bakeren: Client, now: datetime
) -> None:
    auditor = User.objects.create_user("revisor@firmaet.invalid", role=Role.AUDITOR)

    assert auditor in readers_for(bakeren.pk)
    assert auditor not in colleagues_for(bakeren.pk)
