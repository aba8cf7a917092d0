"""«Ansatte»: people come in by a link, change, and are shut out at once."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings

from clients.models import Client
from dialogs.models import Dialog
from staff import invitations
from staff.models import AuditEntry, Invitation, Team, User

PEOPLE, INVITE = reverse("dialogs:people"), reverse("dialogs:person-invite")
HOME, LOGIN = reverse("dialogs:home"), reverse("account_login")
PASSWORD = "riktig hest batteri stift"

LogIn = Callable[[User], Browser]
MakeDialog = Callable[..., Dialog]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def admins(admin: User, logged_in: LogIn) -> Browser:
    return logged_in(admin)


def at(name: str, user: User) -> str:
    return reverse(f"dialogs:{name}", args=[user.pk])


def wanted(**more: Any) -> dict[str, Any]:
    return {
        "email": "Nina@firmaet.invalid",
        "first_name": "Nina",
        "last_name": "Ny",
        "role": "ACCOUNTANT",
    } | more


def link_in(answer: Any) -> str:
    found = re.search(r'id="lenke"[^>]*>[^<]*?(/konto/invitasjon/[^<]+)<', answer.content.decode())
    assert found, answer.content.decode()
    return found[1]


def acts(user: User) -> list[str]:
    return list(
        AuditEntry.objects.filter(about=f"user {user.pk}")
        .order_by("pk")
        .values_list("act", flat=True)
    )


@pytest.mark.parametrize("who", ["kari", "leder"])
def test_only_administrators_see_or_change_who_works_here(
    who: str, kari: User, leder: User, ola: User, logged_in: LogIn
) -> None:
    browser = logged_in({"kari": kari, "leder": leder}[who])

    for name in ("people", "person-invite"):
        assert browser.get(reverse(f"dialogs:{name}")).status_code == 403
    for name in ("person", "person-leave"):
        assert browser.get(at(name, ola)).status_code == 403
    for name in ("person", "person-leave", "person-link", "person-log-out", "person-back"):
        assert browser.post(at(name, ola), wanted()).status_code == 403
    for name in ("person-invite", "team-new"):
        assert browser.post(reverse(f"dialogs:{name}"), wanted(name="Nytt")).status_code == 403
    assert User.objects.filter(is_active=True).count() == 3
    assert "Ansatte" not in browser.get(HOME).content.decode()
    acts = set(AuditEntry.objects.values_list("act", flat=True))
    assert acts <= {"client registered", "access refused"}


def test_who_is_invited_comes_in_once_with_role_team_and_clients(
    admins: Browser, bakeren: Client
) -> None:
    team = Team.objects.create(name="Lønn")
    answer = admins.post(INVITE, wanted(teams=[team.pk], clients="310 495 921\n"))
    link = link_in(answer)
    nina = User.objects.get(email="nina@firmaet.invalid")

    assert list(nina.teams.all()) == [team]
    assert list(Client.objects.visible_to(nina)) == [bakeren]
    assert not nina.has_usable_password()
    assert acts(nina) == ["user added", "invitation made"]
    assert "Ikke inne ennå" in admins.get(PEOPLE).content.decode()
    assert link.split("/")[-2] not in str(list(Invitation.objects.values()))

    browser = Browser()
    assert "Velkommen, Nina Ny" in browser.get(link).content.decode()
    poor = browser.post(link, {"password1": "kort", "password2": "kort"})
    assert 'aria-invalid="true"' in poor.content.decode()
    nina.refresh_from_db()
    assert not nina.has_usable_password()
    unlike = browser.post(link, {"password1": PASSWORD, "password2": PASSWORD + "x"})
    assert "ikke like" in unlike.content.decode()
    assert browser.post(link, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 302
    assert browser.get(HOME).status_code == 200

    assert Browser().get(link).status_code == 410
    again = Browser().post(link, {"password1": PASSWORD, "password2": PASSWORD})
    assert again.status_code == 410


def test_a_link_is_good_for_some_days_and_until_the_next_one(
    kari: User, admin: User, now: datetime
) -> None:
    first = invitations.make(kari, actor=admin, now=now)
    second = invitations.make(kari, actor=admin, now=now)

    assert invitations.find(first, now=now) is None
    assert invitations.find(second, now=now + timedelta(days=6, hours=23))
    assert invitations.find(second, now=now + timedelta(days=7)) is None
    User.objects.filter(pk=kari.pk).update(is_active=False)
    assert invitations.find(second, now=now) is None


def test_with_a_mail_server_the_link_goes_there_and_is_not_shown(
    admins: Browser, settings: Settings
) -> None:
    settings.EMAIL_HOST = "post.firmaet.invalid"
    answer = admins.post(INVITE, wanted())

    [letter] = mail.outbox
    assert letter.to == ["nina@firmaet.invalid"]
    found = re.search(r"/konto/invitasjon/\S+", str(letter.body))
    assert found
    assert found[0] not in answer.content.decode()
    assert Browser().get(found[0]).status_code == 200


def test_when_the_mail_server_takes_nothing_the_link_is_shown(
    admins: Browser, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    answer = admins.post(INVITE, wanted())

    assert "ble ikke sendt" in answer.content.decode()
    assert Browser().get(link_in(answer)).status_code == 200


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"email": "KARI@firmaet.invalid"}, "alt noen med denne"),
        ({"clients": "987654325"}, "987654325 er ikke en av"),
        ({"clients": "Bakeren"}, "Bakeren er ikke en av"),
        ({"role": "SJEF"}, "Velg"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_told_what_is_wrong(
    more: dict[str, Any], said: str, admins: Browser, kari: User, bakeren: Client
) -> None:
    answer = admins.post(INVITE, wanted(**more))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not User.objects.filter(first_name="Nina").exists()


def test_a_change_is_saved_and_audited_as_before_and_after(admins: Browser, kari: User) -> None:
    team = Team.objects.create(name="Lønn")
    given = {"first_name": "Kari", "last_name": "Berntsen", "role": "MANAGER", "teams": [team.pk]}

    admins.post(at("person", kari), given)
    admins.post(at("person", kari), given)

    kari.refresh_from_db()
    assert (kari.last_name, kari.role, list(kari.teams.all())) == ("Berntsen", "MANAGER", [team])
    assert AuditEntry.objects.get(act="user changed").detail["changed"] == {
        "last_name": ["Hansen", "Berntsen"],
        "role": ["ACCOUNTANT", "MANAGER"],
        "teams": [[], ["Lønn"]],
    }


def test_the_last_administrator_stays_one(admins: Browser, admin: User) -> None:
    given = {"first_name": "Per", "last_name": "Nilsen", "role": "MANAGER"}
    answer = admins.post(at("person", admin), given)
    assert "minst én administrator" in answer.content.decode()
    assert "stenge deg selv ute" in admins.post(at("person-leave", admin)).content.decode()
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == ("ADMIN", True)

    other = User.objects.create_user("to@firmaet.invalid", role="ADMIN")
    assert admins.post(at("person-leave", other)).status_code == 302
    assert admins.post(at("person", admin), given).status_code == 422


def test_who_leaves_is_out_in_every_browser_and_the_work_is_in_other_hands(
    admins: Browser,
    admin: User,
    kari: User,
    ola: User,
    bakeren: Client,
    logged_in: LogIn,
    make_dialog: MakeDialog,
    now: datetime,
) -> None:
    dialog = make_dialog(bakeren, responsible=kari)
    kari.set_password(PASSWORD)
    kari.save()
    browsers = [logged_in(kari), Browser()]
    browsers[1].post(LOGIN, {"login": kari.email, "password": PASSWORD})
    assert [one.get(HOME).status_code for one in browsers] == [200, 200]
    link = invitations.make(kari, actor=admin, now=now)

    assert "Det fordeles senere" in admins.get(at("person-leave", kari)).content.decode()
    answer = admins.post(at("person-leave", kari), {"receiver": ola.pk})

    assert answer["Location"] == PEOPLE
    assert [one.get(HOME).status_code for one in browsers] == [302, 302]
    dialog.refresh_from_db()
    bakeren.refresh_from_db()
    assert (dialog.responsible, bakeren.responsible) == (ola, ola)
    assert Browser().get(invitations.address_of(link)).status_code == 410
    refused = Browser().post(LOGIN, {"login": kari.email, "password": PASSWORD})
    assert refused["Location"] == reverse("account_inactive")
    assert AuditEntry.objects.get(act="user deactivated").detail == {"sessions": 2}
    assert "Har sluttet" in admins.get(PEOPLE).content.decode()


def test_a_session_that_was_ended_stays_so_when_they_come_back(
    admins: Browser, kari: User, logged_in: LogIn
) -> None:
    browser = logged_in(kari)
    answer = admins.post(at("person-leave", kari))
    assert answer["Location"] == reverse("dialogs:hand-over-from", args=[kari.pk])

    back = admins.post(at("person-back", kari))

    assert browser.get(HOME)["Location"].startswith(LOGIN)
    kari.refresh_from_db()
    assert kari.is_active
    assert not kari.has_usable_password()
    Browser().post(link_in(back), {"password1": PASSWORD, "password2": PASSWORD})
    kari.refresh_from_db()
    assert kari.check_password(PASSWORD)


def test_somebody_who_lost_the_phone_gets_a_link_and_sets_it_up_anew(
    admins: Browser, kari: User
) -> None:
    Authenticator.objects.create(user=kari, type="totp", data={})

    link_in(admins.post(at("person-link", kari)))
    assert Authenticator.objects.exists()
    link_in(admins.post(at("person-link", kari), {"forget_steps": "on"}))

    assert not Authenticator.objects.exists()
    assert acts(kari) == ["invitation made", "two steps removed", "invitation made"]


def test_an_administrator_logs_somebody_out_everywhere(
    admins: Browser, admin: User, kari: User, logged_in: LogIn
) -> None:
    browser = logged_in(kari)
    admins.post(at("person-log-out", kari))
    assert browser.get(HOME)["Location"].startswith(LOGIN)
    assert admins.get(HOME).status_code == 200
    assert AuditEntry.objects.get(act="sessions ended").detail == {"sessions": 1}

    assert admins.post(at("person-log-out", admin))["Location"] == LOGIN
    assert admins.get(HOME)["Location"].startswith(LOGIN)


def test_a_team_is_added(admins: Browser) -> None:
    admins.post(reverse("dialogs:team-new"), {"name": "Lønn"})
    admins.post(reverse("dialogs:team-new"), {"name": "Lønn"})
    admins.post(reverse("dialogs:team-new"), {"name": ""})
    assert [team.name for team in Team.objects.all()] == ["Lønn"]
    assert AuditEntry.objects.get(act="team added").detail == {"name": "Lønn"}
