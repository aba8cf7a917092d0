from typing import Any

import pytest

from tests.sandbox.newcomer import MED, VENDOR_SCOPES, Newcomer, urns

REGISTER = "systemregister/vendor"
RIGHT = {"resource": [{"id": "urn:altinn:resource", "value": "si-krav"}]}


def codes(answer: Any) -> set[str]:
    assert answer.status_code == 400
    assert answer.json()["code"] == "STD-00000"
    return {one["code"] for one in answer.json()["validationErrors"]}


def test_a_system_is_registered_read_and_listed(newcomer: Newcomer) -> None:
    created = newcomer.register(rights=[RIGHT])
    read = newcomer.as_vendor("GET", f"{REGISTER}/{newcomer.system}").json()
    mine = newcomer.as_vendor("GET", REGISTER).json()

    assert (created.status_code, len(created.json())) == (200, 36)
    assert read["clientId"] == [newcomer.credentials["client_id"]]
    assert read["rights"] == [RIGHT]
    assert {"urn": urns(MED)[0]["urn"]} in read["accessPackages"]
    assert [one["systemId"] for one in mine] == [newcomer.system]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"vendor": {"ID": "312605031"}}, 0),
        ({"id": "999_portal"}, 1),
        ({"id": "{vendor}_min portal"}, 13),
        ({"rights": [{"resource": [{"id": "urn:altinn:resource", "value": "finnes-ikke"}]}]}, 3),
        ({"allowedRedirectUrls": ["http://portal.example.no/tilbake"]}, 5),
        ({"rights": [RIGHT, RIGHT]}, 6),
        ({"accessPackages": urns(MED, MED)}, 7),
        ({"accessPackages": urns("finnes-ikke")}, 8),
        ({"accessPackages": urns("klientadministrator")}, 8),
        ({"rights": [{"resource": [{"id": "urn:annet", "value": "si-krav"}]}]}, 9),
        ({"clientId": ["samme", "samme"]}, 11),
        ({"isVisible": True}, 18),
    ],
)
def test_a_wrong_system_is_refused_with_its_code(
    newcomer: Newcomer, changed: dict[str, Any], code: int
) -> None:
    if "id" in changed:
        changed = {"id": changed["id"].format(vendor=newcomer.vendor)}

    assert codes(newcomer.register(**changed)) == {f"AUTH.VLD-{code:05d}"}


def test_an_id_and_a_client_are_taken_once(newcomer: Newcomer) -> None:
    newcomer.register()

    assert codes(newcomer.register()) == {"AUTH.VLD-00002", "AUTH.VLD-00004"}
    other = f"{newcomer.vendor}_annet"
    assert codes(newcomer.register(id=other)) == {"AUTH.VLD-00004"}
    assert newcomer.register(id=other, clientId=["en-annen"]).status_code == 200


def test_changes_are_made_and_logged(newcomer: Newcomer) -> None:
    newcomer.register()
    path = f"{REGISTER}/{newcomer.system}"
    names = {"nb": "Innboksen", "nn": "Innboksen", "en": "Inbox"}

    assert newcomer.as_vendor("PUT", path, newcomer.system_body(name=names)).json() == {
        "success": True
    }
    newcomer.as_vendor("PUT", f"{path}/rights", [RIGHT])
    newcomer.as_vendor("PUT", f"{path}/accesspackages", urns(MED))
    log = newcomer.as_vendor("GET", f"{path}/changelog").json()

    kinds = [one["changeType"] for one in log]
    assert kinds == ["create", "update", "rightsupdate", "accesspackageupdate"]
    assert {one["changedByOrgNumber"] for one in log} == {newcomer.vendor}
    read = newcomer.as_vendor("GET", path).json()
    assert (read["name"], read["rights"]) == (names, [RIGHT])
    assert read["accessPackages"] == urns(MED)


def test_a_body_for_another_system_is_refused(newcomer: Newcomer) -> None:
    newcomer.register()
    body = newcomer.system_body(id=f"{newcomer.vendor}_annet")

    answer = newcomer.as_vendor("PUT", f"{REGISTER}/{newcomer.system}", body)

    assert codes(answer) == {"AUTH.VLD-00012"}


def test_a_deleted_system_is_unknown_and_cannot_be_changed(newcomer: Newcomer) -> None:
    newcomer.register()
    path = f"{REGISTER}/{newcomer.system}"
    agent = newcomer.agent()
    newcomer.as_vendor("DELETE", path)

    read = newcomer.as_vendor("GET", path)
    changed = newcomer.as_vendor("PUT", path, newcomer.system_body())

    assert (read.status_code, read.json()["code"]) == (404, "AUTH-00011")
    assert (changed.status_code, changed.json()) == (
        400, "Cannot update a system marked as deleted.",
    )  # fmt: skip
    assert "MP-303" in newcomer.ask_token(newcomer.assertion(user=agent)).text


def test_names_are_read_in_any_case(newcomer: Newcomer) -> None:
    body = newcomer.system_body()
    body["ClientId"] = body.pop("clientId")
    body["allowedredirecturls"] = body.pop("allowedRedirectUrls")

    assert newcomer.as_vendor("POST", REGISTER, body).status_code == 200
    read = newcomer.as_vendor("GET", f"{REGISTER}/{newcomer.system}").json()
    assert read["clientId"] == [newcomer.credentials["client_id"]]


def test_the_register_wants_its_scope_and_a_vendor(newcomer: Newcomer) -> None:
    read_only = newcomer.token(scope=VENDOR_SCOPES.split()[2])
    headers = {"Authorization": f"Bearer {read_only}"}

    answer = newcomer.http.get(f"/authentication/api/v1/{REGISTER}", headers=headers)

    assert (answer.status_code, answer.content) == (403, b"")
    assert newcomer.http.get(f"/authentication/api/v1/{REGISTER}").status_code == 401


def test_a_vendor_cannot_register_for_another(newcomer: Newcomer) -> None:
    other = {"authority": "iso6523-actorid-upis", "ID": f"0192:{newcomer.firm}"}

    assert newcomer.register(vendor=other).status_code == 403


def test_the_firms_that_were_there_before_have_a_system(newcomer: Newcomer) -> None:
    newcomer.reset(world="small", clients=None, dialogs=None)

    read = newcomer.as_vendor("GET", f"{REGISTER}/{newcomer.system}").json()
    users = newcomer.as_vendor("GET", f"systemuser/vendor/bysystem/{newcomer.system}").json()

    assert read["clientId"] == [newcomer.credentials["client_id"]]
    assert {user["id"] for user in users["data"]} == {
        user["id"] for user in newcomer.credentials["system_users"]
    }
