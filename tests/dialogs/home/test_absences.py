import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client
from dialogs.home import absences
from dialogs.models import Dialog, Notice
from staff.models import Absence, AuditEntry, Team, User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.home.conftest import plain, rows_of, text

LIST, NEW = "/fravaer/", "/fravaer/nytt/"
LogIn = Callable[[User], Browser]


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def leaders(leder: User, logged_in: LogIn) -> Browser:
    return logged_in(leder)


def away(user: User, first: int, last: int, **more: Any) -> Absence:
    today = timezone.localdate()
    days = {"from_on": today + timedelta(days=first), "to_on": today + timedelta(days=last)}
    return Absence.objects.create(user=user, **days, **more)


def fields(first: int, last: int, substitute: User | None = None, **more: Any) -> dict[str, Any]:
    today = timezone.localdate()
    days = {"fra": today + timedelta(days=first), "til": today + timedelta(days=last)}
    return days | {"stedfortreder": substitute.pk if substitute else ""} | more


def test_the_substitute_sees_the_work_and_the_owner_keeps_it(
    bakeren: Client, kari: User, ola: User, karis: Browser, olas: Browser, make_dialog: MakeDialog
) -> None:
    dialogs = [make_dialog(bakeren, responsible=kari) for _ in range(3)]
    assert olas.get(f"/innboks/{dialogs[0].pk}/").status_code == 404

    response = karis.post(NEW, fields(0, 5, ola))

    assert response.headers["Location"] == LIST
    assert olas.get(f"/innboks/{dialogs[0].pk}/").status_code == 200
    assert set(Dialog.objects.values_list("responsible", flat=True)) == {kari.pk}
    [notice] = Notice.objects.all()
    assert (notice.user, notice.kind, notice.count) == (ola, "STANDS_IN", 3)
    assert rows_of(text(olas, f"/innboks/?{notice.query}")) == 3
    entry = AuditEntry.objects.get(act="absence added")
    assert (entry.actor, entry.act, entry.about) == (kari, "absence added", f"user {kari.pk}")
    assert entry.detail["substitute"] == ola.pk


@pytest.mark.parametrize("joins", [0, 1])
def test_the_substitute_may_join_where_the_other_is_not_responsible(
    joins: int,
    rorleggeren: Client,
    bakeren: Client,
    kari: User,
    ingrid: User,
    karis: Browser,
    make_dialog: MakeDialog,
) -> None:
    rorleggeren.members.add(kari)
    make_dialog(rorleggeren, responsible=kari)
    make_dialog(bakeren, responsible=kari)

    karis.post(NEW, fields(0, 5, ingrid, **({"medlem": "on"} if joins else {})))

    assert set(ingrid.clients.all()) == ({rorleggeren} if joins else set())
    visible = Dialog.objects.visible_to(ingrid)
    assert visible.count() == 1 + joins


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (5, 4, "Siste dag er før første dag."),
        (-5, -1, "Perioden er over."),
        (8, 12, "Det er allerede lagt inn fravær"),
        (10, 10, "Det er allerede lagt inn fravær"),
        (1, 30, "Det er allerede lagt inn fravær"),
    ],
)
def test_days_that_make_no_sense_are_refused(
    first: int, last: int, said: str, kari: User, karis: Browser
) -> None:
    away(kari, 10, 14)

    response = karis.post(NEW, fields(first, last))

    assert response.status_code == 422
    assert said in response.content.decode()
    assert Absence.objects.count() == 1


def test_a_substitute_who_is_away_too_is_refused(kari: User, ola: User, karis: Browser) -> None:
    away(ola, 3, 4)

    response = karis.post(NEW, fields(0, 3, ola))

    assert response.status_code == 422
    assert "Ola Berg er selv borte" in response.content.decode()
    assert karis.post(NEW, fields(0, 2, ola)).status_code == 302


def test_nobody_stands_in_for_themselves_or_has_left(kari: User, ola: User, karis: Browser) -> None:
    User.objects.filter(pk=ola.pk).update(is_active=False)

    for substitute in (kari, ola):
        assert karis.post(NEW, fields(0, 2, substitute)).status_code == 422
    assert not Absence.objects.exists()


