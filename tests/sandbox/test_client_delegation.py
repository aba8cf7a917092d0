import uuid
from typing import Any

import httpx
import pytest

from sandbox import ids
from tests.sandbox.kit import DIALOGS, Json
from tests.sandbox.newcomer import MED, POST, Newcomer

PARTIES = "/accessmanagement/api/v1/enduser/authorizedparties"
SCOPE = "altinn:accessmanagement/authorizedparties"
MANAGER, ADMINISTRATOR, STAFF = range(3)


@pytest.fixture
def newcomer(newcomer: Newcomer) -> Newcomer:
    newcomer.register()
    return newcomer


def test_a_client_administrator_sees_the_firms_agents(newcomer: Newcomer) -> None:
    agent = newcomer.agent()

    found = newcomer.as_person("GET", "agents", ADMINISTRATOR, party=newcomer.firm).json()

    assert [(one["id"], one["userType"]) for one in found] == [(agent["id"], "agent")]
    assert found[0]["accessPackages"] == [{"urn": f"urn:altinn:accesspackage:{MED}"}]
    unknown = newcomer.as_person("GET", "agents", party="310000000")
    assert (unknown.status_code, unknown.text) == (404, "System Owner not Found")


def test_nobody_else_may_ask_or_add(newcomer: Newcomer) -> None:
    agent = newcomer.agent()
    client = next(iter(newcomer.available(agent).values()))

    for method, path, query in (
        ("GET", "agents", {"party": newcomer.firm}),
        ("GET", "clients/available", {"agent": agent["id"]}),
        ("GET", "clients", {"agent": agent["id"]}),
        ("POST", "clients", {"agent": agent["id"], "client": client}),
        ("DELETE", "clients", {"agent": agent["id"], "client": client}),
    ):
        answer = newcomer.as_person(method, path, STAFF, **query)
        assert (answer.status_code, answer.content) == (403, b"")


def test_a_machines_token_is_no_persons(newcomer: Newcomer) -> None:
    agent = newcomer.agent()
    url = f"/authentication/api/v1/enduser/systemuser/clients?agent={agent['id']}"
    raw = newcomer.person_tokens()["access_token"]

    for token in (newcomer.token(agent), newcomer.altinn_token(agent), raw):
        assert newcomer.http.get(url, headers={"Authorization": f"Bearer {token}"}).status_code == (
            401
        )


def test_adding_is_done_once_however_often_and_undone(newcomer: Newcomer) -> None:
    agent = newcomer.agent()
    orgnr, client = next(iter(newcomer.available(agent).items()))
    party = ids.ORGANIZATION + orgnr

    def added() -> list[str]:
        rows = newcomer.as_person("GET", "clients", agent=agent["id"]).json()["data"]
        return [row["clientOrganizationNumber"] for row in rows]

    first, second = newcomer.add(agent, client), newcomer.add(agent, client)
    assert (first.status_code, second.status_code, first.json()) == (200, 200, second.json())
    assert added() == [orgnr]
    assert orgnr in newcomer.available(agent)
    token = newcomer.token(agent)
    assert newcomer.ask(DIALOGS, token=token, party=party).json()["items"]
    newcomer.as_person("DELETE", "clients", agent=agent["id"], client=client)
    assert added() == []
    assert newcomer.ask(DIALOGS, token=token, party=party).json()["items"] == []


def test_a_control_adds_and_removes_a_client_too(newcomer: Newcomer) -> None:
    agent = newcomer.agent()
    party = ids.ORGANIZATION + next(iter(newcomer.available(agent)))
    token = newcomer.token(agent)

    newcomer.control("delegations", {"system_user": agent["id"], "add": party})
    assert newcomer.ask(DIALOGS, token=token, party=party).json()["items"]
    newcomer.control("delegations", {"system_user": agent["id"], "remove": party})
    assert newcomer.ask(DIALOGS, token=token, party=party).json()["items"] == []


