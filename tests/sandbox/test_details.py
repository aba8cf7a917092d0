from email.utils import parsedate_to_datetime
from typing import Any

import jwt
import pytest

from tests.sandbox.kit import DIALOGPORTEN, DIALOGS, Portal

RESOURCE = "urn:altinn:resource:sandbox-demo"
LISTS = ("activities", "transmissions", "seenlog")


def kinds(portal: Portal, dialog: dict[str, Any]) -> list[str]:
    """List the events about a dialog so far, without prefix and version."""
    return [
        event["type"].removeprefix("dialogporten.dialog.").removesuffix(".v1")
        for event in portal.look("events")
        if event["resourceinstance"] == dialog["id"]
    ]


def test_the_first_read_marks_the_dialog_for_everybody(portal: Portal) -> None:
    dialog = portal.make(party=portal.client(), resource=RESOURCE)

    body = portal.ask(dialog["id"]).json()

    mark = body["seenSinceLastUpdate"][0]
    assert body["isContentSeen"]
    assert mark["isCurrentEndUser"]
    assert mark["seenBy"]["actorId"] == f"urn:altinn:systemuser:uuid:{portal.regnskap['id']}"
    listed = portal.listed(dialog["id"])
    assert listed
    assert listed["isContentSeen"]
    assert (listed["updatedAt"], body["revision"]) == (dialog["updatedAt"], dialog["_revision"])
    assert kinds(portal, dialog) == ["created", "updated", "seen"]
    events = portal.look("events")[-2:]
    assert events[1]["id"] == mark["id"]
    assert {event["time"] for event in events} == {mark["seenAt"]}
    assert [entry["dialog"] for entry in portal.look("seen")] == [dialog["id"]]


def test_a_second_read_leaves_nothing_more(portal: Portal) -> None:
    dialog = portal.make(party=portal.client(), resource=RESOURCE)
    first = portal.ask(dialog["id"])

    second = portal.ask(dialog["id"])

    assert kinds(portal, dialog) == ["created", "updated", "seen"]
    assert second.headers["ETag"] == first.headers["ETag"] == second.json()["revision"]
    assert second.json()["dialogToken"] != first.json()["dialogToken"]


def test_a_read_after_an_update_marks_anew(portal: Portal) -> None:
    dialog = portal.make(party=portal.client(), resource=RESOURCE)
    portal.ask(dialog["id"])

    changed = portal.do(dialog, "update", status="RequiresAttention")
    assert changed["seenSinceLastUpdate"] == []
    assert not changed["isContentSeen"]
    portal.ask(dialog["id"])

    assert kinds(portal, dialog) == ["created", "updated", "seen", "updated", "updated", "seen"]
    assert len(portal.ask(f"{dialog['id']}/seenlog").json()) == 2


def test_marked_as_unopened_goes_at_a_read_that_sends_only_updated(portal: Portal) -> None:
    dialog = portal.make(party=portal.client(), resource=RESOURCE)
    portal.ask(dialog["id"])
    labels = {"addLabels": ["MarkedAsUnopened"]}
    portal.ask(f"{dialog['id']}/context/systemlabels", method="PUT", json=labels)
    marked = portal.listed(dialog["id"])

    body = portal.ask(dialog["id"]).json()

    assert marked
    assert not marked["isContentSeen"]
    assert body["endUserContext"]["systemLabels"] == ["Default"]
    assert kinds(portal, dialog) == ["created", "updated", "seen", "updated"]


def test_no_other_read_leaves_a_mark(portal: Portal) -> None:
    dialog = portal.make(party=portal.client(), template="nav-im-mottatt")

    portal.search(limit=1000)
    for name in (*LISTS, "context/labellog"):
        assert portal.ask(f"{dialog['id']}/{name}").status_code == 200
    ref = f"urn:altinn:dialog-id:{dialog['id']}"
    assert portal.ask(f"{DIALOGPORTEN}/enduser/dialoglookup", instanceRef=ref).status_code == 200

    assert portal.look("seen") == []


