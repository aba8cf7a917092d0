"""Hand over somebody's work when they leave: open dialogs, clients, service areas.

The preview and the deed ask the same question, `shares`; the deed asks it with everything locked,
clients before dialogs. Who comes second waits for the first, and finds what is left.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import AreaResponsible, Client
from dialogs.home import moving
from dialogs.home.moving import Folder, Held, Move
from dialogs.inbox.norwegian import sort_key
from dialogs.models import Dialog
from staff.models import AuditEntry, User

HANDED_OVER = "work handed over"
CLIENT_CHANGED = "client changed"
AREAS_CHANGED = "client areas changed"

_NOTE_CLIENTS = """
INSERT INTO staff_auditentry (at, actor_id, act, about, detail)
SELECT %(now)s, %(actor)s, %(act)s, 'client ' || c.id,
  jsonb_build_object('responsible', jsonb_build_array(c.responsible_id, %(to)s::bigint))
FROM clients_client c WHERE c.id = ANY(%(ids)s)
"""
_NOTE_MEMBERS = """
INSERT INTO staff_auditentry (at, actor_id, act, about, detail)
SELECT %(now)s, %(actor)s, %(act)s, 'client ' || id,
  jsonb_build_object('member_added', %(to)s::bigint)
FROM unnest(%(ids)s::bigint[]) id
"""


@dataclass
class Line:
    """What somebody has to do with one client."""

    client_id: int
    name: str
    is_responsible: bool = False
    is_archived: bool = False
    areas: dict[int, AreaResponsible] = field(default_factory=dict)
    dialogs: list[Held] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """Who takes over: one for everything, but for what is said of a client or an area of it."""

    everything: User
    clients: dict[int, User] = field(default_factory=dict)
    areas: dict[tuple[int, int], User] = field(default_factory=dict)

    def of_client(self, client_id: int) -> User:
        return self.clients.get(client_id, self.everything)

    def of_area(self, client_id: int, area_id: int) -> User:
        return self.areas.get((client_id, area_id), self.of_client(client_id))

    def of_dialog(self, line: Line, held: Held) -> User:
        if held.area_id in line.areas:
            return self.of_area(line.client_id, held.area_id)
        return self.of_client(line.client_id)


@dataclass
class Share:
    """What one colleague takes over."""

    receiver: User
    dialogs: list[Held] = field(default_factory=list)
    clients: dict[int, str] = field(default_factory=dict)  # becomes responsible for them
    areas: list[AreaResponsible] = field(default_factory=list)
    joins: dict[int, str] = field(default_factory=dict)  # becomes a member, to see them

    @property
    def numbers(self) -> dict[str, int]:
        return numbers(self.dialogs) | {"clients": len(self.clients), "areas": len(self.areas)}

    @property
    def beyond_inbox(self) -> str:
        """«: 12 klientansvar, 3 fagansvar, 4 utsatte», or nothing."""
        counts = self.numbers
        words = {
            _("%(n)s klientansvar"): counts["clients"],
            _("%(n)s fagansvar"): counts["areas"],
            ngettext("%(n)s utsatt", "%(n)s utsatte", counts["snoozed"]): counts["snoozed"],
            _("%(n)s utkast"): counts["drafts"],
        }
        parts = ", ".join(text % {"n": n} for text, n in words.items() if n)
        return f": {parts}" if parts else ""


def numbers(dialogs: Iterable[Held]) -> dict[str, int]:
    """Count open dialogs by folder, and the clients they are with."""
    dialogs = list(dialogs)
    folders = Counter(one.folder for one in dialogs)
    return {
        "inbox": folders[Folder.INBOX],
        "snoozed": folders[Folder.SNOOZED],
        "drafts": folders[Folder.DRAFTS],
        "at": len({one.client_id for one in dialogs}),
    }


def dialogs_in_words(count: int) -> str:
    """Return «3 dialoger»; nothing for none."""
    return ngettext("%(n)s dialog", "%(n)s dialoger", count) % {"n": count} if count else ""


def lines_of(user: User, *, actor: User, lock: bool = False) -> list[Line]:
    """Return what somebody holds, by client; only of clients that the one who asks may see."""
    visible = Client.objects.visible_to(actor)
    responsible = visible.filter(responsible=user).order_by("pk")
    areas = AreaResponsible.objects.filter(user=user, client__in=visible.values("pk"))
    if lock:
        responsible = responsible.select_for_update(no_key=True)
        list(areas.select_for_update(no_key=True).order_by("pk"))
    lines = {
        client.pk: Line(client.pk, client.name, True, client.archived_at is not None)  # noqa: FBT003
        for client in responsible
    }
    held = moving.hold(Dialog.objects.visible_to(actor).filter(responsible=user), lock=lock)
    named = areas.select_related("area").order_by("area__position", "area__name")
    others = {one.client_id for one in held} | {area.client_id for area in named}
    for pk, name in Client.objects.filter(pk__in=others - set(lines)).values_list("pk", "name"):
        lines[pk] = Line(pk, name)
    for area in named:
        lines[area.client_id].areas[area.area_id] = area
    for one in held:
        lines[one.client_id].dialogs.append(one)
    return sorted(lines.values(), key=lambda line: (sort_key(line.name), line.client_id))


def left_unseen(user: User, *, actor: User) -> int:
    """Return how many open dialogs somebody has with clients that the other may not see."""
    theirs = Dialog.objects.filter(responsible=user, folder__in=moving.OPEN)
    return theirs.exclude(client__in=Client.objects.visible_to(actor).values("pk")).count()


def for_nobody(
    user: User, lines: Iterable[Line], plan: Plan, *, actor: User, lock: bool = False
) -> list[Held]:
    """Return what becomes unassigned, as only some may read it.

    That is what the receiver may not read, and what the one who hands over does not even know of.
    """
    seen = Client.objects.visible_to(actor).values("pk")
    theirs = Dialog.objects.filter(responsible=user, client__in=seen, restriction__isnull=False)
    unread = theirs.exclude(pk__in=theirs.readable_by(actor).values("pk"))
    moves = _moves(lines, plan)
    given = {one.held.dialog_id for one in moving.readable(moves)}
    left = [one.held for one in moves if one.held.dialog_id not in given]
    return [*left, *moving.hold(unread, lock=lock)]


def _moves(lines: Iterable[Line], plan: Plan) -> list[Move]:
    return [Move(one, plan.of_dialog(line, one)) for line in lines for one in line.dialogs]


def shares(lines: Iterable[Line], plan: Plan) -> list[Share]:
    """Return what each receiver gets and may read; whoever could not see a client, joins it."""
    found: dict[User, Share] = {}

    def share_of(user: User) -> Share:
        return found.setdefault(user, Share(user))

    lines = list(lines)
    for line in lines:
        if line.is_responsible:
            share_of(plan.of_client(line.client_id)).clients[line.client_id] = line.name
        for area in line.areas.values():
            share_of(plan.of_area(line.client_id, area.area_id)).areas.append(area)
    for move in moving.readable(_moves(lines, plan)):
        if move.receiver:
            share_of(move.receiver).dialogs.append(move.held)
    names = {line.client_id: line.name for line in lines}
    for share in found.values():
        share.joins = _joins(share, names)
    return sorted(found.values(), key=lambda share: -len(share.dialogs))


def _joins(share: Share, names: dict[int, str]) -> dict[int, str]:
    wanted = {one.client_id for one in share.dialogs}
    wanted -= {*share.clients, *(area.client_id for area in share.areas)}
    return {pk: names[pk] for pk in sorted(unseen_by(share.receiver, wanted))}


def unseen_by(user: User, client_ids: set[int]) -> set[int]:
    """Return the clients somebody does not see, or only while standing in for a colleague."""
    if user.may_see_all_clients or not client_ids:
        return set()
    seen = Client.objects.filter(pk__in=client_ids).filter(
        Q(responsible=user)
        | Q(members=user)
        | Q(area_responsibles__user=user)
        | Q(team__in=user.teams.all())
    )
    return client_ids - set(seen.values_list("pk", flat=True))


def hand_over(user: User, plan: Plan, *, actor: User, now: datetime) -> AuditEntry:
    """Do it all or nothing; return the entry that says who got what."""
    comment = _("Overlevering fra %(name)s") % {"name": user.name}
    with transaction.atomic():
        lines = lines_of(user, actor=actor, lock=True)
        parts = shares(lines, plan)
        left = for_nobody(user, lines, plan, actor=actor, lock=True)
        names = {line.client_id: line.name for line in lines}
        for share in parts:
            _change_roles(share, user, actor=actor, now=now)
        moves = [Move(one, share.receiver) for share in parts for one in share.dialogs]
        moves += [Move(one, None) for one in left]
        # Who had it is told in the log by key: a name there could never be forgotten.
        moving.carry_out(moves, actor=actor, now=now, comment=_("Overlevering"))
        for share in parts:
            said = f"{comment}{share.beyond_inbox}"
            moving.tell_receiver(share.receiver, share.dialogs, actor=actor, now=now, comment=said)
        return AuditEntry.objects.create(
            at=now,
            actor=actor,
            act=HANDED_OVER,
            about=f"user {user.pk}",
            detail={"shares": [_written(share, names) for share in parts]},
        )


def _change_roles(share: Share, user: User, *, actor: User, now: datetime) -> None:
    receiver = share.receiver
    if share.clients:
        _note(_NOTE_CLIENTS, CLIENT_CHANGED, list(share.clients), receiver, actor=actor, now=now)
        Client.objects.filter(pk__in=share.clients).update(responsible=receiver)
    held = AreaResponsible.objects.filter(pk__in=[area.pk for area in share.areas])
    held.update(user=receiver)
    AuditEntry.objects.bulk_create(
        AuditEntry(
            at=now,
            actor=actor,
            act=AREAS_CHANGED,
            about=f"client {area.client_id}",
            detail={"areas": {area.area.name: [user.pk, receiver.pk]}},
        )
        for area in share.areas
    )
    join(receiver, share.joins, actor=actor, now=now)


def join(user: User, client_ids: Iterable[int], *, actor: User, now: datetime) -> None:
    """Make somebody a member of clients, so that they see them."""
    keys = list(client_ids)
    if not keys:
        return
    _note(_NOTE_MEMBERS, CLIENT_CHANGED, keys, user, actor=actor, now=now)
    through = Client.members.through
    rows = [through(client_id=pk, user_id=user.pk) for pk in keys]
    through.objects.bulk_create(rows, ignore_conflicts=True)


def _note(
    sql: str, act: str, ids: list[int], receiver: User, *, actor: User, now: datetime
) -> None:
    values: dict[str, Any] = {
        "now": now,
        "actor": actor.pk,
        "act": act,
        "to": receiver.pk,
        "ids": ids,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _written(share: Share, names: dict[int, str]) -> dict[str, Any]:
    return {
        "receiver": share.receiver.pk,
        **share.numbers,
        "client_names": list(share.clients.values()),
        "area_names": [f"{area.area} ({names[area.client_id]})" for area in share.areas],
        "joined_names": list(share.joins.values()),
        "dialog_clients": sorted({one.client_id for one in share.dialogs}),
    }
