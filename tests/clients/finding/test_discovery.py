"""A search over Altinn's stand-in: 80 clients, 18 of them odd, each in its own way."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from altinn.errors import TryLater
from clients import actions, connect
from clients.finding import discovery, gathering
from clients.finding.words import sentence
from clients.models import Candidate, Client, Discovery, SystemUser, VendorKey
from clients.setup.packages import FROM_ROLE
from staff.models import AuditEntry, User
from tests.clients.finding.world import MAIL, Administrator, approved, register_system
from tests.clients.setup.conftest import in_use, jwk, nothing, registered, vendor
from tests.stand_in import Altinn

__all__ = ["in_use", "jwk", "nothing", "registered", "vendor"]

State = Candidate.State

# What the portal makes of each, once the firm's list is registered and the good ones are added.
CONCLUSIONS = {
    "": (State.SEES_ALL, "Ingenting mangler"),
    "no-role": (State.NO_ROLE, "er registrert som regnskapsfører; klienten må melde"),
    "auditor-only": (State.NO_ROLE, "annen rolle (revisor)"),
    "role-ended": (State.NO_ROLE, "er avsluttet"),
    "bankrupt": (State.ENDED, "konkurs"),
    "deleted": (State.ENDED, "slettet 30. september 2026"),
    "removed": (State.ENDED, "fjernet fra Enhetsregisteret"),
    "forced-dissolution": (State.ENDED, "tvangsavvikling"),
    "package-missing": (State.PACKAGE_MISSING, "gir ikke"),
    "signature-missing": (State.PARTLY, "mangler minst én av pakkene rollen skulle gitt"),
    "post-missing": (State.PARTLY, "Ordinær post til virksomheten"),
    "access-list": (State.PACKAGE_MISSING, "AUTH-00069"),
    "unknown-to-altinn": (State.PACKAGE_MISSING, "gir ikke"),
    "person-client": (State.PARTLY, "innehaveren"),
    "sub-unit": (State.NO_ROLE, "underenhet"),
    "unknown-number": (State.NO_ROLE, "kjenner ikke nummeret"),
    "poll-only": (State.SEES_ALL, "Ingenting mangler"),
    "silent": (State.SEES_ALL, "Ingenting mangler"),
}


def found(key: int, now: datetime) -> Discovery:
    while discovery.run(key, now=now):
        pass
    return Discovery.objects.get(pk=key)


def search(now: datetime, actor: User | None = None) -> Discovery:
    return found(discovery.start(actor=actor, now=now).pk, now)


@pytest.fixture
def world(altinn: Altinn, nothing: None) -> dict[str, Any]:
    """A firm that has nothing in Altinn yet; what the stand-in says of it."""
    altinn.reset("onboarding", clients=80, dialogs=80)
    return altinn.credentials()


@pytest.fixture
def firm(in_use: VendorKey, altinn: Altinn, admin: User) -> str:
    register_system(in_use, altinn, admin)
    return discovery.firm_orgnr()


@pytest.fixture
def rows(altinn: Altinn, firm: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = altinn.get("/onboarding", all=1)
    return listed


@pytest.fixture
def person(rows: list[dict[str, Any]], altinn: Altinn) -> Iterator[Administrator]:
    """Somebody of the firm who may add clients."""
    administrator = Administrator(altinn)
    yield administrator
    administrator.close()


def test_without_a_firm_nobody_is_searched_for(db: None, now: datetime) -> None:
    with pytest.raises(discovery.NoFirm):
        discovery.start(actor=None, now=now)


def test_the_register_proposes_clients_before_there_is_any_system_user(
    rows: list[dict[str, Any]], now: datetime
) -> None:
    done = search(now)

    by_role = {
        row["orgnr"] for row in rows
        if row["fault"] not in ("no-role", "auditor-only", "role-ended", "deleted", "removed",
                                "sub-unit", "unknown-number")
    }  # fmt: skip
    assert set(Candidate.objects.values_list("orgnr", flat=True)) == by_role
    assert done.step == Discovery.Step.FINISHED
    assert set(Candidate.objects.values_list("state", flat=True)) == {State.READY, State.ENDED}
    assert Candidate.objects.filter(reason="no_system_user").count() == len(by_role) - 2
    assert not Client.objects.exists()


def test_every_one_of_the_odd_ends_in_its_state_with_its_sentence(
    rows: list[dict[str, Any]], person: Administrator, altinn: Altinn, admin: User, now: datetime
) -> None:
    agents = [
        approved(altinn, admin, "Regnskap", FROM_ROLE),
        approved(altinn, admin, "Post", MAIL),
    ]
    for row in rows:
        actions.register_client(
            orgnr=row["orgnr"], name=row["name"] or "Ukjent", actor=admin, now=now
        )
    for agent in agents:
        person.add(agent, {row["orgnr"] for row in rows}, on_behalf_of=admin)
    person.read(*agents)

    search(now, admin)

    candidates = {one.orgnr: one for one in Candidate.objects.all()}
    wrong = []
    for row in rows:
        if row["fault"] not in CONCLUSIONS:
            continue
        one = candidates[row["orgnr"]]
        state, says = CONCLUSIONS[row["fault"]]
        text = sentence(one, firm="Firmaet")
        if one.state != state or says not in text:
            wrong.append((row["fault"], one.state, one.reason, text))
    assert wrong == []


def test_what_may_be_added_is_told_from_what_lacks_something(
    rows: list[dict[str, Any]], person: Administrator, altinn: Altinn, admin: User, now: datetime
) -> None:
    regnskap = approved(altinn, admin, "Regnskap", FROM_ROLE)
    person.read(regnskap)

    search(now)

    states = dict(Candidate.objects.values_list("orgnr", "state"))
    missing = ("package-missing", "signature-missing", "unknown-to-altinn")
    wanted = {"": State.READY} | dict.fromkeys(missing, State.PACKAGE_MISSING)
    for row in rows:
        if row["fault"] in wanted:
            assert states[row["orgnr"]] == wanted[row["fault"]], row


def test_a_client_that_was_added_is_seen_at_the_next_search(
    rows: list[dict[str, Any]], person: Administrator, altinn: Altinn, admin: User, now: datetime
) -> None:
    regnskap = approved(altinn, admin, "Regnskap", FROM_ROLE)
    person.read(regnskap)
    search(now)
    good = next(row["orgnr"] for row in rows if not row["fault"] and row["name"].endswith(" AS"))
    person.add(regnskap, {good}, on_behalf_of=admin)
    person.read(regnskap)

    search(now + timedelta(seconds=1))

    one = Candidate.objects.get(orgnr=good)
    assert (one.state, one.reason) == (State.SEES_ALL, "sees_all")
    assert one.sights[str(regnskap.pk)]["sees"]


def test_a_search_that_was_broken_off_goes_on_where_it_was(
    rows: list[dict[str, Any]], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    look_up = gathering.look_up

    def dies(*args: Any, **more: Any) -> Iterator[int]:
        yield next(look_up(*args, **more))
        raise Killed

    monkeypatch.setattr(gathering, "LOOKED_UP_AT_ONCE", 10)
    begun = discovery.start(actor=None, now=now)
    with monkeypatch.context() as patch:
        patch.setattr(gathering, "look_up", dies)
        with pytest.raises(Killed):
            discovery.run(begun.pk, now=now)
    begun.refresh_from_db()
    assert (begun.step, Candidate.objects.exclude(looked_up_at=None).count()) == ("REGISTER", 10)
    assert not discovery.run(begun.pk, now=now)  # the dead one's lease still holds
    assert discovery.due(now=now) == []

    later = now + discovery.LEASE + timedelta(minutes=1)
    assert discovery.due(now=later) == [begun.pk]
    assert found(begun.pk, later).finished_at

    assert not Candidate.objects.filter(looked_up_at=None).exists()
    assert not Candidate.objects.filter(state="").exists()


def test_a_search_waits_for_the_register(
    rows: list[dict[str, Any]], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> None:
        raise TryLater("503", status=503)

    begun = discovery.start(actor=None, now=now)
    with monkeypatch.context() as patch:
        patch.setattr(connect, "enhetsregisteret", down)
        assert not discovery.run(begun.pk, now=now)
    begun.refresh_from_db()
    assert begun.trouble
    assert begun.finished_at is None

    assert found(begun.pk, now + timedelta(minutes=3)).trouble == ""


def test_a_system_user_that_cannot_be_read_stops_nobody_else(
    rows: list[dict[str, Any]], altinn: Altinn, admin: User, now: datetime
) -> None:
    regnskap = approved(altinn, admin, "Regnskap", FROM_ROLE)
    SystemUser.objects.create(name="Ukjent", owner_orgnr=regnskap.owner_orgnr, external_ref="nei")

    done = search(now)

    assert len(done.unread) == 1
    assert done.unread[0].startswith("Ukjent ble ikke lest")
    assert Candidate.objects.filter(state=State.READY).exists()


def test_one_search_at_a_time(rows: list[dict[str, Any]], admin: User, now: datetime) -> None:
    first = discovery.start(actor=admin, now=now)

    assert discovery.start(actor=admin, now=now) == first
    found(first.pk, now)
    assert discovery.start(actor=admin, now=now) != first
    acts = list(AuditEntry.objects.filter(actor=admin).values_list("act", flat=True))
    assert acts.count("client search begun") == 2
    assert acts.count("client search finished") == 1


def test_one_that_is_nowhere_any_more_is_forgotten(
    rows: list[dict[str, Any]], altinn: Altinn, now: datetime
) -> None:
    search(now)
    gone = next(row["orgnr"] for row in rows if not row["fault"])
    altinn.post("/units", {"orgnr": gone, "accountant": False})

    search(now + timedelta(seconds=1))

    assert not Candidate.objects.filter(orgnr=gone).exists()
