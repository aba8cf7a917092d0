"""Adding clients to an agent system user, and what the agent then really sees."""

import json
from typing import Any
from uuid import UUID

import httpx
import pytest

from altinn.authorized import AuthorizedParties
from altinn.delegation import ClientDelegation, Delegable
from altinn.environment import Environment
from altinn.errors import Misunderstood, Refused

from .conftest import Bearer, answering

FIRM, CLIENT, SUB_UNIT = "314250052", "310495921", "310923044"
AGENT = UUID("58cd5a57-ea49-4d04-bf7d-d48b338c68db")
PARTY = UUID("ff254c60-d02a-4ae8-bcd1-34cce38a823a")
OTHER = UUID("cdc9c5ef-caff-4617-b4da-30f405ed373a")
PACKAGE = "urn:altinn:accesspackage:regnskapsforer-lonn"
BASE = "/authentication/api/v1/enduser/systemuser"
ROW = {
    "clientId": str(PARTY),
    "clientOrganizationNumber": CLIENT,
    "clientOrganizationName": "BAKEREN PÅ HJØRNET AS",
}


def delegation(
    environment: Environment, *answers: httpx.Response
) -> tuple[ClientDelegation, list[httpx.Request]]:
    http, requests = answering(*answers)
    return ClientDelegation(http, environment, Bearer()), requests


def parties(
    environment: Environment, *answers: Any
) -> tuple[AuthorizedParties, list[httpx.Request]]:
    http, requests = answering(*[httpx.Response(200, json=answer) for answer in answers])
    return AuthorizedParties(http, environment, Bearer()), requests


def test_the_firms_agents_are_listed_with_their_packages(environment: Environment) -> None:
    wire = {
        "id": str(AGENT),
        "integrationTitle": "Lønn",
        "systemId": "991825827_portal",
        "partyUuId": "",
        "reporteeOrgNo": FIRM,
        "isDeleted": False,
        "externalRef": "lonn",
        "accessPackages": [{"urn": PACKAGE}],
        "userType": "agent",
    }
    delegating, requests = delegation(environment, httpx.Response(200, json=[wire]))

    (agent,) = delegating.agents(FIRM)

    assert requests[0].url.raw_path.decode() == f"{BASE}/agents?party={FIRM}"
    assert (agent.id, agent.owner_orgnr, agent.external_ref) == (AGENT, FIRM, "lonn")
    assert (agent.packages, agent.is_deleted) == ((PACKAGE,), False)


def test_clients_that_may_be_added_and_those_that_are(environment: Environment) -> None:
    page = {"links": {}, "systemUserInformation": {"systemUserId": str(AGENT)}, "data": [ROW]}
    nameless = {"clientId": str(OTHER), "clientOrganizationName": None}
    delegating, requests = delegation(
        environment,
        httpx.Response(200, json=page),
        httpx.Response(200, json={"links": {"next": "http://inside/?token=a"}, "data": [ROW]}),
        httpx.Response(200, json={"data": [nameless]}),
    )

    available = delegating.available(AGENT)
    added = delegating.added(AGENT)

    bakeren = Delegable(party_uuid=PARTY, orgnr=CLIENT, name="BAKEREN PÅ HJØRNET AS")
    assert available == [bakeren]
    assert added == [bakeren, Delegable(party_uuid=OTHER, orgnr="", name="")]
    assert [request.url.raw_path.decode().removeprefix(BASE) for request in requests] == [
        f"/clients/available?agent={AGENT}",
        f"/clients?agent={AGENT}",
        f"/clients?agent={AGENT}&token=a",
    ]


def test_a_client_is_added_and_removed(environment: Environment) -> None:
    both = {"agent": str(AGENT), "client": str(PARTY)}
    delegating, requests = delegation(environment, *[httpx.Response(200, json=both)] * 2)

    delegating.add(AGENT, PARTY)
    delegating.remove(AGENT, PARTY)

    path = f"{BASE}/clients?agent={AGENT}&client={PARTY}"
    assert [(each.method, each.url.raw_path.decode(), each.content) for each in requests] == [
        ("POST", path, b""),
        ("DELETE", path, b""),
    ]


