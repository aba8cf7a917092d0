"""P7: searches per event when one client's dialogs change a hundred times within five seconds.

The real flow with real processes: the stand-in changes dialogs and pushes events to our web
process, the worker reads again, and the stand-in counts how often it is asked.
"""

import itertools
import time
from collections.abc import Sequence

from benchmarks.figures import Figure, Goal, alone
from benchmarks.reading import reading_portal
from benchmarks.workplace import CannotMeasure, StandIn, Workplace, stand_in, wait_until

SECONDS = 4.5
CLIENTS, DIALOGS = 20, 600
GOALS = {
    SECONDS: Goal("P7", "searches per event, spread", "", "at most", 0.05, 0.02),
    0.0: Goal("P7b", "searches per event, at once", "", "at most", 0.05, 0.02),
}


def run(place: Workplace) -> list[Figure]:
    with (
        stand_in(place, clients=CLIENTS, dialogs=DIALOGS) as sandbox,
        place.database("storm") as name,
        reading_portal(place, sandbox, name),
    ):
        dialogs = _dialogs_of_one_client()
        count = place.size.burst
        per_event: dict[float, list[float]] = {seconds: [] for seconds in GOALS}
        for number in range(place.rounds):
            for seconds, found in per_event.items():
                within = min(seconds, 1) if place.size.name == "tiny" else seconds
                searches, events = _burst(sandbox, dialogs, count, within)
                found.append(searches / events)
                place.say(
                    f"{GOALS[seconds].id} round {number + 1}: {searches} searches,"
                    f" {events} events in {seconds:g} s"
                )
        note = f"{count} events, {len(dialogs)} dialogs of one client"
        return [alone(GOALS[seconds], found, note=note) for seconds, found in per_event.items()]


def _dialogs_of_one_client() -> list[str]:
    """Return dialogs whose changes are pushed, of the client with the most of them."""
    from clients.models import Subscription
    from dialogs.models import Dialog

    found: dict[int, list[str]] = {}
    pushed = Subscription.objects.filter(state=Subscription.State.VALIDATED)
    pairs = set(pushed.values_list("access_id", "resource"))
    for pk, client, access, urn in Dialog.objects.filter(folder=Dialog.Folder.INBOX).values_list(
        "pk", "client_id", "access_id", "service__urn"
    ):
        if (access, urn) in pairs:
            found.setdefault(client, []).append(str(pk))
    if not found:
        raise CannotMeasure("No subscription was validated.")
    return max(found.values(), key=len)


def _burst(sandbox: StandIn, dialogs: Sequence[str], count: int, seconds: float) -> tuple[int, int]:
    """Change dialogs in turn; return searches and events once everything is settled."""
    from dialogs.models import InboundEvent

    before = InboundEvent.objects.count()
    sandbox.ask("DELETE", "/requests")
    began = time.monotonic()
    for position, dialog in enumerate(itertools.islice(itertools.cycle(dialogs), count)):
        title = f"Endring {position} av {count}"
        sandbox.ask("POST", f"/dialogs/{dialog}", {"do": "update", "title": title})
        ahead = began + seconds * (position + 1) / count - time.monotonic()
        time.sleep(max(ahead, 0))
    wait_until(lambda: InboundEvent.objects.count() >= before + count, "the pushes")
    wait_until(_is_settled, "the worker")
    return sandbox.searches(), InboundEvent.objects.count() - before


def _is_settled() -> bool:
    from dialogs.models import InboundEvent, RefreshNeed

    waiting = InboundEvent.objects.filter(state__in=[0, 2])
    return not waiting.exists() and not RefreshNeed.objects.exists()
