"""Begin, run, undo and retry bulk jobs.

A job's dialogs are written down as items in the same transaction as the job; from then on it is
done whatever happens. Who runs it holds a lease; an item that no longer waits is done. So a worker
that is killed loses nothing and does nothing twice: another one goes on where it was.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone, translation

from dialogs import notices
from dialogs.bulk import labels, local, noting
from dialogs.bulk.acts import AT_ONCE, Act, fits, is_in_altinn
from dialogs.bulk.selection import Selection, insert_items
from dialogs.models import BulkItem, BulkJob, Dialog, DialogQuerySet, Notice
from staff.models import User

LEASE = timedelta(seconds=60)  # longer than any one step
RUN_SECONDS = 30  # then others get their turn
UNDO_FOR = timedelta(days=7)
KEEP = timedelta(days=60)
SENT_AGAIN = timedelta(days=1)  # the same form, sent twice within this, is one job

State = BulkJob.State
Outcome = BulkItem.Outcome


class NothingToDo(Exception):
    """None of the chosen dialogs can be changed so. Nothing was written."""


def start(
    act: Act,
    selection: Selection,
    wish: dict[str, Any],
    *,
    actor: User,
    now: datetime,
    form: str = "",
) -> BulkJob:
    """Begin a job, and finish it if it is small and ours alone; else a worker is to be rung for.

    A form that is sent twice begins one job.

    Raises:
        NothingToDo: no dialog is chosen that this can be done to.
        TooMany: there are more than one job takes.
    """
    dialogs = selection.dialogs(actor, now=now).filter(fits(act))
    query = selection.query if selection.is_all else ""
    wish = wish | {"list": selection.query}
    return _begin(act, dialogs, wish, actor=actor, now=now, form=form, query=query)


def retry(job: BulkJob, *, actor: User, now: datetime, form: str = "") -> BulkJob:
    """Try again with the dialogs that failed. An undoing goes on as itself: there is but one.

    Raises:
        NothingToDo: none of them can be changed so any more.
    """
    failed = job.items.filter(outcome=Outcome.FAILED)
    visible = Dialog.objects.visible_to(actor)
    if job.undoes_id is None:
        act = Act(job.act)
        dialogs = visible.filter(fits(act), pk__in=failed.values("dialog"))
        wish = {name: value for name, value in job.wish.items() if name != "form"}
        return _begin(act, dialogs, wish, actor=actor, now=now, form=form)
    with transaction.atomic():
        locked = BulkJob.objects.select_for_update().get(pk=job.pk)
        if locked.state == State.FINISHED:
            failed.update(outcome=Outcome.WAITING, reason="", before={}, after={})
            BulkJob.objects.filter(pk=job.pk).update(
                state=State.WAITING, created_at=now, finished_at=None
            )
    return _run_if_small(job, now=now)


def undo(job: BulkJob, *, actor: User, now: datetime) -> BulkJob:
    """Put back what the job changed, where nobody has changed it since.

    Raises:
        NothingToDo: it is too late, or there is nothing to put back.
    """
    if not may_undo(job, now=now):
        if already := BulkJob.objects.filter(undoes=job).first():
            return already
        raise NothingToDo
    changed = job.items.filter(outcome=Outcome.CHANGED).values("dialog")
    dialogs = Dialog.objects.visible_to(actor).filter(pk__in=changed)
    wish = {"list": job.wish.get("list", "")}
    with transaction.atomic():
        BulkJob.objects.select_for_update().get(pk=job.pk)
        if already := BulkJob.objects.filter(undoes=job).first():
            return already
        begun = _create(Act.UNDO, dialogs, wish, actor=actor, now=now, undoes=job)
    return _run_if_small(begun, now=now)


def may_undo(job: BulkJob, *, now: datetime) -> bool:
    """Tell whether a job can be undone: finished, lately, not yet undone, and no undoing itself."""
    return (
        job.state == State.FINISHED
        and job.undoes_id is None
        and job.created_at > now - UNDO_FOR
        and not BulkJob.objects.filter(undoes=job).exists()
        and job.items.filter(outcome=Outcome.CHANGED).exists()
    )


def forget_old(*, now: datetime) -> int:
    """Remove jobs of long ago; what they did stays in the audit log. Return how many. Nightly."""
    old = BulkJob.objects.filter(created_at__lt=now - KEEP, state=State.FINISHED)
    BulkItem.objects.filter(job__in=old).delete()
    return old.delete()[0]


def _begin(
    act: Act,
    dialogs: DialogQuerySet,
    wish: dict[str, Any],
    *,
    actor: User,
    now: datetime,
    form: str,
    query: str = "",
) -> BulkJob:
    with transaction.atomic():
        # One form at a time from one person, so that the same one is recognised.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=actor.pk)
        if form and (before := begun_by(form, actor=actor, now=now)):
            return before
        job = _create(act, dialogs, wish | {"form": form}, actor=actor, now=now, query=query)
    return _run_if_small(job, now=now)


def begun_by(form: str, *, actor: User, now: datetime) -> BulkJob | None:
    """Return the job that this very form began, if it was sent before."""
    lately = BulkJob.objects.filter(actor=actor, created_at__gt=now - SENT_AGAIN)
    return lately.filter(wish__form=form).first()


def _create(
    act: Act,
    dialogs: DialogQuerySet,
    wish: dict[str, Any],
    *,
    actor: User,
    now: datetime,
    query: str = "",
    undoes: BulkJob | None = None,
) -> BulkJob:
    job = BulkJob.objects.create(
        act=act, wish=wish, query=query, actor=actor, undoes=undoes, created_at=now
    )
    if not insert_items(job, dialogs):
        raise NothingToDo
    return job


def _run_if_small(job: BulkJob, *, now: datetime) -> BulkJob:
    """Do a small job of ours at once. Altinn is never waited for while a person waits."""
    if not is_in_altinn(job) and job.items.count() <= AT_ONCE:
        run(job.pk, now=now)
        job.refresh_from_db()
    return job


def due(*, now: datetime) -> list[int]:
    """Return the keys of jobs that nobody is working on."""
    open_jobs = BulkJob.objects.exclude(state=State.FINISHED).order_by("created_at")
    return list(open_jobs.filter(_is_free(now)).values_list("pk", flat=True))


def _is_free(now: datetime) -> Q:
    return Q(lease_until_at=None) | Q(lease_until_at__lte=now)


def run(key: int, *, now: datetime, seconds: float = RUN_SECONDS) -> bool:
    """Work on a job for a while; return whether there is more to do just now."""
    job = _claim(key, now=now)
    if job is None:
        return False
    until = time.monotonic() + seconds
    with translation.override(job.actor.language):
        try:
            for _settled in _steps(job, now=now):
                if not _renew(job):
                    return False
                if time.monotonic() > until:
                    _release(job, State.RUNNING, until=None)
                    return True
        except labels.AltinnWaits as wait:
            _release(job, State.WAITING, until=wait.until)
            return False
        if job.items.filter(outcome=Outcome.WAITING).exists():  # somebody else has them in hand
            _release(job, State.WAITING, until=timezone.now() + LEASE)
        else:
            _finish(job, now=timezone.now())
    return False


def _claim(key: int, *, now: datetime) -> BulkJob | None:
    lease = now + LEASE
    free = BulkJob.objects.filter(_is_free(now), pk=key).exclude(state=State.FINISHED)
    if not free.update(state=State.RUNNING, lease_until_at=lease):
        return None
    related = BulkJob.objects.select_related("actor", "undoes")
    return related.get(pk=key)


def _renew(job: BulkJob) -> bool:
    """Keep the lease for another while; False if somebody else has taken over."""
    lease = timezone.now() + LEASE
    mine = BulkJob.objects.filter(pk=job.pk, lease_until_at=job.lease_until_at)
    job.lease_until_at = lease
    return bool(mine.update(lease_until_at=lease))


def _release(job: BulkJob, state: State, *, until: datetime | None) -> None:
    mine = BulkJob.objects.filter(pk=job.pk, lease_until_at=job.lease_until_at)
    mine.update(state=state, lease_until_at=until)


def _steps(job: BulkJob, *, now: datetime) -> Iterator[int]:
    act = Act(job.undoes.act if job.undoes else job.act)
    change_all: Callable[..., Iterator[int]] = local.change_all
    if act == Act.NOTE:
        change_all = noting.change_all
    elif is_in_altinn(job):
        change_all = labels.change_all
    return change_all(job, now=now)


def _finish(job: BulkJob, *, now: datetime) -> None:
    """Close the job, and tell those concerned: once, with the closing."""
    with transaction.atomic():
        mine = BulkJob.objects.filter(pk=job.pk, state=State.RUNNING)
        if mine.update(state=State.FINISHED, finished_at=now, lease_until_at=None):
            _notify(job, now=now)


def _notify(job: BulkJob, *, now: datetime) -> None:
    """Tell each new and each former responsible by one line, however many dialogs it is about."""
    if Act(job.undoes.act if job.undoes else job.act) != Act.ASSIGN:
        return
    changed = job.items.filter(outcome=Outcome.CHANGED)
    moves = changed.values_list("before__responsible", "after__responsible")
    gained: dict[int, int] = defaultdict(int)
    lost: dict[int, int] = defaultdict(int)
    heirs: dict[int, set[int | None]] = defaultdict(set)
    for before, after, count in moves.annotate(Count("pk")).order_by():
        if after:
            gained[after] += count
        if before:
            lost[before] += count
            heirs[before].add(after)
    people = User.objects.in_bulk([*gained, *lost])
    for kind, numbers in ((Notice.Kind.ASSIGNED, gained), (Notice.Kind.TAKEN, lost)):
        for key, count in numbers.items():
            query = "ansvarlig=meg" if kind == Notice.Kind.ASSIGNED else _list_of(heirs[key])
            _tell(job, people[key], kind, query=query, count=count, now=now)


def _list_of(heirs: set[int | None]) -> str:
    """Return the list where somebody finds what was theirs."""
    if len(heirs) > 1:
        return "mappe=alle"
    heir = next(iter(heirs))
    return f"ansvarlig={heir or 'ingen'}"


def _tell(
    job: BulkJob, user: User, kind: Notice.Kind, *, query: str, count: int, now: datetime
) -> None:
    dialog = None
    if count == 1:
        key = "after" if kind == Notice.Kind.ASSIGNED else "before"
        mine = job.items.filter(outcome=Outcome.CHANGED, **{f"{key}__responsible": user.pk})
        dialog = mine.select_related("dialog").get().dialog
    notices.notify(
        [user],
        kind,
        actor=job.actor,
        now=now,
        dialog=dialog,
        query="" if dialog else query,
        count=count,
        comment=job.wish.get("comment", ""),
    )
