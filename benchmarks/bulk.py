"""P13: assigning a thousand dialogs at once, beside one bare UPDATE of the same rows.

Ours is the job from the form to its receipt: the selection is frozen into items, the rows change in
one transaction with what was there before and the audit log, and those concerned are told. The
yardstick is one UPDATE … WHERE id = ANY (…) over a plain connection, with the table's own indexes,
triggers and counters. Both change every row each time, and go back and forth between two people.
"""

import random
import time
from typing import Any
from uuid import UUID

import psycopg
from django.utils import timezone

from benchmarks import filling
from benchmarks.figures import Figure, Goal, compared
from benchmarks.workplace import Workplace

GOAL = Goal("P13", "bulk assign of 1,000 / one UPDATE", "ms", "at most", 10, 4)
DIALOGS = 1000
CLIENTS = 500

_UPDATE = """
UPDATE dialogs_dialog SET responsible_id = %s, assigned_why = '', work_version = work_version + 1
WHERE id = ANY(%s)
"""


def run(place: Workplace) -> list[Figure]:
    with place.database("bulk") as name:
        filling.add_clients(CLIENTS)
        filling.add_dialogs(place.size.dialogs[1], clients=CLIENTS)
        people = _people()
        keys = _keys(min(DIALOGS, place.size.dialogs[1] // 2))
        ours, yardstick = [], []
        with psycopg.connect(place.database_url(name), autocommit=True) as bare:
            for number in range(place.rounds + 1):
                yardstick.append(_update(bare, keys, people[number % 2]))
                ours.append(_assign(keys, people[(number + 1) % 2]))
                yardstick.append(_update(bare, keys, people[number % 2]))
                ours.append(_assign(keys, people[(number + 1) % 2]))
                place.say(
                    f"{GOAL.id} round {number}: ours {ours[-1]:.0f} ms, UPDATE"
                    f" {yardstick[-1]:.0f} ms"
                )
    # The first round warms both up.
    return [compared(GOAL, ours[2:], yardstick[2:], note=f"{len(keys):,} of them, audit log too")]


def _people() -> list[Any]:
    from staff.models import User

    return [
        User.objects.create_user(f"p{number}@bench.invalid", role=User.Role.MANAGER)
        for number in range(3)
    ]


def _keys(count: int) -> list[UUID]:
    """Return dialogs from all over the table."""
    from dialogs.models import Dialog

    keys = sorted(Dialog.objects.filter(gone_at=None).values_list("pk", flat=True))
    return random.Random(1).sample(keys, count)


def _update(bare: psycopg.Connection, keys: list[UUID], to: Any) -> float:
    began = time.perf_counter()
    changed = bare.execute(_UPDATE, [to.pk, keys]).rowcount
    took = time.perf_counter() - began
    assert changed == len(keys)
    return took * 1000


def _assign(keys: list[UUID], to: Any) -> float:
    from dialogs.bulk import jobs
    from dialogs.bulk.acts import Act
    from dialogs.bulk.selection import Selection
    from staff.models import User

    actor = User.objects.get(email="p2@bench.invalid")
    selection = Selection("", tuple(keys))
    began = time.perf_counter()
    now = timezone.now()
    job = jobs.start(Act.ASSIGN, selection, {"responsible": to.pk}, actor=actor, now=now)
    jobs.run(job.pk, now=now)
    took = time.perf_counter() - began
    assert job.items.filter(outcome="CHANGED").count() == len(keys)
    return took * 1000
