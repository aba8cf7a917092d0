"""P20: a list of 5,000 clients with 300 bad lines, from the bytes of the file to its preview.

All that somebody waits for: the file is read, each line compared with what we hold, and the
register, the stand-in over HTTP, asked about the rest. The limit is the one in the issue, so it is
in seconds and has no yardstick; that the list comes out right is looked at each time.
"""

import random
import time
from typing import Any

from benchmarks.figures import Figure, Goal, alone
from benchmarks.workplace import Workplace, stand_in

GOAL = Goal("P20", "preview of 5,000 lines to import, 300 bad", "s", "at most", 5, 2.5)
BAD = 0.06


def run(place: Workplace) -> list[Figure]:
    with (
        stand_in(place, clients=place.size.clients, dialogs=20) as sandbox,
        place.database("imports") as _name,
    ):
        sandbox.point_settings()
        actor = _actor()
        content, bad = _list(sandbox.ask("GET", "/credentials")["firm"]["orgnr"])
        took = []
        for number in range(place.rounds):
            took.append(_look_over(content, bad, actor))
            place.say(f"{GOAL.id} round {number}: {took[-1]:.2f} s")
    lines = content.count(b"\n") - 1
    return [alone(GOAL, took, note=f"{lines:,} lines, {bad:,} bad")]


def _actor() -> Any:
    from staff.models import User

    return User.objects.create_user("p@bench.invalid", role=User.Role.ADMIN)


def _list(firm: str) -> tuple[bytes, int]:
    """Return a list of the firm's clients, some of it wrong in each of five ways, and how many."""
    from clients import connect

    with connect.enhetsregisteret() as register:
        good = sorted(one.orgnr for one in register.clients_of(firm))
    dice = random.Random(1)
    dice.shuffle(good)
    bad = int(len(good) * BAD)
    wrong = [_wrong(number, good, dice) for number in range(bad)]
    lines = [f"{orgnr};p@bench.invalid;7" for orgnr in good[bad:]] + wrong
    dice.shuffle(lines)
    return "\n".join(["Org.nr.;Klientansvarlig;Kundenr.", *lines, ""]).encode(), bad


def _wrong(number: int, good: list[str], dice: random.Random) -> str:
    from altinn.identifiers import is_orgnr

    orgnr = good[number]
    match number % 5:
        case 0:
            return f"{orgnr[:8]}{(int(orgnr[8]) + 1) % 10};;"
        case 1:
            return f"{dice.choice(good[-100:])};;"  # a second time
        case 2:
            return f"{orgnr};nobody@bench.invalid;"
        case 3:
            return f"{orgnr[:6]};;"
        case _:  # nobody has it
            wanted = (f"9{dice.randrange(10**8):08}" for _ in range(10_000))
            return f"{next(one for one in wanted if is_orgnr(one))};;"


def _look_over(content: bytes, bad: int, actor: Any) -> float:
    from django.utils import timezone

    from clients.finding import importing, lists, sheets
    from clients.models import ClientImport, ServiceArea

    began = time.perf_counter()
    now = timezone.now()
    found = lists.understand(sheets.read(content), list(ServiceArea.objects.all()))
    job = importing.begin(found, source="liste.csv", actor=actor, now=now)
    while importing.run(job.pk, now=now):
        pass
    took = time.perf_counter() - began
    job.refresh_from_db()
    assert job.state == ClientImport.State.READY
    assert job.lines.filter(outcome="BAD").count() == bad
    assert not job.lines.filter(outcome="UNCHECKED").exists()
    return took
