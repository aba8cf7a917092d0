"""Give many dialogs to somebody else at once, with a line in the log for each.

Dialogs are locked in the order of their ids, as ingest does, and changed client by client, in which
order the counters are locked too: two such changes wait for one another and never lock up.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from dialogs import live, notices
from dialogs.actions import ASSIGNED, Touched
from dialogs.inbox.filters import MINE, Filters
from dialogs.models import Dialog, DialogQuerySet, Notice, Service
from dialogs.readers import Readers
from staff.models import User

Folder = Dialog.Folder
OPEN = (Folder.INBOX, Folder.SNOOZED, Folder.DRAFTS)
AT_ONCE = 2000
MOST_CLIENTS_NAMED = 50  # in the list that a notice leads to

_MOVES = "unnest(%(ids)s::uuid[], %(to)s::bigint[]) AS move (id, receiver_id)"
_NOTE = f"""
INSERT INTO staff_auditentry (at, actor_id, act, about, detail)
SELECT %(now)s, %(actor)s, %(act)s, 'dialog ' || d.id, jsonb_strip_nulls(jsonb_build_object(
  'comment', nullif(%(comment)s, ''))) || jsonb_build_object(
  'before', jsonb_build_object('responsible', d.responsible_id, 'assigned_why', d.assigned_why),
  'after', jsonb_build_object('responsible', move.receiver_id, 'assigned_why', ''))
FROM {_MOVES} JOIN dialogs_dialog d USING (id)
"""  # noqa: S608 (our own names)
_MOVE = f"""
UPDATE dialogs_dialog d
SET responsible_id = move.receiver_id, assigned_why = '', work_version = work_version + 1
FROM {_MOVES} WHERE d.id = move.id
"""  # noqa: S608


class Held(NamedTuple):
    """An open dialog, as far as it matters who is responsible for it."""

    dialog_id: UUID
    client_id: int
    area_id: int | None
    responsible_id: int | None
    folder: str
    restriction_id: int | None = None


class Move(NamedTuple):
    held: Held
    receiver: User | None


def hold(dialogs: DialogQuerySet, *, lock: bool = False) -> list[Held]:
    """Return the open ones among some dialogs; locked, nobody changes them meanwhile."""
    areas = dict(Service.objects.values_list("pk", "area"))
    rows = dialogs.filter(folder__in=OPEN).order_by("pk")
    if lock:
        rows = rows.select_for_update(no_key=True)
    columns = rows.values_list(
        "pk", "client_id", "service_id", "responsible_id", "folder", "restriction_id"
    )
    return [
        Held(pk, client, areas.get(service), responsible, folder, restriction)
        for pk, client, service, responsible, folder, restriction in columns
    ]


def readable(moves: Iterable[Move]) -> list[Move]:
    """Keep the moves to nobody, and those to colleagues who may read what they would get."""
    moves = list(moves)
    readers = Readers(one.held.restriction_id for one in moves)
    return [
        one
        for one in moves
        if one.receiver is None or readers.include(one.receiver.pk, one.held.restriction_id)
    ]


def carry_out(
    moves: Iterable[Move], *, actor: User, now: datetime, comment: str = ""
) -> dict[User | None, list[Held]]:
    """Do the moves that change anything; return them by receiver. Call it in a transaction."""
    changing = [one for one in moves if _key(one.receiver) != one.held.responsible_id]
    changing.sort(key=lambda one: (one.held.client_id, one.held.dialog_id))
    for start in range(0, len(changing), AT_ONCE):
        _carry_out(changing[start : start + AT_ONCE], actor=actor, now=now, comment=comment)
    live.tell([Touched(one.held.dialog_id, one.held.client_id) for one in changing])
    done: dict[User | None, list[Held]] = {}
    for one in changing:
        done.setdefault(one.receiver, []).append(one.held)
    return done


def _carry_out(moves: Sequence[Move], *, actor: User, now: datetime, comment: str) -> None:
    values: dict[str, Any] = {
        "ids": [one.held.dialog_id for one in moves],
        "to": [_key(one.receiver) for one in moves],
        "now": now,
        "actor": actor.pk,
        "act": ASSIGNED,
        "comment": comment,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values)
        cursor.execute(_MOVE, values)


def tell_receiver(
    receiver: User, dialogs: Sequence[Held], *, actor: User, now: datetime, comment: str
) -> None:
    """Tell somebody in one line what is now theirs: the number is that of the inbox."""
    listed = [one for one in dialogs if one.folder == Folder.INBOX]
    clients = tuple(sorted({one.client_id for one in listed}))
    named = clients if len(clients) <= MOST_CLIENTS_NAMED else ()
    notices.notify(
        [receiver],
        Notice.Kind.HANDED_OVER,
        now=now,
        actor=actor,
        query=Filters(responsible=MINE, clients=named).as_query(),
        count=len(listed),
        comment=comment,
    )


def tell_former(done: dict[User | None, list[Held]], *, actor: User, now: datetime) -> None:
    """Tell those who were responsible before, one line each."""
    lost = Counter(
        one.responsible_id for dialogs in done.values() for one in dialogs if one.responsible_id
    )
    for user in User.objects.filter(pk__in=lost):
        notices.notify([user], Notice.Kind.TAKEN, now=now, actor=actor, count=lost[user.pk])


def _key(user: User | None) -> int | None:
    return user.pk if user else None
