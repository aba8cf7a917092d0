"""Lets things happen: at a person's pace by itself, or many at once when asked."""

import random
import threading
import time
from typing import TYPE_CHECKING

from sandbox import changes, names, parts
from sandbox.letters import compose
from sandbox.making import Decks
from sandbox.model import Dialog, Party

if TYPE_CHECKING:
    from sandbox.state import Sandbox

PACE_SECONDS = (8.0, 20.0)
_NOTES = ("Varsel om mottatt melding er sendt på e-post.", "Saken er fordelt til saksbehandler.",
          "Opplysningene er kontrollert maskinelt.", "Påminnelse er sendt på SMS.")  # fmt: skip
_REPLIES = (("Information", "Tilleggsinformasjon"), ("Request", "Vi trenger flere opplysninger"),
            ("Alert", "Påminnelse om frist"), ("Decision", "Vedtak i saken"),
            ("Acceptance", "Innsendingen er godkjent"))  # fmt: skip


def _a_party(box: "Sandbox", dice: random.Random, parties: list[str]) -> Party:
    if parties:
        return box.world.parties[dice.choice(parties)]
    everyone = [party for party in box.world.parties.values() if not party.is_deleted]
    return dice.choices(everyone, weights=[party.weight for party in everyone])[0]


def _a_dialog(box: "Sandbox", dice: random.Random, party: Party) -> Dialog | None:
    """Pick one of the party's latest dialogs that search would list."""
    now = box.clock.now()
    listed = [
        dialog
        for dialog in box.world.by_party.get(party.urn, {}).values()
        if box.world.hidden_because(dialog, None, now) is None
    ]
    listed.sort(key=lambda dialog: dialog.updated)
    return dice.choice(listed[-8:]) if listed else None


def something_happens(
    box: "Sandbox", dice: random.Random, decks: Decks, parties: list[str]
) -> tuple[str, str]:
    """Let one thing happen somewhere; say what, and to which dialog."""
    with box.world.lock:
        party = _a_party(box, dice, parties)
        dialog = _a_dialog(box, dice, party)
        chance = dice.random()
        if dialog is None or chance < 0.4:
            template = decks.suiting(box.world, party).draw(dice)
            now = box.clock.now()
            made = compose(box.world, template, party, created=now, now=now, dice=dice)
            made.seen, made.content_seen = [], False
            return "created", changes.create(box, made).id
        if chance < 0.58:
            kind, title = dice.choice(_REPLIES)
            sent = changes.new_transmission(
                box, dialog, kind=kind, title=title, sender=changes.OWNER
            )
            status = "RequiresAttention" if kind in ("Request", "Alert") else dialog.status
            changes.change(box, dialog, fields={"status": status}, transmissions=[sent])
            return "transmission", dialog.id
        if chance < 0.76:
            follows = {"Draft": "InProgress", "InProgress": "Awaiting",
                       "RequiresAttention": "Awaiting", "Awaiting": "Completed"}  # fmt: skip
            changes.change(
                box, dialog, fields={"status": follows.get(dialog.status, "NotApplicable")}
            )
            return "status", dialog.id
        if chance < 0.9:
            note = changes.new_activity(
                box, kind="Information", actor=changes.OWNER, text=dice.choice(_NOTES)
            )
            changes.change(box, dialog, fields={}, activities=[note])
            return "activity", dialog.id
        name = names.person(dice)
        changes.see(box, dialog, key=f"person:{name}", actor=parts.person_actor(name))
        return "seen", dialog.id


def live(box: "Sandbox", pace: tuple[float, float]) -> None:
    """Start a thread in which something happens every so often, until the sandbox stops."""

    def run() -> None:
        dice, decks = random.Random(11), Decks()
        while not stopped.wait(dice.uniform(*pace)):
            something_happens(box, dice, decks, [])

    stopped = box.stopped
    threading.Thread(target=run, daemon=True, name="lively").start()


def burst(
    box: "Sandbox", *, count: int, seconds: float, parties: list[str], seed: int
) -> list[tuple[str, str]]:
    """Let `count` things happen, spread evenly over the seconds; say what."""
    dice, decks, done = random.Random(seed), Decks(), list[tuple[str, str]]()
    rounds, start = box.rounds, time.monotonic()
    for position in range(count):
        if box.rounds != rounds:
            break
        done.append(something_happens(box, dice, decks, parties))
        ahead = start + seconds * (position + 1) / count - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
    return done
