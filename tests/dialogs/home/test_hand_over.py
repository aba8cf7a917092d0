import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import AreaResponsible, Client, ServiceArea
from dialogs import actions, counters
from dialogs.home import hand_over, moving
from dialogs.home.hand_over import Plan
from dialogs.models import Dialog, Notice
from staff.models import AuditEntry, Team, User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.home.conftest import belongs_to, links, plain, rows_of, text

BEGIN = "/overlevering/"
LogIn = Callable[[User], Browser]
MakeClient = Callable[..., Client]


def address(user: User, *receivers: User) -> str:
    query = "&".join(f"{'og' if n else 'til'}={one.pk}" for n, one in enumerate(receivers))
    return f"{BEGIN}{user.pk}/?{query}" if query else f"{BEGIN}{user.pk}/"


@pytest.fixture
def leaders(leder: User, logged_in: LogIn) -> Browser:
    return logged_in(leder)


@pytest.fixture
def karis_work(
    bakeren: Client,
    rorleggeren: Client,
    kari: User,
    ola: User,
    mva: ServiceArea,
    make_client: MakeClient,
    make_dialog: MakeDialog,
) -> dict[str, Dialog]:
    """Kari is responsible for Bakeren and Alene, has Mva at Fiskeren, and a dialog at Ola's."""
    make_client("Alene AS", responsible=kari)
    fiskeren = make_client("Fiskeren AS")
    AreaResponsible.objects.create(client=fiskeren, area=mva, user=kari)
    rorleggeren.members.add(kari)
    tomorrow = timezone.localdate() + timedelta(days=1)
    mine: dict[str, Any] = {"responsible": kari, "assigned_why": "CLIENT_RESPONSIBLE"}
    work = {
        "bakerens": make_dialog(bakeren, "Bakerens", due_in=3, **mine),
        "utkast": make_dialog(bakeren, "Utkast", folder="DRAFTS", status="Draft", **mine),
        "utsatt": make_dialog(bakeren, "Utsatt", snoozed_until_on=tomorrow, **mine),
        "mva": make_dialog(fiskeren, "Fiskerens mva", **mine),
        "nav": make_dialog(fiskeren, "Fiskerens sykepenger", owner="nav", **mine),
        "rors": make_dialog(rorleggeren, "Rørleggerens", **mine),
        "arkivert": make_dialog(bakeren, "Arkivert", folder="ARCHIVE", **mine),
        "olas": make_dialog(rorleggeren, "Olas", responsible=ola),
    }
    belongs_to(mva)
    return work


def responsible_of(work: dict[str, Dialog]) -> dict[str, str]:
    people = dict(Dialog.objects.values_list("pk", "responsible__first_name"))
    return {name: people[dialog.pk] for name, dialog in work.items()}


