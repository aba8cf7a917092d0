"""Move dialogs and mark them as unread in Altinn, where the client sees it too.

Before a call, what is asked for is written in the items and committed; afterwards, what came of it.
So an item that waits and has an `after` was asked for, and nobody knows whether Altinn did it: the
worker was killed, or Altinn did not answer. It is looked up by search, and never asked for again
before that. No transaction is open during a call, and nothing here marks a dialog as seen.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.utils import timezone

from altinn.dialogporten import MOST_LABELLED, EndUser, SearchItem
from altinn.errors import AltinnError, Changed, TokenRefused, TryLater
from clients import connect, trouble
from clients.models import Access, SystemUser
from dialogs import live
from dialogs.actions import Touched, about
from dialogs.bulk import reasons
from dialogs.bulk.acts import Act
from dialogs.bulk.reading import find, read_soon
from dialogs.bulk.states import WISH, State, columns_for, labels_for, state_of
from dialogs.models import BulkItem, BulkJob, Dialog
from staff.models import AuditEntry

log = logging.getLogger(__name__)

MOVED = "dialog.moved"
MARKED = "dialog.marked"
WAIT = timedelta(seconds=15)  # when Altinn does not say how long
LONGEST_WAIT = timedelta(minutes=5)
GIVE_UP = timedelta(minutes=30)  # after the job was begun
UNAUTHORIZED = 401
AHEAD = 1000  # items that are put in order at once

Outcome = BulkItem.Outcome


class AltinnWaits(Exception):
    """Altinn does not answer, or asks us to wait: go on then."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"until {until}")
        self.until = until


def change_all(job: BulkJob, *, now: datetime) -> Iterator[int]:
    """Change the labels of the dialogs that wait; yield how many after each commit.

    Raises:
        AltinnWaits: what is left is for later.
    """
    for key in list(_waiting(job).values_list("reader", flat=True).order_by("reader").distinct()):
        system_user = SystemUser.objects.filter(pk=key).first()
        if system_user is None:
            yield _fail(_waiting(job).filter(reader=None), reasons.no_access())
            continue
        try:
            with connect.end_user(system_user) as api:
                yield from Round(job, system_user, api).run()
        except TryLater as exc:
            yield _wait_or_give_up(job, exc, now=now)
        except (AltinnError, connect.NotConfigured) as exc:
            trouble.note(system_user, exc, now=now)
            yield _fail(_waiting(job).filter(reader=system_user.pk), reasons.not_let_in(exc))


def _waiting(job: BulkJob) -> QuerySet[Any, Any]:
    """Return what waits, and which system user reads each dialog's party now."""
    usual = ExpressionWrapper(Q(pk=OuterRef("dialog__access")), BooleanField())
    current = Access.objects.current().filter(party=OuterRef("dialog__party"))
    reader = current.annotate(is_usual=usual).order_by("-is_usual", "pk").values("system_user")[:1]
    return job.items.filter(outcome=Outcome.WAITING).annotate(reader=Subquery(reader))


def _wait_or_give_up(job: BulkJob, exc: TryLater, *, now: datetime) -> int:
    """Give up what has waited for long; it may be tried again by hand.

    Raises:
        AltinnWaits: it has not.
    """
    if now > job.created_at + GIVE_UP:
        read_soon(_dialogs(_waiting(job)), now=now)
        return _fail(_waiting(job), reasons.no_answer())
    wait = WAIT if exc.wait_seconds is None else timedelta(seconds=exc.wait_seconds)
    raise AltinnWaits(now + min(max(wait, WAIT), LONGEST_WAIT)) from exc


