"""Take in a list of clients: look its lines up in the background, then register the good ones.

Whoever works on it holds a lease. A line's client and its outcome are written in one transaction,
so a worker that is killed loses nothing and registers nothing twice: another goes on where it was.
"""

import json
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from altinn.enhetsregisteret import Enhetsregisteret, Unit
from altinn.errors import AltinnError
from clients import actions, connect
from clients.advice import advice_for
from clients.finding import checking
from clients.finding.faults import Fault, Noted, noted
from clients.finding.gathering import lacks_made_up
from clients.finding.lists import ClientList, Column
from clients.models import Candidate, Client, ClientImport, ImportLine, ServiceArea
from staff import audit
from staff.models import Team, User

LEASE = timedelta(seconds=90)  # longer than any one step
RUN_SECONDS = 30  # then others get their turn
TRY_AGAIN = timedelta(seconds=60)
KEEP = timedelta(days=60)
LOOKED_UP_AT_ONCE = 500
IMPORTED_AT_ONCE = 25

State = ClientImport.State
Outcome = ImportLine.Outcome


def begin(found: ClientList, *, source: str, actor: User, now: datetime) -> ClientImport:
    """Write a list down with all that we can tell of it ourselves; the register is asked after."""
    with transaction.atomic():
        job = ClientImport.objects.create(
            actor=actor,
            source=source[:200],
            columns=found.columns,
            ignored=found.ignored,
            created_at=now,
        )
        ImportLine.objects.bulk_create(checking.checked(job, found.lines), batch_size=2000)
        if not job.lines.filter(outcome=Outcome.UNCHECKED).exists():
            job.state = State.READY
            job.save(update_fields=["state"])
    return job


def begin_with(
    candidates: Iterable[Candidate],
    *,
    responsible: User | None,
    team: Team | None,
    actor: User,
    now: datetime,
) -> ClientImport:
    """Have clients made of what a search has found and looked up already."""
    with transaction.atomic():
        job = ClientImport.objects.create(
            actor=actor,
            source=_("Funnet av portalen"),
            columns=[Column.ORGNR, Column.NAME],
            state=State.IMPORTING,
            created_at=now,
        )
        lines = [
            ImportLine(
                job=job,
                number=number,
                cells={Column.ORGNR: one.orgnr, Column.NAME: one.name},
                orgnr=one.orgnr,
                name=one.name,
                responsible=responsible,
                team=team,
                outcome=Outcome.GOOD,
            )
            for number, one in enumerate(candidates, start=1)
        ]
        ImportLine.objects.bulk_create(lines, batch_size=2000)
        about = f"client import {job.pk}"
        audit.record(
            actor=actor, act="client import begun", about=about, now=now, clients=len(lines)
        )
    return job


def accept(job: ClientImport, *, actor: User, now: datetime) -> bool:
    """Have the good lines imported; return whether there was anything to begin. Once."""
    with transaction.atomic():
        ready = ClientImport.objects.filter(pk=job.pk, state=State.READY)
        good = job.lines.filter(outcome=Outcome.GOOD).count()
        if not good or not ready.update(state=State.IMPORTING, lease_until_at=None):
            return False
        about = f"client import {job.pk}"
        audit.record(actor=actor, act="client import begun", about=about, now=now, clients=good)
    return True


def use_main_units(job: ClientImport, numbers: list[int] | None = None) -> int:
    """Let the lines that name a sub-unit be about its main unit; return how many."""
    subs = job.lines.filter(outcome=Outcome.BAD, faults__0__code=str(Fault.SUB_UNIT))
    if numbers is not None:
        subs = subs.filter(number__in=numbers)
    with transaction.atomic():
        if not ClientImport.objects.select_for_update().filter(pk=job.pk, state=State.READY):
            return 0
        changed = list(subs.order_by("number"))
        taken = set(job.lines.exclude(pk__in=[line.pk for line in changed]).values_list("orgnr"))
        taken_orgnrs = {orgnr for (orgnr,) in taken}
        for line in changed:
            _move_to_main_unit(line, taken_orgnrs)
        ImportLine.objects.bulk_update(changed, ["orgnr", "name", "cells", "faults", "outcome"])
        if any(line.outcome == Outcome.UNCHECKED for line in changed):
            ClientImport.objects.filter(pk=job.pk).update(state=State.CHECKING)
    return len(changed)