class TestWho:
    def test_ola_cannot_hand_over_for_others(
        self, karis_work: dict[str, Dialog], kari: User, ola: User, olas: Browser
    ) -> None:
        assert olas.get(address(kari)).status_code == 404
        assert olas.post(address(kari, ola), {"overfor": ""}).status_code == 404
        response = olas.get(BEGIN, {"hvem": str(kari.pk), "hvorfor": "slutter"})
        assert response.status_code == 200  # the form again: only he himself can be chosen
        assert "Kari Hansen" not in response.content.decode()
        assert responsible_of(karis_work)["bakerens"] == "Kari"

    def test_everybody_may_hand_over_their_own(self, kari: User, karis: Browser) -> None:
        response = karis.get(BEGIN, {"hvem": str(kari.pk), "hvorfor": "slutter"})
        assert response.headers["Location"] == address(kari)
        response = karis.get(BEGIN, {"hvem": str(kari.pk), "hvorfor": "borte"})
        assert response.headers["Location"] == f"/fravaer/nytt/?hvem={kari.pk}"

    def test_who_leads_may_for_anybody(self, kari: User, leaders: Browser) -> None:
        assert "Kari Hansen" in text(leaders, BEGIN)
        assert leaders.get(address(kari)).status_code == 200

    def test_those_who_left_with_work_behind_are_shown_to_who_leads(
        self, karis_work: dict[str, Dialog], kari: User, leaders: Browser, olas: Browser
    ) -> None:
        said = "Kari Hansen har sluttet, men har fortsatt åpne dialoger."
        assert said not in plain(text(leaders, BEGIN))

        User.objects.filter(pk=kari.pk).update(is_active=False)

        assert said in plain(text(leaders, BEGIN))
        assert said not in plain(text(olas, BEGIN))

    def test_nobody_hands_over_to_themselves_or_to_who_has_left(
        self, karis_work: dict[str, Dialog], kari: User, ola: User, leaders: Browser
    ) -> None:
        User.objects.filter(pk=ola.pk).update(is_active=False)
        for receiver in (kari, ola):
            leaders.post(address(kari, receiver), {"overfor": ""})
        assert responsible_of(karis_work)["bakerens"] == "Kari"

    @pytest.mark.parametrize("query", ["", "?til=x", "?til=999999", "?til="])
    def test_without_a_receiver_nothing_is_done(
        self, query: str, karis_work: dict[str, Dialog], kari: User, leaders: Browser
    ) -> None:
        response = leaders.post(f"{address(kari)}{query}", {"overfor": ""})

        assert response.status_code == 200
        assert responsible_of(karis_work)["bakerens"] == "Kari"


class TestPreview:
    def test_every_number_leads_to_a_list_of_exactly_as_many(
        self, karis_work: dict[str, Dialog], kari: User, leaders: Browser
    ) -> None:
        page = text(leaders, address(kari))

        found = links(page)
        for words in ("4 åpne dialoger", "1 utsatt", "1 utkast"):
            assert rows_of(text(leaders, found[words])) == int(words[0]), words
        assert "hos 3 klienter 2 klientansvar 1 fagansvar" in plain(page)

    def test_says_who_becomes_a_member_to_see_what_they_get(
        self, karis_work: dict[str, Dialog], kari: User, ingrid: User, leaders: Browser, leder: User
    ) -> None:
        page = plain(text(leaders, address(kari, ingrid)))

        assert "Ingrid Moen overtar 4 åpne dialoger, 1 utsatt, 1 utkast hos 3 klienter," in page
        assert "2 klientansvar, 1 fagansvar." in page
        said = (
            "Ingrid Moen ser ikke 1 av klientene i dag, og blir medarbeider der: Rørleggeren ENK."
        )
        assert said in page
        assert "ser ikke" not in plain(text(leaders, address(kari, leder)))

    def test_changes_nothing(
        self, karis_work: dict[str, Dialog], kari: User, ingrid: User, leaders: Browser
    ) -> None:
        text(leaders, address(kari, ingrid))
        leaders.post(address(kari, ingrid), {"vis": ""})

        assert responsible_of(karis_work)["bakerens"] == "Kari"
        assert not AuditEntry.objects.exists()

    def test_shows_only_clients_that_the_one_who_asks_sees(
        self,
        karis_work: dict[str, Dialog],
        rorleggeren: Client,
        kari: User,
        ingrid: User,
        karis: Browser,
    ) -> None:
        rorleggeren.members.remove(kari)

        page = text(karis, address(kari, ingrid, User.objects.get(first_name="Ola")))
        assert "Rørleggeren" not in page
        assert "1 åpen dialog er hos en klient du ikke ser. Be en leder overlevere den." in page
        karis.post(address(kari, ingrid), {"overfor": ""})

        done = responsible_of(karis_work)
        assert (done["bakerens"], done["rors"]) == ("Ingrid", "Kari")

    def test_costs_the_same_for_300_clients_as_for_5(
        self,
        kari: User,
        ola: User,
        ingrid: User,
        leaders: Browser,
        mva: ServiceArea,
        make_client: MakeClient,
        make_dialog: MakeDialog,
    ) -> None:
        def fill(first: int, last: int) -> None:
            for n in range(first, last):
                client = make_client(f"Klient {n}", responsible=kari if n % 2 else ola)
                make_dialog(client, responsible=kari)
                if n % 3:
                    AreaResponsible.objects.create(client=client, area=mva, user=kari)

        def statements() -> int:
            with CaptureQueriesContext(connection) as captured:
                text(leaders, address(kari, ola, ingrid))
            return len(captured)

        fill(0, 5)
        few = statements()
        fill(5, 300)
        assert statements() == few


