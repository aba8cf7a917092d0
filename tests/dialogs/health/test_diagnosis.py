"""The ladder, broken rung by rung at Altinn's stand-in."""

from dataclasses import replace
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from pytest_django import Settings

from clients.models import (
    Access,
    Category,
    CategoryService,
    Client,
    GrantedPackages,
    SystemUser,
)
from dialogs.health.ladder import Diagnosis, State, Step, diagnose
from staff.models import AuditEntry, User
from tests.dialogs.home.conftest import plain
from tests.stand_in import Altinn

RUNGS = list(Step)


def fault(altinn: Altinn, operation: str, **more: Any) -> None:
    altinn.post("/faults", {"operation": operation, "times": None, **more})


def stops_at(found: Diagnosis, step: Step) -> None:
    """One rung is where it stops; none above it was tried, and those below are never failures."""
    [ladder] = found.ladders
    states = {rung.step: rung.state for rung in ladder.rungs}
    assert list(states) == RUNGS
    assert states[step] == State.STOPPED, ladder
    above = RUNGS[RUNGS.index(step) + 1 :]
    assert {states[one] for one in above} <= {State.NOT_REACHED}
    assert State.STOPPED not in {states[one] for one in RUNGS[: RUNGS.index(step)]}
    assert found.text.startswith("Det stopper ved «")
    assert found.next_step
    assert not found.is_well


def test_all_is_well_and_nothing_is_marked(client: Client, altinn: Altinn) -> None:
    seen, asked = altinn.seen(), altinn.counts().get("details", 0)

    found = diagnose(client)

    [ladder] = found.ladders
    assert {rung.state for rung in ladder.rungs} == {State.OK}, ladder
    assert found.is_well
    assert found.text == f"Regnskap leser {client.name}: alle trinn er i orden."
    assert "Portalen har " in found.next_step
    assert (altinn.seen(), altinn.counts().get("details", 0)) == (seen, asked)


def test_an_expired_key_stops_at_the_token(client: Client, expired_key: str) -> None:
    stops_at(diagnose(client), Step.TOKEN)


def test_a_system_user_that_was_taken_back_stops_at_the_token(
    client: Client, agent_id: str, altinn: Altinn
) -> None:
    altinn.post("/delegations", {"system_user": agent_id, "deleted": True})

    stops_at(diagnose(client), Step.TOKEN)


def test_no_answer_from_maskinporten_is_their_fault_and_not_ours(
    client: Client, altinn: Altinn
) -> None:
    fault(altinn, "token", status=503)

    found = diagnose(client)

    stops_at(found, Step.TOKEN)
    assert "hos dem, ikke hos oss" in found.text


def test_a_scope_that_was_not_given_stops_at_the_scope(client: Client, altinn: Altinn) -> None:
    fault(altinn, "token", error="MP-200")

    found = diagnose(client)

    stops_at(found, Step.SCOPE)
    assert found.ladders[0].rungs[0].state == State.OK


def test_addresses_of_another_environment_stop_at_the_environment(
    client: Client, settings: Settings
) -> None:
    settings.ALTINN = replace(settings.ALTINN, maskinporten_issuer="http://127.0.0.1:1/annet/")

    found = diagnose(client)

    stops_at(found, Step.ENVIRONMENT)
    assert found.ladders[0].rungs[0].state == State.NOT_REACHED


def test_a_token_that_altinn_does_not_take_stops_at_the_environment(
    client: Client, altinn: Altinn
) -> None:
    fault(altinn, "parties", status=401)

    stops_at(diagnose(client), Step.ENVIRONMENT)


def test_no_party_at_all_stops_at_the_parties(
    client: Client, agent_id: str, altinn: Altinn
) -> None:
    everyone = next(u for u in altinn.system_users() if u["id"] == agent_id)["parties"]
    altinn.post("/delegations", {"system_user": agent_id, "remove": everyone})

    found = diagnose(client)

    stops_at(found, Step.PARTIES)
    assert "klientadministrator" in found.next_step


def test_dialogporten_without_an_answer_stops_at_the_parties(
    client: Client, altinn: Altinn
) -> None:
    fault(altinn, "parties", status=503)

    found = diagnose(client)

    stops_at(found, Step.PARTIES)
    assert "Dialogporten svarer ikke" in found.text


@pytest.fixture
def taken_away(client: Client, agent_id: str, altinn: Altinn) -> Client:
    """The client is no longer the agent's to see, at Altinn."""
    urns = list(client.parties.values_list("urn", flat=True))
    altinn.post("/delegations", {"system_user": agent_id, "remove": urns})
    return client


def test_a_client_that_was_taken_away_stops_at_the_list(taken_away: Client) -> None:
    found = diagnose(taken_away)

    stops_at(found, Step.LISTED)
    assert taken_away.name in found.text


def test_a_client_that_lost_its_package_is_told_which(
    taken_away: Client, agent: SystemUser, now: datetime
) -> None:
    GrantedPackages.objects.create(
        system_user=agent,
        orgnr=taken_away.orgnr or "",
        packages=[],
        lost=["regnskapsforer-lonn"],
        read_at=now,
    )

    found = diagnose(taken_away)

    stops_at(found, Step.LISTED)
    assert "som før hadde «" in found.text


