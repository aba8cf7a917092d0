"""The world `hostile`: a dialog for each trap, with it in every field that can hold it.

Its dialogs are named `text-…`, `address-…`, `embed-…` and `files`; those named `addresses-…` hold
many addresses each. A control plants any other text or address in the same way.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
from werkzeug.wrappers import Request, Response

from sandbox import corpus, ids, samples, templates
from sandbox.clock import DAY
from sandbox.hostile_parts import activity, attachment, button, machine, transmission
from sandbox.model import Dialog, Json, Parts, Party, Seen, Service
from sandbox.owners import File
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.state import Sandbox

PARTY = f"{ids.ORGANIZATION}310010693"
ODD_PARTY = "310020028"  # a client whose name is a trap
RESOURCE = "urn:altinn:resource:sandbox-hostile"
CROWD = 18  # addresses in one dialog
# As Dialogporten's own limits.
TITLE, INFO, LABEL = 255, 1023, 25


def fill(world: World) -> None:
    world.services = templates.services()
    samples.people(world)
    world.add_party(
        Party(
            urn=ids.ORGANIZATION + ODD_PARTY, orgnr=ODD_PARTY, party_id=51_230_099,
            name=corpus.TEXTS["img-onerror"], uuid=ids.uuid7_of(0, ODD_PARTY),
        )
    )  # fmt: skip
    world.users[samples.SYSTEM_USER].parties.add(ids.ORGANIZATION + ODD_PARTY)
    for name, text in corpus.TEXTS.items():
        _add(world, text_dialog(world, f"text-{name}", _filled(world, text)))
    made = [
        address_dialog(world, f"address-{name}", _filled(world, address))
        for name, address in corpus.ADDRESSES.items()
    ]
    crowds = range(0, len(made), CROWD)
    made += [crowded(world, f"addresses-{n}", made[n : n + CROWD], []) for n in crowds]
    for dialog in made:
        _add(world, dialog)
    for name, file in corpus.EMBEDS.items():
        _add(world, _embed_dialog(world, f"embed-{name}", file))
    _add(world, _files_dialog(world))


def canary(base_url: str) -> str:
    """Give an address that leads here and that nobody has any business with."""
    return base_url.replace("127.0.0.1", "localhost") + "/canary"


def _filled(world: World, value: Any, here: str = "") -> Any:
    """Put addresses of this world into a trap."""
    if isinstance(value, dict):
        return {name: _filled(world, one, here) for name, one in value.items()}
    if not isinstance(value, str):
        return value
    trap = canary(world.base_url)
    for name, address in (
        ("{canary}", trap), ("{bare_canary}", trap.partition("://")[2]), ("{here}", here),
        ("{quoted_canary}", quote(trap, safe="")), ("{base}", world.base_url),
        ("{base_with_user}", world.base_url.replace("://", "://user:pass@")),
    ):  # fmt: skip
        value = value.replace(name, address)
    return value


def _add(world: World, dialog: Dialog) -> None:
    world.add(dialog)
    if dialog.instance_ref:
        world.by_ref[dialog.instance_ref] = dialog.id


def _new(world: World, name: str, **more: Any) -> Dialog:
    created = world.anchor - DAY
    key = ids.uuid7_of(created, name)
    return Dialog(
        id=key, number=int(key.replace("-", ""), 16), revision=ids.uuid7_of(created, name, "r"),
        context_revision=ids.uuid7_of(created, name, "c"), party=PARTY, resource=RESOURCE,
        kind="genericaccessresource", org="digdir", created=created, updated=created,
        content_updated=created, template=name, **more,
    )  # fmt: skip


def storable(text: str) -> str:
    """Take away what no database behind Dialogporten could hold."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def text_dialog(world: World, name: str, text: str) -> Dialog:
    """Make a dialog that has a text wherever a text can be."""
    text = storable(text)
    _name_service(world, name, text)
    short = {"nb": text[:TITLE] or " "}
    dialog = _new(
        world, name, title=short, summary=short, sender=short, label={"nb": text[:LABEL] or " "},
        additional_info={"nb": text[:INFO]}, external_reference=text[:TITLE],
        process=f"urn:x:{quote(text[:100])}", extended_status=f"urn:x:{quote(text[:100])}",
    )  # fmt: skip
    kinds = ("text/markdown", "text/html", "text/plain")
    dialog.resource = f"{RESOURCE}-{name}"
    dialog.additional_info_type = kinds[dialog.number % 3]
    actor = {"actorType": "PartyRepresentative", "actorName": text[:TITLE] or " ",
             "actorId": "urn:altinn:person:identifier-ephemeral:0123456789"}  # fmt: skip
    dialog.seen = [
        Seen(id=ids.uuid7_of(0, dialog.id, "seen"), at=dialog.created, actor=actor,
             key=f"person:{name}", since_start=False)
    ]  # fmt: skip
    here = f"{world.base_url}/elsewhere/hostile/{name}"
    dialog.parts = Parts(
        content=text,
        content_urls={"nb": f"{here}/markdown"},
        attachments=[attachment(dialog, here, text[:TITLE])],
        transmissions=[transmission(dialog, f"{here}/html", text[:TITLE], actor)],
        gui_actions=[button(dialog, f"{here}/form", text[:TITLE], method="GET"),
                     button(dialog, f"{here}/press", text[:TITLE], method="POST")],
        api_actions=[machine(dialog, here, text[:TITLE])],
        activities=[activity(dialog, text[:TITLE], actor)],
    )  # fmt: skip
    for tail in ("markdown", "html"):
        world.owners.files[f"/elsewhere/hostile/{name}/{tail}".lower()] = File(
            body=text, content_type=f"text/{tail}; charset=utf-8"
        )
    return dialog


