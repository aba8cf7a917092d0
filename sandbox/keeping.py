"""Keep a world between two runs, so that a demo goes on where it stopped, and its client with it.

The file is the sandbox's own, written and read on one machine; it is a pickle, so never read one
that came from somewhere else.
"""

import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.system_register import adopt
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.state import Sandbox


def save(box: "Sandbox", path: Path) -> None:
    """Write the world and its subscriptions; what was there before is replaced at once."""
    with box.world.lock:
        kept = {
            "base_url": box.base_url,
            "world": box.world,
            "subscriptions": box.subscriptions,
            "last_subscription": box.last_subscription,
            "client_id": box.client_id,
            "jwks": list(box.keys.registered_jwks.values()),
            "idporten": box.idporten,
        }
        text = pickle.dumps(kept)
    new = path.with_suffix(".new")
    new.write_bytes(text)
    new.replace(path)


def load(box: "Sandbox", path: Path) -> bool:
    """Take up a world kept earlier; False when there is none, or its links lead elsewhere."""
    try:
        kept: dict[str, Any] = pickle.loads(path.read_bytes())  # noqa: S301 (our own file)
    except (OSError, pickle.UnpicklingError, AttributeError, EOFError, ImportError, TypeError):
        return False
    if kept["base_url"] != box.base_url or not isinstance(kept["world"], World):
        return False
    box.world = kept["world"]
    box.subscriptions = kept["subscriptions"]
    box.last_subscription = kept["last_subscription"]
    box.client_id = kept.get("client_id", box.client_id)
    box.idporten = kept.get("idporten", box.idporten)
    for jwk in kept.get("jwks", []):
        box.keys.register(jwk)
    adopt(box.world, box.client_id)
    box.later.start()
    return True
