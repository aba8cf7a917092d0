"""The world `hostile`, and the controls that put anything anywhere."""

import re
import time
from typing import Any

import pytest

from sandbox import corpus
from tests.sandbox.kit import Json, Portal

STRINGS = ("undefined", "", "\x00nul", "田中さん", "'; DROP TABLE users;--", "\u2028", "a" * 2000)


@pytest.fixture
def hostile(portal: Portal) -> Portal:
    portal.reset(world="hostile")
    return portal


def texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts_in(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts_in(one)]
    return [value] if isinstance(value, str) else []


def test_there_is_a_dialog_for_each_trap_and_all_can_be_listed_and_read(hostile: Portal) -> None:
    made = {one["template"]: one["id"] for one in hostile.look("dialogs")}

    assert set(made) == {
        *(f"text-{name}" for name in corpus.TEXTS),
        *(f"address-{name}" for name in corpus.ADDRESSES),
        *(f"embed-{name}" for name in corpus.EMBEDS),
        *(f"addresses-{n}" for n in range(0, len(corpus.ADDRESSES), 18)),
        "files",
    }
    assert len(hostile.search(limit=1000)["items"]) == len(made)
    for key in made.values():
        assert hostile.http.get(
            f"/dialogporten/api/v1/enduser/dialogs/{key}",
            headers={"Authorization": f"Bearer {hostile.token(hostile.regnskap)}"},
        ).status_code == 200  # fmt: skip


def test_a_text_is_in_every_field_that_holds_one_and_in_both_embeds(hostile: Portal) -> None:
    dialog = hostile.sample("text-script")
    trap = corpus.TEXTS["script"]
    embeds = [
        dialog["content"]["mainContentReference"]["value"][0]["value"],
        dialog["transmissions"][0]["content"]["contentReference"]["value"][0]["value"],
    ]

    fields = [text for text in texts_in(dialog) if text == trap]
    got = [hostile.owner(url, dialog["dialogToken"]) for url in embeds]

    assert len(fields) >= 20
    assert dialog["seenSinceLastUpdate"][0]["seenBy"]["actorName"] == trap
    assert [one.text for one in got] == [trap, trap]
    kinds = [one.headers["Content-Type"].partition(";")[0] for one in got]
    assert kinds == ["text/markdown", "text/html"]


def test_clients_and_services_have_traps_for_names_too(hostile: Portal) -> None:
    parties = texts_in(hostile.ask("/dialogporten/api/v1/enduser/parties").json())
    services = texts_in(hostile.ask("/dialogporten/api/v1/enduser/serviceresources").json())

    assert corpus.TEXTS["img-onerror"] in parties
    assert set(corpus.TEXTS.values()) & set(services) >= {corpus.TEXTS["svg-onload"]}


def test_an_address_is_in_every_field_that_holds_one(hostile: Portal) -> None:
    dialog = hostile.sample("address-link-local")

    assert texts_in(dialog).count(corpus.ADDRESSES["link-local"]) >= 13


@pytest.mark.parametrize("text", corpus.TEXTS.values(), ids=corpus.TEXTS)
def test_a_trap_leads_nowhere_but_here_or_to_names_nobody_has(text: str) -> None:
    for host in re.findall(r"https?://(?:[^/@\s\"']*@)?([\w.-]+)", text):
        assert host.endswith((".example", ".altinn.no", "w3.org")), host


def test_whoever_is_led_to_the_canary_is_counted_with_what_it_brought(hostile: Portal) -> None:
    dialog = hostile.sample("embed-redirect-canary")
    url = dialog["content"]["mainContentReference"]["value"][0]["value"]

    answer = hostile.owner(url, dialog["dialogToken"])
    assert answer.status_code == 302
    assert hostile.look("requests")["counts"]["canary"] == 0
    hostile.owner("/canary/redirect", dialog["dialogToken"])

    assert hostile.look("requests")["counts"]["canary"] == 1
    assert hostile.look("received?operation=canary")[0]["token"] == "dialog"
    assert answer.headers["Location"].startswith("http://localhost:")