class TestEnding:
    def test_early_means_back_today(
        self, kari: User, karis: Browser, ola: User, bakeren: Client, today: date
    ) -> None:
        absence = away(kari, -3, 5, substitute=ola)
        assert bakeren in Client.objects.visible_to(ola)

        karis.post(f"/fravaer/{absence.pk}/avslutt/")

        absence.refresh_from_db()
        assert absence.to_on == today - timedelta(days=1)
        assert bakeren not in Client.objects.visible_to(ola)
        assert AuditEntry.objects.get().act == "absence ended"

    @pytest.mark.parametrize("first", [0, 4])
    def test_one_that_begins_today_or_later_is_taken_away(
        self, first: int, kari: User, karis: Browser
    ) -> None:
        absence = away(kari, first, 5)

        karis.post(f"/fravaer/{absence.pk}/avslutt/")

        assert not Absence.objects.exists()
        assert AuditEntry.objects.get().act == "absence ended"

    def test_what_is_over_stays_as_it_was(self, kari: User, karis: Browser) -> None:
        absence = away(kari, -9, -5)

        karis.post(f"/fravaer/{absence.pk}/avslutt/")

        before = absence.to_on
        absence.refresh_from_db()
        assert absence.to_on == before
        assert not AuditEntry.objects.exists()

    def test_is_not_for_others(self, kari: User, olas: Browser, leaders: Browser) -> None:
        absence = away(kari, -1, 5)

        assert olas.post(f"/fravaer/{absence.pk}/avslutt/").status_code == 404
        assert Absence.objects.get().to_on == absence.to_on
        assert leaders.get(f"/fravaer/{absence.pk}/avslutt/").status_code == 405
        assert leaders.post(f"/fravaer/{absence.pk}/avslutt/").status_code == 302


class TestWho:
    def test_ola_says_nothing_on_karis_behalf(self, kari: User, olas: Browser) -> None:
        assert olas.get(f"{NEW}?hvem={kari.pk}").status_code == 404
        assert olas.post(f"{NEW}?hvem={kari.pk}", fields(0, 5)).status_code == 404
        assert not Absence.objects.exists()

    @pytest.mark.parametrize("who", ["x", "999999", "9" * 40, "-1", "٣"])
    def test_nobody_known_is_not_found(self, who: str, leaders: Browser) -> None:
        assert leaders.get(f"{NEW}?hvem={who}").status_code == 404

    def test_who_leads_may_for_anybody(self, kari: User, leaders: Browser) -> None:
        assert "Fravær for Kari Hansen" in text(leaders, f"{NEW}?hvem={kari.pk}")
        leaders.post(f"{NEW}?hvem={kari.pk}", fields(0, 5))
        assert Absence.objects.get().user == kari

    def test_one_sees_ones_own_and_who_leads_the_teams(
        self, kari: User, ola: User, ingrid: User, leder: User, karis: Browser, leaders: Browser
    ) -> None:
        for user in (kari, ola, ingrid):
            away(user, 0, 5)
        names = ["Kari Hansen", "Ola Berg", "Ingrid Moen"]

        def named(page: str) -> list[str]:
            table = plain(page.partition("<table")[2])
            return [name for name in names if name in table]

        assert named(text(karis, LIST)) == ["Kari Hansen"]
        assert named(text(karis, LIST + "?vis=alle")) == ["Kari Hansen"]
        assert named(text(leaders, LIST)) == names
        assert "Vis hele firmaet" not in text(leaders, LIST)
        team = Team.objects.create(name="Lønn")
        for user in (leder, ola):
            user.teams.add(team)
        assert named(text(leaders, LIST)) == ["Ola Berg"]
        assert "Vis hele firmaet" in text(leaders, LIST)
        assert named(text(leaders, LIST + "?vis=alle")) == names

    def test_a_stranger_logs_in_first(self, db: None) -> None:
        for address in (LIST, NEW, "/overlevering/", "/overlevering/1/"):
            assert Browser().get(address).headers["Location"].startswith("/konto/login/")


def test_past_absences_are_shown_apart(kari: User, karis: Browser, now: datetime) -> None:
    away(kari, -9, -5)

    page = text(karis, LIST)

    assert "Ingen er borte nå" in page
    assert "Tidligere" in page


@pytest.mark.django_db(transaction=True)
def test_two_at_once_note_an_absence_once(
    kari: User, leder: User, today: date, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    days: dict[str, Any] = {"from_on": today, "to_on": today, "substitute": None, "joins": False}
    raised: list[Exception] = []

    def second() -> None:
        try:
            absences.add_absence(kari, **days, actor=leder, now=now)
        except absences.AlreadyAway as exc:
            raised.append(exc)
        finally:
            connections.close_all()

    other = threading.Thread(target=second)
    record = absences._record

    def held_up(*args: Any, **options: Any) -> None:
        if threading.current_thread() is not other:
            other.start()
            other.join(timeout=1)
        record(*args, **options)

    monkeypatch.setattr(absences, "_record", held_up)
    absences.add_absence(kari, **days, actor=kari, now=now)
    other.join()

    assert len(raised) == 1
    assert Absence.objects.count() == 1