def errors(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 400
    return [(one["code"], one["title"]) for one in answer.json()["validationErrors"]]


def test_what_is_asked_wrongly_is_refused_with_its_code(newcomer: Newcomer) -> None:
    agent = newcomer.agent()
    rows = newcomer.look("onboarding?all=1")
    orgnr = next(row["orgnr"] for row in rows if not row["fault"])
    body = {"systemId": newcomer.system, "partyOrgNo": newcomer.firm, "externalRef": "egen",
            "accessPackages": [{"urn": f"urn:altinn:accesspackage:{POST}"}]}  # fmt: skip
    own = newcomer.as_vendor("POST", "systemuser/request/vendor", body).json()
    newcomer.answer(own)
    client = newcomer.available(agent)[orgnr]

    def add(agent: str, client: str) -> httpx.Response:
        return newcomer.as_person("POST", "clients", agent=agent, client=client)

    missing = "The agent query parameter is missing or invalid"
    assert errors(add("", client)) == [("AUTH.VLD-00014", missing)]
    assert errors(add(str(uuid.uuid4()), client)) == [("AUTH.VLD-00014", "System user not found")]
    assert errors(add(own["id"], client))[0][0] == "AUTH.VLD-00015"
    assert errors(add(agent["id"], "x"))[0][0] == "AUTH.VLD-00016"
    assert add(agent["id"], str(uuid.uuid4())).json()["code"] == "AUTH-00079"
    newcomer.control("units", {"orgnr": orgnr, "take": MED})
    assert add(agent["id"], client).json()["code"] == "AUTH-00080"
    barred = newcomer.available(agent)[newcomer.fault("access-list")]
    answer = add(agent["id"], barred)
    assert (answer.status_code, answer.json()["code"]) == (403, "AUTH-00069")


def test_a_token_with_the_scope_to_read_cannot_add(newcomer: Newcomer) -> None:
    agent = newcomer.agent()
    raw = newcomer.person_tokens(scope="openid altinn:clientdelegations.read")["access_token"]
    token = newcomer.exchange_person(raw).text
    url = f"/authentication/api/v1/enduser/systemuser/clients?agent={agent['id']}"
    headers = {"Authorization": f"Bearer {token}"}

    assert newcomer.http.get(url, headers=headers).status_code == 200
    assert newcomer.http.post(f"{url}&client={agent['id']}", headers=headers).status_code == 403


def parties(newcomer: Newcomer, agent: Json, **query: Any) -> list[Json]:
    token = newcomer.altinn_token(agent, scope=SCOPE)
    answer = newcomer.ask(PARTIES, token=token, **query)
    assert answer.status_code == 200
    found: list[Json] = answer.json()["data"]
    return found


def test_what_an_agent_sees_is_told_with_packages_and_services(newcomer: Newcomer) -> None:
    agent = newcomer.agent(MED, POST)
    orgnr, client = next(iter(newcomer.available(agent).items()))
    newcomer.add(agent, client)

    (plain,) = parties(newcomer, agent)
    newcomer.control("units", {"orgnr": orgnr, "take": POST})
    (full,) = parties(newcomer, agent, includeAccessPackages="true", includeResources="true")

    assert (plain["organizationNumber"], plain["authorizedAccessPackages"]) == (orgnr, [])
    assert full["partyUuid"] == client
    assert full["authorizedAccessPackages"] == [MED]
    assert "si-krav" in full["authorizedResources"]
    assert "ok-eiendomsskatt" not in full["authorizedResources"]


def test_authorized_parties_want_an_exchanged_token_with_the_scope(newcomer: Newcomer) -> None:
    agent = newcomer.agent()

    raw = newcomer.ask(PARTIES, token=newcomer.token(agent, scope=SCOPE))
    without = newcomer.ask(PARTIES, token=newcomer.altinn_token(agent))

    assert (raw.status_code, without.status_code) == (401, 403)


def test_an_administrator_sees_which_packages_each_client_has_given(newcomer: Newcomer) -> None:
    token = newcomer.exchange_person(newcomer.person_tokens()["access_token"]).text
    firm = newcomer.as_person("GET", "agents", party=newcomer.firm)
    assert firm.status_code == 200
    url = "/accessmanagement/api/v1/enduser/clientdelegations/clients"
    person = newcomer.http.get(PARTIES, headers={"Authorization": f"Bearer {token}"}).json()["data"]
    headers = {"Authorization": f"Bearer {token}", "X-Page-Size": "200"}

    answer = newcomer.http.get(url, params={"party": person[0]["partyUuid"]}, headers=headers)
    rows = {row["client"]["organizationIdentifier"]: row for row in answer.json()["data"]}

    def given(fault: str) -> set[str]:
        access = rows[newcomer.fault(fault)]["access"]
        return {package["urn"].rsplit(":", 1)[1] for one in access for package in one["packages"]}

    assert MED in given("post-missing")
    assert POST not in given("post-missing")
    assert MED not in given("signature-missing")
    assert newcomer.fault("no-role") not in rows
    elsewhere = newcomer.http.get(url, params={"party": str(uuid.uuid4())}, headers=headers)
    assert elsewhere.status_code == 403
