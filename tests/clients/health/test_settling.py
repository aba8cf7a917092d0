"""The same facts give the same alarms, however often they are found."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError
from django.db.models import Q

from clients.health import alarms
from clients.health.alarms import Kind, Sign, of_client, settle
from clients.models import Alarm, Client
from staff.models import AuditEntry, User


@pytest.fixture
def hour() -> timedelta:
    return timedelta(hours=1)


def test_a_sign_raises_one_alarm_and_its_absence_clears_it(
    bakeren: Client, now: datetime, hour: timedelta
) -> None:
    settle(Kind.BANKRUPT, [of_client(bakeren.pk)], looked_at=1, now=now)
    settle(Kind.BANKRUPT, [of_client(bakeren.pk)], looked_at=1, now=now + hour)

    alarm = Alarm.objects.get()
    assert (alarm.raised_at, alarm.last_seen_at, alarm.cleared_at) == (now, now + hour, None)
    assert alarm.client == bakeren

    done = settle(Kind.BANKRUPT, [], looked_at=1, now=now + 2 * hour)

    alarm.refresh_from_db()
    assert (done.cleared, alarm.cleared_at) == (1, now + 2 * hour)


def test_what_comes_back_is_a_new_alarm(bakeren: Client, now: datetime, hour: timedelta) -> None:
    for signs in ([of_client(bakeren.pk)], [], [of_client(bakeren.pk)]):
        settle(Kind.BANKRUPT, signs, looked_at=1, now=now)

    assert Alarm.objects.count() == 2
    assert Alarm.objects.open().count() == 1


def test_the_database_allows_one_open_alarm_of_a_kind_about_a_thing(
    bakeren: Client, now: datetime
) -> None:
    settle(Kind.BANKRUPT, [of_client(bakeren.pk)], looked_at=1, now=now)

    with pytest.raises(IntegrityError):
        Alarm.objects.create(
            kind=Kind.BANKRUPT, subject=f"client {bakeren.pk}", raised_at=now, last_seen_at=now
        )


def test_a_check_of_a_part_leaves_the_rest_alone(bakeren: Client, db: None, now: datetime) -> None:
    settle(Kind.PACKAGE_LOST, [of_client(bakeren.pk)], looked_at=1, now=now)

    settle(Kind.PACKAGE_LOST, [], looked_at=1, now=now, among=Q(client=bakeren.pk + 1))

    assert Alarm.objects.open().exists()


def test_what_has_become_worse_is_new_to_who_had_seen_it(
    db: None, leder: User, now: datetime
) -> None:
    settle(Kind.KEY_EXPIRES, [Sign("key a", {"within": 30})], looked_at=1, now=now)
    alarms.see(Alarm.objects.get(), actor=leder, now=now)
    settle(Kind.KEY_EXPIRES, [Sign("key a", {"within": 30})], looked_at=1, now=now)
    assert Alarm.objects.get().seen_by == leder

    settle(Kind.KEY_EXPIRES, [Sign("key a", {"within": 14})], looked_at=1, now=now)

    alarm = Alarm.objects.get()
    assert (alarm.seen_by, alarm.seen_at, alarm.facts) == (None, None, {"within": 14})


def test_seeing_an_alarm_is_logged_once(
    bakeren: Client, leder: User, admin: User, now: datetime
) -> None:
    settle(Kind.BANKRUPT, [of_client(bakeren.pk)], looked_at=1, now=now)
    alarm = Alarm.objects.get()

    alarms.see(alarm, actor=leder, now=now)
    alarms.see(alarm, actor=admin, now=now)

    alarm.refresh_from_db()
    assert (alarm.seen_by, alarm.seen_at, alarm.cleared_at) == (leder, now, None)
    assert AuditEntry.objects.get(act="alarm seen").actor == leder


@pytest.fixture
def many(db: None, now: datetime) -> list[Client]:
    return Client.objects.bulk_create(
        [Client(name=f"Klient {n}", added_at=now) for n in range(300)]
    )


def test_hundreds_at_once_are_one_alarm_and_it_clears_like_any_other(
    many: list[Client], now: datetime, hour: timedelta
) -> None:
    signs = [of_client(client.pk) for client in many]

    settle(Kind.ACCESS_LOST, signs, looked_at=300, now=now)
    settle(Kind.ACCESS_LOST, signs, looked_at=300, now=now + hour)

    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.facts["kind"], alarm.facts["count"]) == ("MANY", "ACCESS_LOST", 300)
    assert alarm.facts["clients"] == [client.pk for client in many]
    assert alarm.last_seen_at == now + hour

    settle(Kind.ACCESS_LOST, signs[:3], looked_at=300, now=now + 2 * hour)

    assert set(Alarm.objects.open().values_list("kind", "client")) == {
        ("ACCESS_LOST", client.pk) for client in many[:3]
    }


def test_those_known_before_the_many_stay_what_they_were(many: list[Client], now: datetime) -> None:
    signs = [of_client(client.pk) for client in many]
    settle(Kind.ACCESS_LOST, signs[:2], looked_at=300, now=now)

    settle(Kind.ACCESS_LOST, signs, looked_at=300, now=now)

    kinds = list(Alarm.objects.open().values_list("kind", flat=True))
    assert sorted(kinds) == ["ACCESS_LOST", "ACCESS_LOST", "MANY"]
    assert Alarm.objects.get(kind="MANY").facts["count"] == 298


def test_many_bankrupt_clients_are_each_an_alarm_of_their_own(
    many: list[Client], now: datetime
) -> None:
    settle(Kind.BANKRUPT, [of_client(c.pk) for c in many], looked_at=300, now=now)

    assert Alarm.objects.open().filter(kind="BANKRUPT").count() == 300
