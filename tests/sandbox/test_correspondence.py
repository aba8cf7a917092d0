"""Correspondence: who may read, what reading does, confirming, deleting, files."""

import io
import zipfile
from typing import Any

import httpx
import pytest

from tests.sandbox.kit import Portal, eventually

ASKS = "correspondence-confirmation-required"
DONE = "correspondence-after-confirm"


@pytest.fixture
def services(portal: Portal) -> Portal:
    portal.reset(world="services")
    return portal


class Letter:
    """A dialog that is a message, and its addresses."""

    def __init__(self, portal: Portal, template: str) -> None:
        self.portal = portal
        self.id: str = portal.look(f"dialogs?template={template}")[0]["id"]
        self.body: dict[str, Any] = portal.ask(self.id).json()
        self.url: str = next(
            one["endpoints"][0]["url"] for one in self.body["apiActions"]
            if one["name"] == "getCorrespondence"
        )  # fmt: skip
        self.file: str = self.body["attachments"][-1]["urls"][0]["url"]

    def ask(self, tail: str = "", method: str = "GET", token: str = "", **headers: str) -> Any:
        url = tail if tail.startswith("http") else self.url + tail
        told = {"Authorization": f"Bearer {token or self.body['dialogToken']}"}
        return self.portal.http.request(method, url, headers=told | headers)

    def again(self) -> dict[str, Any]:
        found: dict[str, Any] = self.portal.ask(self.id).json()
        return found

    def kinds(self) -> list[str]:
        return [one["type"] for one in self.again()["activities"]]


def code(answer: httpx.Response) -> tuple[int, int]:
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert body["code"] == f"CORR-{body['errorCode']:05d}"
    return answer.status_code, body["errorCode"]


def test_asking_for_a_message_fetches_it_at_most_every_15_seconds(services: Portal) -> None:
    letter = Letter(services, ASKS)

    first = letter.ask().json()
    services.control("clock", {"advance_seconds": 10})
    soon = letter.ask().json()
    services.control("clock", {"advance_seconds": 10})
    later = letter.ask().json()

    assert (first["status"], first["isConfirmationNeeded"]) == ("Fetched", True)
    assert first["statusChanged"] == soon["statusChanged"] < later["statusChanged"]
    assert first["externalReferences"][0]["referenceValue"] == letter.id
    names = [one["fileName"] for one in first["content"]["attachments"]]
    assert names == ["Vedtak tvangsmulkt.pdf", "Klageinformasjon.pdf"]


def test_the_text_is_plain_text_and_opens_the_message_silently(services: Portal) -> None:
    letter = Letter(services, ASKS)
    address = letter.body["content"]["mainContentReference"]["value"][0]["value"]
    before = len(services.look("events"))

    refused = letter.ask(address, Accept="text/markdown")
    closed = letter.again()["hasUnopenedContent"]
    text = letter.ask(address, Accept="*/*")

    assert (refused.status_code, closed) == (406, True)
    assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert text.text.startswith("# Vedtak om tvangsmulkt")
    assert not letter.again()["hasUnopenedContent"]
    assert letter.kinds().count("CorrespondenceOpened") == 1
    letter.ask(address)
    assert letter.kinds().count("CorrespondenceOpened") == 1
    assert len(services.look("events")) == before


def test_confirming_needs_a_fetch_and_is_done_once_and_silently(services: Portal) -> None:
    letter = Letter(services, ASKS)
    before, updated = len(services.look("events")), letter.body["updatedAt"]

    unfetched = letter.ask("/confirm", "POST")
    letter.ask()
    confirmed = letter.ask("/confirm", "POST")
    after = letter.again()
    again = letter.ask("/confirm", "POST")

    assert code(unfetched) == (400, 1025)
    assert (confirmed.status_code, confirmed.json()) == (200, letter.url[-36:])
    assert code(again) == (400, 1041)
    assert (after["status"], after["updatedAt"]) == ("NotApplicable", updated)
    assert [one["httpMethod"] for one in after["guiActions"]] == ["DELETE"]
    assert "confirmCorrespondence" not in [one["name"] for one in after["apiActions"]]
    assert "CorrespondenceConfirmed" not in [one["type"] for one in after["activities"]]
    services.control("clock", {"advance_seconds": 5})
    assert letter.kinds().count("CorrespondenceConfirmed") == 1
    assert len(services.look("events")) == before
    assert letter.ask().json()["status"] == "Confirmed"


def test_the_confirming_shows_by_itself_after_some_seconds(services: Portal) -> None:
    services.control("clock", {"scale": 50})
    letter = Letter(services, ASKS)
    letter.ask()
    letter.ask("/confirm", "POST")

    eventually(lambda: "CorrespondenceConfirmed" in letter.kinds())

    services.control("clock", {"set": "real", "scale": 1})


def test_a_message_is_deleted_for_good_but_not_before_it_is_confirmed(services: Portal) -> None:
    letter, done = Letter(services, ASKS), Letter(services, DONE)

    early = letter.ask("/purge", "DELETE")
    purged = done.ask("/purge", "DELETE")

    assert code(early) == (400, 1026)
    assert (purged.status_code, purged.json()) == (200, done.url[-36:])
    assert services.ask(done.id).status_code == 404
    assert code(done.ask("/purge", "DELETE")) == (404, 1001)
    last = services.look("events")[-1]
    assert (last["type"], last["resourceinstance"]) == ("dialogporten.dialog.deleted.v1", done.id)


def test_a_file_comes_in_place_and_leaves_a_trace_at_the_client(services: Portal) -> None:
    letter = Letter(services, ASKS)

    answer = letter.ask(letter.file)

    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline;")
    assert "filename*=UTF-8''Klageinformasjon.pdf" in answer.headers["Content-Disposition"]
    told = [text["value"] for one in letter.again()["activities"] for text in one["description"]]
    assert any("Startet nedlastning" in text for text in told)


