"""Altinn Storage and the adapter: instances, files, receipts, deleting."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.sandbox.kit import Json, Portal

DAY = 86_400


@pytest.fixture
def services(portal: Portal) -> Portal:
    portal.reset(world="services")
    return portal


def reader(portal: Portal) -> str:
    return portal.altinn_token(portal.regnskap, scope="altinn:instances.read")


def instance(portal: Portal, template: str) -> Json:
    body = portal.sample(template)
    found: Json = portal.owner(body["apiActions"][0]["endpoints"][0]["url"], reader(portal)).json()
    return found


def delete(portal: Portal, dialog: Json, token: str = "") -> httpx.Response:
    url = next(one["url"] for one in dialog["guiActions"] if one["httpMethod"] == "DELETE")
    return portal.owner(url, token or dialog["dialogToken"], "DELETE")


def test_an_instance_tells_of_its_owner_its_step_and_its_files(services: Portal) -> None:
    done, draft = instance(services, "app-completed"), instance(services, "app-draft")
    signing = instance(services, "app-awaiting-signature")

    assert done["instanceOwner"]["organisationNumber"] == "310010693"
    assert (done["appId"], done["status"]["isArchived"]) == ("skd/mva-melding-innsending-v1", True)
    assert done["status"]["substatus"]["label"] == "Mottatt"
    names = [element["filename"] for element in done["data"]]
    assert names == [
        "betalingsinformasjon.xml",
        "Kvittering fra Skatteetaten.pdf",
        "mvamelding.xml",
        "Mva-melding.pdf",
        "Avstemming mva 4. termin.pdf",
    ]
    assert (draft["status"]["isArchived"], draft["data"]) == (False, [])
    assert draft["process"]["currentTask"]["elementId"] == "Task_1"
    assert signing["process"]["currentTask"]["elementId"] == "Task_2"


def test_a_file_is_scanned_or_not_and_is_marked_as_read_when_fetched(services: Portal) -> None:
    scans = {
        template: instance(services, template)["data"][0]["fileScanResult"]
        for template in ("app-awaiting-signature", "app-rejected")
    }
    done = instance(services, "app-completed")
    element = done["data"][1]

    answer = services.owner(element["selfLinks"]["platform"], reader(services))

    assert scans == {"app-awaiting-signature": "Pending", "app-rejected": "Infected"}
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert len(answer.content) == element["size"]
    assert [one["isRead"] for one in instance(services, "app-completed")["data"]].count(True) == 1
    services.control("files", {"id": element["id"], "state": "Infected", "bytes": 12})
    changed = instance(services, "app-completed")["data"][1]
    assert (changed["fileScanResult"], changed["size"]) == ("Infected", 12)


def test_storage_takes_an_exchanged_token_with_its_scope_only(services: Portal) -> None:
    body = services.sample("app-completed")
    url = body["apiActions"][0]["endpoints"][0]["url"]

    assert services.owner(url).status_code == 401
    for wrong in (body["dialogToken"], services.token(services.regnskap)):
        assert services.owner(url, wrong).status_code == 401
    no_scope = services.altinn_token(services.regnskap)
    assert services.owner(url, no_scope).status_code == 403
    nobody = services.owner(url, services.altinn_token(None, scope="altinn:instances.read"))
    assert (nobody.status_code, nobody.content) == (403, b"")
    missing = services.owner(f"{url[:-4]}0000", reader(services))
    assert missing.status_code == 404
    assert missing.headers["Content-Type"].startswith("text/plain")


def test_deleting_waits_for_the_owners_grace_and_needs_the_dialogs_token(services: Portal) -> None:
    done, draft = services.sample("app-completed"), services.sample("app-draft")

    for wrong in (reader(services), done["dialogToken"]):
        answer = delete(services, draft, wrong)
        assert (answer.status_code, answer.content) == (401, b"")
    early = delete(services, done)
    assert early.status_code == 422
    assert early.json()["type"] == "urn:altinn:problem:minimum-persistence-lifetime-not-satisfied"
    assert early.json()["gracePeriodDays"] == 60
    assert delete(services, draft).status_code == 204
    assert services.ask(draft["id"]).status_code == 410
    assert delete(services, draft).status_code == 404
    services.control("clock", {"advance_seconds": 60 * DAY})
    assert delete(services, done).status_code == 204
    services.control("clock", {"set": "real"})


def test_a_button_that_is_not_granted_is_not_obeyed(services: Portal) -> None:
    body = services.sample("app-prefill-due")
    address = body["apiActions"][0]["endpoints"][0]["url"].split("/instances/")[1]

    answer = services.owner(
        f"/storage/dialogporten/api/v1/instance/{address}", body["dialogToken"], "DELETE"
    )

    assert answer.status_code == 401


def test_a_receipt_comes_in_the_language_asked_for(services: Portal) -> None:
    body = services.sample("app-completed")
    addresses = body["transmissions"][0]["content"]["contentReference"]["value"]

    texts = {one["languageCode"]: services.owner(one["value"], body["dialogToken"]).text
             for one in addresses}  # fmt: skip

    assert texts["nb"].startswith("### Kvittering")
    assert "310495921-REGNSKAP OG RÅD AS" in texts["en"]
    assert texts["en"].startswith("### Receipt")
    assert services.owner(addresses[0]["value"], reader(services)).status_code == 401
    other = services.sample("app-draft")["dialogToken"]
    assert services.owner(addresses[0]["value"], other).status_code == 401


def test_an_address_behind_the_log_in_leads_a_browser_to_log_in(services: Portal) -> None:
    body = services.sample("app-completed")
    wrapped = body["attachments"][1]["urls"][0]["url"]
    inner = parse_qs(urlsplit(wrapped).query)["goto"][0]

    answer = services.owner(wrapped)

    assert answer.status_code == 302
    assert "/authentication/login?goto=" in answer.headers["Location"]
    assert (
        services.owner(answer.headers["Location"]).headers["Content-Type"].startswith("text/html")
    )
    assert services.owner(inner, reader(services)).content.startswith(b"%PDF")


def test_the_demos_forms_can_be_read_and_deleted(portal: Portal) -> None:
    draft = portal.make(party=portal.client(), template="mva-utkast")
    sent = portal.make(party=portal.client(), template="mva-levert")
    bodies = [portal.ask(one["id"]).json() for one in (draft, sent)]
    token = reader(portal)

    found = [portal.owner(body["apiActions"][0]["endpoints"][0]["url"], token).json()
             for body in bodies]  # fmt: skip

    assert [one["status"]["isArchived"] for one in found] == [False, True]
    assert any(element["filename"].endswith(".pdf") for element in found[1]["data"])
    reference = bodies[1]["transmissions"][0]["content"]["contentReference"]
    receipt = portal.owner(reference["value"][0]["value"], bodies[1]["dialogToken"])
    assert receipt.text.startswith("### Kvittering")
    assert delete(portal, bodies[0]).status_code == 204