def test_embeds_are_too_large_too_slow_or_something_else(hostile: Portal) -> None:
    def answer(name: str) -> Any:
        dialog = hostile.sample(f"embed-{name}")
        url = dialog["content"]["mainContentReference"]["value"][0]["value"]
        return hostile.owner(url, dialog["dialogToken"])

    assert len(answer("ten-megabytes").content) == 10 * 1024 * 1024
    assert answer("redirect-private").headers["Location"] == "http://10.0.0.1/"
    loop = answer("redirect-loop")
    assert loop.headers["Location"] == str(loop.request.url)
    assert answer("picture").content.startswith(b"\x89PNG")
    assert answer("asks-for-password").headers["WWW-Authenticate"] == 'Basic realm="x"'
    assert answer("failed").status_code == 500
    assert answer("empty").content == b""
    dialog, start = hostile.sample("embed-slow"), time.monotonic()
    url = dialog["content"]["mainContentReference"]["value"][0]["value"]
    headers = {"Authorization": f"Bearer {dialog['dialogToken']}"}
    with hostile.http.stream("GET", url, headers=headers) as slow:
        pieces = slow.iter_raw(1)
        next(pieces)
        assert int(slow.headers["Content-Length"]) > 1000
    assert time.monotonic() - start < 3


def test_files_are_not_what_they_say(hostile: Portal) -> None:
    dialog = hostile.sample("files")
    by_name = dict(zip(corpus.FILES, dialog["attachments"], strict=True))

    def answer(name: str) -> Any:
        return hostile.owner(by_name[name]["urls"][0]["url"], dialog["dialogToken"])

    assert answer("html-as-pdf").text.startswith("<html>")
    assert answer("html-as-pdf").headers["Content-Type"] == "application/pdf"
    assert "../../../../tmp/x.pdf" in answer("path").headers["Content-Disposition"]
    assert "\n" not in answer("newline").headers["Content-Disposition"]
    assert answer("expired").json()["errorCode"] == 2020
    assert answer("redirect-private").status_code == 302
    assert len({one["id"] for one in dialog["attachments"]}) == len(corpus.FILES)


def test_any_text_or_address_can_be_planted(hostile: Portal) -> None:
    planted = hostile.control("hostile", {"texts": list(STRINGS), "addresses": ["ftp://x"]})

    assert len(planted) == len(STRINGS) + 1
    for one in planted:
        body = hostile.http.get(
            f"/dialogporten/api/v1/enduser/dialogs/{one['id']}",
            headers={"Authorization": f"Bearer {hostile.token(hostile.regnskap)}"},
        ).json()
        if one["value"] in STRINGS[2:]:
            title = body["content"]["title"]["value"][0]["value"]
            assert title == one["value"].replace("\x00", "")[:255]
    assert "ftp://x" in texts_in(body)


def test_many_texts_can_be_planted_in_one_dialog_too(hostile: Portal) -> None:
    *each, whole = hostile.control("hostile", {"texts": ["en", "to", "tre"], "together": True})
    body = hostile.http.get(
        f"/dialogporten/api/v1/enduser/dialogs/{whole['id']}",
        headers={"Authorization": f"Bearer {hostile.token(hostile.regnskap)}"},
    ).json()

    assert [one["value"] for one in each] == ["en", "to", "tre"]
    assert body["content"]["title"]["value"][0]["value"] == "en to tre"
    assert [len(body[kind]) for kind in ("attachments", "transmissions", "activities")] == [4] * 3
    ids = [one["id"] for kind in ("attachments", "guiActions") for one in body[kind]]
    assert len(set(ids)) == len(ids) == 12


def test_parts_can_be_put_in_as_they_stand(portal: Portal) -> None:
    portal.reset(world="services")
    dialog: Json = portal.sample("app-draft")
    excluded = [{"id": dialog["id"], "createdAt": dialog["createdAt"]}]

    portal.control(f"dialogs/{dialog['id']}/parts", {
        "guiActions": [], "extra": {"excludedAttachments": excluded},
        "contentUrls": {"nb": "urn:dialogporten:unauthorized"},
        "lookup": {"authorizationEvidence": {"viaRole": True, "evidence": []}},
    })  # fmt: skip
    after = portal.http.get(
        f"/dialogporten/api/v1/enduser/dialogs/{dialog['id']}",
        headers={"Authorization": f"Bearer {portal.token(portal.regnskap)}"},
    ).json()

    assert after["guiActions"] == []
    assert after["excludedAttachments"] == excluded
    assert not after["content"]["mainContentReference"]["isAuthorized"]
    found = portal.ask(
        "/dialogporten/api/v1/enduser/dialoglookup",
        instanceRef=f"urn:altinn:dialog-id:{dialog['id']}",
    ).json()
    assert found["authorizationEvidence"]["viaRole"]
    assert after["revision"] != dialog["revision"]
    wrong = portal.http.post(f"/_sandbox/dialogs/{dialog['id']}/parts", json={"colour": 1})
    assert wrong.status_code == 400
