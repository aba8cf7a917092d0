"""The world the sandbox shows: who there is, what they have got, who may see it.

Everything that reads or changes it holds `lock`. A change goes through `changes`, which keeps
Altinn's rules; here are only the shelves and the rules of access.
"""

import random
import threading
from typing import Any

from sandbox import parts
from sandbox.model import Dialog, Parts, Party, Service, SystemUser
from sandbox.owners import Owners
from sandbox.registers import Registers


class World:
    def __init__(self, *, name: str, seed: int, base_url: str, anchor: int) -> None:
        self.name = name
        self.seed = seed
        self.base_url = base_url
        self.anchor = anchor  # midnight of the day the world is made relative to
        self.lock = threading.RLock()
        self.dice = random.Random(f"{name}/{seed}/{anchor}")
        self.firm = ""  # the firm's party URN
        self.vendor = ""  # organisation number of who made the portal
        self.parties: dict[str, Party] = {}
        self.sub_units: dict[str, list[Party]] = {}
        self.users: dict[str, SystemUser] = {}
        self.services: dict[str, Service] = {}
        self.dialogs: dict[str, Dialog] = {}
        self.by_party: dict[str, dict[str, Dialog]] = {}
        self.by_ref: dict[str, str] = {}
        self.purged: dict[str, Dialog] = {}
        self.owners = Owners()
        self.registers = Registers()
        self.versions: dict[str, int] = {}  # per party, up when its order may have changed
        self.orders: dict[Any, Any] = {}  # kept by `search`

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in {"lock", "orders"}}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.owners, self.registers = Owners(), Registers()
        vars(self).update(kept, lock=threading.RLock(), orders={})

    def add_party(self, party: Party) -> None:
        self.parties[party.urn] = party
        if party.parent:
            self.sub_units.setdefault(party.parent, []).append(party)

    def add(self, dialog: Dialog) -> None:
        self.dialogs[dialog.id] = dialog
        self.by_party.setdefault(dialog.party, {})[dialog.id] = dialog
        if dialog.instance_ref:
            self.by_ref[dialog.instance_ref] = dialog.id
        self.versions[dialog.party] = self.versions.get(dialog.party, 0) + 1
        if dialog.resource not in self.services:
            self.services[dialog.resource] = Service(
                urn=dialog.resource, kind=dialog.kind, owner_code=dialog.org,
                owner_orgnr="310000000", owner_name=dialog.org,
                name=dialog.resource.rsplit(":", 1)[1],
            )  # fmt: skip

    def purge(self, dialog: Dialog) -> None:
        del self.dialogs[dialog.id]
        del self.by_party[dialog.party][dialog.id]
        self.purged[dialog.id] = dialog
        self.versions[dialog.party] += 1

    def touch(self, dialog: Dialog, *, moved: bool) -> None:
        """Forget what was encoded; `moved` says that its place in an order may be new."""
        dialog.item = None
        dialog.own_items = {}
        dialog.words = None
        if moved:
            self.versions[dialog.party] += 1

    def parts(self, dialog: Dialog) -> Parts:
        """Give the dialog's parts, for reading."""
        return dialog.parts or parts.build(dialog, self)

    def keep_parts(self, dialog: Dialog) -> Parts:
        """Give the dialog's parts, for changing."""
        if dialog.parts is None:
            dialog.parts = parts.build(dialog, self)
        return dialog.parts

    def level_of(self, dialog: Dialog) -> int:
        service = self.services.get(dialog.resource)
        return service.minimum_level if service else 3

    def may_list(self, user: SystemUser, dialog: Dialog) -> bool:
        return user.may_use(dialog.party, dialog.resource)

    def hidden_because(self, dialog: Dialog, user: SystemUser | None, now: int) -> str | None:
        """Say why search does not list a dialog, or None if it does."""
        if user and not self.may_list(user, dialog):
            return "no-access"
        if dialog.id in self.purged:
            return "purged"
        if dialog.deleted is not None:
            return "deleted"
        if dialog.visible_from is not None and dialog.visible_from > now:
            return "not-visible-yet"
        if dialog.expires is not None and dialog.expires <= now:
            return "expired"
        return None

    def user_by(self, owner: str, external_ref: str) -> SystemUser | None:
        for user in self.users.values():
            if (user.owner, user.external_ref) == (owner, external_ref) and not user.is_deleted:
                return user
        return None
