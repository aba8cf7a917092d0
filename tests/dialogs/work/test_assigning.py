"""Giving a dialog to somebody: whom, why, and what goes with it."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client as Browser

from clients.models import AreaResponsible, Client, ServiceArea
from dialogs.models import Dialog, Note, Notice
from dialogs.work import views
from staff.models import Absence, AuditEntry, Team, User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.work.conftest import Post, panel


@pytest.fixture
def colleague(bakeren: Client, ola: User) -> User:
    """Ola, when he too works for the client."""
    bakeren.members.add(ola)
    return ola


def offered(html: str) -> list[tuple[str, list[str]]]:
    """The groups of the list of colleagues, with what each line says."""
    groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', html)
    return [(label, re.findall(r"<option[^>]*>([^<]+)</option>", body)) for label, body in groups]


def test_the_likely_ones_come_first_and_nobody_twice(
    karis: Browser,
    kari: User,
    leder: User,
    admin: User,
    colleague: User,
    bakeren: Client,
    dialog: Dialog,
    post: Post,
) -> None:
    team = Team.objects.create(name="Lønn")
    team.members.set([admin, kari])
    bakeren.responsible, bakeren.team = leder, team
    bakeren.save()
    post(karis, "ansvarlig", responsible=colleague.pk)

    groups = offered(panel(karis, dialog))

    assert [(label, [line.split(" (")[0] for line in lines]) for label, lines in groups] == [
        ("Meg", ["Kari Hansen"]),
        ("Klientansvarlig", ["Marit Solberg"]),
        ("Sist brukt", ["Ola Berg"]),
        ("Team Lønn", ["Per Nilsen"]),
    ]


def test_each_colleague_is_shown_with_open_count_and_absence(
    karis: Browser,
    kari: User,
    leder: User,
    colleague: User,
    bakeren: Client,
    rorleggeren: Client,
    dialog: Dialog,
    make_dialog: MakeDialog,
    today: date,
) -> None:
    for client in (bakeren, bakeren, rorleggeren):
        make_dialog(client, responsible=colleague)
    make_dialog(bakeren, responsible=colleague, folder="ARCHIVE")
    make_dialog(bakeren, responsible=leder)
    back_on = today + timedelta(days=1)
    Absence.objects.create(user=colleague, from_on=today, to_on=back_on, substitute=leder)
    Absence.objects.create(user=leder, from_on=back_on, to_on=back_on)

    lines = dict(line for _, lines in offered(panel(karis, dialog)) for line in map(_split, lines))

    assert lines["Kari Hansen"] == "ingen åpne"
    assert lines["Marit Solberg"] == "1 åpen"
    assert re.fullmatch(r"3 åpne, borte til \d+\. \w+\.?( \d+)? → Marit Solberg", lines["Ola Berg"])


def _split(line: str) -> tuple[str, str]:
    name, _, about = line.partition(" (")
    return name, about.removesuffix(")")


def test_who_may_no_longer_see_the_client_is_named_and_not_offered(
    karis: Browser, colleague: User, bakeren: Client, dialog: Dialog, post: Post
) -> None:
    post(karis, "ansvarlig", responsible=colleague.pk)
    post(karis, "ansvarlig")
    bakeren.members.clear()

    html = panel(karis, dialog)

    assert "Kari Hansen tildelte Ola Berg." in html
    assert "Ola Berg" not in str(offered(html))


def test_a_note_an_internal_deadline_and_a_return_go_with_it(
    karis: Browser, kari: User, colleague: User, dialog: Dialog, post: Post, today: date
) -> None:
    due_on, until_on = today + timedelta(days=9), today + timedelta(days=3)

    answer = post(
        karis,
        "ansvarlig",
        responsible=colleague.pk,
        comment="Ring @Ola Berg først",
        internal_due_on=due_on.isoformat(),
        snoozed_until_on=until_on.isoformat(),
    )

    assert answer.status_code == 302
    assert dialog.responsible == colleague
    assert dialog.internal_due_on == due_on
    assert dialog.snoozed_until_on == until_on
    assert dialog.work_version == 3
    note = Note.objects.get()
    assert (note.author, note.dialog, note.text) == (kari, dialog, "Ring @Ola Berg først")
    assert [mention.user for mention in note.mentions.all()] == [colleague]
    assigned = Notice.objects.get(user=colleague, kind=Notice.Kind.ASSIGNED)
    assert assigned.comment == "Ring @Ola Berg først"
    html = panel(karis, dialog)
    assert "Kari Hansen tildelte Ola Berg." in html
    assert "Kari Hansen satte intern frist" in html


def test_the_new_and_the_former_one_are_told_and_never_the_one_who_did_it(
    karis: Browser, kari: User, leder: User, colleague: User, dialog: Dialog, post: Post
) -> None:
    post(karis, "ansvarlig", responsible=colleague.pk)
    post(karis, "ansvarlig", responsible=leder.pk)
    post(karis, "ansvarlig", responsible=kari.pk)

    kinds = [(one.user, one.kind) for one in Notice.objects.order_by("pk")]
    assert kinds == [
        (colleague, Notice.Kind.ASSIGNED),
        (leder, Notice.Kind.ASSIGNED),
        (colleague, Notice.Kind.TAKEN),
        (leder, Notice.Kind.TAKEN),
    ]


def test_either_all_of_it_is_done_or_nothing(
    karis: Browser, colleague: User, dialog: Dialog, post: Post, today: date
) -> None:
    after_the_deadline = today + timedelta(days=31)

    answer = post(
        karis,
        "ansvarlig",
        htmx=True,
        responsible=colleague.pk,
        comment="Ring først",
        snoozed_until_on=after_the_deadline.isoformat(),
    )

    assert answer.status_code == 409
    html = answer.content.decode()
    assert "Velg senest den dagen." in html
    assert 'value="Ring først"' in html
    assert f'value="{colleague.pk}" selected' in html
    assert 'data-reopen="tildel-boks"' in html
    assert dialog.responsible is None
    assert dialog.work_version == 0
    assert not Note.objects.exists()
    assert not AuditEntry.objects.exists()


def test_what_fails_half_way_leaves_nothing_behind(
    karis: Browser,
    colleague: User,
    dialog: Dialog,
    post: Post,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(views, "add_note", fail)
    with pytest.raises(RuntimeError):
        post(karis, "ansvarlig", responsible=colleague.pk, comment="Ring først")

    dialog.refresh_from_db()
    assert dialog.responsible is None
    assert not AuditEntry.objects.exists()
    assert not Notice.objects.exists()


def test_a_return_after_the_internal_deadline_alone_is_refused(
    karis: Browser, kari: User, bakeren: Client, dialog: Dialog, post: Post, today: date
) -> None:
    Dialog.objects.update(binding_at=None, due_at=None)
    days = {"internal_due_on": today + timedelta(days=2)}
    days["snoozed_until_on"] = today + timedelta(days=3)

    assert post(karis, "ansvarlig", responsible=kari.pk, **days).status_code == 409
    days["snoozed_until_on"] = today + timedelta(days=2)
    assert post(karis, "ansvarlig", responsible=kari.pk, **days).status_code == 302


def test_the_panel_says_why_it_came_to_somebody(
    karis: Browser, kari: User, leder: User, bakeren: Client, dialog: Dialog
) -> None:
    area = ServiceArea.objects.get(name="Lønn")
    bakeren.team = Team.objects.create(name="Sør")
    bakeren.save()
    dialog.service.area = area
    dialog.service.save()
    AreaResponsible.objects.create(client=bakeren, area=area, user=leder)

    def why(reason: str, responsible: User | None) -> str:
        Dialog.objects.update(assigned_why=reason, responsible=responsible)
        return panel(karis, dialog)

    assert "Tildelt automatisk, som ansvarlig for Lønn." in why("AREA", leder)
    assert "Tildelt automatisk, som klientansvarlig." in why("CLIENT_RESPONSIBLE", kari)
    assert "Lagt i køen til team Sør: klienten har ingen ansvarlig." in why("TEAM", None)
    assert "automatisk" not in why("", kari)


def test_a_substitute_is_named_while_the_responsible_is_away(
    karis: Browser, leder: User, colleague: User, dialog: Dialog, today: date
) -> None:
    Dialog.objects.update(responsible=leder)
    away = Absence.objects.create(user=leder, from_on=today, to_on=today, substitute=colleague)
    assert "Marit Solberg (stedfortreder Ola Berg)" in panel(karis, dialog)

    away.from_on = away.to_on = today - timedelta(days=1)
    away.save()
    html = panel(karis, dialog)
    assert "Marit Solberg" in html
    assert "stedfortreder" not in html


def test_whom_one_gave_to_is_remembered_for_oneself_alone(
    karis: Browser,
    leder: User,
    colleague: User,
    dialog: Dialog,
    post: Post,
    logged_in: Callable[[User], Browser],
) -> None:
    post(karis, "ansvarlig", responsible=colleague.pk)

    assert "Sist brukt" in dict(offered(panel(karis, dialog)))
    assert "Sist brukt" not in dict(offered(panel(logged_in(leder), dialog)))


def test_a_comment_that_is_too_long_is_refused(
    karis: Browser, colleague: User, dialog: Dialog, post: Post
) -> None:
    answer = post(karis, "ansvarlig", responsible=colleague.pk, comment="x" * 2001)

    assert answer.status_code == 409
    assert dialog.responsible is None
