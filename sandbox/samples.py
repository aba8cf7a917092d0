"""The world `services`: one firm, and one dialog for each sample of what services really send.

The samples lie in `services/`. Addresses become the sandbox's own, times move with the day the
world is made on, and a dialog that several samples show at different moments becomes several.
"""

import hashlib
import re
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import quote

import msgspec

from sandbox import ids, templates
from sandbox.clock import DAY, midnight, read, written
from sandbox.model import EMBED, Dialog, Json, Parts, Party, Seen, Service, SystemUser, Texts
from sandbox.world import World

FOLDER = Path(__file__).parent / "services"
NOT_DIALOGS = ("payload-", "fce-", "http-", "search-")
# The samples were written as of the day before; the day itself leaves none in the future.
AS_OF = midnight(date(2026, 11, 21))
# Which sample of one dialog keeps its ids, those the payloads beside it name.
FIRST = {"correspondence-confirmation-required", "nav-sykepenger-foresporsel-aktiv",
         "nav-foreldrepenger-aktiv"}  # fmt: skip
FIRM = "310495921"
SYSTEM_USER = "512a5980-1b97-4180-9e59-6d7d3c78116c"
_PEOPLE = (
    (FIRM, "REGNSKAP OG RÅD AS", "AS", ""),
    ("310010693", "FJORD OG FJELL HANDEL AS", "AS", ""),
    ("310923044", "SYNLIG KOMPASS AS", "AS", ""),
    ("315010195", "FJORD OG FJELL HANDEL AS AVD BUTIKK", "BEDR", "310010693"),
)
_PARTY_IDS = {"310010693": 51230011, "310923044": 51230022}
_OWNERS = {
    "skd": ("974761076", "Skatteetaten"), "brg": ("974760673", "Brønnøysundregistrene"),
    "nav": ("889640782", "Nav"), "ssb": ("971526920", "Statistisk sentralbyrå"),
    "digdir": ("991825827", "Digitaliseringsdirektoratet"),
}  # fmt: skip
# Whose address becomes which path of ours; the first that fits.
_HOSTS = (
    (r"platform\.altinn\.no", ""),
    (r"(\w+)\.apps\.altinn\.no", r"/elsewhere/apps/\1"),
    (r"sykepenger-api\.nav\.no", "/nav-sykepenger"),
    (r"foreldrepenger-inntektsmelding-api\.ekstern(?:\.dev)?\.nav\.no", "/nav-foreldrepenger"),
    (r"syfo-dokumentporten\.ekstern\.nav\.no", "/nav-dokumentporten"),
    (r"arbeidsgiver\.nav\.no", "/nav-no"),
    (r"dialog-innhold\.skatteetaten\.example", "/elsewhere"),
    (r"([\w.-]+\.(?:example|no))", r"/elsewhere/sites/\1"),
)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_REFS = (
    (re.compile(rf"/correspondence/({_UUID.pattern})"), "urn:altinn:correspondence-id:"),
    (re.compile(rf"/instances?/(\d+/{_UUID.pattern})"), "urn:altinn:instance-id:"),
    (re.compile(rf"/nav-[a-z]+/[^\"]*?({_UUID.pattern})"), "nav:"),
)


@cache
def sample_names() -> list[str]:
    """List the samples that are dialogs, those that keep their ids first."""
    found = [path.stem for path in FOLDER.glob("*.json") if not path.name.startswith(NOT_DIALOGS)]
    return sorted(found, key=lambda name: (name not in FIRST, name))


@cache
def payload(name: str) -> Json:
    """Read one of the bodies that lie beside the samples, addresses and times as they stand."""
    found: Json = msgspec.json.decode((FOLDER / f"payload-{name}.json").read_bytes())
    return found


@cache
def embed_sample(name: str) -> str:
    """Read a body of `fce-samples.json`."""
    samples: list[Json] = msgspec.json.decode((FOLDER / "fce-samples.json").read_bytes())
    return str(next(one["response"]["body"] for one in samples if one["name"] == name))


def at_home(text: str, base_url: str) -> str:
    """Make the addresses in a text the sandbox's own, those inside `goto=` too."""
    for host, path in _HOSTS:
        text = re.sub(f'https://{host}(?=[/"])', base_url + path, text)
        encoded = quote(base_url, safe="") + path.replace("/", "%2F")
        text = re.sub(f"https%3A%2F%2F{host}(?=%2F)", encoded, text)
    return text


def moved(text: str, days: int) -> str:
    """Move every time in a text by whole days."""
    return _TIME.sub(lambda found: written(read(found[0]) + days * DAY), text)


def _apart(text: str, name: str) -> str:
    """Give every id in a sample another end, always the same for the sample."""

    def other(found: re.Match[str]) -> str:
        if found[0] == SYSTEM_USER:
            return found[0]
        return found[0][:24] + hashlib.sha256(f"{name}/{found[0]}".encode()).hexdigest()[:12]

    return _UUID.sub(other, text)


