"""Times, revisions, labels and events of what happens to a dialog."""

from typing import Any

import pytest

from tests.sandbox.kit import DIALOGPORTEN, Portal
from tests.sandbox.test_details import kinds

RESOURCE = "urn:altinn:resource:sandbox-demo"
LABELS = "context/systemlabels"
BULK = "context/systemlabels/actions/bulkset"


@pytest.fixture
def dialog(portal: Portal) -> dict[str, Any]:
    return portal.make(party=portal.client(), resource=RESOURCE, createdAt="2026-01-02T03:04:05Z")


def put(portal: Portal, dialog: dict[str, Any], headers: Any = None, **labels: Any) -> Any:
    path = f"{dialog['id']}/{LABELS}"
    return portal.ask(path, method="PUT", json=labels, headers=headers)


def test_a_dialog_may_be_created_in_the_past(portal: Portal, dialog: dict[str, Any]) -> None:
    assert dialog["createdAt"] == dialog["updatedAt"] == "2026-01-02T03:04:05.0000000Z"
    assert kinds(portal, dialog) == ["created"]


def test_content_and_the_rest_move_different_times(portal: Portal, dialog: dict[str, Any]) -> None:
    due = portal.do(dialog, "update", dueAt="2027-01-01T00:00:00Z")
    status = portal.do(dialog, "update", status="Awaiting")

    assert due["updatedAt"] > dialog["updatedAt"]
    assert due["contentUpdatedAt"] == dialog["contentUpdatedAt"]
    assert status["contentUpdatedAt"] == status["updatedAt"] > due["updatedAt"]
    assert status["createdAt"] == dialog["createdAt"]


def test_a_silent_update_changes_only_the_revision(portal: Portal, dialog: dict[str, Any]) -> None:
    put(portal, dialog, addLabels=["Archive"])

    after = portal.do(dialog, "silent-update", status="Completed")

    assert after["status"] == "Completed"
    assert after["_revision"] != dialog["_revision"]
    for name in ("createdAt", "updatedAt", "contentUpdatedAt"):
        assert after[name] == dialog[name]
    assert after["systemLabel"] == "Archive"
    assert kinds(portal, dialog) == ["created"]


def test_an_update_puts_the_label_back(portal: Portal, dialog: dict[str, Any]) -> None:
    put(portal, dialog, addLabels=["Bin"])

    after = portal.do(dialog, "update", status="Awaiting")

    assert after["endUserContext"]["systemLabels"] == ["Default"]
    log = portal.ask(f"{dialog['id']}/context/labellog").json()
    assert [(entry["name"], entry["action"]) for entry in log] == [
        ("systemlabel:Bin", "set"), ("systemlabel:Bin", "remove"),
    ]  # fmt: skip
    assert log[1]["performedBy"] == {"actorType": "ServiceOwner"}


def test_delete_restore_and_purge(portal: Portal, dialog: dict[str, Any]) -> None:
    deleted = portal.do(dialog, "delete")
    assert portal.listed(dialog["id"]) is None
    assert portal.ask(dialog["id"]).status_code == 410

    restored = portal.do(dialog, "restore")
    assert portal.listed(dialog["id"])
    assert restored["updatedAt"] == deleted["updatedAt"]

    portal.do(dialog, "purge")
    assert portal.ask(dialog["id"]).status_code == 404
    assert kinds(portal, dialog) == ["created", "deleted", "restored", "deleted"]


def test_transmissions_and_activities_send_their_events(
    portal: Portal, dialog: dict[str, Any]
) -> None:
    after = portal.do(
        dialog, "update", status="Awaiting",
        transmission={"type": "Submission", "sender": "PartyRepresentative"},
        activities=[{"type": "SentToSigning"}, {"type": "DialogCreated"}],
    )  # fmt: skip

    assert kinds(portal, dialog)[1:] == [
        "updated", "transmission.created", "activity.sent-to-signing", "activity.created",
    ]  # fmt: skip
    sent, signing = portal.look("events")[-3:-1]
    assert sent["data"] == {"senderType": "PartyRepresentative"}
    assert "/transmissions/" in sent["source"]
    assert signing["source"].endswith(signing["data"]["activityId"])
    assert after["endUserContext"]["systemLabels"] == ["Default", "Sent"]
    assert after["fromPartyTransmissionsCount"] == 1


def test_a_dialog_for_later_has_that_moment_for_all_its_times(portal: Portal) -> None:
    later = "2039-05-06T07:08:09.0000000Z"
    dialog = portal.make(party=portal.client(), resource=RESOURCE, visibleFrom=later)

    changed = portal.do(dialog, "update", status="Awaiting")

    for item in (dialog, changed):
        assert {item["createdAt"], item["updatedAt"], item["contentUpdatedAt"]} == {later}
    assert kinds(portal, dialog) == ["created", "updated"]


def test_labels_exclude_each_other_and_move_no_time(portal: Portal, dialog: dict[str, Any]) -> None:
    first = put(portal, dialog, addLabels=["Archive", "MarkedAsUnopened"])
    second = put(portal, dialog, addLabels=["bin"])
    third = put(portal, dialog, removeLabels=["Bin"])
    again = put(portal, dialog, removeLabels=["Bin"])

    item = portal.listed(dialog["id"])
    assert item
    assert item["endUserContext"]["systemLabels"] == ["Default", "MarkedAsUnopened"]
    assert item["endUserContext"]["revision"] == third.headers["Etag"] == again.headers["Etag"]
    assert len({first.headers["Etag"], second.headers["Etag"], third.headers["Etag"]}) == 3
    assert (first.status_code, first.content) == (204, b"")
    assert item["updatedAt"] == dialog["updatedAt"]
    assert kinds(portal, dialog) == ["created"]


