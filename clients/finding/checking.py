"""Find what is wrong with the lines of a list: against what we hold, and against the register."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format

from altinn.enhetsregisteret import Unit
from altinn.identifiers import is_orgnr
from clients.finding.faults import Fault, Noted, is_blocking, noted
from clients.finding.lists import AREA, Column, Line, has_national_id, orgnr_in
from clients.models import Client, ClientImport, ImportLine, Party, ServiceArea
from staff.models import Team, User
from staff.rules import workers

Outcome = ImportLine.Outcome
_MADE_UP = ("2", "3")  # numbers of Tenor's made-up companies begin so


@dataclass
class Ours:
    """What we hold that a list is compared with."""

    clients: dict[str, Client]
    sub_units: dict[str, Party]
    people: dict[str, User]
    teams: dict[str, Team]
    areas: dict[str, ServiceArea]

    @classmethod
    def about(cls, orgnrs: Iterable[str]) -> "Ours":
        wanted = set(orgnrs)
        subs = Party.objects.filter(orgnr__in=wanted, kind=Party.Kind.SUB, client__isnull=False)
        people = workers()
        return cls(
            clients={one.orgnr or "": one for one in Client.objects.filter(orgnr__in=wanted)},
            sub_units={party.orgnr: party for party in subs.select_related("client")},
            people=_by_name_and_email(people),
            teams={team.name.casefold(): team for team in Team.objects.all()},
            areas={f"{AREA}{area.pk}": area for area in ServiceArea.objects.all()},
        )


def _by_name_and_email(people: Iterable[User]) -> dict[str, User]:
    """Return {e-mail address or full name: user}, without names that two share."""
    found: dict[str, User] = {}
    shared = set()
    for user in people:
        name = user.get_full_name().casefold()
        if name in found:
            shared.add(name)
        if name:
            found[name] = user
    for name in shared:
        del found[name]
    return found | {user.email.casefold(): user for user in people}


def checked(job: ClientImport, lines: Iterable[Line]) -> list[ImportLine]:
    """Return the lines with all that can be told without asking anybody else."""
    lines = list(lines)
    ours = Ours.about(orgnr_in(line.written_orgnr) for line in lines)
    first: dict[str, int] = {}
    return [_checked(job, line, ours, first) for line in lines]


def _checked(job: ClientImport, line: Line, ours: Ours, first: dict[str, int]) -> ImportLine:
    made = ImportLine(job=job, number=line.number, cells=line.cells)
    made.faults = _of_the_number(line, ours, first)
    if is_orgnr(orgnr_in(line.written_orgnr)):
        made.orgnr = orgnr_in(line.written_orgnr)
    made.name = line.cells.get(Column.NAME, "")[:255]
    if who := line.cells.get(Column.RESPONSIBLE):
        made.responsible = ours.people.get(who.casefold())
        if made.responsible is None:
            made.faults.append(noted(Fault.RESPONSIBLE, who=who))
    if name := line.cells.get(Column.TEAM):
        made.team = ours.teams.get(name.casefold())
        if made.team is None:
            made.faults.append(noted(Fault.TEAM, team=name))
    _read_areas(made, line, ours)
    is_settled = not made.orgnr or any(map(_is_of_the_number, made.faults))
    made.outcome = Outcome.BAD if is_settled else Outcome.UNCHECKED
    return made


def _is_of_the_number(fault: Noted) -> bool:
    return fault["code"] not in {Fault.RESPONSIBLE, Fault.TEAM, Fault.AREA}


def _of_the_number(line: Line, ours: Ours, first: dict[str, int]) -> list[Noted]:
    written = line.written_orgnr
    orgnr = orgnr_in(written)
    if not written:
        return [noted(Fault.NO_NUMBER)]
    if has_national_id(written):
        return [noted(Fault.NATIONAL_ID)]
    if not orgnr:
        return [noted(Fault.DIGITS)]
    if not is_orgnr(orgnr):
        return [noted(Fault.CONTROL)]
    if orgnr in first:
        return [noted(Fault.DUPLICATE, line=first[orgnr])]
    first[orgnr] = line.number
    if client := ours.clients.get(orgnr):
        fault = Fault.ARCHIVED if client.archived_at else Fault.REGISTERED
        return [noted(fault, name=client.name)]
    party = ours.sub_units.get(orgnr)
    if party and party.client:
        return [noted(Fault.OUR_SUB_UNIT, name=party.client.name)]
    return []


def _read_areas(made: ImportLine, line: Line, ours: Ours) -> None:
    for column, area in ours.areas.items():
        who = line.cells.get(column)
        if not who:
            continue
        if user := ours.people.get(who.casefold()):
            made.areas[str(area.pk)] = user.pk
        else:
            made.faults.append(noted(Fault.AREA, who=who, area=area.name))


def compare(line: ImportLine, unit: Unit | None, *, main: Unit | None, is_test: bool) -> None:
    """Set what the register knows of the line's number, and whether it can be imported."""
    faults = _of_the_unit(line, unit, main, is_test=is_test)
    if unit and unit.name and not line.name:
        line.name = unit.name
    if not line.name and not is_blocking(faults):
        faults.append(noted(Fault.NAMELESS))
    line.faults = [*faults, *line.faults]
    line.faults.sort(key=lambda fault: not is_blocking([fault]))
    line.outcome = Outcome.BAD if is_blocking(line.faults) else Outcome.GOOD


def _of_the_unit(
    line: ImportLine, unit: Unit | None, main: Unit | None, *, is_test: bool
) -> list[Noted]:
    if unit is None:
        is_made_up = is_test and line.orgnr.startswith(_MADE_UP)
        return [noted(Fault.NOT_IN_REGISTER if is_made_up else Fault.UNKNOWN)]
    if unit.is_removed:
        return [noted(Fault.REMOVED)]
    if unit.is_deleted:
        return [noted(Fault.DELETED, name=unit.name, on=_day(unit.deleted_on))]
    if unit.is_sub_unit:
        orgnr = unit.parent_orgnr or ""
        name = main.name if main else ""
        return [noted(Fault.SUB_UNIT, name=unit.name, orgnr=orgnr, main=name)]
    faults = []
    if unit.is_bankrupt:
        faults.append(noted(Fault.BANKRUPT, name=unit.name))
    elif unit.is_dissolving or unit.is_forced_dissolving:
        faults.append(noted(Fault.DISSOLVING, name=unit.name))
    if line.name and unit.name and not _alike(line.name, unit.name):
        faults.append(noted(Fault.OTHER_NAME, name=unit.name))
    return faults


def _day(day: date | None) -> str:
    return date_format(day, "j. F Y") if day else "–"


_COMMON = {"as", "asa", "ans", "da", "sa", "enk", "og", "i", "av", "norge", "norway", "holding"}


def _alike(written: str, registered: str) -> bool:
    """Whether two names share a word that says something, or the beginning of one."""
    ours, theirs = (set(re.findall(r"\w+", name.casefold())) for name in (written, registered))
    if (ours | theirs) <= _COMMON or not (ours - _COMMON and theirs - _COMMON):
        return bool(ours & theirs)
    return any(
        one.startswith(other) or other.startswith(one)
        for one in ours - _COMMON
        for other in theirs - _COMMON
    )
