"""Asking for system users: what is sent, what comes back, and what is done with Altinn's links."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from altinn.environment import Environment
from altinn.errors import Changed, Misunderstood, NotThere
from altinn.systemusers import (
    RegisteredUser,
    RequestStatus,
    SystemUserRequests,
    Wish,
    WishedChange,
)

from .conftest import Bearer, answering

VENDOR, FIRM = "991825827", "314250052"
SYSTEM = f"{VENDOR}_portal"
ID = UUID("bb4955d4-6c44-4716-841c-911205dadade")
USER = UUID("58cd5a57-ea49-4d04-bf7d-d48b338c68db")
PACKAGE = "urn:altinn:accesspackage:regnskapsforer-lonn"
OTHER = "urn:altinn:accesspackage:skatt-naering"
BASE = "/authentication/api/v1/systemuser"
UI = "http://127.0.0.1:8904/accessmanagement/ui/systemuser"
CONFIRM = f"{UI}/agentrequest?id={ID}&DONTCHOOSEREPORTEE=true"
RETURN = "https://portal.example.no/tilbake"
WISH = Wish(
    system_id=SYSTEM,
    party_orgnr=FIRM,
    packages=(PACKAGE,),
    external_ref="lonn",
    redirect_url=RETURN,
    title="Lønn",
)
ANSWER = {
    "id": str(ID),
    "integrationTitle": "Lønn",
    "externalRef": "lonn",
    "systemId": SYSTEM,
    "partyOrgNo": FIRM,
    "accessPackages": [{"urn": PACKAGE}],
    "status": "New",
    "redirectUrl": RETURN,
    "confirmUrl": CONFIRM,
    "escalated": False,
    "created": "2026-11-27T09:14:00Z",
    "timedOut": False,
}


def requests_of(
    environment: Environment, *answers: httpx.Response
) -> tuple[SystemUserRequests, list[httpx.Request]]:
    http, requests = answering(*answers)
    return SystemUserRequests(http, environment, Bearer()), requests


def right(value: str) -> dict[str, Any]:
    return {"resource": [{"id": "urn:altinn:resource", "value": value}]}


def said(body: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)


def test_an_agent_is_asked_for_as_altinn_reads_it(environment: Environment) -> None:
    asking, requests = requests_of(environment, said(ANSWER, 201))

    request = asking.ask_agent(WISH)

    assert (requests[0].method, requests[0].url.path) == ("POST", f"{BASE}/request/vendor/agent")
    assert json.loads(requests[0].content) == {
        "systemId": SYSTEM,
        "partyOrgNo": FIRM,
        "accessPackages": [{"urn": PACKAGE}],
        "externalRef": "lonn",
        "redirectUrl": RETURN,
        "integrationTitle": "Lønn",
    }
    assert (request.id, request.status, request.is_new) == (ID, RequestStatus.NEW, True)
    assert (request.confirm_url, request.packages, request.is_agent) == (CONFIRM, (PACKAGE,), True)
    assert (request.external_ref, request.title, request.party_orgnr) == ("lonn", "Lønn", FIRM)
    assert request.created_at is not None


def test_a_standard_one_may_have_single_rights(environment: Environment) -> None:
    answer = ANSWER | {"rights": [right("ske-krav")], "confirmUrl": None}
    asking, requests = requests_of(environment, said(answer, 201))

    request = asking.ask_standard(Wish(system_id=SYSTEM, party_orgnr=FIRM, rights=("ske-krav",)))

    assert requests[0].url.path == f"{BASE}/request/vendor"
    assert json.loads(requests[0].content) == {
        "systemId": SYSTEM,
        "partyOrgNo": FIRM,
        "accessPackages": [],
        "rights": [right("ske-krav")],
    }
    assert (request.rights, request.is_agent) == (("ske-krav",), False)


@pytest.mark.parametrize("status", ["Accepted", "Rejected", "Denied", "New"])
def test_the_same_again_is_the_first_one_whatever_its_status(
    status: str, environment: Environment
) -> None:
    asking, _ = requests_of(environment, said(ANSWER | {"status": status}, 200))

    request = asking.ask_agent(WISH)

    assert (request.is_new, request.status.value) == (False, status)


@pytest.mark.parametrize(
    "more", [{"status": "Timedout"}, {"status": "New", "timedOut": True}], ids=["status", "flag"]
)
def test_a_request_nobody_answered_has_timed_out(
    more: dict[str, Any], environment: Environment
) -> None:
    asking, _ = requests_of(environment, said(ANSWER | more))

    assert asking.agent(ID).is_timed_out


def test_a_status_from_next_year_is_unknown_and_no_error(environment: Environment) -> None:
    asking, _ = requests_of(environment, said(ANSWER | {"status": "Paused", "escalated": True}))

    request = asking.agent(ID)

    assert (request.status, request.is_escalated) == (RequestStatus.UNKNOWN, True)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://evil.example/accessmanagement/ui/systemuser/agentrequest?id=1",
        f"http://127.0.0.1:8904@evil.example/{UI}",
        "http://127.0.0.1:8904/accessmanagement/ui/systemuser/../../evil",
        "http://127.0.0.1:8904/annet",
        "javascript:alert(1)",
        "//evil.example/accessmanagement/ui/systemuser/x",
    ],
)
def test_people_are_only_sent_to_altinns_own_pages(
    url: str | None, environment: Environment
) -> None:
    answer = said(ANSWER | {"confirmUrl": url})
    asking, _ = requests_of(environment, answer, answer)

    assert asking.agent(ID).confirm_url == CONFIRM
    standard = asking.standard(ID).confirm_url
    assert standard == f"{UI}/request?id={ID}&DONTCHOOSEREPORTEE=true"


def test_requests_are_read_by_id_and_by_reference(environment: Environment) -> None:
    asking, requests = requests_of(environment, *[said(ANSWER)] * 4)

    asking.standard(ID)
    asking.agent(ID)
    asking.by_ref(SYSTEM, FIRM, "lønn/a?b", agent=True)
    asking.by_ref(SYSTEM, FIRM, "post", agent=False)

    assert [request.url.raw_path.decode().removeprefix(BASE) for request in requests] == [
        f"/request/vendor/{ID}",
        f"/request/vendor/agent/{ID}",
        f"/request/vendor/agent/byexternalref/{SYSTEM}/{FIRM}/l%C3%B8nn%2Fa%3Fb",
        f"/request/vendor/byexternalref/{SYSTEM}/{FIRM}/post",
    ]


def test_of_a_link_to_the_next_page_only_the_token_is_used(environment: Environment) -> None:
    inside = "http://internal.platform.tt02.altinn.cloud/x/bysystem/y?token=MTQ3Ng&more=1"
    other = ANSWER | {"id": str(USER), "status": "Accepted"}
    asking, requests = requests_of(
        environment,
        said({"links": {"next": inside}, "data": [ANSWER]}),
        said({"links": {}, "data": [other]}),
    )

    found = asking.of_system(SYSTEM, agent=True)

    assert [request.id for request in found] == [ID, USER]
    assert {request.url.host for request in requests} == {"127.0.0.1"}
    path = f"{BASE}/request/vendor/agent/bysystem/{SYSTEM}"
    assert [request.url.raw_path.decode() for request in requests] == [path, f"{path}?token=MTQ3Ng"]


@pytest.mark.parametrize("link", ["http://x.example/?token=a", "http://x.example/?other=a"])
def test_pages_that_go_round_in_a_ring_end(link: str, environment: Environment) -> None:
    page = said({"links": {"next": link}, "data": []})
    asking, _ = requests_of(environment, page, page, page)

    with pytest.raises(Misunderstood, match="does not move on"):
        asking.of_system(SYSTEM, agent=False)


def test_a_request_can_be_taken_back(environment: Environment) -> None:
    gone = said({"code": "AUTH-00010", "title": "Unknown"}, 404)
    asking, requests = requests_of(environment, httpx.Response(202), gone)

    asking.delete(ID)
    with pytest.raises(NotThere) as caught:
        asking.standard(ID)

    assert (requests[0].method, requests[0].url.path) == ("DELETE", f"{BASE}/request/vendor/{ID}")
    assert caught.value.code == "AUTH-00010"


def test_a_system_user_that_exists_is_told_by_its_code(environment: Environment) -> None:
    asking, _ = requests_of(environment, said({"code": "AUTH-00004", "title": "Exists"}, 400))

    with pytest.raises(Misunderstood) as caught:
        asking.ask_agent(WISH)

    assert caught.value.code == "AUTH-00004"


def test_what_can_only_go_wrong_is_not_sent(environment: Environment) -> None:
    asking, requests = requests_of(environment)

    with pytest.raises(ValueError, match="packages only"):
        asking.ask_agent(replace(WISH, rights=("ske-krav",)))
    with pytest.raises(ValueError, match="nine digits"):
        asking.ask_agent(replace(WISH, party_orgnr="314250053"))
    with pytest.raises(ValueError, match="badly formed"):
        asking.agent("../../systemregister")  # type: ignore[arg-type]

    assert requests == []


def test_other_rights_are_asked_for_by_an_id_of_ours(environment: Environment) -> None:
    answer = {
        "id": str(ID),
        "systemId": SYSTEM,
        "partyOrgNo": FIRM,
        "externalRef": "lonn",
        "requiredRights": [right("a")],
        "unwantedRights": [right("b")],
        "requiredAccessPackages": [{"urn": PACKAGE}],
        "unwantedAccessPackages": [{"urn": OTHER}],
        "status": "New",
        "confirmUrl": "http://evil.example/",
    }
    asking, requests = requests_of(
        environment, said(answer, 201), said(answer), httpx.Response(202)
    )
    wish = WishedChange(
        id=ID,
        system_user_id=USER,
        packages=(PACKAGE,),
        unwanted_packages=(OTHER,),
        rights=("a",),
        unwanted_rights=("b",),
    )

    change = asking.ask_change(wish)
    read = asking.change(ID)
    asking.delete_change(ID)

    assert requests[0].url.path == f"{BASE}/changerequest/vendor"
    assert dict(requests[0].url.params) == {
        "correlation-id": str(ID),
        "system-user-id": str(USER),
    }
    assert json.loads(requests[0].content) == {
        "requiredRights": [right("a")],
        "unwantedRights": [right("b")],
        "requiredAccessPackages": [{"urn": PACKAGE}],
        "unwantedAccessPackages": [{"urn": OTHER}],
    }
    assert (change.is_new, change.confirm_url) == (
        True,
        f"{UI}/changerequest?id={ID}&DONTCHOOSEREPORTEE=true",
    )
    assert read == replace(change, is_new=False)
    assert (read.packages, read.unwanted_packages) == ((PACKAGE,), (OTHER,))
    assert (read.rights, read.unwanted_rights) == (("a",), ("b",))
    assert [request.method for request in requests] == ["POST", "GET", "DELETE"]


def test_a_change_may_not_be_needed_or_be_answered_already(environment: Environment) -> None:
    asking, _ = requests_of(
        environment,
        said({"id": str(ID), "status": "NoChangeNeeded"}),
        said({"code": "AUTH-00061", "title": "Answered"}, 409),
    )
    wish = WishedChange(id=ID, system_user_id=USER, packages=(PACKAGE,))

    assert asking.ask_change(wish).status == RequestStatus.NO_CHANGE_NEEDED
    with pytest.raises(Changed) as caught:
        asking.ask_change(wish)
    assert caught.value.code == "AUTH-00061"


def test_system_users_are_found_one_by_one_and_all_together(environment: Environment) -> None:
    wire = {
        "id": str(USER),
        "integrationTitle": "Lønn",
        "systemId": SYSTEM,
        "productName": "",
        "reporteeOrgNo": FIRM,
        "created": "2026-11-27T09:14:00.125Z",
        "isDeleted": False,
        "supplierName": "",
        "supplierOrgno": VENDOR,
        "externalRef": "lonn",
        "userType": "agent",
    }
    inside = "http://internal.altinn.cloud/?token=a"
    asking, requests = requests_of(
        environment,
        said(wire),
        said({"links": {"next": inside}, "data": [wire]}),
        said({"data": [wire | {"id": str(ID), "isDeleted": True, "userType": "standard"}]}),
    )

    user = asking.system_user(SYSTEM, FIRM, "lonn")
    first, second = asking.system_users(SYSTEM)

    assert dict(requests[0].url.params) == {
        "system-id": SYSTEM,
        "orgno": FIRM,
        "external-ref": "lonn",
    }
    assert user == first
    assert user == RegisteredUser(
        id=USER,
        system_id=SYSTEM,
        owner_orgnr=FIRM,
        external_ref="lonn",
        title="Lønn",
        is_agent=True,
        created_at=user.created_at,
    )
    assert (second.id, second.is_deleted, second.is_agent) == (ID, True, False)


@pytest.mark.parametrize("body", ["", "null", "[]", "<html>", '{"id": "x"}', '{"data": 3}'])
def test_an_answer_that_is_something_else_is_misunderstood(
    body: str, environment: Environment
) -> None:
    asking, _ = requests_of(environment, *[httpx.Response(200, text=body)] * 2)

    with pytest.raises(Misunderstood):
        asking.agent(ID)
    with pytest.raises(Misunderstood):
        asking.of_system(SYSTEM, agent=True)
