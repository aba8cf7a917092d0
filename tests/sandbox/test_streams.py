"""Dialogporten's live subscription, and files that are sent while they are made."""

import contextlib
import hashlib
import json
import resource
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox import streams
from tests.sandbox.kit import Portal, eventually

STREAM = "/dialogporten/graphql/stream"


@pytest.fixture
def services(portal: Portal) -> Portal:
    portal.reset(world="services")
    return portal


def query(key: str) -> dict[str, str]:
    return {"query": f'subscription sub {{ dialogEvents(dialogId: "{key}") {{ id type }} }}'}


@contextlib.contextmanager
def listening(portal: Portal, token: str, body: Any) -> Iterator[httpx.Response]:
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    with portal.http.stream("POST", STREAM, headers=headers, json=body, timeout=10) as response:
        yield response


def events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data:"):
            told = line.removeprefix("data:").strip()
            yield name, json.loads(told) if told else None


def opened(portal: Portal) -> tuple[dict[str, Any], str]:
    key = portal.look("dialogs?template=correspondence-confirmation-required")[0]["id"]
    body = portal.ask(key).json()
    return body, body["dialogToken"]


def test_a_silent_change_and_a_deletion_are_told_at_once(
    services: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "ALIVE_SECONDS", 0.1)
    dialog, token = opened(services)

    with listening(services, token, query(dialog["id"])) as response:
        services.do(dialog, "silent-update", status="NotApplicable")
        services.do(dialog, "delete")
        told = events(response)
        first, second = next(told), next(told)

    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert first == (
        "next",
        {"data": {"dialogEvents": {"id": dialog["id"], "type": "DIALOG_UPDATED"}}},
    )
    assert second[1]["data"]["dialogEvents"]["type"] == "DIALOG_DELETED"
    eventually(lambda: services.look("streams")["open"] == {})


def test_nobody_listens_without_the_dialogs_own_token(services: Portal) -> None:
    dialog, token = opened(services)
    other = services.ask(services.look("dialogs?template=app-draft")[0]["id"]).json()

    for wrong in (services.token(services.regnskap), services.altinn_token(services.regnskap), "x"):
        with listening(services, wrong, query(dialog["id"])) as response:
            assert response.status_code == 401
    by_variable = {"query": "subscription s($id: UUID!) { dialogEvents(dialogId: $id) { id } }",
                   "variables": {"id": dialog["id"]}}  # fmt: skip
    for theirs, body in ((other["dialogToken"], query(dialog["id"])), (token, by_variable)):
        with listening(services, theirs, body) as response:
            first, second = events(response)
        assert first[1]["errors"][0]["extensions"]["code"] == "AUTH_NOT_AUTHORIZED"
        assert second == ("complete", None)


def test_a_token_is_looked_at_only_when_the_stream_is_opened(services: Portal) -> None:
    services.control("tokens", {"dialog_expires_in": 1})
    dialog, token = opened(services)

    with listening(services, token, query(dialog["id"])) as response:
        time.sleep(3.5)
        services.do(dialog, "silent-update", status="NotApplicable")
        assert next(events(response))[0] == "next"
    with listening(services, token, query(dialog["id"])) as response:
        assert response.status_code == 401


def test_streams_can_be_cut_and_made_mute(services: Portal) -> None:
    dialog, token = opened(services)
    services.control("streams", {"mute": True})

    with listening(services, token, query(dialog["id"])) as response:
        assert services.look("streams")["open"] == {dialog["id"]: 1}
        services.do(dialog, "silent-update", status="NotApplicable")
        services.control("streams", {"cut": True})
        assert list(events(response)) == [("complete", None)]
    assert services.look("received?operation=stream")[-1]["token"] == "dialog"


def test_a_fault_cuts_a_stream_in_its_midst(services: Portal) -> None:
    dialog, token = opened(services)
    services.control("faults", {"operation": "stream", "abort_after_bytes": 10})

    with pytest.raises(httpx.RemoteProtocolError), listening(
        services, token, query(dialog["id"])
    ) as response:  # fmt: skip
        list(events(response))


def test_a_file_as_long_as_asked_is_sent_without_being_held(services: Portal) -> None:
    dialog, token = opened(services)
    url = dialog["attachments"][1]["urls"][0]["url"]
    size = 300 * 1024 * 1024
    services.control("files", {"id": url.split("/")[-2], "bytes": size})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def fetched() -> tuple[int, str]:
        got, digest = 0, hashlib.sha256()
        headers = {"Authorization": f"Bearer {token}"}
        with services.http.stream("GET", url, headers=headers) as answer:
            assert answer.headers["Content-Length"] == str(size)
            for piece in answer.iter_bytes():
                got += len(piece)
                digest.update(piece)
        return got, digest.hexdigest()

    first = fetched()

    assert first[0] == size
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) < 32 * 1024
    assert fetched() == first


def test_a_file_can_drip_redirect_and_say_what_it_is_not(services: Portal) -> None:
    dialog, token = opened(services)
    url = dialog["attachments"][1]["urls"][0]["url"]
    key, headers = url.split("/")[-2], {"Authorization": f"Bearer {token}"}

    services.control("files", {"id": key, "redirect": "http://10.0.0.1/"})
    assert services.http.get(url, headers=headers).headers["Location"] == "http://10.0.0.1/"
    services.control("files", {"id": key, "name": "../../x.html", "body": "<script>",
                               "content_type": "application/pdf"})  # fmt: skip
    got = services.http.get(url, headers=headers)
    assert (got.text, got.headers["Content-Type"]) == ("<script>", "application/pdf")
    assert '"../../x.html"' in got.headers["Content-Disposition"]
    services.control("files", {"id": key, "drip_seconds": 0.3, "drip_bytes": 400})
    start = time.monotonic()
    assert services.http.get(url, headers=headers).content.startswith(b"%PDF")
    assert time.monotonic() - start > 0.3
