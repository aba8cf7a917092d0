"""What surrounds every page: the menu with its counts, and the band of a training environment."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from dialogs.counters import Counts, counts_of
from dialogs.inbox.filters import Filters, filters_of
from dialogs.inbox.sight import Sight
from dialogs.models import Dialog
from dialogs.searches.menu import searches_of
from staff.models import User
from staff.rules import may_audit, may_oversee, may_work

PRODUCTION = "prod"
NBSP = "\u00a0"


@dataclass(frozen=True)
class Entry:
    """A line of the menu. A count of zero is not shown."""

    label: str
    href: str
    is_current: bool = False
    count: int = 0
    count_says: str = ""  # for those who hear the page
    color: str = "neutral"
    key: str = ""  # by which its count is filled in later

    @property
    def number(self) -> str:
        return f"{self.count:,}".replace(",", NBSP)


class Frame:
    """Asked by the base template. The counts cost a statement, and only if they are shown."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def training(self) -> str:
        """The name of the environment, unless it is the real one."""
        return "" if settings.ALTINN.name == PRODUCTION else settings.ALTINN.name

    @cached_property
    def sight(self) -> Sight:
        user = self._request.user
        assert isinstance(user, User)  # noqa: S101 (the menu is shown to people who are logged in)
        return Sight(user)

    @property
    def learned_sight(self) -> Sight:
        """The sight once it is known: the counts tell it, and every page shows them anyway."""
        _counts = self.counts
        return self.sight

    @property
    def may_work(self) -> bool:
        """Whether buttons that change something are shown at all."""
        return may_work(self.sight.user)

    @cached_property
    def counts(self) -> Counts:
        return counts_of(self.sight, today=timezone.localdate())

    @cached_property
    def signature(self) -> str:
        """Changes when the counts do: what a page asks about when the live stream is away."""
        counts = self.counts
        numbers = [counts.unread, counts.unassigned, counts.mine, counts.overdue, counts.reopened]
        return "-".join(map(str, [*numbers, *(n for _, n in sorted(counts.folders.items()))]))

    def work(self) -> Iterator[Entry]:
        counts = self.counts
        dialogs = _("dialoger")
        yield self._page(_("Hjem"), "dialogs:home")
        yield self._page(_("Varsler"), "dialogs:notices", counts.notices, _("uleste"))
        yield self._folder(_("Innboks"), "", counts.inbox, dialogs)
        yield self._folder(_("Tildelt meg"), "ansvarlig=meg", counts.mine, dialogs)
        unassigned = _("uten ansvarlig")
        yield self._folder(
            _("Ufordelt"), "ansvarlig=ingen", counts.unassigned, unassigned, "warning"
        )
        yield self._folder(_("Frister"), "frist=har", counts.overdue, _("over frist"), "danger")
        reopened = counts.reopened
        if reopened or self._filters.section == "gjenapnet=ja":
            yield self._folder(_("Gjenåpnet"), "gjenapnet=ja", reopened, dialogs, "info")
        yield self._folder(_("Følger"), "folger=ja")
        snoozed = counts.folders.get(Dialog.Folder.SNOOZED, 0)
        yield self._folder(_("Utsatt"), "mappe=utsatt", snoozed, dialogs)
        yield self._folder(_("Ferdig"), "mappe=ferdig")

    def searches(self) -> list[Entry]:
        """Searches that somebody wants in the menu; their counts come after the page."""
        found = [
            Entry(one.label, one.href, one.is_current, color=one.color, key=one.key)
            for one in searches_of(self._request).entries
        ]
        return [*found, self._page(_("Alle lagrede søk"), "dialogs:saved-searches")]

    def folders(self) -> Iterator[Entry]:
        drafts = self.counts.folders.get(Dialog.Folder.DRAFTS, 0)
        yield self._folder(_("Utkast"), "mappe=utkast", drafts, _("dialoger"))
        yield self._folder(_("Sendt"), "mappe=sendt")
        yield self._folder(_("Arkiv"), "mappe=arkiv")
        yield self._folder(_("Papirkurv"), "mappe=papirkurv")

    def firm(self) -> Iterator[Entry]:
        yield self._page(_("Oversikt"), "dialogs:overview")
        yield self._page(_("Klienter"), "clients:list")
        yield self._page(_("Tjenester"), "dialogs:services")
        yield self._page(_("Hasteregler"), "dialogs:rules")
        if self.may_work:
            yield self._page(_("Overlevering"), "dialogs:hand-over")
        if may_oversee(self.sight.user):
            alarms = self.counts.alarms
            yield self._page(_("Dekning"), "clients:coverage", alarms, _("nye varsler"), "danger")
        if may_audit(self.sight.user):
            yield self._page(_("Revisjonslogg"), "dialogs:audit-log")
        if self.sight.user.is_admin:
            yield self._page(_("Ansatte"), "dialogs:people")
            yield self._page(_("Systembrukere"), "clients:system-users")
            yield self._page(_("Oppsett"), "clients:setup")
            yield self._page(_("Personvern"), "dialogs:privacy")

    def _page(
        self, label: str, name: str, count: int = 0, count_says: str = "", color: str = "neutral"
    ) -> Entry:
        href = _address(name)
        return Entry(label, href, self._request.path.startswith(href), count, count_says, color)

    def _folder(
        self, label: str, query: str, count: int = 0, count_says: str = "", color: str = "neutral"
    ) -> Entry:
        inbox = _address("dialogs:inbox")
        href = f"{inbox}?{query}" if query else inbox
        here = self._request.path.startswith(inbox)
        is_current = here and self._filters.section == query
        is_current = is_current and not searches_of(self._request).has_current
        return Entry(label, href, is_current, count, count_says, color)

    @cached_property
    def _filters(self) -> Filters:
        return filters_of(self._request)


@cache
def _address(name: str) -> str:
    """Return a page's address; looked up once, as every page has all of them in its menu."""
    return reverse(name)


def frame_of(request: HttpRequest) -> Frame:
    """Return the request's one frame: its counts are asked for once."""
    found: Frame | None = getattr(request, "frame", None)
    if found is None:
        found = request.frame = Frame(request)  # type: ignore[attr-defined]
    return found


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `frame` in every template."""
    return {"frame": frame_of(request)}
