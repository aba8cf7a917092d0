"""The same for an agent that was asked for and approved, of a system in Altinn's register."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from altinn.identifiers import party_urn
from altinn.packages import package_urn
from altinn.systemregister import System
from altinn.systemusers import Wish
from clients import connect
from clients.health.sentences import say
from clients.models import (
    Alarm,
    Client,
    GrantedPackages,
    SystemRegistration,
    SystemUser,
    SystemUserRequest,
)
from tests.clients.health.test_watching import clears, cycle, raised
from tests.stand_in import Altinn

NAMES = ["regnskapsforer-lonn", "regnskapsforer-uten-signeringsrettighet"]


@dataclass(frozen=True)
class Onboarded:
    """The agent with the id Altinn gave it, and a client it was given."""

    agent: SystemUser
    id: str
    client: Client


@pytest.fixture
def onboarded(db: None, altinn: Altinn, now: datetime) -> Onboarded:
    altinn.reset("onboarding", clients=80, dialogs=80)
    found = altinn.credentials()
    firm, system_id = found["firm"]["orgnr"], f"{found['vendor_orgnr']}_portal"
    urns = tuple(map(package_urn, NAMES))
    names = {"nb": "Portal", "nn": "Portal", "en": "Portal"}
    system = System(
        id=system_id, vendor_orgnr=found["vendor_orgnr"], names=names, descriptions=names,
        packages=urns, client_ids=(found["client_id"],),
    )  # fmt: skip
    with connect.system_register() as register:
        register.create(system)
    wish = Wish(system_id=system_id, party_orgnr=firm, packages=urns, external_ref="regnskap")
    with connect.system_user_requests() as requests:
        key = str(requests.ask_agent(wish).id)
    altinn.post("/access-requests", {"id": key, "do": "approve"})
    orgnr = next(one["orgnr"] for one in altinn.get("/onboarding", all=1) if not one["fault"])
    altinn.post("/delegations", {"system_user": key, "add": party_urn(orgnr)})
    agent = SystemUser.objects.create(
        name="Regnskap", owner_orgnr=firm, external_ref="regnskap", adds_clients=True
    )
    SystemRegistration.objects.create(system_id=system_id, name="Portal", registered_at=now)
    SystemUserRequest.objects.create(
        altinn_id=key, party_orgnr=firm, area="Regnskap", external_ref="regnskap", packages=NAMES,
        status="ACCEPTED", created_at=now, system_user=agent,
    )  # fmt: skip
    cycle()
    return Onboarded(agent, key, Client.objects.get(orgnr=orgnr))


def test_all_is_well_at_first_and_every_package_is_there(onboarded: Onboarded) -> None:
    assert not Alarm.objects.open().exists()
    row = GrantedPackages.objects.get(orgnr=onboarded.client.orgnr)
    assert (row.packages, row.missing, row.lost) == (NAMES, [], [])


def test_a_system_user_that_the_firm_deletes_is_told_of_by_altinns_own_list(
    onboarded: Onboarded, altinn: Altinn
) -> None:
    altinn.post("/system-users", {"id": onboarded.id, "do": "delete", "force": True})

    alarm = raised()

    assert (alarm.kind, alarm.system_user) == ("REVOKED", onboarded.agent)
    assert alarm.facts == {"was_listed": True}


def test_one_package_that_is_taken_back_is_told_of_and_all_of_them_take_the_client(
    onboarded: Onboarded, altinn: Altinn
) -> None:
    orgnr = onboarded.client.orgnr
    altinn.post("/units", {"orgnr": orgnr, "take": NAMES[:1]})
    alarm = raised()
    assert (alarm.kind, alarm.facts) == ("PACKAGE_LOST", {"packages": NAMES[:1]})

    altinn.post("/units", {"orgnr": orgnr, "take": NAMES})
    gone = raised()
    assert (gone.kind, gone.facts["packages"]) == ("ACCESS_LOST", NAMES)
    assert "Før hadde vi «" in say(gone).text
    alarm.refresh_from_db()
    assert alarm.cleared_at is not None, "one alarm says it all"

    altinn.post("/units", {"orgnr": orgnr, "give": NAMES})
    clears(gone)
    assert not Alarm.objects.open().exists()


def test_a_role_that_ends_takes_the_packages_with_it_and_both_are_told_of(
    onboarded: Onboarded, altinn: Altinn
) -> None:
    altinn.post("/units", {"orgnr": onboarded.client.orgnr, "accountant": False})

    cycle()

    kinds = set(Alarm.objects.open().values_list("kind", flat=True))
    assert kinds == {"ROLE_ENDED", "ACCESS_LOST"}

    altinn.post("/units", {"orgnr": onboarded.client.orgnr, "accountant": True})
    cycle()
    assert not Alarm.objects.open().exists()
