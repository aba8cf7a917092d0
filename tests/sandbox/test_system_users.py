import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sandbox import ids
from tests.sandbox.kit import DIALOGS, Json
from tests.sandbox.newcomer import MED, POST, REDIRECT, Newcomer, urns

REQUEST = "systemuser/request/vendor"
HALF_A_YEAR = 180 * 86_400


@pytest.fixture
def newcomer(newcomer: Newcomer) -> Newcomer:
    newcomer.register(rights=[{"resource": [{"id": "urn:altinn:resource", "value": "si-krav"}]}])
    return newcomer


def code(answer: httpx.Response) -> str:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return str(answer.json()["code"])


def ask_standard(newcomer: Newcomer, orgnr: str, **changed: Any) -> httpx.Response:
    body = {"systemId": newcomer.system, "partyOrgNo": orgnr, "accessPackages": urns(POST)}
    return newcomer.as_vendor("POST", REQUEST, body | changed)


def a_client(newcomer: Newcomer) -> str:
    rows: list[Json] = newcomer.look("onboarding?all=1")
    return next(str(row["orgnr"]) for row in rows if not row["fault"])


# Asking


def test_asking_again_gives_the_same_request(newcomer: Newcomer) -> None:
    first, second = newcomer.ask_agent(), newcomer.ask_agent()

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert "rights" not in first.json()
    assert f"/systemuser/agentrequest?id={first.json()['id']}&" in first.json()["confirmUrl"]
    found = newcomer.as_vendor(
        "GET", f"{REQUEST}/agent/byexternalref/{newcomer.system}/{newcomer.firm}/post"
    )
    assert found.json()["id"] == first.json()["id"]


def test_the_name_that_the_documentation_prints_is_ignored(newcomer: Newcomer) -> None:
    asked = newcomer.ask_agent(externalRef=None, externalReference="post").json()

    assert asked["externalRef"] == newcomer.firm


@pytest.mark.parametrize(
    ("changed", "status", "expected"),
    [
        ({"partyOrgNo": "310000000"}, 400, "AUTH-00000"),
        ({"systemId": "312605031_ukjent"}, 404, "AUTH-00011"),
        ({"redirectUrl": "https://evil.example/"}, 400, "AUTH-00021"),
        ({"accessPackages": []}, 400, "AUTH-00058"),
        ({"accessPackages": urns("merverdiavgift")}, 400, "AUTH-00063"),
        ({"accessPackages": urns("konkursbo-tilgangsstyrer")}, 400, "AUTH-00065"),
    ],
)
def test_a_wrong_request_for_an_agent_is_refused(
    newcomer: Newcomer, changed: Json, status: int, expected: str
) -> None:
    answer = newcomer.ask_agent(**changed)

    assert (answer.status_code, code(answer)) == (status, expected)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"accessPackages": []}, "AUTH-00059"),
        ({"accessPackages": urns(MED)}, "AUTH-00064"),
        ({"rights": [{"resource": [{"id": "urn:altinn:resource", "value": "annet"}]}]},
         "AUTH-00001"),
    ],
)  # fmt: skip
def test_a_wrong_request_for_a_standard_user_is_refused(
    newcomer: Newcomer, changed: Json, expected: str
) -> None:
    answer = ask_standard(newcomer, a_client(newcomer), **changed)

    assert (answer.status_code, code(answer)) == (400, expected)


def test_a_system_without_addresses_allows_none(newcomer: Newcomer) -> None:
    body = newcomer.system_body(allowedRedirectUrls=[])
    newcomer.as_vendor("PUT", f"systemregister/vendor/{newcomer.system}", body)

    assert code(newcomer.ask_agent()) == "AUTH-00026"
    assert newcomer.ask_agent(redirectUrl="").status_code == 201


def test_the_query_of_the_address_to_come_back_to_is_free(newcomer: Newcomer) -> None:
    assert newcomer.ask_agent(redirectUrl=f"{REDIRECT}?steg=3").status_code == 201


def test_requests_are_somebodys_own(newcomer: Newcomer) -> None:
    unknown = uuid.uuid4()

    assert code(newcomer.as_vendor("GET", f"{REQUEST}/{unknown}")) == "AUTH-00010"
    assert code(newcomer.as_vendor("GET", f"{REQUEST}/agent/{unknown}")) == "AUTH-00030"
    agent = newcomer.ask_agent().json()
    assert code(newcomer.as_vendor("GET", f"{REQUEST}/{agent['id']}")) == "AUTH-00010"