class Round:
    """What one system user does for a job while its connection is open."""

    def __init__(self, job: BulkJob, system_user: SystemUser, api: EndUser) -> None:
        self._job = job
        self._system_user = system_user
        self._api = api
        self._looked_up: Counter[int] = Counter()
        self._keys: list[int] = []  # of items to go on with

    def run(self) -> Iterator[int]:
        while items := self._next():
            waiting = [item for item in items if item.outcome == Outcome.WAITING]
            if unknown := [item for item in waiting if item.after]:
                yield self._look_up(unknown)
            groups = self._note_wishes([item for item in waiting if not item.after])
            for wish, group in groups:
                for part, exc in self._send(group, wish):
                    if exc is None:
                        changed = settle(self._job, part, now=timezone.now())
                        self._read_again(changed, wish)
                    else:
                        self._refused(part[0], exc)
                    yield len(part)

    def _next(self) -> list[BulkItem]:
        """Return what goes into the next call. Dialogs made at about the same time lie together."""
        if not self._keys:
            mine = _waiting(self._job).filter(reader=self._system_user.pk)
            ordered = mine.order_by("dialog__created_at", "pk").values_list("pk", flat=True)
            self._keys = list(ordered[:AHEAD])
        some, self._keys = self._keys[:MOST_LABELLED], self._keys[MOST_LABELLED:]
        items = self._job.items.filter(pk__in=some)
        return list(items.select_related("dialog__party", "dialog__service").order_by("pk"))

    def _note_wishes(self, items: list[BulkItem]) -> Iterator[tuple[State, list[BulkItem]]]:
        """Write down what will be asked for; return it, grouped by what that is."""
        undone = {}
        if self._job.undoes:
            ids = [item.dialog_id for item in items]
            undone = {one.dialog_id: one for one in self._job.undoes.items.filter(dialog__in=ids)}
        for item in items:
            was = undone.get(item.dialog_id)
            wish = was.before if was else WISH[Act(self._job.act)]
            state = state_of(item.dialog, like=wish)
            if was and state != was.after:
                item.outcome, item.reason = Outcome.FAILED, reasons.changed_since()
            elif state == wish:
                item.outcome = Outcome.SAME
            else:
                item.before, item.after = state, wish
        _save(items)
        asked = [item for item in items if item.outcome == Outcome.WAITING]
        for group in _alike(asked, "after"):
            yield group[0].after, group

    def _send(
        self, items: Sequence[BulkItem], wish: State
    ) -> Iterator[tuple[Sequence[BulkItem], AltinnError | None]]:
        """Ask Altinn. What it refuses is halved, until only the refused dialogs are left.

        Raises:
            TryLater: it may or may not have been done.
            TokenRefused: we are not let in at all.
        """
        add, remove = labels_for(wish)
        try:
            if len(items) == 1:
                dialog = items[0].dialog
                self._api.set_labels(dialog.pk, add, remove, dialog.label_revision)
            else:
                pairs = [(item.dialog_id, item.dialog.label_revision) for item in items]
                self._api.bulk_set_labels(pairs, add, remove)
        except (TryLater, TokenRefused):
            raise
        except AltinnError as exc:
            if exc.status == UNAUTHORIZED:
                raise
            if len(items) == 1:
                yield items, exc
                return
            half = len(items) // 2
            yield from self._send(items[:half], wish)
            yield from self._send(items[half:], wish)
        else:
            yield items, None

    def _refused(self, item: BulkItem, exc: AltinnError) -> None:
        """Note why one dialog was refused; if others changed its labels, look at it first."""
        if isinstance(exc, Changed) and not self._looked_up[item.pk]:
            return
        _fail(BulkItem.objects.filter(pk=item.pk), reasons.refusal(exc))
        read_soon([item.dialog], now=timezone.now())

    def _look_up(self, items: list[BulkItem]) -> int:
        """Settle what may or may not have been done, or where others were first."""
        self._looked_up.update(item.pk for item in items)
        dialogs = [item.dialog for item in items]
        found = find(self._api, self._system_user, dialogs, believe=lambda _item: True)
        done, again = [], []
        for item in items:
            now_there = found.get(item.dialog_id)
            state = state_of(now_there, like=item.after) if now_there else None
            if state == item.after:
                done.append(item)
            elif state == item.before:
                again.append(item)
            else:
                self._fail_moved(item, is_listed=now_there is not None)
        settle(self._job, done, now=timezone.now())
        BulkItem.objects.filter(pk__in=[item.pk for item in again]).update(after={})
        return len(items)

    def _fail_moved(self, item: BulkItem, *, is_listed: bool) -> None:
        if is_listed:
            why = reasons.moved_by_others()
        else:
            why = reasons.not_found()
            read_soon([item.dialog], now=timezone.now())
        _fail(BulkItem.objects.filter(pk=item.pk), why)

    def _read_again(self, dialogs: list[Dialog], wish: State) -> None:
        """Read what was changed. An answer that does not know of the change yet is not kept."""
        if not dialogs:
            return

        def knows(item: SearchItem) -> bool:
            return state_of(item, like=wish) == wish

        found: dict[UUID, SearchItem] = {}
        try:
            found = find(self._api, self._system_user, dialogs, believe=knows)
        except AltinnError as exc:
            log.warning("Dialogs were moved but could not be read again yet: %s", exc)
        known = {key for key, item in found.items() if knows(item)}
        read_soon([one for one in dialogs if one.pk not in known], now=timezone.now())


