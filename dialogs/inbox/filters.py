"""What a person has narrowed the list to, as it stands in the address.

Everything is a GET parameter, so that a list can be bookmarked, sent to a colleague and gone back
to. A value we cannot use is left out, and the page says so; an address never breaks the page.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dialogs.models import NO_DEADLINE, PINNED, Dialog, Follower, Opening, ReadMark
from staff.models import User

MOST_VALUES = 200  # of one filter
LONGEST_SEARCH = 200
YEARS = range(1970, 2200)

F = Dialog.Folder
FOLDERS = {
    "innboks": (F.INBOX.label, (F.INBOX,)),
    "utsatt": (F.SNOOZED.label, (F.SNOOZED,)),
    "ferdig": (F.DONE.label, (F.DONE,)),
    "utkast": (F.DRAFTS.label, (F.DRAFTS,)),
    "sendt": (gettext_lazy("Sendt"), (F.INBOX, F.SNOOZED, F.DONE, F.DRAFTS, F.ARCHIVE)),
    "arkiv": (F.ARCHIVE.label, (F.ARCHIVE,)),
    "papirkurv": (F.BIN.label, (F.BIN,)),
    "fjernet": (F.GONE.label, (F.GONE,)),
    "alle": (gettext_lazy("Alle mapper"), tuple(F)),
}
DUE = {
    "over": gettext_lazy("Over frist"),
    "idag": gettext_lazy("I dag"),
    "uke": gettext_lazy("De neste sju dagene"),
    "har": gettext_lazy("Har frist"),
    "uten": gettext_lazy("Uten frist"),
}
INTERNAL = {
    "over": gettext_lazy("Passert"),
    "uke": gettext_lazy("De neste sju dagene"),
    "har": gettext_lazy("Satt"),
}
READING = {
    "ulest": gettext_lazy("Ulest"),
    "lest": gettext_lazy("Lest"),
    "innhold": gettext_lazy("Ulest innhold"),
    "ulestmeg": gettext_lazy("Ikke lest av meg"),
    "uapnet": gettext_lazy("Ikke åpnet av oss"),
}
UPDATED = {
    "idag": gettext_lazy("I dag"),
    "uke": gettext_lazy("Siste sju dager"),
    "maned": gettext_lazy("Siste 30 dager"),
    "halvar": gettext_lazy("Siste seks måneder"),
    "ar": gettext_lazy("Siste tolv måneder"),
    "eldre": gettext_lazy("Eldre enn ett år"),
}
_UPDATED_DAYS = {"idag": 0, "uke": 7, "maned": 30, "halvar": 183, "ar": 365}
MINE, NOBODY = "meg", "ingen"
RESPONSIBLE = {MINE: gettext_lazy("Meg"), NOBODY: gettext_lazy("Ufordelt")}
MARKS = {
    "haster": gettext_lazy("Haster"),
    "gjenapnet": gettext_lazy("Gjenåpnet"),
    "folger": gettext_lazy("Jeg følger"),
    "notat": gettext_lazy("Har notat"),
    "mine": gettext_lazy("Mine klienter"),
    "utenteam": gettext_lazy("Klient uten team"),
}
SORTS = {
    "": gettext_lazy("frist"),
    "oppdatert": gettext_lazy("sist oppdatert"),
    "klient": gettext_lazy("klient"),
    "ansvarlig": gettext_lazy("ansvarlig"),
}
GROUPS = {
    "klient": gettext_lazy("Klient"),
    "frist": gettext_lazy("Frist"),
    "ansvarlig": gettext_lazy("Ansvarlig"),
}
LAST_DEADLINE = NO_DEADLINE // 2  # every deadline is below, everything without one above


@dataclass(frozen=True)
class After:
    """Where the next page begins: the sort key of the last row shown, and its group if any."""

    key: int
    id: UUID
    group: int = 0

    @classmethod
    def read(cls, text: str) -> Self | None:
        if found := re.fullmatch(r"(?:(-?\d{1,15})_)?(-?\d{1,18})\.([0-9a-f]{32})", text):
            return cls(int(found[2]), UUID(hex=found[3]), int(found[1] or 0))
        return None

    def __str__(self) -> str:
        group = f"{self.group}_" if self.group else ""
        return f"{group}{self.key}.{self.id.hex}"


@dataclass(frozen=True)
class Filters:
    folder: str = "innboks"
    statuses: tuple[str, ...] = ()
    due: str = ""
    due_from: date | None = None
    due_to: date | None = None
    internal: str = ""
    responsible: str = ""  # «meg», «ingen» or a user's key
    clients: tuple[int, ...] = ()
    client_words: str = ""  # part of a client's name, or the beginning of its organisation number
    client_responsible: str = ""  # «ingen» or a user's key
    teams: tuple[int, ...] = ()  # of the client
    owners: tuple[str, ...] = ()
    services: tuple[int, ...] = ()
    reading: str = ""
    updated: str = ""
    updated_from: date | None = None
    updated_to: date | None = None
    came_from: date | None = None  # made in Altinn
    came_to: date | None = None
    done_from: date | None = None
    done_to: date | None = None
    marks: tuple[str, ...] = ()
    words: str = ""
    sort: str = ""
    is_reversed: bool = False
    group: str = ""
    search: int | None = None  # the saved search it began with
    after: After | None = None
    complaints: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """Take what can be used; say in `complaints` what could not."""
        reader = _Reader(query)
        return cls(
            folder=reader.one("mappe", FOLDERS, gettext_lazy("mappen")) or "innboks",
            statuses=reader.several("status", set(Dialog.Status.values), gettext_lazy("statusen")),
            due=reader.one("frist", DUE, gettext_lazy("fristen")),
            due_from=reader.day("fra"),
            due_to=reader.day("til"),
            internal=reader.one("intern", INTERNAL, gettext_lazy("internfristen")),
            responsible=reader.person("ansvarlig", RESPONSIBLE, gettext_lazy("ansvarlig")),
            clients=reader.keys("klient", gettext_lazy("klienten")),
            client_words=reader.text("klientnavn"),
            client_responsible=reader.person(
                "klientansvarlig", {NOBODY}, gettext_lazy("klientansvarlig")
            ),
            teams=reader.keys("team", gettext_lazy("teamet")),
            owners=reader.several("eier", _is_code, gettext_lazy("tjenesteeieren")),
            services=reader.keys("tjeneste", gettext_lazy("tjenesten")),
            reading=reader.one("lest", READING, gettext_lazy("lest/ulest")),
            updated=reader.one("oppdatert", UPDATED, gettext_lazy("datoen")),
            updated_from=reader.day("ofra"),
            updated_to=reader.day("otil"),
            came_from=reader.day("kfra"),
            came_to=reader.day("ktil"),
            done_from=reader.day("ffra"),
            done_to=reader.day("ftil"),
            marks=tuple(mark for mark in MARKS if reader.one(mark, {"ja"}, gettext_lazy("valget"))),
            words=reader.text("q"),
            sort=reader.one("sort", SORTS, gettext_lazy("sorteringen")),
            is_reversed=bool(reader.one("retning", {"motsatt"}, gettext_lazy("retningen"))),
            group=reader.one("gruppe", GROUPS, gettext_lazy("grupperingen")),
            search=next(iter(reader.keys("sok", gettext_lazy("søket"))), None),
            after=reader.after(),
            complaints=tuple(reader.complaints),
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Return the one way to write these filters in an address; without «etter»."""
        several = {
            "status": self.statuses,
            "klient": self.clients,
            "team": self.teams,
            "eier": self.owners,
            "tjeneste": self.services,
        }
        one: dict[str, object] = {
            "q": self.words,
            "mappe": "" if self.folder == "innboks" else self.folder,
            "frist": self.due,
            "fra": self.due_from,
            "til": self.due_to,
            "intern": self.internal,
            "ansvarlig": self.responsible,
            "klientnavn": self.client_words,
            "klientansvarlig": self.client_responsible,
            "lest": self.reading,
            "oppdatert": self.updated,
            "ofra": self.updated_from,
            "otil": self.updated_to,
            "kfra": self.came_from,
            "ktil": self.came_to,
            "ffra": self.done_from,
            "ftil": self.done_to,
            **dict.fromkeys(self.marks, "ja"),
            "sort": self.sort,
            "retning": "motsatt" if self.is_reversed else "",
            "gruppe": self.group,
            "sok": self.search,
        }
        single = [(name, str(value)) for name, value in one.items() if value]
        return single + [(name, str(each)) for name, values in several.items() for each in values]

    def as_query(self, **changes: object) -> str:
        it = replace(self, **changes) if changes else self  # type: ignore[arg-type]
        return urlencode(it.pairs())

    @property
    def bare(self) -> Self:
        """Return the filters alone: how the list looks and where it came from do not count."""
        return replace(
            self, sort="", is_reversed=False, group="", search=None, after=None, complaints=()
        )

    @property
    def beyond_folder(self) -> bool:
        return replace(self.bare, folder="innboks") != Filters()

    @property
    def folder_name(self) -> str:
        return str(FOLDERS[self.folder][0])

    @property
    def section(self) -> str:
        """The entry of the menu this list belongs to, as its address has it."""
        if self.folder != "innboks":
            return f"mappe={self.folder}"
        if self.responsible in RESPONSIBLE:
            return f"ansvarlig={self.responsible}"
        for mark in ("gjenapnet", "folger"):
            if mark in self.marks:
                return f"{mark}=ja"
        return "frist=har" if self.due in {"har", "over", "idag", "uke"} else ""

    @property
    def folders(self) -> tuple[Dialog.Folder, ...]:
        return FOLDERS[self.folder][1]

    @property
    def by_client(self) -> bool:
        """Tell whether something about the client is asked for."""
        asked = self.clients or self.client_words or self.client_responsible or self.teams
        return bool(asked) or not {"mine", "utenteam"}.isdisjoint(self.marks)

    @property
    def has_own_index(self) -> bool:
        """Tell whether what is asked for is few, with an index of its own in the list's order."""
        rare = {"gjenapnet", "folger", "notat", "haster"} & set(self.marks)
        if rare or self.internal or self.services or self.folder == "sendt":
            return True
        return self.responsible not in {"", NOBODY}

    @property
    def order(self) -> str:
        """What the rows are sorted by: a group goes before the chosen sort."""
        return {"": self.sort, "frist": ""}.get(self.group, self.group)

    def condition(self, user: User, *, now: datetime) -> Q:
        """Return all that a dialog's row tells; folder, client, urgency and words come apart."""
        wanted = self._altinns_condition() & self._reading_condition(user)
        if self.responsible == NOBODY:
            wanted &= Q(responsible=None)
        elif self.responsible == MINE:
            wanted &= Q(responsible__in=[user.pk, *user.stands_in_for()])
        elif self.responsible:
            wanted &= Q(responsible=int(self.responsible))
        if "gjenapnet" in self.marks:
            wanted &= Q(reopened_at__isnull=False)
        if "folger" in self.marks:
            wanted &= Q(pk__in=Follower.objects.filter(user=user).values("dialog"))
        if "notat" in self.marks:
            wanted &= Q(note_count__gt=0)
        today = timezone.localdate(now)
        return wanted & self._internal_condition(today) & self._updated_condition(today)

    def urgencies(self, *, today: date) -> list[tuple[int, int]] | None:
        """Return the ranges of `urgency` (from, below) to look in; None: everywhere.

        With a deadline, `urgency` is its moment; what is pinned lies PINNED lower.
        """
        low, high = 0, LAST_DEADLINE
        if self.due == "uten":
            low, high = LAST_DEADLINE, PINNED // 2
        elif self.due == "over":
            high = _begins(today)
        elif self.due in {"idag", "uke"}:
            low = _begins(today)
            high = _begins(today + timedelta(days=1 if self.due == "idag" else 7))
        if self.due_from:
            low = max(low, _begins(self.due_from))
        if self.due_to:
            high = min(high, _begins(self.due_to + timedelta(days=1)))
        is_pinned = "haster" in self.marks
        if not (self.due or self.due_from or self.due_to):
            return [(-PINNED, 0)] if is_pinned else None
        pinned = (low - PINNED, high - PINNED)
        return [pinned] if is_pinned else [pinned, (low, high)]

    def _altinns_condition(self) -> Q:
        wanted = Q()
        if self.folder == "sendt":
            wanted &= Q(is_sent=True)
        if self.statuses:
            wanted &= Q(status__in=self.statuses)
        if self.owners:
            wanted &= Q(owner__in=self.owners)
        if self.services:
            wanted &= Q(service__in=self.services)
        return wanted

    def _reading_condition(self, user: User) -> Q:
        if self.reading in {"ulest", "lest"}:
            return Q(is_unread=self.reading == "ulest")
        if self.reading == "innhold":
            return Q(is_unread=False, has_unopened_content=True)
        if self.reading == "ulestmeg":
            mine = ReadMark.objects.filter(
                dialog=OuterRef("pk"), user=user, read_at__gte=OuterRef("content_updated_at")
            )
            return ~Q(Exists(mine))
        if self.reading == "uapnet":
            return ~Q(Exists(Opening.objects.filter(dialog=OuterRef("pk"))))
        return Q()

    def _internal_condition(self, today: date) -> Q:
        if self.internal == "over":
            return Q(internal_due_on__lt=today)
        if self.internal == "uke":
            return Q(internal_due_on__gte=today, internal_due_on__lt=today + timedelta(days=7))
        return Q(internal_due_on__isnull=False) if self.internal else Q()

    def _updated_condition(self, today: date) -> Q:
        wanted = Q()
        if self.updated == "eldre":
            wanted &= Q(content_updated_at__lt=_midnight(today - timedelta(days=365)))
        elif self.updated:
            began = today - timedelta(days=_UPDATED_DAYS[self.updated])
            wanted &= Q(content_updated_at__gte=_midnight(began))
        wanted &= _between("content_updated_at", self.updated_from, self.updated_to)
        wanted &= _between("created_at", self.came_from, self.came_to)
        return wanted & _between("done_at", self.done_from, self.done_to)