def fill(world: World) -> None:
    """Put the firm, its clients, its system user and the dialogs into an empty world."""
    world.services = templates.services()
    people(world)
    taken: set[str] = set()
    days = (world.anchor - AS_OF) // DAY
    for name in sample_names():
        text = (FOLDER / f"{name}.json").read_text("utf-8")
        if msgspec.json.decode(text)["id"] in taken:
            text = _apart(text, name)
        text = moved(at_home(text, world.base_url), days)
        found = msgspec.json.decode(text)
        taken.add(found["id"])
        world.add(_dialog(world, name, found))
        for pattern, prefix in _REFS:
            for key in pattern.findall(text):
                world.by_ref.setdefault(prefix + key, found["id"])


def people(world: World) -> None:
    """Add the firm with its clients, and the one system user that reads them all."""
    world.vendor = ids.orgnrs(world.dice, 1)[0]
    world.firm = ids.ORGANIZATION + FIRM
    for orgnr, name, form, parent in _PEOPLE:
        world.add_party(
            Party(
                urn=ids.ORGANIZATION + orgnr, orgnr=orgnr, name=name, form=form,
                parent=ids.ORGANIZATION + parent if parent else None,
                party_id=_PARTY_IDS.get(orgnr, 51_230_033 + len(world.parties)),
                uuid=ids.uuid7_of(0, orgnr),
            )
        )  # fmt: skip
    world.users[SYSTEM_USER] = SystemUser(
        id=SYSTEM_USER, owner=FIRM, external_ref="regnskap", kind="agent",
        name="REGNSKAP OG RÅD AS", parties=set(world.parties),
    )  # fmt: skip


def _texts(value: Json | None) -> Texts | None:
    return {one["languageCode"]: one["value"] for one in value["value"]} if value else None


def _stamp(found: Json, name: str) -> int | None:
    return read(found[name]) if name in found else None


def _dialog(world: World, name: str, found: Json) -> Dialog:
    content: Json = found["content"]
    labels: list[str] = found["endUserContext"]["systemLabels"]
    dialog = Dialog(
        id=found["id"],
        number=int(found["id"].replace("-", ""), 16),
        revision=found["revision"],
        context_revision=found["endUserContext"]["revision"],
        party=found["party"],
        resource=found["serviceResource"],
        kind=found["serviceResourceType"],
        org=found["org"],
        status=found["status"],
        extended_status=found.get("extendedStatus"),
        title=_texts(content["title"]),
        summary=_texts(content.get("summary")),
        sender=_texts(content.get("senderName")),
        label=_texts(content.get("extendedStatus")),
        additional_info=_texts(content.get("additionalInfo")),
        process=found.get("process"),
        preceding_process=found.get("precedingProcess"),
        progress=found.get("progress"),
        external_reference=found.get("externalReference"),
        created=read(found["createdAt"]),
        updated=read(found["updatedAt"]),
        content_updated=read(found["contentUpdatedAt"]),
        due=_stamp(found, "dueAt"),
        expires=_stamp(found, "expiresAt"),
        is_api_only=found["isApiOnly"],
        place=labels[0],
        is_marked="MarkedAsUnopened" in labels,
        is_sent="Sent" in labels,
        content_seen=bool(found["seenSinceLastContentUpdate"]),
        seen=[_seen(entry) for entry in found["seenSinceLastUpdate"]],
        template=name,
        parts=_parts(found),
    )
    _service(world, dialog)
    return dialog


def _seen(entry: Json) -> Seen:
    actor: Json = entry["seenBy"]
    is_ours = actor["actorId"].endswith(SYSTEM_USER)
    return Seen(
        id=entry["id"], at=read(entry["seenAt"]), actor=actor, since_start=False,
        key=SYSTEM_USER if is_ours else f"person:{actor['actorName']}",
    )  # fmt: skip


def _parts(found: Json) -> Parts:
    reference: Json | None = found["content"].get("mainContentReference")
    return Parts(
        attachments=found["attachments"],
        transmissions=found["transmissions"],
        gui_actions=found["guiActions"],
        api_actions=found["apiActions"],
        activities=found["activities"],
        content_urls=_texts(reference) or {},
        content_type=reference["mediaType"] if reference else EMBED,
    )


def _service(world: World, dialog: Dialog) -> None:
    """Make the dialog's service known, and say where it can be found by its number elsewhere."""
    orgnr, owner = _OWNERS[dialog.org]
    world.services.setdefault(
        dialog.resource,
        Service(
            urn=dialog.resource, kind=dialog.kind, owner_code=dialog.org, owner_orgnr=orgnr,
            owner_name=owner, name=templates.service_name(dialog.resource),
        ),
    )  # fmt: skip
    parts = dialog.parts or Parts()
    addresses = msgspec.json.encode([parts.content_urls, parts.gui_actions, parts.api_actions])
    for pattern, prefix in _REFS[:2]:
        key = pattern.search(addresses.decode())
        if key and dialog.kind != "genericaccessresource":
            dialog.instance_ref = prefix + key[1]