def test_lists_come_twenty_at_a_time_with_a_next_that_leads_nowhere(newcomer: Newcomer) -> None:
    for number in range(23):
        newcomer.ask_agent(ref=f"nr-{number}")
    path = f"{REQUEST}/agent/bysystem/{newcomer.system}"

    first = newcomer.as_vendor("GET", path).json()
    following = urlsplit(first["links"]["next"])
    token = parse_qs(following.query)["token"][0]
    second = newcomer.as_vendor("GET", path, token=token).json()

    assert (following.scheme, following.hostname) == ("http", "internal.platform.altinn.invalid")
    assert (len(first["data"]), len(second["data"]), second["links"]) == (20, 3, {})
    assert "confirmUrl" not in first["data"][0]
    assert len({row["id"] for row in first["data"] + second["data"]}) == 23


# Answering


def test_the_page_says_what_is_asked_and_sends_the_browser_back(newcomer: Newcomer) -> None:
    asked = newcomer.ask_agent(redirectUrl=f"{REDIRECT}?steg=3").json()

    page = newcomer.http.get(asked["confirmUrl"])
    answer = newcomer.answer(asked)

    assert MED in page.text
    assert all(word in page.text for word in ("Godkjenn", "Avvis", "Send videre"))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{REDIRECT}?steg=3")
    status = newcomer.as_vendor("GET", f"{REQUEST}/agent/{asked['id']}").json()["status"]
    assert status == "Accepted"
    user = newcomer.as_vendor(
        "GET", "systemuser/vendor/byquery",
        **{"system-id": newcomer.system, "orgno": newcomer.firm, "external-ref": "post"},
    ).json()  # fmt: skip
    assert (user["id"], user["userType"]) == (asked["id"], "agent")


def test_without_an_address_the_page_says_it_is_done(newcomer: Newcomer) -> None:
    answer = newcomer.answer(newcomer.ask_agent(redirectUrl="").json())

    assert (answer.status_code, "er godkjent" in answer.text) == (200, True)


def test_who_lacks_authority_may_only_send_it_on(newcomer: Newcomer) -> None:
    asked = newcomer.ask_agent().json()

    refused = newcomer.answer(asked, who="staff")
    newcomer.answer(asked, "escalate", who="staff")
    found = newcomer.as_vendor("GET", f"{REQUEST}/agent/{asked['id']}").json()

    assert (refused.status_code, "AUTH-00066" in refused.text) == (403, True)
    assert (found["status"], found["escalated"]) == ("New", True)
    assert newcomer.answer(asked).status_code == 303


def test_a_rejected_request_stays_until_it_is_deleted(newcomer: Newcomer) -> None:
    asked = newcomer.ask_agent().json()
    newcomer.answer(asked, "reject")

    again = newcomer.ask_agent()
    late = newcomer.answer(asked)
    assert (again.status_code, again.json()["status"]) == (200, "Rejected")
    assert late.status_code == 409
    gone = newcomer.as_vendor("DELETE", f"{REQUEST}/{asked['id']}")
    assert (gone.status_code, gone.content) == (202, b"")
    renewed = newcomer.ask_agent()
    assert (renewed.status_code, renewed.json()["status"]) == (201, "New")
    assert renewed.json()["id"] != asked["id"]


def test_nobody_can_answer_after_half_a_year(newcomer: Newcomer) -> None:
    asked = newcomer.ask_agent().json()
    newcomer.control("clock", {"advance_seconds": HALF_A_YEAR - 60})
    path = f"{REQUEST}/agent/{asked['id']}"
    assert newcomer.as_vendor("GET", path).json()["status"] == "New"

    newcomer.control("clock", {"advance_seconds": 120})

    found = newcomer.as_vendor("GET", path).json()
    assert (found["status"], found["timedOut"]) == ("Timedout", True)
    assert newcomer.answer(asked).status_code == 409
    assert newcomer.ask_agent().status_code == 201


def test_a_control_answers_without_the_page(newcomer: Newcomer) -> None:
    first, second = newcomer.ask_agent().json(), newcomer.ask_agent(ref="lonn").json()

    newcomer.control("access-requests", {"id": first["id"], "do": "approve"})
    newcomer.control("access-requests", {"id": second["id"], "do": "time-out"})

    states = {one["externalRef"]: one["status"] for one in newcomer.look("access-requests")}
    assert states == {"post": "Accepted", "lonn": "Timedout"}


# Being there, and going


def test_one_that_is_there_cannot_be_asked_for_again(newcomer: Newcomer) -> None:
    newcomer.agent()

    assert code(newcomer.ask_agent()) == "AUTH-00004"