def test_if_match_guards_the_labels(portal: Portal, dialog: dict[str, Any]) -> None:
    revision = dialog["endUserContext"]["revision"]

    good = put(portal, dialog, {"If-Match": revision}, addLabels=["Archive"])
    stale = put(portal, dialog, {"If-Match": revision}, addLabels=["Bin"])

    assert good.status_code == 204
    assert stale.status_code == 412
    assert "errors" not in stale.json()


def test_wrong_labels_are_refused(portal: Portal, dialog: dict[str, Any]) -> None:
    stranger = portal.make(party="urn:altinn:organization:identifier-no:310000000")

    assert put(portal, dialog, addLabels=["Sent"]).status_code == 400
    assert put(portal, dialog, removeLabels=["Sent"]).status_code == 400
    assert put(portal, dialog, addLabels=["Starred"]).status_code == 400
    assert put(portal, stranger, addLabels=["Bin"]).status_code == 403


def test_a_bulk_set_is_all_or_nothing(portal: Portal) -> None:
    party = portal.client()
    made = [portal.make(party=party, resource=RESOURCE) for _ in range(3)]

    def bulk(targets: list[dict[str, Any]]) -> int:
        body = {"dialogs": targets, "addLabels": ["Archive"]}
        return portal.ask(BULK, method="POST", json=body).status_code

    targets = [{"dialogId": one["id"]} for one in made]
    missing = {"dialogId": "019c7a7d-f100-77d9-9afb-fca5e25c9637"}
    stale = {"dialogId": made[0]["id"], "endUserContextRevision": missing["dialogId"]}

    assert bulk([*targets, missing]) == 404
    assert bulk([stale, *targets[1:]]) == 412
    assert bulk([]) == 400
    assert bulk([targets[0], targets[0]]) == 400
    assert bulk(targets * 40) == 400
    labels = [item["systemLabel"] for item in portal.search(serviceResource=RESOURCE)["items"]]
    assert labels == ["Default"] * 3
    assert bulk(targets) == 204
    assert len(portal.search(serviceResource=RESOURCE, systemLabel="Archive")["items"]) == 3


def test_parties_show_units_under_their_main_unit(portal: Portal) -> None:
    path = f"{DIALOGPORTEN}/enduser/parties"
    main = next(one for one in portal.ask(path).json()["authorizedParties"] if "subParties" in one)
    user = portal.regnskap["id"]

    portal.control("delegations", {"system_user": user, "party": main["party"], "remove": True})
    found = portal.ask(path).json()["authorizedParties"]

    only = next(one for one in found if one["party"] == main["party"])
    assert not main["hasOnlyAccessToSubParties"]
    assert only["hasOnlyAccessToSubParties"]
    assert portal.search(party=[main["party"]])["items"] == []
    assert any(one["partyType"] == "Person" and one["dateOfBirth"] for one in found)
    assert any(one["isDeleted"] for one in found)
    portal.control("delegations", {"system_user": user, "deleted": True})
    assert portal.ask(path).json() == {"authorizedParties": []}
    assert "MP-303" in portal.ask_token(portal.assertion(user=portal.regnskap)).text


def test_what_dialogporten_says_of_itself(portal: Portal) -> None:
    limits = portal.ask(f"{DIALOGPORTEN}/metadata/limits").json()
    catalogue = portal.ask(f"{DIALOGPORTEN}/metadata/serviceresources").json()["items"]
    own = portal.ask(f"{DIALOGPORTEN}/enduser/serviceresources", user=portal.lonn).json()["items"]
    issuer = portal.ask(f"{DIALOGPORTEN}/.well-known/oauth-authorization-server").json()
    refused = portal.ask(f"{DIALOGPORTEN}/metadata/limits", headers={"Accept": "text/html"})

    assert limits["endUserSearch"]["maxPartyFilterValues"] == 100
    assert len(catalogue) > len(own) > 3
    assert issuer["jwks_uri"].startswith(issuer["issuer"])
    assert refused.status_code == 406


@pytest.mark.parametrize("template", ["mva-levert", "motregning"])
def test_a_dialog_is_found_by_its_other_id(portal: Portal, template: str) -> None:
    dialog = portal.make(party=portal.client(), template=template)
    path = f"{DIALOGPORTEN}/enduser/dialoglookup"
    by_id = portal.ask(path, instanceRef=f"urn:altinn:dialog-id:{dialog['id']}").json()

    assert by_id["instanceRef"].startswith(("urn:altinn:instance-id:", "urn:altinn:correspondence"))
    assert portal.ask(path, instanceRef=by_id["instanceRef"]).json() == by_id
    assert portal.ask(path, instanceRef="dialog 7").status_code == 400
    assert portal.ask(path, instanceRef=by_id["instanceRef"], user=portal.own).status_code == 403
    portal.do(dialog, "delete")
    assert portal.ask(path, instanceRef=by_id["instanceRef"]).status_code == 404
