"""Clients follow Enhetsregisteret, asked of the stand-in over HTTP."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from altinn.enhetsregisteret import Enhetsregisteret
from altinn.errors import TryLater
from clients import actions, connect
from clients.keeping import feeds, register, states
from clients.keeping import tasks as keeping
from clients.models import Client, ClientRegisterState, Party, RegisterCursor, SystemUser
from staff.models import AuditEntry
from tests.stand_in import Altinn

Kind = Party.Kind
# A test is over in seconds; what the stand-in is told to do happens after this.
SOON = timedelta(minutes=1)


@pytest.fixture
def api(altinn: Altinn) -> Iterator[Enhetsregisteret]:
    with connect.enhetsregisteret() as api:
        yield api


@pytest.fixture
def read(registered: SystemUser, api: Enhetsregisteret, now: datetime) -> list[Client]:
    """The companies among the clients, read once, and the feeds from here on.

    One of the small world's has been deleted, and one is the firm: those are left out.
    """
    feeds.follow(api, now=now)
    register.read(api, register.due(now=now, most=1000), now=now)
    companies = Client.objects.filter(register_state__role_held=True)
    return list(companies.filter(register_state__deleted_on=None).order_by("name"))


def happen(altinn: Altinn, orgnr: str | None, **what: Any) -> None:
    altinn.post("/units", {"orgnr": orgnr, **what})


def read_news(api: Enhetsregisteret, now: datetime) -> int:
    """Follow the feeds and read what they lead to; return how many clients that was."""
    at = now + SOON
    feeds.follow(api, now=at)
    return register.read(api, register.due(now=at, most=1000), now=at)


def state_of(client: Client) -> ClientRegisterState:
    return ClientRegisterState.objects.get(client=client)


def acts(client: Client) -> list[str]:
    entries = AuditEntry.objects.filter(about=f"client {client.pk}").exclude(act="client added")
    return list(entries.order_by("pk").values_list("act", flat=True))


def with_sub_unit(clients: list[Client]) -> tuple[Client, Party]:
    sub = Party.objects.filter(kind=Kind.SUB, client__in=clients).order_by("pk").first()
    assert sub is not None
    assert sub.client is not None
    return sub.client, sub


def test_a_new_client_is_read_and_its_snapshot_kept(read: list[Client], now: datetime) -> None:
    found = ClientRegisterState.objects.filter(client__in=read)

    assert found.count() == len(read) > 5
    assert set(found.values_list("is_known", "role_held", "read_at")) == {(True, True, now)}
    assert {"AS"} <= set(found.values_list("form", flat=True))
    assert not AuditEntry.objects.filter(act=register.REGISTER_CHANGED).exists()


def test_nothing_is_read_again_until_something_changes_or_a_month_has_gone(
    read: list[Client], api: Enhetsregisteret, altinn: Altinn, now: datetime
) -> None:
    altinn.delete("/requests")

    assert read_news(api, now) == 0
    assert altinn.counts()["enhetsregisteret"] <= 3

    assert set(read) < set(register.due(now=now + timedelta(days=31), most=1000))


def test_a_new_name_is_followed_unless_the_firm_has_its_own(
    read: list[Client], api: Enhetsregisteret, altinn: Altinn, now: datetime
) -> None:
    one, other = read[0], read[1]
    Client.objects.filter(pk=other.pk).update(name="Kjært barn")
    for client in (one, other):
        happen(altinn, client.orgnr, name=f"NYTT NAVN {client.orgnr} AS")

    assert read_news(api, now) == 2

    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.name, other.name) == (f"NYTT NAVN {one.orgnr} AS", "Kjært barn")
    assert state_of(other).name == f"NYTT NAVN {other.orgnr} AS"
    assert acts(one) == [register.REGISTER_CHANGED, "client changed"]
    assert acts(other) == [register.REGISTER_CHANGED]


@pytest.mark.parametrize(
    ("mark", "alarm"),
    [
        ("bankrupt", states.bankrupt_clients),
        ("dissolving", states.dissolving_clients),
        ("forced_dissolution", states.dissolving_clients),
        ("deleted", states.deleted_clients),
        ("removed", states.deleted_clients),
    ],
)
def test_a_client_that_ends_is_known_and_stays_a_client(
    read: list[Client],
    api: Enhetsregisteret,
    altinn: Altinn,
    now: datetime,
    mark: str,
    alarm: Any,
) -> None:
    before = set(alarm())
    happen(altinn, read[0].orgnr, **{mark: True})

    assert read_news(api, now) == 1

    assert set(alarm()) - before == {read[0]}
    assert acts(read[0]) == [register.REGISTER_CHANGED]
    assert read[0].name == Client.objects.get(pk=read[0].pk).name
    assert read[0].archived_at is None
    happen(altinn, read[0].orgnr, **{mark: False})
    read_news(api, now + SOON)
    assert set(alarm()) == before


def test_nobody_is_alarmed_for_an_archived_client(
    read: list[Client], api: Enhetsregisteret, altinn: Altinn, now: datetime
) -> None:
    happen(altinn, read[0].orgnr, bankrupt=True)
    read_news(api, now)
    actions.archive_client(read[0], actor=None, now=now)

    assert not states.bankrupt_clients().exists()
    assert read[0] not in register.due(now=now + timedelta(days=99), most=1000)


def test_a_role_that_ends_is_known_and_one_that_comes_back_is_too(
    read: list[Client], api: Enhetsregisteret, altinn: Altinn, now: datetime
) -> None:
    assert not states.role_ended_clients().exists()
    happen(altinn, read[0].orgnr, accountant=False)

    assert read_news(api, now) == 1

    assert list(states.role_ended_clients()) == [read[0]]
    assert state_of(read[0]).role_ended_at == now + SOON
    happen(altinn, read[0].orgnr, accountant=True)
    read_news(api, now + SOON)
    assert not states.role_ended_clients().exists()
    assert acts(read[0]) == [register.REGISTER_CHANGED, register.REGISTER_CHANGED]


def test_a_client_that_never_had_the_firm_as_accountant_raises_nothing(
    registered: SystemUser, api: Enhetsregisteret, altinn: Altinn, now: datetime
) -> None:
    client = Client.objects.filter(orgnr__isnull=False).order_by("name")[0]
    happen(altinn, client.orgnr, accountant=False)

    register.read(api, register.due(now=now, most=1000), now=now)

    assert state_of(client).role_held is False
    assert not states.role_ended_clients().exists()


def test_a_sub_unit_that_moves_goes_to_the_client_it_moved_to(
    read: list[Client], registered: SystemUser, api: Enhetsregisteret, altinn: Altinn, now: datetime
) -> None:
    former, sub = with_sub_unit(read)
    owner = next(one for one in read if one.pk != former.pk)
    before = api_parties(registered)
    happen(altinn, sub.orgnr, moved_to=owner.orgnr)

    assert read_news(api, now) == 1

    sub.refresh_from_db()
    assert (sub.client, sub.parent_orgnr) == (owner, owner.orgnr)
    assert acts(former) == [register.UNIT_LEFT]
    assert acts(owner) == [register.UNIT_ADDED]
    detail = AuditEntry.objects.get(act=register.UNIT_LEFT).detail
    assert detail == {"unit": sub.name}, "the former client's log does not name the new owner"
    actions.keep_in_step(registered, before, now=now)  # Altinn has not heard of it yet
    sub.refresh_from_db()
    assert sub.client == owner


def api_parties(system_user: SystemUser) -> Any:
    with connect.end_user(system_user) as api:
        return api.parties()


def test_a_sub_unit_that_moves_to_a_stranger_is_nobodys(
    read: list[Client], api: Enhetsregisteret, altinn: Altinn, now: datetime
) -> None:
    former, sub = with_sub_unit(read)
    owner = next(one for one in read if one.pk != former.pk)
    Party.objects.filter(client=owner).delete()
    owner.delete()
    happen(altinn, sub.orgnr, moved_to=owner.orgnr)

    read_news(api, now)

    sub.refresh_from_db()
    assert (sub.client, sub.parent_orgnr) == (None, owner.orgnr)
    assert acts(former) == [register.UNIT_LEFT]


def test_a_sub_unit_that_is_founded_is_the_clients_from_the_start(
    read: list[Client], api: Enhetsregisteret, altinn: Altinn, now: datetime
) -> None:
    happen(altinn, read[0].orgnr, sub_unit="Avdeling Nord")

    assert read_news(api, now) == 1

    sub = Party.objects.get(name="AVDELING NORD")
    assert (sub.client, sub.kind, sub.parent_orgnr) == (read[0], Kind.SUB, read[0].orgnr)
    assert acts(read[0]) == [register.UNIT_ADDED]


def test_a_sub_unit_that_is_deleted_is_marked_and_stays(
    read: list[Client], api: Enhetsregisteret, altinn: Altinn, now: datetime
) -> None:
    client, sub = with_sub_unit(read)
    happen(altinn, sub.orgnr, deleted=True)

    read_news(api, now)
    read_news(api, now + SOON)

    sub.refresh_from_db()
    assert (sub.client, sub.is_deleted) == (client, True)
    assert acts(client) == [register.UNIT_ENDED]


def test_a_number_the_register_does_not_know_is_noted_and_nothing_more(
    registered: SystemUser, api: Enhetsregisteret, now: datetime
) -> None:
    client = actions.register_client(orgnr="987654325", name="Oppdiktet", actor=None, now=now)

    register.read(api, [client], now=now)

    state = state_of(client)
    assert (state.is_known, state.read_at, state.role_held) == (False, now, None)
    client.refresh_from_db()
    assert client.name == "Oppdiktet"


def test_a_feed_goes_on_where_it_was_though_the_register_was_down(
    read: list[Client], api: Enhetsregisteret, altinn: Altinn, now: datetime
) -> None:
    happen(altinn, read[0].orgnr, bankrupt=True)
    happen(altinn, read[1].orgnr, accountant=False)
    altinn.post(
        "/faults",
        {"operation": "enhetsregisteret", "contains": "roller", "status": 503, "times": 9},
    )

    with pytest.raises(TryLater):
        feeds.follow(api, now=now + SOON)

    altinn.delete("/faults")
    assert read_news(api, now) == 2
    assert list(states.bankrupt_clients()) == [read[0]]
    assert list(states.role_ended_clients()) == [read[1]]


def test_the_task_follows_and_reads_in_portions(
    registered: SystemUser, altinn: Altinn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "CLIENTS_AT_ONCE", 3)

    keeping.follow_register()

    companies = Client.objects.filter(orgnr__isnull=False)
    assert ClientRegisterState.objects.filter(read_at__isnull=False).count() == companies.count()
    assert set(RegisterCursor.objects.values_list("feed", flat=True)) == set(RegisterCursor.Feed)