def crowded(world: World, name: str, made: list[Dialog], texts: list[str]) -> Dialog:
    """Make a dialog with all parts of others; each text is in the fields that there are once, too.

    A transmission's own text stays only where it is an address that is the trap: else the whole is
    the text of the dialog and of the first transmission.
    """
    dialog = text_dialog(world, name, "\n\n".join(texts))
    joined = " ".join(texts) or name
    dialog.title = dialog.summary = dialog.sender = dialog.label = {"nb": joined}
    dialog.additional_info = {"nb": "\n\n".join(texts) or name}
    own = dialog.parts or Parts()
    for one in made:
        more = one.parts or Parts()
        own.attachments += more.attachments
        own.transmissions += more.transmissions if not texts else map(_plain, more.transmissions)
        own.gui_actions += more.gui_actions
        own.api_actions += more.api_actions
        own.activities += more.activities
    return dialog


def _plain(transmission: Json) -> Json:
    content = {k: v for k, v in transmission["content"].items() if k != "contentReference"}
    return transmission | {"content": content}


def _name_service(world: World, name: str, text: str) -> None:
    """Let a service and its owner be called the text too."""
    resource = f"{RESOURCE}-{name}"
    world.services[resource] = Service(
        urn=resource, kind="genericaccessresource", owner_code="digdir", owner_orgnr="991825827",
        owner_name=text[:TITLE] or " ", name=text[:TITLE] or " ",
    )  # fmt: skip


def address_dialog(world: World, name: str, address: str) -> Dialog:
    """Make a dialog that has an address wherever an address can be."""
    address = storable(address)
    dialog = _new(world, name, title={"nb": f"Adresse: {name}"})
    dialog.parts = Parts(
        content_urls={"nb": address},
        attachments=[attachment(dialog, address, "Vedlegg.pdf")],
        transmissions=[transmission(dialog, address, "Forsendelse", {"actorType":
                                                                             "ServiceOwner"})],
        gui_actions=[button(dialog, address, "Gå til", method="GET"),
                     button(dialog, address, "Trykk", method="POST")],
        api_actions=[machine(dialog, address, "Send inn inntektsmelding")],
    )  # fmt: skip
    return dialog


def _embed_dialog(world: World, name: str, file: Json) -> Dialog:
    here = f"{world.base_url}/elsewhere/hostile/{name}"
    dialog = _new(world, name, title={"nb": f"Innhold: {name}"})
    dialog.parts = Parts(content_urls={"nb": here})
    asked = msgspec.convert(_filled(world, file, here), type=File)
    world.owners.files[f"/elsewhere/hostile/{name}"] = asked
    return dialog


def _files_dialog(world: World) -> Dialog:
    """Make a message with every kind of file that is not what it says."""
    dialog = _new(world, "files", title={"nb": "Vedlegg som ikke er det de sier"})
    dialog.kind, message = "correspondenceservice", ids.uuid7_of(dialog.created, "message")
    dialog.instance_ref = f"urn:altinn:correspondence-id:{message}"
    base = f"{world.base_url}/correspondence/api/v1/correspondence/{message}"
    dialog.parts = Parts(content_urls={"nb": f"{base}/content"})
    for name, file in corpus.FILES.items():
        key = ids.uuid7_of(dialog.created, "file", name)
        told: Json = _filled(world, file)
        url = f"{base}/attachment/{key}/download"
        dialog.parts.attachments.append(attachment(dialog, url, told.pop("title"), key))
        world.owners.files[key] = msgspec.convert(told, type=File)
    return dialog


def led_here(box: "Sandbox", request: Request, rest: str) -> Response:
    """Be asked for what nobody should ask for. Its being counted is all that matters."""
    return Response("alert(1)", content_type="text/javascript")


ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    (method, "/canary/<path:rest>", "canary", led_here) for method in ("GET", "POST", "DELETE")
]
