"""A world that is kept goes on where it stopped."""

from pathlib import Path

from sandbox import changes, keeping
from sandbox.serving import serve
from sandbox.state import Sandbox


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


def test_a_file_with_links_to_another_address_or_no_world_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "world"
    box = Sandbox(base_url="http://127.0.0.1:1", world="small")
    assert not keeping.load(box, kept)

    kept.write_bytes(b"not a world")
    assert not keeping.load(box, kept)

    keeping.save(box, kept)
    assert not keeping.load(Sandbox(base_url="http://127.0.0.1:2", world="small"), kept)
