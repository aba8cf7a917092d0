"""The small world's edges: one dialog for each thing that can be odd about a dialog."""

from sandbox import ids, parts
from sandbox.clock import DAY, SECOND, written
from sandbox.letters import compose
from sandbox.model import STATUSES, Dialog, Party
from sandbox.templates import all_templates
from sandbox.world import World


def fill(world: World) -> None:
    _add_a_person(world)
    clients = [
        party
        for party in world.parties.values()
        if not party.parent and party.urn != world.firm and party.orgnr
    ]
    clients[-1].is_deleted = True  # dissolved, with its dialogs still there
    _one(world, clients[-1], "skatteoppgjor-as", 200)
    for position, status in enumerate(STATUSES):
        _one(world, clients[position], "mva-utkast", 3 + position).status = status
    for place in ("Default", "Archive", "Bin"):
        _one(world, clients[0], "motregning", 30).place = place
    marked = _one(world, clients[0], "forskuddsskatt-as", 12)
    marked.is_marked = True
    _one(world, clients[1], "amelding-mottatt", 8).is_sent = True

    expired = _one(world, clients[1], "ssb-undersokelse", 40)
    expired.expires = world.anchor - 2 * DAY
    early = _one(world, clients[2], "tvangsmulkt-vedtak", 1)
    early.visible_from = world.anchor + 3 * DAY
    early.created = early.updated = early.content_updated = early.visible_from
    early.seen, early.content_seen = [], False
    deleted = _one(world, clients[2], "mva-kontroll-dokumentasjon", 20)
    deleted.deleted = deleted.updated = world.anchor - DAY
    bare = _one(world, clients[3], "nav-oppfolgingsplan", 9)
    bare.title = bare.summary = bare.sender = bare.label = None
    bare.is_api_only = True
    secret = _one(world, clients[3], "nav-refusjon-vedtak", 6)
    secret.public_title = {"nb": "Du har fått et vedtak fra Nav", "en": "A decision from Nav"}
    masked = _one(world, clients[4], "aga-forfalt", 7)
    masked.is_list_only = True
    faded = _one(world, clients[4], "bokforingspalegg", 15)
    faded.parts = parts.build(faded, world)
    faded.parts.attachments[0]["expiresAt"] = written(world.anchor - DAY)
    chained = _one(world, clients[5], "tvangsinnfordring", 70)
    chained.process, chained.preceding_process = "urn:skd:sak:77", "urn:skd:sak:76"
    chained.progress = 60
    twins = [_one(world, clients[6], "amelding-retningslinje", 5) for _ in range(3)]
    for twin in twins:
        twin.created = twin.updated = twin.content_updated = twins[0].created
    for urn in list(world.sub_units):
        _one(world, world.sub_units[urn][0], "nav-im-foresporsel", 4)
    _one(world, world.parties[world.firm], "brg-klientliste", 14)
    person = next(party for party in world.parties.values() if party.kind == "Person")
    _one(world, person, "skattekort-endret", 3)


def _one(world: World, party: Party, key: str, days: int) -> Dialog:
    dialog = compose(
        world, all_templates()[key], party,
        created=world.anchor - days * DAY + 8 * 3600 * SECOND + world.dice.randrange(SECOND),
        now=world.anchor, dice=world.dice,
    )  # fmt: skip
    world.add(dialog)
    return dialog


def _add_a_person(world: World) -> None:
    number = ids.identity_number(17, 5, 1978)
    world.add_party(
        Party(
            urn=ids.PERSON + number, orgnr="", name="Undrende Kompass", kind="Person",
            party_id=50_000_001, uuid=ids.uuid4(world.dice), form="", date_of_birth="1978-05-17",
            has_employees=False, weight=0.2,
        )
    )  # fmt: skip
    for user in world.users.values():
        if user.external_ref == "regnskap":
            user.parties.add(ids.PERSON + number)
