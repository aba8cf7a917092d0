"""Things go wrong at Altinn's stand-in: one cycle tells of it, and one takes it back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from altinn.authorized import AuthorizedParty
from altinn.packages import package_urn
from clients import tasks
from clients.health import asking, keys, packages, registered
from clients.health.sentences import say
from clients.health.tasks import read_packages, watch
from clients.keeping.tasks import follow_register
from clients.models import (
    Access,
    Alarm,
    Client,
    GrantedPackages,
    Party,
    Subscription,
    SystemUser,
    SystemUserRequest,
    VendorClient,
    VendorKey,
)
from tests.clients.health.conftest import kinds, read
from tests.stand_in import Altinn

LONN = "regnskapsforer-lonn"


def cycle() -> None:
    """What beat rings for within a quarter of an hour, once."""
    tasks.keep_parties_in_step()
    follow_register()
    read_packages()
    watch()


@pytest.fixture
def agent_id(altinn: Altinn) -> str:
    return str(next(u for u in altinn.system_users() if u["external_ref"] == "regnskap")["id"])


@pytest.fixture
def client(agent: SystemUser, altinn: Altinn) -> Client:
    """One of the agent's clients, after a cycle in which what is odd from the start was found."""
    cycle()
    odd = Alarm.objects.open().filter(client__isnull=False).values("client")
    found = (
        Client.objects.active()
        .exclude(pk__in=odd)
        .filter(orgnr__isnull=False, is_firm=False, register_state__is_known=True)
    )
    return found.exclude(orgnr=agent.owner_orgnr).order_by("pk")[0]


def raised() -> Alarm:
    """The one alarm that a cycle raised, which has something to say."""
    before = set(Alarm.objects.values_list("pk", flat=True))
    cycle()
    alarm = Alarm.objects.open().exclude(pk__in=before).get()
    said = say(alarm)
    assert said.text.strip(".")
    assert said.next_step
    return alarm


def clears(alarm: Alarm) -> None:
    cycle()
    alarm.refresh_from_db()
    assert alarm.cleared_at is not None


@pytest.fixture
def expired_key(client: Client, altinn: Altinn) -> Iterator[str]:
    kid = altinn.credentials()["jwk"]["kid"]
    altinn.post("/keys", {"expire": kid})
    yield kid
    altinn.post("/keys", {"renew": kid})


def test_a_key_that_expires_is_told_of_and_forgotten_when_it_is_renewed(
    expired_key: str, altinn: Altinn
) -> None:
    alarm = raised()

    assert (alarm.kind, alarm.subject) == ("KEY_EXPIRED", f"key {expired_key}")
    assert "er utløpt hos Maskinporten" in say(alarm).text

    altinn.post("/keys", {"renew": expired_key})
    clears(alarm)


def test_a_revoked_system_user_is_told_of_and_forgotten_when_it_is_back(
    client: Client, agent: SystemUser, agent_id: str, altinn: Altinn
) -> None:
    altinn.post("/delegations", {"system_user": agent_id, "deleted": True})

    alarm = raised()

    assert (alarm.kind, alarm.system_user) == ("REVOKED", agent)
    assert "Regnskap er ikke godkjent lenger" in say(alarm).text

    altinn.post("/delegations", {"system_user": agent_id, "deleted": False})
    clears(alarm)


def test_a_system_user_that_is_turned_off_is_not_told_of_any_more(
    client: Client, agent_id: str, altinn: Altinn
) -> None:
    altinn.post("/delegations", {"system_user": agent_id, "deleted": True})
    alarm = raised()

    SystemUser.objects.update(is_active=False)

    clears(alarm)


def test_a_lost_package_is_told_of_and_forgotten_when_it_is_back(
    client: Client, agent: SystemUser, altinn: Altinn
) -> None:
    altinn.post("/units", {"orgnr": client.orgnr, "take": [LONN]})

    alarm = raised()

    assert (alarm.kind, alarm.client, alarm.system_user) == ("PACKAGE_LOST", client, agent)
    assert alarm.facts == {"packages": [LONN]}
    assert client.name in say(alarm).text

    cycle()
    alarm.refresh_from_db()
    assert alarm.cleared_at is None, "what was lost stays lost until it is back"

    altinn.post("/units", {"orgnr": client.orgnr, "give": [LONN]})
    clears(alarm)