def settle(job: BulkJob, items: Sequence[BulkItem], *, now: datetime) -> list[Dialog]:
    """Note that Altinn has done it, once; show it at once; return the dialogs.

    Altinn's columns are else written by ingest alone. `read_at` makes the answers to earlier
    questions too old to put the dialog back; without its digest the next answer is kept, whatever
    it says.
    """
    if not items:
        return []
    wish = items[0].after
    with transaction.atomic():
        waiting = BulkItem.objects.filter(
            pk__in=[item.pk for item in items], outcome=Outcome.WAITING
        )
        keys = set(waiting.select_for_update().order_by("pk").values_list("pk", flat=True))
        BulkItem.objects.filter(pk__in=keys).update(outcome=Outcome.CHANGED)
        mine = [item for item in items if item.pk in keys]
        dialogs = [item.dialog for item in mine]
        rows = Dialog.objects.filter(pk__in=[one.pk for one in dialogs])
        list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))  # no deadlock
        rows.update(read_at=now, received_digest=UUID(int=0), **columns_for(wish))
        AuditEntry.objects.bulk_create(_entry(job, item, now=now) for item in mine)
        live.tell([Touched(one.pk, one.client_id) for one in dialogs])
    return dialogs


def _entry(job: BulkJob, item: BulkItem, *, now: datetime) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor_id=job.actor_id,
        act=MOVED if "folder" in item.after else MARKED,
        about=about(item.dialog_id),
        detail={"before": item.before, "after": item.after, "bulk": job.pk},
    )


def _alike(items: Iterable[BulkItem], *names: str) -> list[list[BulkItem]]:
    """Group items that have the same in these fields."""

    def key(item: BulkItem) -> str:
        return str([getattr(item, name) for name in names])

    return [list(group) for _key, group in groupby(sorted(items, key=key), key=key)]


def _save(items: Iterable[BulkItem]) -> None:
    """Write items, by a statement for all that are alike: there are few kinds."""
    names = ("before", "after", "outcome", "reason")
    for group in _alike(items, *names):
        values = {name: getattr(group[0], name) for name in names}
        BulkItem.objects.filter(pk__in=[item.pk for item in group]).update(**values)


def _fail(items: QuerySet[Any, Any], why: str) -> int:
    keys = list(items.values_list("pk", flat=True))
    failed = BulkItem.objects.filter(pk__in=keys, outcome=Outcome.WAITING)
    return failed.update(outcome=Outcome.FAILED, reason=why)


def _dialogs(items: QuerySet[Any, Any]) -> list[Dialog]:
    return list(Dialog.objects.filter(pk__in=items.values("dialog")).select_related("service"))
