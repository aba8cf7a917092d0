"""A world that is kept goes on where it stopped."""

from pathlib import Path

from sandbox import changes, keeping
from sandbox.serving import serve
from sandbox.state import Sandbox
from tests.sandbox.kit import Portal
from tests.sandbox.newcomer import Newcomer


def test_a_kept_world_is_the_same_after_a_restart(tmp_path: Path) -> None:
    kept = tmp_path / "world"
    with serve(world="small") as first:
        dialog = next(iter(first.box.world.dialogs.values()))
        changes.delete(first.box, dialog, silent=True)
        keeping.save(first.box, kept)
        before = {key: one.revision for key, one in first.box.world.dialogs.items()}

        again = Sandbox(base_url=first.box.base_url, world="small", seed=9)
        assert keeping.load(again, kept)

    assert {key: one.revision for key, one in again.world.dialogs.items()} == before
    assert again.world.dialogs[dialog.id].deleted


def test_a_firm_that_came_to_altinn_is_still_there_after_a_restart(tmp_path: Path) -> None:
    kept = tmp_path / "world"
    with serve(world="small") as first:
        newcomer = Newcomer(first.url)
        newcomer.register()
        agent = newcomer.agent()
        kid = newcomer.credentials["jwk"]["kid"]
        keeping.save(first.box, kept)
        newcomer.http.close()

    again = Sandbox(base_url=first.box.base_url, world="small")
    assert keeping.load(again, kept)

    system = again.world.registers.systems[again.world.users[agent["id"]].system]
    assert system.client_ids == [again.client_id] == [first.box.client_id]
    assert kid in again.keys.registered
    assert again.idporten.client_secret == first.box.idporten.client_secret
    again.stop()


def test_what_waits_still_happens_after_a_restart(tmp_path: Path) -> None:
    kept = tmp_path / "world"
    with serve(world="services") as first:
        portal = Portal(first.url)
        portal.reset(world="services")
        dialog = portal.sample("correspondence-confirmation-required")
        confirm = next(one["url"] for one in dialog["guiActions"] if one["httpMethod"] == "POST")
        portal.owner(confirm.removesuffix("/confirm"), dialog["dialogToken"])
        portal.owner(confirm, dialog["dialogToken"], "POST")
        keeping.save(first.box, kept)
        portal.http.close()

    again = Sandbox(base_url=first.box.base_url, world="small")
    assert keeping.load(again, kept)
    again.clock.change(advance_seconds=5)
    again.later.do_due()

    parts = again.world.parts(again.world.dialogs[dialog["id"]])
    assert parts.activities[-1]["type"] == "CorrespondenceConfirmed"
    again.stop()


def test_a_file_with_links_to_another_address_or_no_world_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "world"
    box = Sandbox(base_url="http://127.0.0.1:1", world="small")
    assert not keeping.load(box, kept)

    kept.write_bytes(b"not a world")
    assert not keeping.load(box, kept)

    keeping.save(box, kept)
    assert not keeping.load(Sandbox(base_url="http://127.0.0.1:2", world="small"), kept)