@pytest.mark.parametrize(
    ("status", "body", "kind", "codes"),
    [
        (400, {"code": "AUTH-00080", "title": "Lacks"}, Misunderstood, ("AUTH-00080", ())),
        (
            400,
            {"code": "STD-00000", "validationErrors": [{"code": "AUTH.VLD-00014"}]},
            Misunderstood,
            ("STD-00000", ("AUTH.VLD-00014",)),
        ),
        (403, None, Refused, ("", ())),
        (401, None, Refused, ("", ())),
    ],
)
def test_why_a_client_was_not_added(
    status: int, body: Any, kind: type[Exception], codes: Any, environment: Environment
) -> None:
    content = b"" if body is None else json.dumps(body).encode()
    delegating, _ = delegation(environment, httpx.Response(status, content=content))

    with pytest.raises((Misunderstood, Refused)) as caught:
        delegating.add(AGENT, PARTY)

    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.validation_codes) == codes
    assert caught.value.status == status


def company(**sub_unit: Any) -> dict[str, Any]:
    """A main unit that is there for its sub-unit alone."""
    below = {
        "partyUuid": str(OTHER),
        "name": "BAKEREN AVD TORGET",
        "organizationNumber": SUB_UNIT,
        "isDeleted": True,
        "onlyHierarchyElementWithNoAccess": False,
        "authorizedAccessPackages": ["regnskapsforer-lonn", PACKAGE],
        "authorizedResources": ["ske-krav"],
        "subunits": [],
    }
    return {
        "partyUuid": str(PARTY),
        "name": "BAKEREN PÅ HJØRNET AS",
        "organizationNumber": CLIENT,
        "personId": None,
        "partyId": 50100006,
        "type": "Organization",
        "isDeleted": False,
        "onlyHierarchyElementWithNoAccess": True,
        "authorizedAccessPackages": [],
        "authorizedResources": None,
        "subunits": [below | sub_unit],
    }


@pytest.mark.parametrize(
    "answer",
    [
        [company()],
        {"links": {}, "data": [company()]},
        {"data": {"data": [company()]}},
        {"data": [company(authorizedAccessPackages=[{"urn": PACKAGE}])]},
    ],
    ids=["bare", "paged", "as documented", "packages as objects"],
)
def test_the_tree_is_flattened_whatever_shape_it_came_in(
    answer: Any, environment: Environment
) -> None:
    authorized, _ = parties(environment, answer)

    main, sub_unit = authorized.all()

    assert (main.orgnr, main.party_uuid, main.parent_orgnr) == (CLIENT, PARTY, None)
    assert (main.only_hierarchy, len(main.packages), len(main.resources)) == (True, 0, 0)
    assert (sub_unit.orgnr, sub_unit.parent_orgnr, sub_unit.is_deleted) == (SUB_UNIT, CLIENT, True)
    assert sub_unit.packages == {PACKAGE}
    assert sub_unit.resources == {"ske-krav"}
    assert not sub_unit.only_hierarchy


def test_all_pages_are_read_with_the_same_question(environment: Environment) -> None:
    authorized, requests = parties(
        environment,
        {"links": {"next": "http://internal.altinn.cloud/x?token=b&includeRoles=true"}, "data": []},
        {"links": {"next": None}, "data": [company()]},
    )

    assert len(authorized.all(packages=True, resources=True)) == 2

    assert {request.url.host for request in requests} == {"127.0.0.1"}
    asked = {
        "includeAccessPackages": "true",
        "includeResources": "true",
        "includeSubParties": "true",
        "includeInactiveParties": "true",
    }
    assert [dict(request.url.params) for request in requests] == [asked, asked | {"token": "b"}]
    assert requests[0].url.path == "/accessmanagement/api/v1/enduser/authorizedparties"
