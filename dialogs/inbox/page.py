"""All that the inbox page shows, gathered in at most ten statements whatever its size."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialogs.counters import Counts
from dialogs.inbox import listing
from dialogs.inbox.choices import Choice, Choices, choices_for, colleague_choices
from dialogs.inbox.deadlines import at_clock, short_date, short_moment
from dialogs.inbox.filters import DUE, FOLDERS, MINE, NOBODY, RESPONSIBLE, Filters
from dialogs.inbox.frame import Frame
from dialogs.inbox.freshness import Freshness, freshness
from dialogs.inbox.listing import Found, Scope
from dialogs.inbox.rows import Row
from dialogs.models import Dialog
from staff.models import User

NBSP = "\u00a0"


@dataclass(frozen=True)
class Chip:
    """A filter in force, and the address without it."""

    text: str
    query: str


@dataclass(frozen=True)
class Option:
    """A value to choose in the filter bar."""

    value: str
    label: str
    is_chosen: bool


class InboxPage:
    """Ask `load()` first; the rest costs nothing or is asked for at most once."""

    def __init__(self, user: User, filters: Filters, frame: Frame, *, now: datetime) -> None:
        self.user = user
        self.filters = filters
        self.now = now
        self._frame = frame
        self._dialogs: dict[UUID, Dialog] = {}
        self._opened: Dialog | None = None
        self._colleagues: list[Choice] = []
        self._found = Found([])

    def load(self, *, size: int = listing.PAGE_SIZE, also: UUID | None = None) -> None:
        """Find the page's dialogs, and with them the one that is open beside the list."""
        scope = Scope.of(self.user, self.filters)
        few = False
        if scope.clients and len(scope.clients) > listing.MOST_CLIENTS_ONE_BY_ONE:
            totals = self._counts.folders
            mine = sum(totals.get(folder, 0) for folder in self.filters.folders)
            few = mine < listing.FEW_DIALOGS
        self._found = listing.find(
            scope,
            self.filters,
            today=timezone.localdate(self.now),
            size=size,
            count=self.filters.after is None and self._known_total is None,
            few_dialogs=few,
        )
        wanted = [*self._found.ids, *([also] if also else [])]
        self._dialogs = listing.fetch(wanted, user=self.user)

    def open(self, dialog_id: UUID) -> Row | None:
        """Return the dialog beside the list, if this person may see it."""
        if dialog_id not in self._dialogs:
            self._dialogs |= listing.fetch([dialog_id], user=self.user)
        self._opened = self._dialogs.get(dialog_id)
        return self._row(self._opened, Dialog.Folder.INBOX) if self._opened else None

    def assign_options(self, wish: User | None = None) -> list[Option]:
        """Offer the colleagues who may see the open dialog's client; keep an earlier choice."""
        dialog = self._opened
        if dialog is None:
            return []
        colleagues = self._colleagues or colleague_choices(dialog.client_id)
        chosen = str(wish.pk if wish else dialog.responsible_id)
        says = {
            str(dialog.client.responsible_id): _("klientansvarlig"),
            str(self.user.pk): _("meg"),
        }
        return [
            Option(
                one.value,
                f"{one.label} ({says[one.value]})" if one.value in says else one.label,
                one.value == chosen,
            )
            for one in colleagues
        ]

    @cached_property
    def rows(self) -> list[Row]:
        found = (self._dialogs.get(pk) for pk in self._found.ids)
        folders = self.filters.folders
        folder = folders[0] if len(folders) == 1 else Dialog.Folder.INBOX
        return [self._row(dialog, folder) for dialog in found if dialog]

    @cached_property
    def choices(self) -> Choices:
        client_id = self._opened.client_id if self._opened else None
        choices = choices_for(self.user, self.filters, open_client_id=client_id)
        self._colleagues = choices.colleagues
        return choices

    @cached_property
    def freshness(self) -> Freshness:
        return freshness()

    @cached_property
    def query(self) -> str:
        """The filters, to be kept in links: «?mappe=arkiv», or nothing."""
        query = self.filters.as_query()
        return f"?{query}" if query else ""

    @property
    def next_query(self) -> str:
        if not self._found.next_after:
            return ""
        return "?" + "&".join(filter(None, [self.filters.as_query(), self._next]))

    @property
    def too_broad(self) -> bool:
        return self._found.too_broad

    @property
    def heading(self) -> str:
        names = {
            f"ansvarlig={MINE}": _("Tildelt meg"),
            f"ansvarlig={NOBODY}": _("Ufordelt"),
            "frist=har": _("Frister"),
        }
        return names.get(self.filters.section, self.filters.folder_name)

    @property
    def summary(self) -> str:
        """«37 treff hos 21 klienter. Sortert etter frist.»"""
        order = _("Sortert etter frist.")
        if self.too_broad:
            return ""
        if self.filters.after:
            return _("Fortsettelse av listen.") + " " + order
        if not self.rows:
            return _("Ingen treff.") if self.filters.beyond_folder else _("Ingen dialoger.")
        return f"{self._total} {order}"

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
        it, chips = self.filters, []
        if it.words:
            chips.append(self._chip(_("Søk"), it.words, words=""))
        if it.folder != "innboks":
            chips.append(self._chip(_("Mappe"), it.folder_name, folder="innboks"))
        for status in it.statuses:
            rest = tuple(one for one in it.statuses if one != status)
            chips.append(self._chip(_("Status"), Dialog.Status(status).label, statuses=rest))
        if it.due:
            chips.append(self._chip(_("Frist"), DUE[it.due], due=""))
        today = timezone.localdate(self.now)
        if it.due_from:
            day = short_date(it.due_from, today=today)
            chips.append(self._chip(_("Frist fra"), day, due_from=None))
        if it.due_to:
            chips.append(
                self._chip(_("Frist til"), short_date(it.due_to, today=today), due_to=None)
            )
        if it.responsible:
            name = RESPONSIBLE.get(it.responsible) or self.choices.person_name(it.responsible)
            chips.append(self._chip(_("Ansvarlig"), name or _("ukjent"), responsible=""))
        for key in it.clients:
            rest_keys = tuple(one for one in it.clients if one != key)
            name = self.choices.client_name(key) or _("ukjent")
            chips.append(self._chip(_("Klient"), name, clients=rest_keys))
        if it.client_words:
            chips.append(self._chip(_("Klient"), f"«{it.client_words}»", client_words=""))
        for code in it.owners:
            rest = tuple(one for one in it.owners if one != code)
            chips.append(self._chip(_("Tjenesteeier"), self.choices.owner_name(code), owners=rest))
        if it.is_unread:
            chips.append(self._chip(_("Lest/ulest"), _("Ulest"), is_unread=False))
        return chips

    @property
    def folder_options(self) -> list[Option]:
        chosen = self.filters.folder
        return [Option(key, str(name), key == chosen) for key, (name, _all) in FOLDERS.items()]

    @property
    def status_options(self) -> list[Option]:
        chosen = self.filters.statuses
        return [Option(value, str(name), value in chosen) for value, name in Dialog.Status.choices]

    @property
    def due_options(self) -> list[Option]:
        due = {"": _("Alle"), **DUE}
        return [Option(key, str(name), key == self.filters.due) for key, name in due.items()]

    @property
    def responsible_options(self) -> list[Option]:
        own = str(self.user.pk)
        people = {one.value: one.label for one in self.choices.people if one.value != own}
        chosen = MINE if self.filters.responsible == own else self.filters.responsible
        names = {"": _("Alle"), **RESPONSIBLE, **people}
        return [Option(key, str(name), key == chosen) for key, name in names.items()]

    @property
    def owner_options(self) -> list[Option]:
        return _options(self.choices.owners, set(self.filters.owners))

    @property
    def client_options(self) -> list[Option]:
        """Every client, if they are few enough to choose among; else the chosen ones."""
        chosen = {str(key) for key in self.filters.clients}
        return _options(self.choices.clients or self.choices.chosen_clients, chosen)

    @property
    def everywhere_query(self) -> str:
        """The same search in every folder; empty when that is where we look already."""
        return "" if self.filters.folder == "alle" else "?" + self.filters.as_query(folder="alle")

    def _row(self, dialog: Dialog, folder: str) -> Row:
        return Row(dialog, self.now, self.filters.words, folder, self.query)

    def _chip(self, name: object, value: object, **without: object) -> Chip:
        query = self.filters.as_query(**without)
        return Chip(f"{name}: {value}", f"?{query}" if query else "")

    @property
    def _next(self) -> str:
        return f"etter={self._found.next_after}"

    @property
    def _counts(self) -> Counts:
        return self._frame.counts

    @cached_property
    def _known_total(self) -> int | None:
        """What the counters know without counting: a whole folder, and the menu's own lists."""
        counts, query = self._counts, self.filters.as_query()
        if query == self.filters.section and len(self.filters.folders) == 1:
            inbox = {"": counts.inbox, "ansvarlig=meg": counts.mine}
            inbox |= {"ansvarlig=ingen": counts.unassigned}
            if query.startswith("mappe="):
                return counts.folders.get(self.filters.folders[0], 0)
            return inbox.get(query)
        return counts.overdue if query == "frist=over" else None

    @property
    def _total(self) -> str:
        total = self._known_total
        if total is not None:
            total = max(total, len(self.rows))
            return ngettext("%(n)s dialog.", "%(n)s dialoger.", total) % {"n": _spaced(total)}
        hits = self._found.hits
        if hits is None or hits.is_capped:
            return _("Mer enn %(n)s treff.") % {"n": listing.MOST_COUNTED}
        clients = ngettext("hos %(n)s klient", "hos %(n)s klienter", hits.clients)
        return f"{_spaced(hits.total)} {_('treff')} {clients % {'n': _spaced(hits.clients)}}."

    def _moment(self, at: datetime) -> str:
        if timezone.localdate(at) == timezone.localdate(self.now):
            return at_clock(at)
        day = short_moment(at, now=self.now)
        return day if _("kl.") in day else f"{day} {at_clock(at)}"


def _options(choices: list[Choice], chosen: set[str]) -> list[Option]:
    return [Option(one.value, one.label, one.value in chosen) for one in choices]


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", NBSP)