class TestDeed:
    def test_everything_goes_to_one(
        self,
        karis_work: dict[str, Dialog],
        kari: User,
        ingrid: User,
        leder: User,
        leaders: Browser,
        logged_in: LogIn,
    ) -> None:
        response = leaders.post(address(kari, ingrid), {"overfor": ""})

        done = responsible_of(karis_work)
        assert [name for name, who in done.items() if who == "Ingrid"] == [
            *("bakerens", "utkast", "utsatt", "mva", "nav", "rors")
        ]
        assert (done["arkivert"], done["olas"]) == ("Kari", "Ola")
        assert Client.objects.filter(responsible=ingrid).count() == 2
        assert not Client.objects.filter(responsible=kari).exists()
        assert AreaResponsible.objects.get().user == ingrid
        assert not Dialog.objects.exclude(responsible=None).visible_to(ingrid).count() < 7
        receipt = plain(text(leaders, response.headers["Location"]))
        assert "Ingrid Moen overtok 4 åpne dialoger, 1 utsatt, 1 utkast hos 3 klienter," in receipt
        assert "Utført av Marit Solberg" in receipt
        for name in ("Bakeren AS", "Mva (Fiskeren AS)", "Rørleggeren ENK"):
            assert name in receipt
        assert counters.drift() == {}

    def test_each_change_is_written_down_with_what_was_there(
        self,
        karis_work: dict[str, Dialog],
        kari: User,
        ingrid: User,
        leder: User,
        bakeren: Client,
        leaders: Browser,
    ) -> None:
        leaders.post(address(kari, ingrid), {"overfor": ""})

        dialog = karis_work["bakerens"]
        [entry] = AuditEntry.objects.filter(about=f"dialog {dialog.pk}")
        assert (entry.actor, entry.act) == (leder, "dialog.assigned")
        assert entry.detail == {
            "comment": "Overlevering",
            "before": {"responsible": kari.pk, "assigned_why": "CLIENT_RESPONSIBLE"},
            "after": {"responsible": ingrid.pk, "assigned_why": ""},
        }
        dialog.refresh_from_db()
        assert (dialog.work_version, dialog.assigned_why) == (1, "")
        [entry] = AuditEntry.objects.filter(about=f"client {bakeren.pk}")
        assert entry.detail == {"responsible": [kari.pk, ingrid.pk]}
        acts = Counter(AuditEntry.objects.values_list("act", flat=True))
        assert acts == {
            "dialog.assigned": 6,
            "client changed": 3,
            "client areas changed": 1,
            "work handed over": 1,
        }

    def test_each_receiver_hears_once_and_who_does_it_not_at_all(
        self,
        karis_work: dict[str, Dialog],
        kari: User,
        ingrid: User,
        leder: User,
        leaders: Browser,
        logged_in: LogIn,
        bakeren: Client,
    ) -> None:
        leaders.post(
            address(kari, ingrid, leder), {"overfor": "", f"klient-{bakeren.pk}": leder.pk}
        )

        [notice] = Notice.objects.all()
        assert (notice.user, notice.kind, notice.count) == (ingrid, "HANDED_OVER", 3)
        assert notice.comment == "Overlevering fra Kari Hansen: 1 klientansvar, 1 fagansvar"
        assert rows_of(text(logged_in(ingrid), f"/innboks/?{notice.query}")) == 3

    def test_what_lies_outside_the_inbox_is_told_of_beside_the_number(
        self, karis_work: dict[str, Dialog], kari: User, ingrid: User, leaders: Browser
    ) -> None:
        leaders.post(address(kari, ingrid), {"overfor": ""})

        [notice] = Notice.objects.all()
        assert notice.count == 4
        assert notice.comment.endswith(": 2 klientansvar, 1 fagansvar, 1 utsatt, 1 utkast")

    def test_clients_and_areas_may_go_to_different_people(
        self,
        karis_work: dict[str, Dialog],
        kari: User,
        ola: User,
        ingrid: User,
        leder: User,
        leaders: Browser,
        bakeren: Client,
        mva: ServiceArea,
    ) -> None:
        fiskeren = Client.objects.get(name="Fiskeren AS")
        wanted = {
            f"klient-{bakeren.pk}": ingrid.pk,
            f"omrade-{fiskeren.pk}-{mva.pk}": leder.pk,
            "klient-x": "y",
            f"klient-{fiskeren.pk}": kari.pk,  # not among the receivers
        }
        page = leaders.post(address(kari, ola, ingrid, leder), wanted | {"vis": ""})
        assert "Ingrid Moen overtar 1 åpen dialog, 1 utsatt, 1 utkast hos 1 klient" in plain(
            page.content.decode()
        )

        leaders.post(address(kari, ola, ingrid, leder), wanted | {"overfor": ""})

        assert responsible_of(karis_work) == {
            **dict.fromkeys(("bakerens", "utkast", "utsatt"), "Ingrid"),
            "mva": "Marit",
            "nav": "Ola",
            "rors": "Ola",
            "arkivert": "Kari",
            "olas": "Ola",
        }
        bakeren.refresh_from_db()
        assert bakeren.responsible == ingrid
        assert AreaResponsible.objects.get().user == leder
        assert set(fiskeren.members.all()) == {ola}

    def test_a_team_that_sees_the_client_is_enough(
        self,
        karis_work: dict[str, Dialog],
        rorleggeren: Client,
        kari: User,
        ingrid: User,
        leaders: Browser,
    ) -> None:
        rorleggeren.team = Team.objects.create(name="Rør")
        rorleggeren.save()
        ingrid.teams.add(rorleggeren.team)

        leaders.post(address(kari, ingrid), {"overfor": ""})

        assert not ingrid.clients.exists()

    def test_more_than_one_chunk_goes_at_once(
        self,
        karis_work: dict[str, Dialog],
        kari: User,
        ingrid: User,
        leder: User,
        now: datetime,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(moving, "AT_ONCE", 2)

        hand_over.hand_over(kari, Plan(ingrid), actor=leder, now=now)

        assert Dialog.objects.filter(responsible=ingrid).count() == 6
        assert AuditEntry.objects.filter(act="dialog.assigned").count() == 6
        assert counters.drift() == {}

    def test_all_or_nothing(
        self,
        karis_work: dict[str, Dialog],
        kari: User,
        ingrid: User,
        leder: User,
        now: datetime,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def fail(*_args: object, **_options: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(moving, "tell_receiver", fail)
        with pytest.raises(RuntimeError):
            hand_over.hand_over(kari, Plan(ingrid), actor=leder, now=now)

        assert responsible_of(karis_work)["bakerens"] == "Kari"
        assert Client.objects.filter(responsible=kari).count() == 2
        assert not AuditEntry.objects.exists()

    def test_a_form_shown_before_does_not_undo_it(
        self,
        karis_work: dict[str, Dialog],
        kari: User,
        ola: User,
        ingrid: User,
        leder: User,
        now: datetime,
    ) -> None:
        dialog = karis_work["rors"]
        hand_over.hand_over(kari, Plan(ingrid), actor=leder, now=now)

        with pytest.raises(actions.SomebodyWasFirst) as caught:
            actions.assign_dialog(dialog, ola, actions.Decision(kari, now, 0))

        assert caught.value.entry
        assert caught.value.entry.actor == leder


class TestReceipt:
    def test_is_for_those_it_concerns_and_those_who_lead(
        self,
        karis_work: dict[str, Dialog],
        kari: User,
        karis: Browser,
        olas: Browser,
        leaders: Browser,
        ingrid: User,
        leder: User,
        now: datetime,
    ) -> None:
        entry = hand_over.hand_over(kari, Plan(ingrid), actor=leder, now=now)
        where = f"/overlevering/utfort/{entry.pk}/"

        assert karis.get(where).status_code == 200
        assert leaders.get(where).status_code == 200
        assert olas.get(where).status_code == 404

    def test_shows_no_other_entry_of_the_log(
        self, karis_work: dict[str, Dialog], bakeren: Client, leaders: Browser, now: datetime
    ) -> None:
        entry = AuditEntry.objects.create(at=now, act="client changed", about="client 1")

        assert leaders.get(f"/overlevering/utfort/{entry.pk}/").status_code == 404

    def test_says_so_when_nothing_was_left(
        self, kari: User, ingrid: User, leder: User, leaders: Browser, now: datetime
    ) -> None:
        entry = hand_over.hand_over(kari, Plan(ingrid), actor=leder, now=now)

        page = text(leaders, f"/overlevering/utfort/{entry.pk}/")
        assert "Det var ingenting igjen å overføre." in page
        assert "ingenting å overlevere" in text(leaders, address(kari))


class Meanwhile(threading.Thread):
    """Somebody else, at the same time: begins once the first has everything in hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
        super().__init__()
        self._act = act
        self.raised: BaseException | None = None
        carry_out = moving.carry_out

        def held_up(*args: Any, **options: Any) -> Any:
            if threading.current_thread() is not self:
                self.start()
                self.join(timeout=1)
                assert self.is_alive(), "the other did not wait"
            return carry_out(*args, **options)

        monkeypatch.setattr(moving, "carry_out", held_up)

    def run(self) -> None:
        try:
            self._act()
        except BaseException as exc:
            self.raised = exc
        finally:
            connections.close_all()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("roles", ["clients", "areas"])
def test_two_at_once_hand_over_each_thing_once(
    roles: str,
    karis_work: dict[str, Dialog],
    kari: User,
    ola: User,
    ingrid: User,
    leder: User,
    admin: User,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if roles == "clients":
        AreaResponsible.objects.all().delete()
    else:
        Client.objects.filter(responsible=kari).update(responsible=None)
        Dialog.objects.filter(responsible=kari).update(responsible=None)
    other = Meanwhile(
        monkeypatch, lambda: hand_over.hand_over(kari, Plan(ola), actor=admin, now=now)
    )

    hand_over.hand_over(kari, Plan(ingrid), actor=leder, now=now)
    other.join()

    assert other.raised is None
    assert [notice.user for notice in Notice.objects.all()] == [ingrid]
    moved = AuditEntry.objects.filter(act="dialog.assigned")
    if roles == "clients":
        assert moved.count() == moved.values("about").distinct().count() == 6
        done = responsible_of(karis_work)
        assert [done[name] for name in ("bakerens", "utsatt", "mva", "rors")] == ["Ingrid"] * 4
        assert Client.objects.filter(responsible=ingrid).count() == 2
    else:
        assert AreaResponsible.objects.get().user == ingrid
    assert counters.drift() == {}


@pytest.mark.django_db(transaction=True)
def test_a_colleague_who_assigns_meanwhile_learns_who_was_first(
    karis_work: dict[str, Dialog],
    kari: User,
    ola: User,
    ingrid: User,
    leder: User,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dialog = karis_work["rors"]
    decision = actions.Decision(ola, now, dialog.work_version)
    other = Meanwhile(monkeypatch, lambda: actions.assign_dialog(dialog, ola, decision))

    hand_over.hand_over(kari, Plan(ingrid), actor=leder, now=now)
    other.join()

    assert isinstance(other.raised, actions.SomebodyWasFirst)
    assert responsible_of(karis_work)["rors"] == "Ingrid"