def test_no_service_stops_at_the_services(client: Client, altinn: Altinn) -> None:
    fault(altinn, "serviceresources", status=200, body='{"items": []}')

    stops_at(diagnose(client), Step.RESOURCES)


def test_an_archived_client_stops_at_our_own_filters(client: Client, now: datetime) -> None:
    client.archived_at = now
    client.save(update_fields=["archived_at"])

    found = diagnose(client)

    stops_at(found, Step.FILTERS)
    assert "arkivert" in found.text


def test_a_system_user_that_is_off_stops_at_our_own_filters(client: Client) -> None:
    SystemUser.objects.update(is_active=False)

    found = diagnose(client)

    stops_at(found, Step.FILTERS)
    assert "slått av" in found.text


def test_a_list_that_was_not_read_since_stops_at_our_own_filters(
    client: Client, now: datetime
) -> None:
    Access.objects.update(lost_at=now)

    stops_at(diagnose(client), Step.FILTERS)


def test_a_reading_that_is_not_done_stops_at_our_own_filters(
    client: Client, agent: SystemUser
) -> None:
    client.dialog_set.all().delete()
    Access.objects.update(loaded_at=None)

    found = diagnose(client)

    stops_at(found, Step.FILTERS)
    assert "ikke hentet ferdig" in found.text


def test_how_many_there_are_is_told_of_those_one_may_read(
    client: Client, admin: User, kari: User
) -> None:
    category = Category.objects.create(name="Alt")
    CategoryService.objects.create(category=category, pattern="urn:altinn:resource:*")
    client.category_restrictions.create(category=category).readers.set([kari])
    assert client.dialog_set.filter(restriction=None).count() == 0

    assert "Portalen har " in diagnose(client, asker=kari).next_step
    for asker in (admin, None):
        found = diagnose(client, asker=asker)
        assert found.is_well
        assert found.next_step == "Det er ingen dialoger å vise for klienten nå."


def test_without_a_system_user_there_is_nothing_to_climb(bakeren: Client) -> None:
    found = diagnose(bakeren)

    assert (found.ladders, found.is_well) == ([], False)
    assert "Ingen systembruker" in found.text


def test_the_system_user_that_gets_furthest_counts(client: Client, agent: SystemUser) -> None:
    SystemUser.objects.create(name="Annen", owner_orgnr=agent.owner_orgnr, external_ref="annen")

    found = diagnose(client)

    assert found.is_well
    assert [one.system_user.name for one in found.ladders] == ["Regnskap", "Annen"]


def test_an_administrator_presses_and_reads_where_it_stops(
    taken_away: Client, admin: User, altinn: Altinn
) -> None:
    browser = Browser()
    browser.force_login(admin)
    address = f"/klienter/{taken_away.pk}/diagnose/"
    asked = altinn.counts()

    page = browser.get(address).content.decode()

    assert "Finn ut hvor det stopper" in page
    assert altinn.counts() == asked

    page = plain(browser.post(address).content.decode().partition("<main")[2])

    assert "Det stopper ved «Klienten i listen»" in page
    assert page.count("I orden") == 4
    assert page.count("Stopper her") == 1
    assert page.count("Ikke nådd") == 2
    entry = AuditEntry.objects.get(act="client diagnosed")
    assert (entry.actor, entry.about, entry.detail) == (
        admin,
        f"client {taken_away.pk}",
        {"where": "LISTED"},
    )
    log = plain(browser.get(f"/klienter/{taken_away.pk}/logg/").content.decode())
    assert "Per Nilsen kjørte en diagnose av tilgangen." in log


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_an_administrator_diagnoses(
    method: str, bakeren: Client, kari: User, leder: User, ola: User
) -> None:
    for user in (kari, leder, ola):
        browser = Browser()
        browser.force_login(user)
        answer = getattr(browser, method)(f"/klienter/{bakeren.pk}/diagnose/")
        assert answer.status_code == 403
    assert not AuditEntry.objects.filter(act="client diagnosed").exists()


def test_the_tab_leads_an_administrator_there(bakeren: Client, admin: User, kari: User) -> None:
    address = f"/klienter/{bakeren.pk}/diagnose/"
    for user, leads in ((admin, True), (kari, False)):
        browser = Browser()
        browser.force_login(user)
        page = browser.get(f"/klienter/{bakeren.pk}/tilgang/").content.decode()
        assert (f'href="{address}"' in page) is leads


def test_support_gets_the_same_words_and_an_exit_code(
    client: Client, agent_id: str, altinn: Altinn
) -> None:
    said = StringIO()
    call_command("diagnose", client.orgnr, stdout=said)
    assert diagnose(client).text in said.getvalue()

    altinn.post("/delegations", {"system_user": agent_id, "deleted": True})
    with pytest.raises(CommandError) as stopped:
        call_command("diagnose", client.orgnr, stdout=StringIO())

    assert stopped.value.returncode == 1
    assert str(stopped.value).startswith("Det stopper ved «Token»")

    with pytest.raises(CommandError) as unknown:
        call_command("diagnose", "923609016", stdout=StringIO())
    assert unknown.value.returncode == 2
