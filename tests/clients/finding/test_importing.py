"""A list on its way in: what is found wrong, what comes of the rest, and what a kill does to it."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from altinn.errors import TryLater
from clients import actions, connect
from clients.finding import faults, importing
from clients.models import Client, ClientImport, ImportLine, Party, ServiceArea, SystemUser
from clients.templatetags.orgnr import orgnr as shown
from staff.models import AuditEntry, Team, User
from tests.clients.conftest import decoded, listed
from tests.clients.finding.conftest import (
    BAKEREN,
    BAKEREN_BERGEN,
    FISKEREN,
    Known,
    begun,
    faults_of,
    numbers,
    run_whole,
)
from tests.stand_in import Altinn

pytestmark = pytest.mark.django_db

Outcome, State = ImportLine.Outcome, ClientImport.State


def outcomes(job: ClientImport) -> list[str]:
    return list(job.lines.order_by("number").values_list("outcome", flat=True))


def test_each_fault_of_a_number_is_told_at_once(
    admin: User, bakeren: Client, now: datetime
) -> None:
    gone, nobody = numbers(2)
    archived = actions.register_client(orgnr=gone, name="Borte AS", actor=None, now=now)
    actions.archive_client(archived, actor=None, now=now)
    Party.objects.create(
        urn="urn:altinn:organization:identifier-no:315010004",
        client=bakeren, kind=Party.Kind.SUB, orgnr=BAKEREN_BERGEN, name="Bergen",
    )  # fmt: skip

    job = begun(
        f"Org.nr.;Navn\n;Uten\n12345;Kort\n01017012345;Person\n310495922;Feil\n{BAKEREN};B\n"
        f"{gone};Borte\n{BAKEREN_BERGEN};Bergen\n{nobody};En\n{nobody};To\n",
        admin,
        now,
    )

    assert faults_of(job) == {
        2: ["no_number"],
        3: ["digits"],
        4: ["national_id"],
        5: ["control"],
        6: ["registered"],
        7: ["archived"],
        8: ["our_sub_unit"],
        9: [],
        10: ["duplicate"],
    }
    assert outcomes(job) == [Outcome.BAD] * 7 + [Outcome.UNCHECKED, Outcome.BAD]
    texts = [faults.sentence(f) for line in job.lines.order_by("number") for f in line.faults]
    assert "Bakeren AS er allerede registrert" in texts[4]
    assert "linje 9" in texts[-1]
    assert not any("%" in text for text in texts)


def test_colleagues_and_teams_are_found_by_name_and_address(
    admin: User, kari: User, ola: User, mva: ServiceArea, now: datetime
) -> None:
    vest = Team.objects.create(name="Vest")
    ola.is_active = False
    ola.save()

    job = begun(
        "Org.nr.;Ansvarlig;Team;Merverdiavgift\n"
        f"{BAKEREN};KARI@firmaet.invalid;vest;kari hansen\n"
        f"{FISKEREN};ola@firmaet.invalid;Øst;per@annet.no\n",
        admin,
        now,
    )

    good, bad = job.lines.order_by("number")
    assert (good.responsible, good.team, good.areas) == (kari, vest, {str(mva.pk): kari.pk})
    assert [fault["code"] for fault in bad.faults] == ["responsible", "team", "area"]
    assert "ola@firmaet.invalid" in faults.sentence(bad.faults[0])


def test_a_name_that_two_share_is_nobodys(admin: User, kari: User, now: datetime) -> None:
    User.objects.create_user("kari2@firmaet.invalid", first_name="Kari", last_name="Hansen")

    job = begun(f"Org.nr.;Ansvarlig\n{BAKEREN};Kari Hansen\n", admin, now)

    assert faults_of(job) == {2: ["responsible"]}


@pytest.fixture
def looked_up(altinn: Altinn, known: Known, admin: User, now: datetime) -> ClientImport:
    """Lines about units of every kind, after the register has been asked."""
    changes = ({"deleted": True}, {"removed": True}, {"bankrupt": True}, {"dissolving": True})
    for orgnr, change in zip(known.mains[2:], changes, strict=False):
        altinn.post("/units", {"orgnr": orgnr, **change})
    lines = [known.sub, numbers(1)[0], *known.mains[2:6], known.mains[0]]
    lines.append(f"{known.mains[1]};Rørleggeren i Skien")
    return run_whole(begun("Org.nr.;Navn\n" + "\n".join(lines), admin, now), now)


def test_the_register_says_what_a_number_is(looked_up: ClientImport, known: Known) -> None:
    assert looked_up.state == State.READY
    assert faults_of(looked_up) == {
        2: ["sub_unit"],
        3: ["unknown"],
        4: ["deleted"],
        5: ["removed"],
        6: ["bankrupt"],
        7: ["dissolving"],
        8: [],
        9: ["other_name"],
    }
    assert outcomes(looked_up) == [Outcome.BAD] * 4 + [Outcome.GOOD] * 4
    sub = looked_up.lines.get(number=2)
    assert sub.faults[0]["orgnr"] == known.mains[0]
    assert sub.faults[0]["main"] == known.names[known.mains[0]]
    assert shown(known.mains[0]) in faults.sentence(sub.faults[0])
    assert looked_up.lines.get(number=8).name == known.names[known.mains[0]]
    assert looked_up.lines.get(number=9).name == "Rørleggeren i Skien"


def test_nothing_is_registered_before_somebody_says_so(looked_up: ClientImport) -> None:
    assert not Client.objects.exists()


def test_the_good_lines_are_imported_and_the_bad_are_not(
    looked_up: ClientImport, known: Known, admin: User, now: datetime
) -> None:
    assert importing.accept(looked_up, actor=admin, now=now)
    run_whole(looked_up, now)

    assert looked_up.state == State.FINISHED
    assert outcomes(looked_up) == [Outcome.BAD] * 4 + [Outcome.IMPORTED] * 4
    assert Client.objects.count() == 4
    client = Client.objects.get(orgnr=known.mains[0])
    assert looked_up.lines.get(number=8).client == client
    assert client.parties.get().urn.endswith(known.mains[0])
    acts = list(AuditEntry.objects.filter(actor=admin).values_list("act", flat=True))
    assert acts.count("client added") == 4
    assert {"client import begun", "client import finished"} <= set(acts)


def test_an_import_is_begun_once(looked_up: ClientImport, admin: User, now: datetime) -> None:
    assert importing.accept(looked_up, actor=admin, now=now)
    assert not importing.accept(looked_up, actor=admin, now=now)


def test_responsibles_come_along(
    known: Known, admin: User, kari: User, ola: User, mva: ServiceArea, now: datetime
) -> None:
    vest = Team.objects.create(name="Vest")
    text = "Org.nr.;Ansvarlig;Team;Merverdiavgift\n"
    job = run_whole(
        begun(f"{text}{known.mains[0]};{kari.email};Vest;{ola.email}\n", admin, now), now
    )
    importing.accept(job, actor=admin, now=now)
    run_whole(job, now)

    client = Client.objects.get(orgnr=known.mains[0])
    assert (client.responsible, client.team) == (kari, vest)
    assert client.area_responsibles.get().user == ola


def test_sub_units_follow_when_altinn_lists_them(
    looked_up: ClientImport, known: Known, admin: User, now: datetime
) -> None:
    importing.accept(looked_up, actor=admin, now=now)
    run_whole(looked_up, now)
    agent = SystemUser.objects.create(name="R", owner_orgnr="923609016", external_ref="r")
    units = decoded(listed(known.mains[0], "HELE", listed(known.sub, "DELEN")))
    actions.keep_in_step(agent, units, now=now)

    assert Client.objects.get(orgnr=known.mains[0]).parties.count() == 2


def test_a_sub_unit_can_be_made_its_main_unit(known: Known, admin: User, now: datetime) -> None:
    job = run_whole(begun(f"Org.nr.;Navn\n{known.sub};Delen\n", admin, now), now)

    assert importing.use_main_units(job) == 1
    run_whole(job, now)

    line, main = job.lines.get(), known.mains[0]
    assert (line.orgnr, line.name, line.outcome) == (main, known.names[main], Outcome.GOOD)


def test_a_main_unit_that_is_on_the_list_already_is_not_taken_twice(
    known: Known, admin: User, now: datetime
) -> None:
    job = run_whole(begun(f"Org.nr.\n{known.mains[0]}\n{known.sub}\n", admin, now), now)

    importing.use_main_units(job)

    assert faults_of(job) == {2: [], 3: ["duplicate"]}


def test_a_main_unit_that_is_a_client_already_is_said_so(
    known: Known, admin: User, now: datetime
) -> None:
    actions.register_client(orgnr=known.mains[0], name="Hele", actor=None, now=now)
    job = run_whole(begun(f"Org.nr.\n{known.sub}\n", admin, now), now)

    importing.use_main_units(job)

    assert faults_of(job) == {2: ["registered"]}


def test_made_up_companies_are_let_through_where_the_real_register_meets_a_test(
    altinn: Altinn, admin: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenor = next(n for n in numbers(40, first=21_000_000) if n.startswith("2"))
    job = begun(f"Org.nr.;Navn\n{tenor};Oppdiktet AS\n{numbers(1)[0]};Ukjent\n", admin, now)
    monkeypatch.setattr(importing, "lacks_made_up", lambda: True)

    run_whole(job, now)

    assert faults_of(job) == {2: ["not_in_register"], 3: ["unknown"]}
    assert job.lines.get(number=2).outcome == Outcome.GOOD


def test_a_made_up_company_without_a_name_is_not(
    altinn: Altinn, admin: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begun(f"Org.nr.\n{numbers(1, first=21_000_000)[0]}\n", admin, now)
    monkeypatch.setattr(importing, "lacks_made_up", lambda: True)

    run_whole(job, now)

    assert set(faults_of(job)[2]) == {"not_in_register", "nameless"}
    assert job.lines.get().outcome == Outcome.BAD


class Killed(BaseException):
    """A worker that is gone: nothing catches it."""


def test_a_worker_killed_in_the_middle_registers_nothing_twice(
    known: Known, admin: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = sorted(known.mains[:9])
    job = run_whole(begun("Org.nr.\n" + "\n".join(wanted), admin, now), now)
    importing.accept(job, actor=admin, now=now)
    register, calls = actions.register_client, []

    def dies(**facts: object) -> Client:
        calls.append(facts)
        client = register(**facts)  # type: ignore[arg-type]
        if len(calls) == 5:
            raise Killed
        return client

    with monkeypatch.context() as patch:
        patch.setattr(actions, "register_client", dies)
        with pytest.raises(Killed):
            importing.run(job.pk, now=now)
    assert Client.objects.count() == 4
    assert not importing.run(job.pk, now=now)  # the dead one's lease still holds
    assert Client.objects.count() == 4

    run_whole(job, now + importing.LEASE + timedelta(minutes=1))

    assert sorted(client.orgnr or "" for client in Client.objects.all()) == wanted
    assert set(outcomes(job)) == {Outcome.IMPORTED}


def test_a_client_that_somebody_registers_meanwhile_is_left_alone(
    looked_up: ClientImport, known: Known, admin: User, now: datetime
) -> None:
    importing.accept(looked_up, actor=admin, now=now)
    actions.register_client(orgnr=known.mains[0], name="Vår egen", actor=None, now=now)

    run_whole(looked_up, now)

    line = looked_up.lines.get(number=8)
    assert (line.outcome, line.client) == (Outcome.BAD, None)
    assert "Vår egen er allerede registrert" in faults.sentence(line.faults[0])
    assert looked_up.state == State.FINISHED


def test_when_the_register_is_down_the_list_waits_and_goes_on(
    known: Known, admin: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begun(f"Org.nr.\n{known.mains[0]}\n", admin, now)

    def down() -> None:
        raise TryLater("503", status=503)

    with monkeypatch.context() as patch:
        patch.setattr(connect, "enhetsregisteret", down)
        assert not importing.run(job.pk, now=now)

    job.refresh_from_db()
    assert job.state == State.CHECKING
    assert job.trouble
    assert importing.due(now=now) == []
    assert importing.due(now=now + importing.TRY_AGAIN + timedelta(seconds=5)) == [job.pk]
    run_whole(job, now + importing.TRY_AGAIN + timedelta(seconds=5))
    assert (job.state, job.trouble) == (State.READY, "")


def test_a_slice_of_time_is_enough_to_go_on_from(
    looked_up: ClientImport, admin: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "IMPORTED_AT_ONCE", 1)
    importing.accept(looked_up, actor=admin, now=now)

    assert importing.run(looked_up.pk, now=now, seconds=0)
    assert Client.objects.count() == 1
    run_whole(looked_up, now)
    assert Client.objects.count() == 4


def test_old_lists_are_forgotten(looked_up: ClientImport, now: datetime) -> None:
    assert importing.forget_old(now=now) == 0
    assert importing.forget_old(now=now + importing.KEEP + timedelta(days=1))
    assert not ImportLine.objects.exists()


def test_the_number_is_never_anothers(admin: User, bakeren: Client, now: datetime) -> None:
    with pytest.raises(ValidationError):
        actions.register_client(orgnr=BAKEREN, name="x", actor=admin, now=now)


def test_every_fault_has_words_of_its_own() -> None:
    names = {
        "line": 3, "name": "Bakeren AS", "orgnr": BAKEREN, "on": "1. mai 2026", "who": "x@y.no",
        "team": "Vest", "area": "Lønn", "main": "",
    }  # fmt: skip
    texts = [faults.sentence({"code": str(one), **names}) for one in faults.Fault]
    kinds = [faults.kind(str(one)) for one in faults.Fault]

    assert len(set(texts)) == len(set(kinds)) == len(faults.Fault)
    assert all(text.endswith(".") and "%" not in text for text in texts)