def _move_to_main_unit(line: ImportLine, taken: set[str]) -> None:
    main: str = line.faults[0]["orgnr"]
    rest: list[Noted] = line.faults[1:]
    line.cells = line.cells | {"orgnr": main}
    line.orgnr, line.name = main, ""  # the sub-unit's name is not the client's
    line.faults, line.outcome = rest, Outcome.UNCHECKED
    client = Client.objects.filter(orgnr=main).first()
    if main in taken:
        other = line.job.lines.filter(orgnr=main).exclude(pk=line.pk).order_by("number").first()
        twice = noted(Fault.DUPLICATE, line=other.number if other else line.number)
        line.faults, line.outcome = [twice, *rest], Outcome.BAD
    elif client:
        fault = Fault.ARCHIVED if client.archived_at else Fault.REGISTERED
        line.faults, line.outcome = [noted(fault, name=client.name), *rest], Outcome.BAD
    taken.add(main)


def due(*, now: datetime) -> list[int]:
    """Return the keys of imports that have work to do and nobody doing it."""
    busy = ClientImport.objects.filter(state__in=[State.CHECKING, State.IMPORTING])
    return list(busy.filter(_is_free(now)).order_by("created_at").values_list("pk", flat=True))


def _is_free(now: datetime) -> Q:
    return Q(lease_until_at=None) | Q(lease_until_at__lte=now)


def run(key: int, *, now: datetime, seconds: float = RUN_SECONDS) -> bool:
    """Work on an import for a while; return whether there is more to do just now."""
    lease = now + LEASE
    free = ClientImport.objects.filter(
        _is_free(now), pk=key, state__in=[State.CHECKING, State.IMPORTING]
    )
    if not free.update(lease_until_at=lease):
        return False
    job = ClientImport.objects.select_related("actor").get(pk=key)
    until = time.monotonic() + seconds
    steps = _look_up(job) if job.state == State.CHECKING else _register(job)
    try:
        for _done in steps:
            if not _renew(job):
                return False
            if time.monotonic() > until:
                _release(job, until=None)
                return True
    except AltinnError as exc:
        said = advice_for(exc)
        _release(job, until=timezone.now() + TRY_AGAIN, trouble=f"{said.text} {said.next_step}")
        return False
    _close(job, now=timezone.now())
    return False


def _renew(job: ClientImport) -> bool:
    """Keep the lease for another while; False if somebody else has taken over."""
    lease = timezone.now() + LEASE
    mine = ClientImport.objects.filter(pk=job.pk, lease_until_at=job.lease_until_at)
    job.lease_until_at = lease
    return bool(mine.update(lease_until_at=lease, trouble=""))


def _release(job: ClientImport, *, until: datetime | None, trouble: str = "") -> None:
    mine = ClientImport.objects.filter(pk=job.pk, lease_until_at=job.lease_until_at)
    mine.update(lease_until_at=until, trouble=trouble)


def _close(job: ClientImport, *, now: datetime) -> None:
    mine = ClientImport.objects.filter(pk=job.pk, state=job.state)
    if job.state == State.CHECKING:
        mine.update(state=State.READY, lease_until_at=None, trouble="")
        return
    with transaction.atomic():
        if mine.update(state=State.FINISHED, lease_until_at=None, finished_at=now, trouble=""):
            about = f"client import {job.pk}"
            count = job.lines.filter(outcome=Outcome.IMPORTED).count()
            audit.record(
                actor=job.actor, act="client import finished", about=about, now=now, clients=count
            )