def test_a_bankrupt_client_is_told_of_and_forgotten_when_it_is_not(
    client: Client, altinn: Altinn
) -> None:
    altinn.post("/units", {"orgnr": client.orgnr, "bankrupt": True})

    alarm = raised()

    assert (alarm.kind, alarm.client) == ("BANKRUPT", client)
    assert "er konkurs" in say(alarm).text

    altinn.post("/units", {"orgnr": client.orgnr, "bankrupt": False})
    clears(alarm)


def test_an_accountant_role_that_ends_is_told_of_and_forgotten_when_it_is_back(
    client: Client, altinn: Altinn
) -> None:
    packages_before = altinn.post("/units", {"orgnr": client.orgnr})["given"]
    altinn.post("/units", {"orgnr": client.orgnr, "accountant": False, "give": packages_before})

    alarm = raised()

    assert (alarm.kind, alarm.client) == ("ROLE_ENDED", client)
    assert "står ikke lenger som regnskapsfører" in say(alarm).text

    altinn.post("/units", {"orgnr": client.orgnr, "accountant": True})
    clears(alarm)


def test_a_client_that_is_archived_is_not_told_of_any_more(
    client: Client, altinn: Altinn, now: datetime
) -> None:
    altinn.post("/units", {"orgnr": client.orgnr, "bankrupt": True})
    alarm = raised()

    Client.objects.filter(pk=client.pk).update(archived_at=now)

    clears(alarm)


def test_a_client_that_is_taken_from_the_agent_is_told_of(
    client: Client, agent_id: str, altinn: Altinn
) -> None:
    urns = list(client.parties.values_list("urn", flat=True))
    altinn.post("/delegations", {"system_user": agent_id, "remove": urns})

    alarm = raised()

    assert (alarm.kind, alarm.client) == ("ACCESS_LOST", client)
    assert LONN in alarm.facts["packages"]
    assert "Altinn viser ikke" in say(alarm).text

    altinn.post("/delegations", {"system_user": agent_id, "add": urns})
    clears(alarm)


@pytest.mark.parametrize(
    ("operation", "who"), [("token", "Maskinporten"), ("metadata", "Dialogporten")]
)
def test_when_altinn_does_not_answer_it_is_one_alarm_and_nothing_else_changes(
    operation: str, who: str, client: Client, altinn: Altinn
) -> None:
    altinn.post("/units", {"orgnr": client.orgnr, "take": [LONN]})
    known = raised()
    altinn.post("/faults", {"operation": operation, "status": 503, "times": None})

    alarm = raised()

    assert (alarm.kind, alarm.facts) == ("ALTINN", {"who": who})
    assert "hos dem, ikke hos oss" in say(alarm).text
    known.refresh_from_db()
    assert known.cleared_at is None

    altinn.delete("/faults")
    clears(alarm)


def test_a_set_up_that_maskinporten_refuses_is_told_of_once(client: Client, altinn: Altinn) -> None:
    altinn.post("/faults", {"operation": "token", "error": "MP-200", "times": None})

    alarm = raised()

    assert (alarm.kind, alarm.facts["code"]) == ("SETUP", "MP-200")

    altinn.delete("/faults")
    clears(alarm)


@pytest.fixture
def key(db: None, now: datetime) -> VendorKey:
    vendor = VendorClient.objects.create(client_id="c", vendor_orgnr="310000006")
    return VendorKey.objects.create(
        client=vendor, kid="k", public_jwk={}, sealed_private=b"", made_at=now,
        state=VendorKey.State.CURRENT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("days", "within"),
    [(-1, None), (31, None), (30, 30), (15, 30), (14, 14), (4, 14), (3, 3), (0, 3)],
)
def test_a_key_warns_30_14_and_3_days_before(
    days: int, within: int | None, key: VendorKey, now: datetime
) -> None:
    key.expires_on = timezone.localdate(now) + timedelta(days=days)
    key.save(update_fields=["expires_on"])

    keys.check_dates(now=now)

    alarm = Alarm.objects.first()
    assert (alarm.facts["within"] if alarm else None) == within


def test_a_key_that_is_replaced_or_renewed_warns_no_more(key: VendorKey, now: datetime) -> None:
    for change in ({"state": "RETIRED"}, {"expires_on": timezone.localdate(now) + timedelta(365)}):
        VendorKey.objects.update(state="CURRENT", expires_on=timezone.localdate(now))
        keys.check_dates(now=now)
        assert kinds() == ["KEY_EXPIRES"]

        VendorKey.objects.update(**change)
        keys.check_dates(now=now)
        assert kinds() == []


