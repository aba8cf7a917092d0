"""The saved searches one person is offered, and their lines in the menu."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

from dialogs.inbox.filters import Filters, filters_of
from dialogs.inbox.norwegian import sort_key
from dialogs.models import SavedSearch
from dialogs.searches import queries
from dialogs.searches.ready import READY
from staff.models import Team, User

MOST_IN_MENU = 20
# In the models' own order, as their makers take them.
_OF_SEARCH = ("id", "name", "owner_id", "visibility", "team_id", "query", "in_menu", "shows_count")
_OF_OWNER = ("id", "first_name", "last_name", "email")
_OF_TEAM = ("id", "name")


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
        sql, params = _question(self.user.pk)
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            found = list(map(_read, cursor.fetchall()))
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


@lru_cache(maxsize=1000)
def _question(user_key: int) -> tuple[str, tuple[Any, ...]]:
    """Return the question which searches are offered, in SQL: every page asks in the same words.

    What is kept is the question and never an answer.
    """
    owner = (f"owner__{name}" for name in _OF_OWNER)
    team = (f"team__{name}" for name in _OF_TEAM)
    offered = SavedSearch.objects.offered_to(User(pk=user_key))
    return offered.values_list(*_OF_SEARCH, *owner, *team).query.sql_with_params()


def _read(row: tuple[Any, ...]) -> SavedSearch:
    """Make a search of a row, with its owner and team."""
    end = len(_OF_SEARCH)
    search = SavedSearch.from_db("default", _OF_SEARCH, row[:end])
    search.owner = User.from_db("default", _OF_OWNER, row[end : end + len(_OF_OWNER)])
    if search.team_id:
        search.team = Team.from_db("default", _OF_TEAM, row[end + len(_OF_OWNER) :])
    return search


def opened(search: SavedSearch) -> Filters:
    """Return a search's list, with where it comes from."""
    return replace(queries.read(search.query), search=search.pk)


def searches_of(request: HttpRequest) -> Searches:
    """Return the request's one: what is saved is asked for once."""
    found: Searches | None = getattr(request, "searches", None)
    if found is None:
        found = request.searches = Searches(request)  # type: ignore[attr-defined]
    return found
