"""The figures of the coverage page and the lists behind them: the same question for both.

A client is seen in full when every unit of its that is not dissolved is read by a system user that
works, with every package that was asked for. Each figure is one statement, however many clients.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from clients.health.alarms import Kind
from clients.models import Alarm, Client, GrantedPackages, SystemUser

FULL, PARTLY, NONE = "full", "delvis", "ingen"


def _read() -> Q:
    """What makes a unit read. A passing trouble of Altinn's is no lack of access."""
    broken = Alarm.objects.open().filter(kind__in=[Kind.REVOKED, Kind.FAILING])
    working = SystemUser.objects.usable().exclude(pk__in=broken.values("system_user"))
    return Q(
        parties__is_deleted=False,
        parties__accesses__isnull=False,
        parties__accesses__lost_at=None,
        parties__accesses__system_user__in=working.values("pk"),
    )


def _lacking(**more: Any) -> Q:
    """Those for whom some system user in use lacks a package: one list, looked up by hash.

    Asked client by client it takes half a minute for 5,000 where tables have not been analysed.
    """
    rows = GrantedPackages.objects.filter(system_user__is_active=True, missing__len__gt=0, **more)
    return Q(orgnr__in=rows.values("orgnr"))


def graded() -> QuerySet[Any, Any]:
    """Every active client with its `grade`: how much of it is seen."""
    counted = Client.objects.active().annotate(
        units=Count("parties", distinct=True, filter=Q(parties__is_deleted=False)),
        read=Count("parties", distinct=True, filter=_read()),
    )
    grade = Case(
        When(read=0, then=Value(NONE)),
        When(Q(read__lt=F("units")) | _lacking(), then=Value(PARTLY)),
        default=Value(FULL),
    )
    return counted.annotate(grade=grade)


def grades() -> dict[str, int]:
    """Return how many clients are seen in full, partly and not at all."""
    found = {FULL: 0, PARTLY: 0, NONE: 0}
    for grade in graded().order_by().values_list("grade", flat=True):
        found[grade] += 1
    return found


@dataclass(frozen=True)
class Lacked:
    """A package that some clients lack."""

    package: str
    clients: int


def lacked() -> list[Lacked]:
    """Return how many active clients lack each package, the most lacked first."""
    active = Client.objects.active().values("orgnr")
    rows = GrantedPackages.objects.filter(
        orgnr__in=active, system_user__is_active=True, missing__len__gt=0
    )
    clients: dict[str, set[str]] = {}
    for orgnr, missing in rows.values_list("orgnr", "missing"):
        for package in missing:
            clients.setdefault(package, set()).add(orgnr)
    found = [Lacked(package, len(orgnrs)) for package, orgnrs in clients.items()]
    return sorted(found, key=lambda one: (-one.clients, one.package))


def who_lack(package: str) -> QuerySet[Any, Any]:
    return graded().filter(_lacking(missing__contains=[package]))


def with_alarm(kind: str) -> QuerySet[Any, Any]:
    alarms = Alarm.objects.open().filter(client=OuterRef("pk"), kind=kind)
    return graded().filter(Exists(alarms))


def named_by(alarm: Alarm) -> QuerySet[Any, Any]:
    """The clients that an alarm about many is about."""
    return graded().filter(pk__in=alarm.facts.get("clients", []))


def silent() -> int:
    return Alarm.objects.open().filter(kind=Kind.SILENT).count()