def test_a_person_at_the_client_marks_it_too(portal: Portal) -> None:
    dialog = portal.make(party=portal.client(), resource=RESOURCE)

    portal.control("people/see", {"dialog": dialog["id"], "name": "Lun Seilduk"})

    entry = portal.ask(f"{dialog['id']}/seenlog").json()[0]
    assert entry["seenBy"]["actorName"] == "Lun Seilduk"
    assert entry["seenBy"]["actorId"].startswith("urn:altinn:person:identifier-ephemeral:")
    assert not entry["isCurrentEndUser"]
    portal.ask(dialog["id"])
    assert len(portal.ask(f"{dialog['id']}/seenlog").json()) == 2


def test_refusals_come_in_dialogportens_order(portal: Portal) -> None:
    """Each dialog gets one more reason to be refused; the earlier check must win."""
    party = portal.client()
    stranger = "urn:altinn:organization:identifier-no:310000000"
    level_four = "urn:altinn:resource:nav-refusjon-vedtak"
    later, before = "2039-01-01T06:00:00Z", "2020-01-01T00:00:00Z"

    def outcome(**fields: Any) -> tuple[int, str]:
        dialog = portal.make(title="Melding", **fields)
        if fields.get("gone"):
            portal.do(dialog, "delete")
        answer = portal.ask(dialog["id"])
        return answer.status_code, next(iter(answer.json()["errors"].values()))[0]

    missing = portal.ask("019c7a7d-f100-77d9-9afb-fca5e25c9637")
    assert missing.status_code == 404
    assert "was not found: (019c7a7d" in missing.json()["errors"]["DialogEntity"][0]
    every = {"resource": level_four, "gone": True, "visibleFrom": later, "expiresAt": before}
    assert outcome(party=stranger, **every) == (403, "Forbidden")
    status, text = outcome(party=party, **every)
    assert status == 410
    assert "is removed" in text
    del every["gone"]
    assert outcome(party=party, **every) == (403, "Altinn authentication level too low.")
    every["resource"] = RESOURCE
    assert outcome(party=party, **every) == (404, "Dialog is not visible until 2039-01-01T06:00:00")
    del every["visibleFrom"]
    assert outcome(party=party, **every) == (404, "Dialog expired at 2020-01-01T00:00:00")
    assert portal.look("seen") == []


def test_not_yet_visible_tells_when_in_the_expires_header(portal: Portal) -> None:
    early = portal.hidden("not-visible-yet")[0]
    answer = portal.ask(early["id"])

    assert answer.status_code == 404
    until = parsedate_to_datetime(answer.headers["Expires"])
    assert until.isoformat()[:19] == early["createdAt"][:19] == early["updatedAt"][:19]
    assert portal.listed(early["id"]) is None
    portal.control("clock", {"set": (until.isoformat())})
    portal.control("clock", {"advance_seconds": 1})
    assert portal.listed(early["id"])
    assert kinds(portal, early) == []
    assert portal.ask(early["id"]).status_code == 200
    portal.control("clock", {"set": "real"})


def test_an_expired_dialog_has_no_expires_header(portal: Portal) -> None:
    answer = portal.ask(portal.hidden("expired")[0]["id"])

    assert answer.status_code == 404
    assert "Expires" not in answer.headers


@pytest.mark.parametrize("name", LISTS)
def test_lists_say_404_without_access_and_410_when_deleted(portal: Portal, name: str) -> None:
    dialog = portal.make(party=portal.client(), resource=RESOURCE)

    assert portal.ask(f"{dialog['id']}/{name}", user=portal.own).status_code == 404
    portal.do(dialog, "delete")
    assert portal.ask(f"{dialog['id']}/{name}").status_code == 410
    assert portal.ask(f"{dialog['id']}/context/labellog").status_code == 404


def test_lists_and_single_parts_differ_as_altinns_do(portal: Portal) -> None:
    dialog = portal.make(party=portal.client(), template="nav-im-foresporsel")
    portal.do(dialog, "activity", type="Information", description="Purring sendt")
    base = dialog["id"]

    activities = portal.ask(f"{base}/activities").json()
    transmissions = portal.ask(f"{base}/transmissions").json()
    details = portal.ask(base).json()

    assert all("performedBy" not in activity for activity in activities)
    one = portal.ask(f"{base}/activities/{activities[-1]['id']}").json()
    assert one["performedBy"] == {"actorType": "ServiceOwner"}
    assert all("isOpened" not in sent for sent in transmissions)
    assert all("isOpened" in sent for sent in details["transmissions"])
    assert portal.ask(f"{base}/transmissions/{transmissions[0]['id']}").status_code == 200
    missing = portal.ask(f"{base}/transmissions/{base}")
    assert "DialogTransmission" in missing.json()["errors"]


