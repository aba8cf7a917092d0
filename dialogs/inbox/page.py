"""All that the inbox page shows, gathered in few statements whatever its size."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Client
from dialogs.counters import Counts
from dialogs.inbox import filterbar, listed, listing
from dialogs.inbox.chips import Chip, chips_of
from dialogs.inbox.deadlines import at_clock, short_moment
from dialogs.inbox.filters import GROUPS, LAST_DEADLINE, MINE, NOBODY, SORTS, Filters
from dialogs.inbox.frame import Frame
from dialogs.inbox.freshness import Freshness, freshness
from dialogs.inbox.grouped import find_grouped
from dialogs.inbox.listed import Listed
from dialogs.inbox.listing import Found, Scope
from dialogs.inbox.rows import Row
from dialogs.models import Dialog
from dialogs.work import presence
from staff.models import User

NBSP = "\u00a0"


@dataclass(frozen=True)
class Option:
    """A value to choose, or a way to show the list and its address."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Heading:
    """A column's heading: pressing it sorts by the column, and again turns the order round."""

    label: str
    query: str
    says: str  # for aria-sort
    arrow: str


class InboxPage:
    """Ask `load()` first; the rest costs nothing or is asked for at most once."""

    def __init__(self, user: User, filters: Filters, frame: Frame, *, now: datetime) -> None:
        self.user = user
        self.filters = filters
        self.now = now
        self._frame = frame
        self._dialogs: dict[UUID, Listed] = {}
        self._found = Found([])

    @property
    def may_work(self) -> bool:
        return self._frame.may_work

    def load(self, *, size: int = listing.PAGE_SIZE, also: UUID | None = None) -> None:
        """Find the page's dialogs, and with them the one that is open beside the list."""
        totals = self._counts.folders  # with it we know the clients
        scope = Scope.of(self._frame.sight, self.filters, now=self.now)
        if scope.clients:
            share = sum(totals.get(folder, 0) for folder in self.filters.folders)
            scope = replace(scope, share=share)
        count = self.filters.after is None and self._known_total is None
        if self.filters.order in {"klient", "ansvarlig"}:
            self._found = find_grouped(scope, size=size, count=count)
        else:
            self._found = listing.find(scope, size=size, count=count)
        self._fetch([*self._found.ids, *([also] if also else [])])

    def open(self, dialog_id: UUID) -> Row | None:
        """Return the dialog beside the list, if this person may see it."""
        if dialog_id not in self._dialogs:
            self._fetch([dialog_id])
        one = self._dialogs.get(dialog_id)
        return self._row(one, Dialog.Folder.INBOX) if one else None

    def _fetch(self, ids: list[UUID]) -> None:
        self._dialogs |= listed.fetch(ids, sight=self._frame.sight, today=self._today)

    @cached_property
    def rows(self) -> list[Row]:
        found = [self._dialogs[pk] for pk in self._found.ids if pk in self._dialogs]
        folders = self.filters.folders
        folder = folders[0] if len(folders) == 1 else Dialog.Folder.INBOX
        rows = [self._row(one, folder) for one in found]
        if self.filters.group:
            self._head_groups(rows)
        viewers = presence.who_looks([row.listed.id for row in rows], now=self.now, but=self.user)
        for row in rows:
            row.viewers = presence.in_words(viewers.get(row.listed.id, []))
        return rows

    def _head_groups(self, rows: list[Row]) -> None:
        """Write a heading above the first row of each group; not again where a page goes on."""
        last = None
        for row in rows:
            key, label = self._group_of(row.listed)
            if key != last and not (last is None and self._goes_on(key)):
                row.group = label
            last = key

    def _goes_on(self, key: int) -> bool:
        after = self.filters.after
        return after is not None and after.group == key

    def _group_of(self, one: Listed) -> tuple[int, str]:
        if self.filters.group == "klient":
            return one.client_id, one.client
        if self.filters.group == "ansvarlig":
            return one.responsible_id or -1, one.responsible or _("Ufordelt")
        return self._due_group(one)

    def _due_group(self, one: Listed) -> tuple[int, str]:
        if one.urgency < 0:
            return -9, _("Haster")
        if one.urgency > LAST_DEADLINE or one.deadline_at is None:
            return 9, _("Uten frist")
        days = (timezone.localdate(one.deadline_at) - self._today).days
        next_monday = 7 - self._today.weekday()
        steps = [
            (0, _("Over frist")),
            (1, _("I dag")),
            (2, _("I morgen")),
            (next_monday, _("Denne uken")),
            (next_monday + 7, _("Neste uke")),
        ]
        for number, (limit, label) in enumerate(steps):
            if days < limit:
                return number, label
        return 8, _("Senere")

    @property
    def has_clients(self) -> bool:
        """Tell «nothing here» from «no clients yet»."""
        clients = self._frame.sight.clients
        return Client.objects.exists() if clients is None else bool(clients)

    @cached_property
    def freshness(self) -> Freshness:
        return freshness()

    @cached_property
    def query(self) -> str:
        """The filters, to be kept in links: «?mappe=arkiv», or nothing."""
        return _asked(self.filters.as_query())

    @property
    def next_query(self) -> str:
        if self._found.next_after is None:
            return ""
        return _asked("&".join(filter(None, [self.filters.as_query(), self._next])))

    @property
    def too_broad(self) -> bool:
        return self._found.too_broad

    @property
    def heading(self) -> str:
        names = {
            f"ansvarlig={MINE}": _("Tildelt meg"),
            f"ansvarlig={NOBODY}": _("Ufordelt"),
            "frist=har": _("Frister"),
            "gjenapnet=ja": _("Gjenåpnet"),
            "folger=ja": _("Følger"),
        }
        return names.get(self.filters.section, self.filters.folder_name)

    @property
    def summary(self) -> str:
        """«37 treff hos 21 klienter. Sortert etter frist.»"""
        order = self.order_in_words
        if self.too_broad:
            return ""
        if self.filters.after:
            return _("Fortsettelse av listen.") + " " + order
        if not self.rows:
            return _("Ingen treff.") if self.filters.beyond_folder else _("Ingen dialoger.")
        return f"{self._total} {order}"

    @property
    def order_in_words(self) -> str:
        by = {"what": SORTS[self.filters.order]}
        if self.filters.is_reversed:
            return _("Sortert etter %(what)s, motsatt vei.") % by
        return _("Sortert etter %(what)s.") % by

    @property
    def updated(self) -> str:
        at = self.freshness.updated_at
        return self._moment(at) if at else ""

    @property
    def trouble_since(self) -> str:
        at = self.freshness.trouble_since_at
        return self._moment(at) if at else ""

    @cached_property
    def chips(self) -> list[Chip]:
        return chips_of(self.filters, self.user, today=self._today)

    @property
    def menus(self) -> list[filterbar.Menu]:
        return filterbar.menus(self.filters)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the filter form passes on without showing it."""
        hidden = {"sort", "retning", "gruppe", "sok"}
        return [(name, value) for name, value in self.filters.pairs() if name in hidden]

    @cached_property
    def headings(self) -> dict[str, Heading]:
        """The columns' headings, by what they sort by."""
        return {key or "frist": self._heading(key) for key in SORTS}

    def _heading(self, key: str) -> Heading:
        is_current = self.filters.order == key
        turned = is_current and not self.filters.is_reversed
        group = self.filters.group if is_current else ""
        query = self.filters.as_query(sort=key, is_reversed=turned, group=group)
        falls = self.filters.is_reversed != (key == "oppdatert")
        says = ("descending" if falls else "ascending") if is_current else "none"
        arrow = ("↓" if falls else "↑") if is_current else ""
        return Heading(str(SORTS[key]).capitalize(), _asked(query), says, arrow)

    @property
    def group_options(self) -> list[Option]:
        """Ways to group the list, each by its address."""
        names = {"": _("Ingen gruppering"), **GROUPS}
        return [
            Option(
                _asked(self.filters.as_query(group=key, is_reversed=False)),
                str(name),
                key == self.filters.group,
            )
            for key, name in names.items()
        ]

    @property
    def everywhere_query(self) -> str:
        """The same search in every folder; empty when that is where we look already."""
        return "" if self.filters.folder == "alle" else "?" + self.filters.as_query(folder="alle")

    def _row(self, one: Listed, folder: str) -> Row:
        return Row(one, self.now, words=self.filters.words, folder=folder, query=self.query)

    @property
    def _next(self) -> str:
        return f"etter={self._found.next_after}"

    @cached_property
    def _today(self) -> date:
        return timezone.localdate(self.now)

    @property
    def _counts(self) -> Counts:
        return self._frame.counts

    @cached_property
    def _known_total(self) -> int | None:
        """What the counters know without counting: a whole folder, and the menu's own lists."""
        counts, bare = self._counts, self.filters.bare
        query = bare.as_query()
        if query == bare.section and len(bare.folders) == 1:
            known = {"": counts.inbox, "ansvarlig=meg": counts.mine}
            known |= {"ansvarlig=ingen": counts.unassigned, "gjenapnet=ja": counts.reopened}
            if query.startswith("mappe="):
                return counts.folders.get(bare.folders[0], 0)
            return known.get(query)
        return counts.overdue if query == "frist=over" else None

    @property
    def _total(self) -> str:
        total = self._known_total
        if total is not None:
            total = max(total, len(self.rows))
            return ngettext("%(n)s dialog.", "%(n)s dialoger.", total) % {"n": _spaced(total)}
        hits = self._found.hits
        if hits is None or hits.is_capped:
            return _("Mer enn %(n)s treff.") % {"n": hits.most if hits else listing.MOST_COUNTED}
        clients = ngettext("hos %(n)s klient", "hos %(n)s klienter", hits.clients)
        found = {"n": _spaced(hits.total), "where": clients % {"n": _spaced(hits.clients)}}
        return _("%(n)s treff %(where)s.") % found

    def _moment(self, at: datetime) -> str:
        day = timezone.localdate(at)
        if day == self._today:
            return at_clock(at)
        said = short_moment(at, now=self.now)
        was_yesterday = (self._today - day).days == 1  # then the time is said already
        return said if was_yesterday else f"{said} {at_clock(at)}"


def _asked(query: str) -> str:
    return f"?{query}" if query else ""


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", NBSP)
