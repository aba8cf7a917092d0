"""The saved searches one person is offered, and their lines in the menu."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

from dialogs.inbox.filters import Filters, filters_of
from dialogs.inbox.norwegian import sort_key
from dialogs.models import SavedSearch
from dialogs.searches import queries
from dialogs.searches.ready import READY
from staff.models import User

MOST_IN_MENU = 20
_COLUMNS = (
    *("name", "visibility", "query", "in_menu", "shows_count", "team__name"),
    *("owner__first_name", "owner__last_name", "owner__email"),
)


@dataclass(frozen=True)
class Entry:
    """A line of the menu. With a key, its count is fetched after the page."""

    key: str
    label: str
    filters: Filters
    is_current: bool
    color: str = "neutral"

    @property
    def href(self) -> str:
        return queries.address(self.filters)


class Searches:
    """Costs one statement, and only if somebody asks."""

    def __init__(self, request: HttpRequest) -> None:
        assert isinstance(request.user, User)  # noqa: S101 (past LoginRequiredMiddleware)
        self.user = request.user
        self.filters = filters_of(request)
        self._is_in_list = request.path.startswith(reverse("dialogs:inbox"))

    @cached_property
    def offered(self) -> list[SavedSearch]:
        """This person's own by name, then those that others share."""
        found = SavedSearch.objects.offered_to(self.user).select_related("owner", "team")
        found = found.only(*_COLUMNS)
        return sorted(found, key=lambda one: (one.owner_id != self.user.pk, sort_key(one.name)))

    @cached_property
    def began_with(self) -> SavedSearch | None:
        """The search that the list was reached through."""
        return next((one for one in self.offered if one.pk == self.filters.search), None)

    @cached_property
    def shown(self) -> SavedSearch | None:
        """The search that is just what the list shows."""
        equal = [one for one in self.offered if self._is_shown(queries.read(one.query))]
        return self.began_with if self.began_with in equal else next(iter(equal), None)

    @cached_property
    def entries(self) -> list[Entry]:
        return [*self._saved_entries(), *self._ready_entries()]

    @property
    def has_current(self) -> bool:
        """Tell whether a saved search is where we are: then no other entry of the menu is."""
        return any(entry.is_current for entry in self.entries)

    def _saved_entries(self) -> Iterator[Entry]:
        current = self.began_with or self.shown
        for one in [one for one in self.offered if one.in_menu][:MOST_IN_MENU]:
            is_current = self._is_in_list and one == current
            yield Entry(f"s{one.pk}" if one.shows_count else "", one.name, opened(one), is_current)

    def _ready_entries(self) -> Iterator[Entry]:
        taken = self._is_in_list and (self.began_with or self.shown)
        for one in READY:
            if one.in_menu:
                is_current = self._is_in_list and not taken and self._is_shown(one.filters)
                yield Entry(one.key, str(one.name), one.filters, is_current, one.color)

    def _is_shown(self, filters: Filters) -> bool:
        return queries.same(filters, self.filters)


def opened(search: SavedSearch) -> Filters:
    """Return a search's list, with where it comes from."""
    return replace(queries.read(search.query), search=search.pk)


def searches_of(request: HttpRequest) -> Searches:
    """Return the request's one: what is saved is asked for once."""
    found: Searches | None = getattr(request, "searches", None)
    if found is None:
        found = request.searches = Searches(request)  # type: ignore[attr-defined]
    return found
