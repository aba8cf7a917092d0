"""The parts of a dialog that its template describes: attachments, actions, transmissions.

They follow from the dialog's id, so they can be thrown away and made again.
"""

import itertools
import random
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from sandbox import ids, templates
from sandbox.addresses import Addresses
from sandbox.clock import DAY, written
from sandbox.model import EMBED, FROM_PARTY, Dialog, Json, Parts, content_value, localized
from sandbox.templates import Template, fill

if TYPE_CHECKING:
    from sandbox.world import World

HOUR = DAY // 24


def build(dialog: Dialog, world: "World") -> Parts:
    template = templates.all_templates().get(dialog.template or "")
    if template is None:
        return Parts()
    return _Builder(dialog, template, world).build()


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a list item tells of the parts."""

    gui_attachments: int
    from_owner: int
    from_party: int
    has_unopened: bool
    latest_activity: Json | None


def summary(dialog: Dialog, world: "World") -> Summary:
    """Sum up the parts; those that are as their template says need not be made for it."""
    template = templates.all_templates().get(dialog.template or "")
    if dialog.parts is None and template is not None:
        activities = _Builder(dialog, template, world).activities()
        about = _counted(template.key)
    else:
        parts = dialog.parts or Parts()
        activities = parts.activities
        about = _count(parts.attachments, parts.transmissions, "urls")
    return Summary(
        gui_attachments=about[0],
        from_owner=about[1],
        from_party=about[2],
        has_unopened=all(entry["type"] != "CorrespondenceOpened" for entry in activities)
        if dialog.kind == "correspondenceservice"
        else about[3],
        latest_activity=max(
            activities, key=lambda entry: (entry["createdAt"], entry["id"]), default=None
        ),
    )


@cache
def _counted(key: str) -> tuple[int, int, int, bool]:
    template = templates.all_templates()[key]
    return _count(template.attachments, template.transmissions, "consumerTypes")


def _count(
    attachments: list[Json], transmissions: list[Json], name: str
) -> tuple[int, int, int, bool]:
    """Count attachments for people, transmissions each way, and tell if one is unopened."""
    gui = sum("Gui" in map(_consumer, entry[name]) for entry in attachments)
    from_party = sum(sent["type"] in FROM_PARTY for sent in transmissions)
    unopened = any(
        not sent["isOpened"] and sent["type"] not in FROM_PARTY for sent in transmissions
    )
    return gui, len(transmissions) - from_party, from_party, unopened


def _consumer(entry: Any) -> str:
    return str(entry["consumerType"] if isinstance(entry, dict) else entry)


def party_actor(world: "World", party: str) -> Json:
    known = world.parties.get(party)
    name = known.name if known else party
    return {"actorType": "PartyRepresentative", "actorName": name, "actorId": party}


def person_actor(name: str) -> Json:
    """Name a person; the id is masked as Dialogporten masks it."""
    masked = ids.uuid7_of(0, name)[-10:]
    return {
        "actorType": "PartyRepresentative",
        "actorName": name,
        "actorId": f"urn:altinn:person:identifier-ephemeral:{masked}",
    }


class _Builder:
    def __init__(self, dialog: Dialog, template: Template, world: "World") -> None:
        self.dialog = dialog
        self.template = template
        self.world = world
        self.dice = random.Random(dialog.number)
        self.sent_ids = [self._id() for _ in template.transmissions]
        self.addresses = Addresses(dialog, world.base_url)

    def build(self) -> Parts:
        template = self.template
        activities = self.activities()
        transmissions = [
            self._transmission(key, entry)
            for key, entry in zip(self.sent_ids, template.transmissions, strict=True)
        ]
        for earlier, later in itertools.pairwise(transmissions):
            later["relatedTransmissionId"] = earlier["id"]
        content = fill(template.content_markdown or "", self.dialog.values)
        return Parts(
            attachments=[self._attachment(entry) for entry in template.attachments],
            transmissions=transmissions,
            gui_actions=[
                self._gui(entry)
                for entry in template.gui_actions
                if not (self._is_confirm(entry) and self.dialog.status != "RequiresAttention")
            ],
            api_actions=[
                self._api(entry)
                for entry in template.api_actions
                if not (self._is_confirm(entry) and self.dialog.status != "RequiresAttention")
            ],
            activities=activities,
            content=content,
            content_urls={"nb": self.addresses.content()} if content else {},
        )

    def _id(self) -> str:
        return ids.uuid7(self.dialog.created, self.dice)

    def _is_confirm(self, entry: Json) -> bool:
        return self.addresses.is_message and entry["httpMethod"] == "POST"

    def _stamp(self, offset_days: int) -> int:
        """Give a time as far from creation as the template says, and not after the last change."""
        days = offset_days - self.template.created_at_offset_days
        moment = self.dialog.created + max(0, days) * DAY + self.dice.randrange(60_000_000)
        return min(moment, max(self.dialog.updated, self.dialog.created))

    def _attachment(self, entry: Json, kind: str = "") -> Json:
        key, media_type = self._id(), entry["mediaType"]
        found: Json = {
            "id": key,
            "displayName": localized({"nb": fill(entry["displayName"], self.dialog.values)}),
            "urls": [
                {
                    "id": self._id(),
                    "url": self.addresses.file(key, consumer, media_type, kind),
                    "mediaType": media_type,
                    "consumerType": consumer,
                }
                for consumer in entry["consumerTypes"]
            ],
        }
        if self.addresses.is_app:
            found["name"] = "ref-data-as-pdf" if media_type == "application/pdf" else "vedlegg"
        if entry["expired"]:
            found["expiresAt"] = written(self.dialog.created + HOUR)
        elif entry["expiresAtOffsetDays"] is not None:
            days = entry["expiresAtOffsetDays"] - self.template.created_at_offset_days
            found["expiresAt"] = written(self.dialog.created + days * DAY)
        return found

    def _transmission(self, key: str, entry: Json) -> Json:
        found: Json = {
            "id": key,
            "createdAt": written(self._stamp(entry["offsetDays"])),
            "isAuthorized": True,
        }
        kind = entry["extendedType"] or ""
        if kind:  # Nav's are plain words, though a URI is asked for
            is_navs = self.dialog.org == "nav"
            found["extendedType"] = kind if is_navs else f"urn:{self.dialog.org}:{kind.lower()}"
        content = {"title": content_value({"nb": fill(entry["title"], self.dialog.values)})}
        if url := self.addresses.embed(key, kind):
            content["contentReference"] = content_value({"nb": url}, EMBED) | {"isAuthorized": True}
        return found | {
            "type": entry["type"],
            "sender": {"actorType": "ServiceOwner"}
            if entry["sender"] == "ServiceOwner"
            else party_actor(self.world, self.dialog.party),
            "isOpened": entry["isOpened"],
            "content": content,
            "attachments": [self._attachment(a, kind) for a in entry["attachments"]],
            "navigationalActions": [],
        }

    def _gui(self, entry: Json) -> Json:
        key = self._id()
        found: Json = {
            "id": key,
            "action": entry["action"],
            "url": self.addresses.button(key, entry["httpMethod"]),
            "isAuthorized": True,
            "isDeleteDialogAction": entry["isDeleteDialogAction"],
            "priority": entry["priority"],
            "httpMethod": entry["httpMethod"],
            "title": localized({"nb": fill(entry["title"], self.dialog.values)}),
        }
        if entry["prompt"]:
            found["prompt"] = localized({"nb": entry["prompt"]})
        return found

    def _api(self, entry: Json) -> Json:
        endpoint: Json = {"id": self._id(), "version": "1.0", "httpMethod": entry["httpMethod"]}
        endpoint |= self.addresses.machine(entry["name"] or "")
        if entry["requestSchema"]:
            endpoint["requestSchema"] = entry["requestSchema"]
        found: Json = {"id": self._id(), "action": entry["action"],
                       "isAuthorized": entry["isAuthorized"]}  # fmt: skip
        if entry["name"]:
            found["name"] = fill(entry["name"], self.dialog.values)
        return found | {"endpoints": [endpoint | {"deprecated": False}]}

    def activities(self) -> list[Json]:
        """Make the activities; to be called first, so that their ids are always the same."""
        return [self._activity(entry) for entry in self.template.activities]

    def _activity(self, entry: Json) -> Json:
        stamp = self._stamp(
            max(entry["offsetDays"], self.template.created_at_offset_days)
            if entry["offsetDays"] < 0
            else self.template.created_at_offset_days
        )
        actor: Json = {"actorType": "ServiceOwner"}
        if entry["performedBy"] == "Accountant":
            actor = party_actor(self.world, self.world.firm)
        elif entry["performedBy"] == "PartyRepresentative":
            actor = person_actor(self.dialog.values.get("contact", "Blid Fjellrev"))
        found: Json = {
            "id": ids.uuid7(stamp, self.dice),
            "createdAt": written(stamp),
            "type": entry["type"],
        }
        if entry["type"] == "TransmissionOpened" and self.sent_ids:
            found["transmissionId"] = self.sent_ids[0]
        text = fill(entry["description"] or "", self.dialog.values)
        found["performedBy"] = actor
        found["description"] = localized({"nb": text}) if text else []
        return found
