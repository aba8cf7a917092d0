"""What an agent system user has, set against what it could be given and whom we work for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from clients.models import AddingItem, AddingRun, Client, SystemUser

Chosen = list[tuple[UUID, str, str]]

READY, ADDED, FOREIGN = "klare", "lagt-til", "ukjente"
VIEWS = {
    READY: _("Kan legges til"),
    ADDED: _("Lagt til"),
    FOREIGN: _("Lagt til, men ikke klient hos oss"),
}


@dataclass(frozen=True)
class Counts:
    """How many of each, as the lists were last read."""

    ready: int  # could be added
    ready_ours: int  # of them, clients registered here
    added: int
    foreign: int  # added, and no client of ours (any more)

    @property
    def of(self) -> dict[str, int]:
        return {READY: self.ready, ADDED: self.added, FOREIGN: self.foreign}


def listed(system_user: SystemUser) -> QuerySet[Any]:
    """Everybody on the system user's two lists; `is_ours` are clients registered and in use."""
    ours = Client.objects.active().filter(orgnr=OuterRef("orgnr"))
    return system_user.delegation_snapshots.annotate(is_ours=Exists(ours))


def view(system_user: SystemUser, name: str) -> QuerySet[Any]:
    rows = listed(system_user)
    if name == ADDED:
        return rows.filter(is_added=True)
    if name == FOREIGN:
        return rows.filter(is_added=True, is_ours=False)
    return rows.filter(is_added=False)


def counts(system_user: SystemUser) -> Counts:
    rows = listed(system_user)
    ready = rows.filter(is_added=False)
    added = rows.filter(is_added=True)
    return Counts(
        ready=ready.count(),
        ready_ours=ready.filter(is_ours=True).count(),
        added=added.count(),
        foreign=added.filter(is_ours=False).count(),
    )


@dataclass(frozen=True)
class Former:
    """Another agent, and how many of its clients this one could be given, and how many not."""

    system_user: SystemUser
    able: int
    unable: int


def had_by(other: SystemUser) -> Q:
    """Keep the organisations another system user has: by its list, or by what it reads for us."""
    on_list = other.delegation_snapshots.filter(is_added=True)
    read = other.accesses.filter(lost_at=None).exclude(party__orgnr="")
    return Q(orgnr__in=on_list.values("orgnr")) | Q(orgnr__in=read.values("party__orgnr"))


def formers(system_user: SystemUser) -> list[Former]:
    """The agents whose clients may be taken over: an agent cannot be changed, only replaced.

    Source: altinn-authentication ad4f6f36; read 2026-07.
    """
    others = SystemUser.objects.filter(kind=SystemUser.Kind.AGENT).exclude(pk=system_user.pk)
    found = []
    for other in others.order_by("name", "pk"):
        able = view(system_user, READY).filter(had_by(other)).count()
        theirs = other.delegation_snapshots.filter(is_added=True)
        here = system_user.delegation_snapshots.values("party_uuid")
        if able:
            unable = theirs.exclude(party_uuid__in=here).count()
            found.append(Former(other, able, unable))
    return found


def unable(system_user: SystemUser, other: SystemUser) -> QuerySet[Any]:
    """Clients of another agent that this one cannot be given: they lack a package it wants."""
    here = system_user.delegation_snapshots.values("party_uuid")
    return other.delegation_snapshots.filter(is_added=True).exclude(party_uuid__in=here)


def plain(rows: QuerySet[Any]) -> Chosen:
    return list(rows.order_by("name", "orgnr").values_list("party_uuid", "orgnr", "name"))


@dataclass(frozen=True)
class Progress:
    """How far a run has come: what the page says of it."""

    run: AddingRun
    total: int
    done: int
    already: int
    refused: int
    unknown: int

    @property
    def settled(self) -> int:
        return self.done + self.already + self.refused

    @property
    def left(self) -> int:
        return self.total - self.settled

    @property
    def minutes(self) -> int:
        """About how many minutes are left, at this pace."""
        return max(1, round(self.left / self.run.per_minute))


def progress(run: AddingRun) -> Progress:
    State = AddingItem.State
    states = list(run.items.values_list("state", flat=True))
    return Progress(
        run=run,
        total=len(states),
        done=states.count(State.DONE),
        already=states.count(State.ALREADY),
        refused=states.count(State.REFUSED),
        unknown=states.count(State.UNKNOWN),
    )
