"""Have a worker make a file of a long list.

Whoever makes it holds a lease; a file that was broken off is begun anew, at most three times. What
the file tells of is kept beside it, and is asked about again before the file is handed out.
"""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from dialogs import notices
from dialogs.exporting import kept, lists
from dialogs.exporting.acts import MADE
from dialogs.exporting.table import MOST_ROWS, Table, TooBroad
from dialogs.models import ExportJob, Notice
from staff import audit
from staff.models import User
from staff.tables import Cell, Kind, written

AT_ONCE = 5_000  # rows that are written while a person waits
MOST_AT_A_TIME = 3  # files on their way to one person
MOST_TRIES = 3
SECONDS = 85  # a task is ended after 100
LEASE = timedelta(seconds=60)  # longer than it takes to read some rows
RENEWED_ROWS = 1_000
KEEP = timedelta(days=1)
FORGET = timedelta(days=60)

State = ExportJob.State


class TooMany(Exception):
    """This person has several files on their way."""


class NotMade(Exception):
    """There will be no file; the text says why and what to do."""


class Overtaken(Exception):
    """Somebody else has taken over."""


def ask(listed: str, query: str, kind: Kind, *, user: User, now: datetime, form: str) -> ExportJob:
    """Write down that a file is wanted. A form that is sent twice asks for one.

    Raises:
        TooMany: several of theirs are not made yet.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
        theirs = ExportJob.objects.filter(user=user)
        if before := theirs.filter(form=form).first():
            return before
        if theirs.filter(state__in=[State.WAITING, State.RUNNING]).count() >= MOST_AT_A_TIME:
            raise TooMany
        return ExportJob.objects.create(
            user=user,
            listed=listed,
            query=lists.filters_in(query).urlencode(),
            kind=kind,
            form=form,
            asked_at=now,
        )


def due(*, now: datetime) -> list[int]:
    """Return the keys of files that nobody is making."""
    waiting = ExportJob.objects.filter(_is_free(now), state__in=[State.WAITING, State.RUNNING])
    return list(waiting.order_by("asked_at").values_list("pk", flat=True))


def _is_free(now: datetime) -> Q:
    return Q(lease_until_at=None) | Q(lease_until_at__lte=now)


def run(key: int, *, now: datetime) -> None:
    """Make a file, if nobody else does."""
    job = _claim(key, now=now)
    if job is None:
        return
    with translation.override(job.user.language):
        try:
            _make(job, now=now)
        except NotMade as exc:
            _fail(job, str(exc), now=timezone.now())
        except TooBroad:
            why = _("Søket er for bredt. Skriv flere ord, eller velg en klient eller mappe.")
            _fail(job, why, now=timezone.now())
        except Overtaken:
            return


def _claim(key: int, *, now: datetime) -> ExportJob | None:
    """Take a job, with a new place for its file; what was left of the last try is removed."""
    free = ExportJob.objects.filter(_is_free(now), pk=key, state__in=[State.WAITING, State.RUNNING])
    with transaction.atomic():
        job = free.select_related("user").select_for_update(of=("self",)).first()
        if job is None:
            return None
        left = job.stored_as
        job.state, job.lease_until_at, job.tries = State.RUNNING, now + LEASE, job.tries + 1
        job.stored_as, job.rows, job.total = f"eksport/{uuid4().hex}", 0, None
        job.save()
    if left:
        kept.remove(left)
    return job


def _make(job: ExportJob, *, now: datetime) -> None:
    if job.tries > MOST_TRIES:
        raise NotMade(_("Det stanset underveis tre ganger. Si fra til den som drifter portalen."))
    wanted = lists.LISTS[job.listed]
    if not wanted.may(job.user):
        raise NotMade(_("Du har ikke lenger tilgang til denne listen."))
    table = wanted.make(job.user, lists.filters_in(job.query), now=now)
    job.total = table.count(MOST_ROWS)
    if not job.total:
        raise NotMade(_("Listen er tom nå."))
    if job.total > MOST_ROWS:
        raise NotMade(_("Listen har mer enn 100 000 rader. Snevr den inn med filtrene."))
    _renew(job)
    keys: list[str] = []
    pieces = written(Kind(job.kind), str(wanted.title), table.headings, _rows(job, table, keys))
    file = kept.keep(job.stored_as, pieces)
    _finish(job, file, keys, now=timezone.now())


def _rows(job: ExportJob, table: Table, keys: list[str]) -> Iterator[list[Cell]]:
    """Pass the rows on; note how far, and what they tell of."""
    until = time.monotonic() + SECONDS
    for batch in table.batches():
        for row in batch:
            keys.append(row.key)
            yield list(row.cells)
        job.rows = len(keys)
        _renew(job)
        if time.monotonic() > until:
            raise NotMade(_("Det tok for lang tid. Snevr listen inn med filtrene."))


def _renew(job: ExportJob) -> None:
    """Keep the lease for another while.

    Raises:
        Overtaken: it had run out, and somebody took it.
    """
    lease = timezone.now() + LEASE
    mine = ExportJob.objects.filter(pk=job.pk, stored_as=job.stored_as, state=State.RUNNING)
    if not mine.update(lease_until_at=lease, rows=job.rows, total=job.total):
        raise Overtaken


def _finish(job: ExportJob, file: kept.Kept, keys: list[str], *, now: datetime) -> None:
    with transaction.atomic():
        mine = ExportJob.objects.filter(pk=job.pk, stored_as=job.stored_as, state=State.RUNNING)
        is_mine = mine.update(
            state=State.READY,
            size_bytes=file.size_bytes,
            sha256=file.sha256,
            keys=list(dict.fromkeys(keys)),
            rows=len(keys),
            total=len(keys),
            lease_until_at=None,
            finished_at=now,
            keep_until_at=now + KEEP,
        )
        if is_mine:
            note(job, MADE, now=now, rows=len(keys))
            _tell(job, rows=len(keys), now=now)
    if not is_mine:
        kept.remove(job.stored_as)


def _fail(job: ExportJob, reason: str, *, now: datetime) -> None:
    with transaction.atomic():
        mine = ExportJob.objects.filter(pk=job.pk, stored_as=job.stored_as, state=State.RUNNING)
        if mine.update(
            state=State.FAILED,
            reason=reason,
            stored_as="",
            lease_until_at=None,
            finished_at=now,
        ):
            _tell(job, rows=0, now=now)


def _tell(job: ExportJob, *, rows: int, now: datetime) -> None:
    kind = Notice.Kind.EXPORTED
    notices.notify([job.user], kind, now=now, query=f"eksport={job.pk}", count=rows)


def note(job: ExportJob, act: str, *, now: datetime, rows: int) -> None:
    """Write down what became of a file."""
    audit.record(
        actor=job.user,
        act=act,
        about=f"export {job.pk}",
        now=now,
        list=job.listed,
        filters=lists.for_the_log(job.query),
        kind=job.kind,
        rows=rows,
    )


def sees_all_of(job: ExportJob) -> bool:
    """Tell whether the one who asked may still see everything that the file tells of."""
    wanted = lists.LISTS[job.listed]
    return wanted.may(job.user) and wanted.seen(job.user, job.keys) == len(job.keys)


def discard(job: ExportJob) -> None:
    """Remove a file before its time."""
    kept.remove(job.stored_as)
    ExportJob.objects.filter(pk=job.pk).update(stored_as="", keys=[], keep_until_at=None)


def tidy(*, now: datetime) -> int:
    """Remove the files whose day has passed, and forget those of long ago. Return how many."""
    old = list(ExportJob.objects.filter(keep_until_at__lte=now).defer("keys"))
    for job in old:
        discard(job)
    settled = ExportJob.objects.filter(state__in=[State.READY, State.FAILED], stored_as="")
    settled.filter(asked_at__lt=now - FORGET).delete()
    return len(old)
