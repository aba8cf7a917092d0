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

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dialogs.models import Dialog
from staff.models import User

MOST_VALUES = 200  # of one filter
LONGEST_SEARCH = 200
YEARS = range(1970, 2200)

F = Dialog.Folder
FOLDERS = {
    "innboks": (F.INBOX.label, (F.INBOX,)),
    "utkast": (F.DRAFTS.label, (F.DRAFTS,)),
    "sendt": (gettext_lazy("Sendt"), (F.INBOX, F.DRAFTS, F.ARCHIVE)),
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
MINE, NOBODY = "meg", "ingen"
RESPONSIBLE = {MINE: gettext_lazy("Meg"), NOBODY: gettext_lazy("Ufordelt")}


@dataclass(frozen=True)
class After:
    """Where the next page begins: the sort key of the last row shown."""

    urgency: int
    id: UUID

    @classmethod
    def read(cls, text: str) -> Self | None:
        if found := re.fullmatch(r"(-?\d{1,15})\.([0-9a-f]{32})", text):
            return cls(int(found[1]), UUID(hex=found[2]))
        return None

    def __str__(self) -> str:
        return f"{self.urgency}.{self.id.hex}"


@dataclass(frozen=True)
class Filters:
    folder: str = "innboks"
    statuses: tuple[str, ...] = ()
    due: str = ""
    due_from: date | None = None
    due_to: date | None = None
    responsible: str = ""  # «meg», «ingen» or a user's key
    clients: tuple[int, ...] = ()
    client_words: str = ""  # part of a client's name, or the beginning of its organisation number
    owners: tuple[str, ...] = ()
    is_unread: bool = False
    words: str = ""
    after: After | None = None
    complaints: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """Take what can be used; say in `complaints` what could not."""
        reader = _Reader(query)
        words, client_words = reader.text("q"), reader.text("klientnavn")
        return cls(
            folder=reader.one("mappe", FOLDERS, _("mappen")) or "innboks",
            statuses=reader.several("status", set(Dialog.Status.values), _("statusen")),
            due=reader.one("frist", DUE, _("fristen")),
            due_from=reader.day("fra"),
            due_to=reader.day("til"),
            responsible=reader.responsible(),
            clients=tuple(map(int, reader.several("klient", _is_key, _("klienten")))),
            client_words=client_words,
            owners=reader.several("eier", _is_code, _("tjenesteeieren")),
            is_unread=bool(reader.one("ulest", {"ja"}, _("lest/ulest"))),
            words=words,
            after=reader.after(),
            complaints=tuple(reader.complaints),
        )

    def as_query(self, **changes: object) -> str:
        """Return the one way to write these filters in an address; without «etter»."""
        it = replace(self, **changes) if changes else self  # type: ignore[arg-type]
        pairs: list[tuple[str, object]] = [
            ("q", it.words),
            ("mappe", "" if it.folder == "innboks" else it.folder),
            *(("status", one) for one in it.statuses),
            ("frist", it.due),
            ("fra", it.due_from or ""),
            ("til", it.due_to or ""),
            ("ansvarlig", it.responsible),
            *(("klient", one) for one in it.clients),
            ("klientnavn", it.client_words),
            *(("eier", one) for one in it.owners),
            ("ulest", "ja" if it.is_unread else ""),
        ]
        return urlencode([(name, value) for name, value in pairs if value != ""])

    @property
    def beyond_folder(self) -> bool:
        return self.as_query(folder="innboks") != ""

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
        return "frist=har" if self.due in {"har", "over", "idag", "uke"} else ""

    @property
    def folders(self) -> tuple[Dialog.Folder, ...]:
        return FOLDERS[self.folder][1]

    @property
    def by_client(self) -> bool:
        return bool(self.clients or self.client_words)

    def condition(self, user: User, *, today: date) -> Q:
        """Return everything but folder, clients and search words, in terms of a dialog's row."""
        wanted = Q()
        if self.folder == "sendt":
            wanted &= Q(is_sent=True)
        if self.statuses:
            wanted &= Q(status__in=self.statuses)
        if self.owners:
            wanted &= Q(owner__in=self.owners)
        if self.is_unread:
            wanted &= Q(is_unread=True)
        if self.responsible == NOBODY:
            wanted &= Q(responsible=None)
        elif self.responsible:
            wanted &= Q(responsible=user.pk if self.responsible == MINE else int(self.responsible))
        return wanted & self._due_condition(today)

    def _due_condition(self, today: date) -> Q:
        """Return the deadline filter; with a deadline, `urgency` is its moment."""
        wanted = Q()
        if self.due == "uten":
            wanted &= Q(deadline_at=None)
        elif self.due or self.due_from or self.due_to:
            wanted &= Q(deadline_at__isnull=False)
        if self.due == "over":
            wanted &= _before(today)
        elif self.due in {"idag", "uke"}:
            days = 1 if self.due == "idag" else 7
            wanted &= ~_before(today) & _before(today + timedelta(days=days))
        if self.due_from:
            wanted &= ~_before(self.due_from)
        if self.due_to:
            wanted &= _before(self.due_to + timedelta(days=1))
        return wanted


class _Reader:
    """Reads parameters one by one and notes what was wrong with them."""

    def __init__(self, query: QueryDict) -> None:
        self._query = query
        self.complaints: list[str] = []

    def text(self, name: str) -> str:
        return " ".join(self._query.get(name, "").replace("\x00", " ").split())[:LONGEST_SEARCH]

    def one(self, name: str, allowed: Iterable[str], what: str) -> str:
        value = self.text(name)
        if value and value not in allowed:
            self._complain(what, value)
            return ""
        return value

    def several(
        self, name: str, allowed: set[str] | Callable[[str], bool], what: str
    ) -> tuple[str, ...]:
        fits = allowed.__contains__ if isinstance(allowed, set) else allowed
        values = list(dict.fromkeys(value for value in self._query.getlist(name) if value))
        for value in values:
            if not fits(value):
                self._complain(what, value)
        return tuple(value for value in values if fits(value))[:MOST_VALUES]

    def responsible(self) -> str:
        value = self.text("ansvarlig")
        if value and value not in RESPONSIBLE and not _is_key(value):
            self._complain(_("ansvarlig"), value)
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

    def _complain(self, what: str, value: str) -> None:
        shown = value.replace("\x00", " ")[:40]
        self.complaints.append(
            _("Vi kjenner ikke %(what)s «%(value)s», og ser bort fra den.")
            % {"what": what, "value": shown}
        )


def _is_key(value: str) -> bool:
    return re.fullmatch(r"[1-9][0-9]{0,17}", value) is not None


def _is_code(value: str) -> bool:
    return re.fullmatch(r"[\w.-]{1,30}", value) is not None


def _before(day: date) -> Q:
    """Return «due before this day begins in Oslo»."""
    begins_at = timezone.make_aware(datetime.combine(day, time.min))
    return Q(urgency__lt=int(begins_at.timestamp()))