def _look_up(job: ClientImport) -> Iterator[int]:
    """Ask the register about some hundred lines at a time."""
    is_test = lacks_made_up()
    with connect.enhetsregisteret() as register:
        while lines := list(
            job.lines.filter(outcome=Outcome.UNCHECKED).order_by("number")[:LOOKED_UP_AT_ONCE]
        ):
            units = register.units([line.orgnr for line in lines])
            mains = _mains_of(register, units)
            for line in lines:
                unit = units.get(line.orgnr)
                main = mains.get(unit.parent_orgnr or "") if unit else None
                checking.compare(line, unit, main=main, is_test=is_test)
            _save_looked_up(lines)
            yield len(lines)


_LOOKED_UP = """
UPDATE clients_importline AS line SET name = found.name, faults = found.faults::jsonb,
  outcome = found.outcome
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS found (id, name, faults, outcome)
WHERE line.id = found.id
"""


def _save_looked_up(lines: list[ImportLine]) -> None:
    """Save thousands of lines while somebody waits: Django's own way takes ten times as long."""
    columns = (
        [line.pk for line in lines],
        [line.name for line in lines],
        [json.dumps(line.faults) for line in lines],
        [str(line.outcome) for line in lines],
    )
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED_UP, columns)


def _mains_of(register: Enhetsregisteret, units: dict[str, Unit]) -> dict[str, Unit]:
    """Return the main units of the sub-units among these, by number."""
    parents = {unit.parent_orgnr for unit in units.values() if unit.is_sub_unit}
    return register.units(sorted(orgnr for orgnr in parents if orgnr)) if parents else {}


def _register(job: ClientImport) -> Iterator[int]:
    """Make clients of the good lines, a few at a time."""
    areas = ServiceArea.objects.in_bulk()
    while keys := list(
        job.lines.filter(outcome=Outcome.GOOD)
        .order_by("number")
        .values_list("pk", flat=True)[:IMPORTED_AT_ONCE]
    ):
        for key in keys:
            _import_line(key, job, areas)
        yield len(keys)


def _import_line(key: int, job: ClientImport, areas: dict[int, ServiceArea]) -> None:
    now = timezone.now()
    try:
        with transaction.atomic():
            line = (
                ImportLine.objects.select_for_update(of=("self",))
                .select_related("responsible", "team")
                .filter(pk=key, outcome=Outcome.GOOD)
                .first()
            )
            if line is None:
                return
            client = actions.register_client(
                orgnr=line.orgnr,
                name=line.name,
                actor=job.actor,
                now=now,
                responsible=line.responsible,
                team=line.team,
            )
            if line.areas:
                people = User.objects.in_bulk(line.areas.values())
                wanted = {
                    areas[int(area)]: people.get(user)
                    for area, user in line.areas.items()
                    if int(area) in areas
                }
                actions.set_area_responsibles(client, wanted, actor=job.actor, now=now)
            line.outcome, line.client = Outcome.IMPORTED, client
            line.save(update_fields=["outcome", "client"])
    except ValidationError as exc:  # somebody else was first
        fault = _WHEN_REFUSED.get(getattr(exc, "code", ""), Fault.REGISTERED)
        _refuse(key, noted(fault, name=(getattr(exc, "params", None) or {}).get("name", "")))
    except IntegrityError:  # at this very moment
        _refuse(key, noted(Fault.REGISTERED, name=ImportLine.objects.get(pk=key).name))


_WHEN_REFUSED = {"archived": Fault.ARCHIVED, "sub_unit": Fault.OUR_SUB_UNIT}


def _refuse(key: int, fault: Noted) -> None:
    line = ImportLine.objects.get(pk=key)
    line.faults, line.outcome = [fault, *line.faults], Outcome.BAD
    line.save(update_fields=["faults", "outcome"])


def has_finished(key: int) -> bool:
    return ClientImport.objects.filter(pk=key, state=State.FINISHED).exists()


def forget_old(*, now: datetime) -> int:
    """Remove lists of long ago; what came of them stays in the audit log. Return how many."""
    old = ClientImport.objects.filter(created_at__lt=now - KEEP)
    ImportLine.objects.filter(job__in=old).delete()
    return old.delete()[0]
