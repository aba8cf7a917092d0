"""The world `services`: the samples of what services really send, as dialogs."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sandbox import samples
from sandbox.app import OWNERS_OPERATIONS
from sandbox.clock import DAY, day_of, midnight
from sandbox.making import make_world
from tests.sandbox.kit import DIALOGS, Portal

ANCHOR = midnight(day_of(1_790_000_000_000_000))
FOLDER = Path(samples.__file__).parent / "services"
README = FOLDER.parent / "README.md"
NAMES = samples.sample_names()


@pytest.fixture
def services(portal: Portal) -> Portal:
    portal.reset(world="services")
    return portal


def sample(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return found


def without_ids(value: Any) -> Any:
    """Take away what may differ: ids, times, addresses, tokens and who has seen it."""
    if isinstance(value, dict):
        left_out = {"id", "revision", "dialogToken", "url", "transmissionId", "documentationUrl"}
        left_out |= {"relatedTransmissionId", "requestSchema", "responseSchema"}
        left_out |= {name for name in value if name.endswith("At") or name.startswith("seenSince")}
        return {name: without_ids(one) for name, one in value.items() if name not in left_out}
    if isinstance(value, list):
        return [without_ids(one) for one in value]
    if isinstance(value, str) and value.startswith("http"):
        return "address"
    return "an id" if isinstance(value, str) and re.fullmatch(r"[0-9a-f-]{36}", value) else value


def test_there_is_one_dialog_for_each_sample(services: Portal) -> None:
    listed = services.look("dialogs")

    assert sorted(one["template"] for one in listed) == sorted(NAMES)
    assert len({one["id"] for one in listed}) == len(NAMES) == 26
    shown = services.look(f"ledger?system_user={services.regnskap['id']}")
    assert (len(shown["items"]), shown["hidden"]) == (26, [])


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_keeps_all_its_parts(services: Portal, name: str) -> None:
    key = services.look(f"dialogs?template={name}")[0]["id"]

    got = services.ask(key).json()

    wanted = sample(name)
    got["activities"].reverse()
    for dialog in (got, wanted):
        dialog["content"] = {part: dialog["content"][part] for part in sorted(dialog["content"])}
        for one in [dialog["content"], *(sent["content"] for sent in dialog["transmissions"])]:
            for value in one.values():
                value["value"].sort(key=lambda text: str(text["languageCode"]))
    assert without_ids(got) == without_ids(wanted)


def test_every_address_is_the_sandboxs_own(services: Portal) -> None:
    for one in services.look("dialogs"):
        body = services.ask(one["id"]).json()
        addresses = re.findall(r'"(?:\w*[uU]rl|\w+Schema)": "([^"]+)"', json.dumps(body))
        addresses += [
            text["value"]
            for holder in (body, *body["transmissions"])
            for name, value in holder["content"].items()
            if name.endswith("Reference")
            for text in value["value"]
        ]
        for address in addresses:
            assert address.startswith(
                ("http://127.0.0.1:", "urn:dialogporten:")
            ), address  # fmt: skip
            assert not re.search(r"(?:altinn|nav|ssb|skatteetaten)\.(?:no|example)%2F", address)


def test_ids_are_the_same_each_time_and_times_move_with_the_day() -> None:
    def made(anchor: int) -> dict[str | None, Any]:
        world = make_world("services", seed=1, base_url="http://sandbox", anchor=anchor)
        return {dialog.template: dialog for dialog in world.dialogs.values()}

    first, later = made(ANCHOR), made(ANCHOR + 40 * DAY)

    assert {d.id for d in first.values()} == {d.id for d in later.values()}
    for name, dialog in first.items():
        assert later[name].created - dialog.created == 40 * DAY
        assert dialog.updated < ANCHOR
    assert first["correspondence-confirmation-required"].due > ANCHOR


def test_a_message_and_an_instance_lead_to_their_dialog(services: Portal) -> None:
    payload = json.loads((FOLDER / "payload-correspondence-overview.json").read_text("utf-8"))
    ref = f"urn:altinn:correspondence-id:{payload['correspondenceId']}"

    found = services.ask(
        DIALOGS.replace("dialogs", "dialoglookup"), instanceRef=ref
    ).json()  # fmt: skip

    assert found["dialogId"] == payload["externalReferences"][0]["referenceValue"]
    assert found["serviceOwner"]["code"] == "skd"


def test_every_owners_operation_is_counted_and_described(services: Portal) -> None:
    told = set(re.findall(r"`([a-z-]+)`", README.read_text("utf-8")))
    told |= {f"correspondence{name}" for name in told if name.startswith("-")}

    services.owner("/nobody/here", services.sample("app-draft")["dialogToken"])
    assert services.look("received")[-1]["operation"] == "unknown"
    assert services.look("received")[-1]["token"] == "dialog"
    assert set(services.look("requests")["counts"]) >= OWNERS_OPERATIONS
    assert told >= OWNERS_OPERATIONS