def test_all_files_come_as_one_zip_without_those_that_have_expired(services: Portal) -> None:
    def names(template: str) -> list[str]:
        letter = Letter(services, template)
        answer = letter.ask(letter.body["attachments"][0]["urls"][0]["url"])
        assert answer.headers["Content-Type"] == "application/zip"
        return zipfile.ZipFile(io.BytesIO(answer.content)).namelist()

    assert names(ASKS) == ["Vedtak tvangsmulkt.pdf", "Klageinformasjon.pdf"]
    assert names("correspondence-reply-options-expired-attachment") == ["Veiledning.docx"]


def test_files_may_be_expired_purged_forbidden_or_not_there(services: Portal) -> None:
    letter = Letter(services, ASKS)
    key = letter.file.split("/")[-2]

    for state, wanted in (("expired", (400, 2020)), ("purged", (400, 2019)),
                          ("forbidden", (401, 4001))):  # fmt: skip
        services.control("files", {"id": key, "state": state})
        assert code(letter.ask(letter.file)) == wanted
    services.control("files", {"id": key})
    assert letter.ask(letter.file).status_code == 200
    assert code(letter.ask(letter.file.replace(key, letter.id))) == (404, 2001)
    old = Letter(services, "correspondence-reply-options-expired-attachment")
    gone = old.body["apiActions"][2]["endpoints"][0]["url"]
    assert code(old.ask(gone)) == (400, 2020)


def test_without_a_token_files_lead_to_the_log_in_and_a_bad_one_is_401(services: Portal) -> None:
    letter = Letter(services, ASKS)

    none = services.http.get(letter.file)
    bad = letter.ask(letter.file, token="not.a.token")

    assert none.status_code == 302
    assert "/authentication/" in none.headers["Location"]
    assert bad.status_code == 401
    assert services.http.get(letter.url).status_code == 401


def test_each_place_takes_its_own_tokens_only(services: Portal) -> None:
    letter, other = Letter(services, ASKS), Letter(services, DONE)
    altinn, raw = services.altinn_token(services.regnskap), services.token(services.regnskap)
    nobody = services.altinn_token(None)
    without = services.token(services.regnskap, scope="digdir:dialogporten")

    assert letter.ask(token=altinn).status_code == 200
    assert letter.ask(token=raw).status_code == 200
    assert letter.ask("/content", token=altinn).status_code == 200
    for tail, method in (("/content", "GET"), ("/confirm", "POST")):
        assert letter.ask(tail, method, token=raw).status_code == 401
        assert code(letter.ask(tail, method, token=other.body["dialogToken"])) == (401, 4001)
        assert code(letter.ask(tail, method, token=nobody)) == (401, 4001)
    assert letter.ask(token=without).status_code == 403
    services.control("delegations", {"system_user": services.regnskap["id"],
                                     "remove": letter.body["party"]})  # fmt: skip
    assert code(letter.ask("/content", token=altinn)) == (401, 4001)


def test_a_dialog_token_has_an_end(services: Portal) -> None:
    services.control("tokens", {"dialog_expires_in": -5})
    letter = Letter(services, ASKS)

    assert letter.ask().status_code == 401

    services.control("tokens", {"dialog_expires_in": 600})


def test_a_message_in_a_transmission_is_opened_there_and_cannot_be_deleted(
    services: Portal,
) -> None:
    key = services.look("dialogs?template=correspondence-as-transmission")[0]["id"]
    body = services.ask(key).json()
    sent = body["transmissions"][1]
    address = sent["content"]["contentReference"]["value"][0]["value"]
    headers = {"Authorization": f"Bearer {body['dialogToken']}"}

    text = services.http.get(address, headers=headers)
    purge = services.http.delete(address.replace("/content", "/purge"), headers=headers)
    file = services.http.get(sent["attachments"][0]["urls"][0]["url"], headers=headers)
    after = services.ask(key).json()

    assert "Varsel om tvangsinnfordring" in text.text
    assert code(purge) == (400, 1043)
    assert file.status_code == 200
    assert after["transmissions"][1]["isOpened"]
    assert not after["hasUnopenedContent"]
    opened = [one for one in after["activities"] if one["type"] == "TransmissionOpened"]
    assert {one["transmissionId"] for one in opened} == {one["id"] for one in body["transmissions"]}


def test_the_reminder_of_confidential_post_has_a_text_in_each_language(services: Portal) -> None:
    key = services.look("dialogs?template=correspondence-confidential-reminder")[0]["id"]
    body = services.ask(key).json()
    headers = {"Authorization": f"Bearer {body['dialogToken']}"}
    addresses = body["content"]["mainContentReference"]["value"]

    texts = {services.http.get(one["value"], headers=headers).text for one in addresses}

    assert len(texts) == len(addresses) == 3
    assert services.http.get(addresses[0]["value"]).status_code == 401


def test_what_owners_received_is_told_without_the_token(services: Portal) -> None:
    letter = Letter(services, ASKS)
    services.control("received", method="DELETE")
    letter.ask()
    letter.ask("/confirm", "POST", **{"X-Test": "1"})

    first, second = services.look("received")

    assert (first["operation"], first["token"]) == ("correspondence", "dialog")
    assert first["claims"]["i"] == letter.id
    assert (second["operation"], second["status"]) == ("correspondence-confirm", 200)
    assert second["headers"]["X-Test"] == "1"
    assert letter.body["dialogToken"] not in str([first, second])
    assert services.look("requests")["counts"]["correspondence-confirm"] == 1
    services.control("faults", {"operation": "correspondence-confirm", "status": 500})
    assert letter.ask("/confirm", "POST").status_code == 500
