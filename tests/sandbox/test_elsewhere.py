"""Service owners of no kind in particular: embeds and buttons, with the dialog's token only."""

from collections.abc import Iterator

import httpx
import pytest

from tests.sandbox.kit import Json, Portal, eventually

GENERIC = "generic-service-with-write-actions"


@pytest.fixture
def services(portal: Portal) -> Iterator[Portal]:
    portal.reset(world="services")
    yield portal
    portal.control("clock", {"set": "real"})


def button(dialog: Json) -> str:
    return next(str(one["url"]) for one in dialog["guiActions"] if one["httpMethod"] == "POST")


def press(portal: Portal, dialog: Json) -> httpx.Response:
    return portal.owner(button(dialog), dialog["dialogToken"], "POST")


def path_of(url: str) -> str:
    return httpx.URL(url).path


def test_an_embed_is_given_for_the_dialogs_own_token_only(services: Portal) -> None:
    dialog, other = services.sample(GENERIC), services.sample("app-draft")
    url = dialog["content"]["mainContentReference"]["value"][0]["value"]

    got = services.owner(url, dialog["dialogToken"])

    assert got.headers["Content-Type"].startswith("text/markdown")
    assert "<script>alert(1)</script>" in got.text
    assert services.owner(url, other["dialogToken"]).status_code == 404
    for wrong in (services.token(services.regnskap), services.altinn_token(services.regnskap)):
        assert services.owner(url, wrong).status_code == 401
    assert services.owner(url).headers["Content-Type"].startswith("text/html")


def test_a_pressed_button_is_done_once_and_the_dialog_has_changed(services: Portal) -> None:
    dialog = services.sample(GENERIC)

    done = press(services, dialog)
    after = services.ask(dialog["id"]).json()

    assert (done.status_code, done.content) == (204, b"")
    assert after["status"] == "Awaiting"
    assert [one["httpMethod"] for one in after["guiActions"]] == ["GET"]
    assert after["activities"][0]["description"][0]["value"] == "Be om betalingsutsettelse"
    assert press(services, dialog).status_code == 404


def test_a_button_may_be_answered_now_and_done_later(services: Portal) -> None:
    dialog = services.sample(GENERIC)
    services.control("files", {"id": path_of(button(dialog)), "status": 202, "after_seconds": 5})

    taken = press(services, dialog)

    assert (taken.status_code, taken.content) == (202, b"")
    assert services.ask(dialog["id"]).json()["status"] == "RequiresAttention"
    services.control("clock", {"advance_seconds": 6})
    assert services.ask(dialog["id"]).json()["status"] == "Awaiting"


def test_later_comes_by_itself(services: Portal) -> None:
    dialog = services.sample(GENERIC)
    path = path_of(button(dialog))
    services.control("files", {"id": path, "status": 202, "after_seconds": 0.2})

    press(services, dialog)

    eventually(lambda: services.look(f"dialogs/{dialog['id']}")["status"] == "Awaiting")


def test_a_button_may_be_refused_with_a_problem(services: Portal) -> None:
    dialog = services.sample(GENERIC)
    services.control("files", {"id": path_of(button(dialog)), "status": 409})

    refused = press(services, dialog)

    assert refused.status_code == 409
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["title"] == "Handlingen kan ikke utføres nå"
    assert services.ask(dialog["id"]).json()["status"] == "RequiresAttention"


def test_a_button_is_pressed_with_the_dialogs_token_alone(services: Portal) -> None:
    dialog = services.sample(GENERIC)

    for wrong in ("", services.token(services.regnskap), services.altinn_token(services.regnskap)):
        assert services.owner(button(dialog), wrong, "POST").status_code == 401
    other = services.sample("app-draft")["dialogToken"]
    assert services.owner(button(dialog), other, "POST").status_code == 404


def test_what_service_owners_say_goes_wrong_can_be_told_apart(services: Portal) -> None:
    dialog = services.sample(GENERIC)
    services.control("faults", {"operation": "action", "status": 500, "after_effect": True})

    assert press(services, dialog).status_code == 500
    assert services.ask(dialog["id"]).json()["status"] == "Awaiting"
    assert services.look("requests")["counts"]["action"] == 1
    assert services.look("received")[-1]["status"] == 500


def test_a_message_of_the_demo_is_read_confirmed_and_its_files_fetched(portal: Portal) -> None:
    made = portal.make(party=portal.client(), template="tvangsmulkt-vedtak")
    dialog = portal.ask(made["id"]).json()
    token = dialog["dialogToken"]
    confirm = button(dialog)

    text = portal.owner(dialog["content"]["mainContentReference"]["value"][0]["value"], token)
    file = portal.owner(dialog["attachments"][0]["urls"][0]["url"], token)
    overview = portal.owner(confirm.removesuffix("/confirm"), token).json()
    confirmed = portal.owner(confirm, token, "POST")

    assert text.text.startswith("#")
    assert file.content.startswith(b"%PDF")
    assert overview["isConfirmationNeeded"]
    assert confirmed.status_code == 200
    assert portal.ask(made["id"]).json()["status"] == "NotApplicable"


def test_no_template_points_to_where_nobody_answers(portal: Portal) -> None:
    for template in portal.look("templates"):
        made = portal.make(party=portal.client(), template=template)
        dialog = portal.ask(made["id"])
        if dialog.status_code != 200:
            continue  # wants a level that no system user has
        body = dialog.json()
        holders = [body, *body["transmissions"]]
        addresses = [url["url"] for holder in holders for one in holder["attachments"]
                     for url in one["urls"] if url["url"].startswith("http")]  # fmt: skip
        for address in addresses:
            answer = portal.owner(address, body["dialogToken"])
            assert answer.status_code in (200, 302, 401), address
        for action in body["guiActions"]:
            if action["httpMethod"] == "GET":
                assert portal.owner(action["url"]).status_code in (200, 302), action["url"]