def test_what_may_not_be_reached_is_masked(portal: Portal) -> None:
    dialog = portal.make(party=portal.client(), template="tvangsinnfordring", isListOnly=True)
    expired = next(
        item for item in portal.search(limit=1000)["items"]
        if item["serviceResource"].endswith("skd-bokforingspalegg")
    )  # fmt: skip

    masked = portal.ask(dialog["id"]).json()
    faded = portal.ask(expired["id"]).json()

    gone = "urn:dialogporten:unauthorized"
    assert masked["guiActions"][0]["url"] == gone
    assert not masked["guiActions"][0]["isAuthorized"]
    assert masked["transmissions"][0]["attachments"][0]["urls"][0]["url"] == gone
    assert masked["transmissions"][0]["content"]["title"]["value"][0]["value"] != gone
    assert faded["attachments"][0]["urls"][0]["url"] == "urn:dialogporten:expired"
    purge = next(one for one in faded["apiActions"] if one["name"] == "purgeCorrespondence")
    assert purge["endpoints"][0]["url"] == gone


def test_the_dialog_token_is_signed_for_this_dialog(portal: Portal) -> None:
    dialog = portal.make(party=portal.client(), template="mva-kontroll-dokumentasjon")
    token = portal.ask(dialog["id"]).json()["dialogToken"]
    known = portal.http.get(f"{DIALOGPORTEN}/.well-known/jwks.json").json()["keys"]

    jwk = next(key for key in known if key["kid"] == jwt.get_unverified_header(token)["kid"])
    claims = jwt.decode(token, jwt.PyJWK(jwk).key, algorithms=["EdDSA"])

    assert len(known) >= 2
    assert (claims["i"], claims["p"], claims["l"]) == (dialog["id"], dialog["party"], 3)
    assert claims["exp"] - claims["iat"] == 600
    assert claims["a"].split(";")[0] == "read"


def test_a_messages_text_opens_it_at_the_sender_and_confirming_is_silent(portal: Portal) -> None:
    dialog = portal.make(party=portal.client(), template="mva-kontroll-dokumentasjon")
    body = portal.ask(dialog["id"]).json()
    headers = {"Authorization": f"Bearer {body['dialogToken']}"}
    before = kinds(portal, dialog)
    confirm = next(one for one in body["guiActions"] if one["httpMethod"] == "POST")

    text = portal.http.get(
        body["content"]["mainContentReference"]["value"][0]["value"], headers=headers
    )
    opened = portal.listed(dialog["id"])
    portal.http.get(confirm["url"].removesuffix("/confirm"), headers=headers)
    confirmed = portal.http.post(confirm["url"], headers=headers)
    after = portal.listed(dialog["id"])

    assert text.headers["Content-Type"].startswith("text/plain")
    assert confirmed.status_code == 200
    assert body["hasUnopenedContent"]
    assert opened
    assert after
    assert not opened["hasUnopenedContent"]
    assert (opened["status"], after["status"]) == ("RequiresAttention", "NotApplicable")
    assert after["updatedAt"] == dialog["updatedAt"]
    assert kinds(portal, dialog) == before
    assert portal.http.get(f"{DIALOGS}/{dialog['id']}", headers=headers).status_code == 401


def test_a_dialog_without_content_is_listed_and_breaks_its_details(portal: Portal) -> None:
    bare = next(item for item in portal.search(limit=1000)["items"] if "content" not in item)

    assert bare["isApiOnly"]
    assert portal.ask(bare["id"]).status_code == 500


def test_a_level_four_service_shows_its_harmless_title(portal: Portal) -> None:
    resource = "urn:altinn:resource:nav-refusjon-vedtak"
    found = portal.search(limit=1000, serviceResource=resource)["items"]
    titles = {text["value"] for item in found for text in item["content"]["title"]["value"]}

    assert "Du har fått et vedtak fra Nav" in titles
    assert portal.ask(found[0]["id"]).status_code == 403
    assert portal.ask(f"{found[0]['id']}/activities").status_code == 403