def test_trouble_of_one_system_user_is_told_of_when_it_has_lasted(
    client: Client, agent: SystemUser, now: datetime
) -> None:
    for since, expected in ((timedelta(minutes=50), []), (timedelta(hours=2), ["FAILING"])):
        SystemUser.objects.update(trouble="Nektet.", trouble_since_at=now - since)
        asking.check(now=now)
        assert [kind for kind in kinds() if kind == "FAILING"] == expected

    SystemUser.objects.update(trouble="", trouble_since_at=None)
    asking.check(now=now)
    assert "FAILING" not in kinds()


def test_subscriptions_that_are_not_validated_are_told_of_as_one(
    bakeren: Client, regnskap: SystemUser, now: datetime
) -> None:
    access = read(bakeren, regnskap, now=now)
    for number in range(3):
        Subscription.objects.create(
            access=access, resource=f"urn:altinn:resource:{number}", state="CREATED",
            wanted_at=now - timedelta(hours=5),
        )  # fmt: skip

    registered.check(now=now)

    alarm = Alarm.objects.open().get()
    assert (alarm.kind, alarm.facts) == ("SUBSCRIPTIONS", {"count": 3})
    Subscription.objects.update(state="VALIDATED")
    registered.check(now=now)
    assert kinds() == []


def party(orgnr: str, *names: str, **more: Any) -> AuthorizedParty:
    fields: dict[str, Any] = {
        "party_uuid": None, "orgnr": orgnr, "name": f"Klient {orgnr}", "is_deleted": False,
        "only_hierarchy": False, "resources": frozenset(), "parent_orgnr": None,
    }  # fmt: skip
    return AuthorizedParty(packages=frozenset(map(package_urn, names)), **fields | more)


def test_hundreds_that_lose_a_package_at_once_are_altinns_mistake(
    regnskap: SystemUser, now: datetime
) -> None:
    numbers = [str(310000000 + n) for n in range(300)]
    Client.objects.bulk_create([Client(name=n, orgnr=n, added_at=now) for n in numbers])
    packages.keep(regnskap, [party(n, "a", "b") for n in numbers], now=now)
    packages.check(regnskap, now=now)
    assert kinds() == []

    packages.keep(regnskap, [party(n, "a") for n in numbers], now=now)
    packages.check(regnskap, now=now)

    assert kinds() == ["MANY"]
    assert "ser ut til å være hos Altinn" in say(Alarm.objects.get()).text

    packages.keep(regnskap, [party(n, "a", "b") for n in numbers], now=now)
    packages.check(regnskap, now=now)
    assert kinds() == []


def test_two_system_users_may_each_lose_a_package_of_one_client(
    regnskap: SystemUser, bakeren: Client, now: datetime
) -> None:
    lonn = SystemUser.objects.create(name="Lønn", owner_orgnr="310000006", external_ref="lonn")
    for system_user in (regnskap, lonn):
        for held in (("a", "b"), ("a",)):
            packages.keep(system_user, [party(bakeren.orgnr or "", *held)], now=now)
        packages.check(system_user, now=now)

    assert kinds() == ["PACKAGE_LOST", "PACKAGE_LOST"]


def test_a_main_unit_there_for_its_sub_units_alone_holds_nothing(
    regnskap: SystemUser, now: datetime
) -> None:
    above = party("310000006", "a", only_hierarchy=True)
    below = party("310000014", "a", parent_orgnr="310000006")

    packages.keep(regnskap, [above, below], now=now)

    assert not GrantedPackages.objects.exists()


def test_what_was_asked_for_and_never_given_is_missing_and_not_lost(
    regnskap: SystemUser, now: datetime
) -> None:
    SystemUserRequest.objects.create(
        party_orgnr="310000006", area="Regnskap", external_ref="regnskap", created_at=now,
        packages=["a", "b"], status="ACCEPTED", system_user=regnskap,
    )  # fmt: skip

    packages.keep(regnskap, [party("310000014", "a")], now=now)

    row = GrantedPackages.objects.get()
    assert (row.packages, row.lost, row.missing) == (["a"], [], ["b"])


def test_a_client_nobody_ever_read_is_not_lost(
    bakeren: Client, regnskap: SystemUser, now: datetime
) -> None:
    registered.check(now=now)
    assert kinds() == []

    access = read(bakeren, regnskap, now=now)
    Access.objects.filter(pk=access.pk).update(lost_at=now)
    registered.check(now=now)
    assert kinds() == ["ACCESS_LOST"]

    other = SystemUser.objects.create(name="Lønn", owner_orgnr="310000006", external_ref="lonn")
    Access.objects.create(system_user=other, party=Party.objects.get(client=bakeren), found_at=now)
    registered.check(now=now)
    assert kinds() == []