def test_a_customer_deletes_an_agent_once_it_has_no_clients(newcomer: Newcomer) -> None:
    agent = newcomer.agent()
    newcomer.add(agent, next(iter(newcomer.available(agent).values())))
    body = {"id": agent["id"], "do": "delete"}

    kept = newcomer.http.post("/_sandbox/system-users", json=body)
    assert code(kept) == "AUTH-00035"
    newcomer.control("system-users", body | {"force": True})

    query = {"system-id": newcomer.system, "orgno": newcomer.firm, "external-ref": "post"}
    gone = newcomer.as_vendor("GET", "systemuser/vendor/byquery", **query)
    listed = newcomer.as_vendor("GET", f"systemuser/vendor/bysystem/{newcomer.system}").json()
    assert (gone.status_code, code(gone)) == (404, "AUTH-00015")
    assert [user["isDeleted"] for user in listed["data"]] == [True]
    assert "MP-303" in newcomer.ask_token(newcomer.assertion(user=agent)).text
    old = newcomer.ask_agent()
    assert (old.status_code, old.json()["status"]) == (200, "Accepted")
    newcomer.as_vendor("DELETE", f"{REQUEST}/{agent['id']}")
    assert newcomer.ask_agent().status_code == 201


def test_a_client_that_is_not_in_the_system_gets_no_token(newcomer: Newcomer) -> None:
    agent = newcomer.agent()
    body = newcomer.system_body(clientId=["en-annen"])
    newcomer.as_vendor("PUT", f"systemregister/vendor/{newcomer.system}", body)

    assert "MP-303" in newcomer.ask_token(newcomer.assertion(user=agent)).text


# Standard, and changed


def standard(newcomer: Newcomer, orgnr: str, **changed: Any) -> Json:
    asked = ask_standard(newcomer, orgnr, **changed).json()
    newcomer.answer(asked)
    return {"id": asked["id"], "orgnr": orgnr, "external_ref": orgnr}


def resources(newcomer: Newcomer, user: Json) -> set[str]:
    path = "/dialogporten/api/v1/enduser/serviceresources"
    found = newcomer.ask(path, token=newcomer.token(user)).json()["items"]
    return {one["serviceResource"]["id"] for one in found}


def test_a_standard_user_sees_its_own_company_at_once(newcomer: Newcomer) -> None:
    orgnr = a_client(newcomer)
    user = standard(newcomer, orgnr, accessPackages=urns("skatt-naering"))

    parties = newcomer.ask("/dialogporten/api/v1/enduser/parties",
                           token=newcomer.token(user)).json()["authorizedParties"]  # fmt: skip
    party = ids.ORGANIZATION + orgnr
    answer = newcomer.ask(DIALOGS, token=newcomer.token(user), party=party)

    assert [one["party"] for one in parties] == [party]
    assert answer.status_code == 200
    assert "skd-forskuddsskatt" in resources(newcomer, user)


def change(newcomer: Newcomer, user: Json, body: Json, key: str = "") -> httpx.Response:
    query = {"correlation-id": key or str(uuid.uuid4()), "system-user-id": user["id"]}
    return newcomer.as_vendor("POST", "systemuser/changerequest/vendor", body, **query)


def test_a_change_is_asked_for_and_approved(newcomer: Newcomer) -> None:
    user = standard(newcomer, a_client(newcomer))
    key = str(uuid.uuid4())
    wanted = {"resource": [{"id": "urn:altinn:resource", "value": "si-krav"}]}
    body = {"requiredRights": [wanted], "unwantedAccessPackages": urns(POST)}

    asked = change(newcomer, user, body, key)
    assert (asked.status_code, asked.json()["id"]) == (201, key)
    assert "/systemuser/changerequest?id=" in asked.json()["confirmUrl"]
    before = resources(newcomer, user)
    newcomer.answer(asked.json())

    assert resources(newcomer, user) == {"si-krav"} != before
    assert newcomer.as_vendor("GET", f"systemuser/changerequest/vendor/{key}").json()["status"] == (
        "Accepted"
    )
    again = change(newcomer, user, body, key)
    assert (again.status_code, code(again)) == (409, "AUTH-00061")
    nothing = change(newcomer, user, {"requiredRights": [wanted]})
    assert (nothing.status_code, nothing.json()["status"]) == (200, "NoChangeNeeded")


def test_an_agent_cannot_be_changed(newcomer: Newcomer) -> None:
    answer = change(newcomer, newcomer.agent(), {"requiredAccessPackages": urns(POST)})

    assert (answer.status_code, code(answer)) == (400, "AUTH-00036")


def test_a_fault_answers_with_any_code(newcomer: Newcomer) -> None:
    for error, status in (("AUTH-00047", 400), ("AUTH.VLD-00017", 400), ("AUTH-00062", 500)):
        newcomer.control("faults", {"operation": "systemuser-requests", "error": error})
        answer = newcomer.ask_agent()
        assert (answer.status_code, error in answer.text) == (status, True)