def filters_of(request: HttpRequest) -> Filters:
    """Return what the request's address asks for: read once, though the whole page asks."""
    found: Filters | None = getattr(request, "filters", None)
    if found is None:
        found = request.filters = Filters.read(request.GET)  # type: ignore[attr-defined]
    return found


_Words = str | Promise


class _Reader:
    """Reads parameters one by one and notes what was wrong with them."""

    def __init__(self, query: QueryDict) -> None:
        self._query = query
        self.complaints: list[str] = []

    def text(self, name: str) -> str:
        return " ".join(self._query.get(name, "").replace("\x00", " ").split())[:LONGEST_SEARCH]

    def one(self, name: str, allowed: Iterable[str], what: _Words) -> str:
        value = self.text(name)
        if value and value not in allowed:
            self._complain(what, value)
            return ""
        return value

    def several(
        self, name: str, allowed: set[str] | Callable[[str], bool], what: _Words
    ) -> tuple[str, ...]:
        fits = allowed.__contains__ if isinstance(allowed, set) else allowed
        values = list(dict.fromkeys(value for value in self._query.getlist(name) if value))
        for value in values:
            if not fits(value):
                self._complain(what, value)
        return tuple(value for value in values if fits(value))[:MOST_VALUES]

    def keys(self, name: str, what: _Words) -> tuple[int, ...]:
        return tuple(map(int, self.several(name, _is_key, what)))

    def person(self, name: str, words: Iterable[str], what: _Words) -> str:
        value = self.text(name)
        if value and value not in words and not _is_key(value):
            self._complain(what, value)
            return ""
        return value

    def day(self, name: str) -> date | None:
        value = self.text(name)
        if not value:
            return None
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = date.min
        if day.year in YEARS:
            return day
        self._complain(_("datoen"), value)
        return None

    def after(self) -> After | None:
        value = self.text("etter")
        after = After.read(value)
        if value and after is None:
            self.complaints.append(_("Vi fant ikke stedet i listen. Den vises fra starten."))
        return after

    def _complain(self, what: _Words, value: str) -> None:
        shown = value.replace("\x00", " ")[:40]
        self.complaints.append(
            _("Vi kjenner ikke %(what)s «%(value)s», og ser bort fra det.")
            % {"what": what, "value": shown}
        )


def _is_key(value: str) -> bool:
    return re.fullmatch(r"[1-9][0-9]{0,17}", value) is not None


def _is_code(value: str) -> bool:
    return re.fullmatch(r"[\w.-]{1,30}", value) is not None


def _between(column: str, first: date | None, last: date | None) -> Q:
    """Return «on these days in Oslo», the last one with them."""
    wanted = Q()
    if first:
        wanted &= Q((f"{column}__gte", _midnight(first)))
    if last:
        wanted &= Q((f"{column}__lt", _midnight(last + timedelta(days=1))))
    return wanted


def _midnight(day: date) -> datetime:
    """Return the moment a day begins in Oslo."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _begins(day: date) -> int:
    return int(_midnight(day).timestamp())
