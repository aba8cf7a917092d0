"""The clients one person may see, asked for once in a request."""

from datetime import date
from functools import lru_cache

from django.db import connection
from django.utils import timezone
from django.utils.functional import cached_property

from clients.models import Client
from dialogs.inbox.filters import NOBODY, Filters
from dialogs.inbox.search import clients_named
from staff.models import User


def as_array(keys: list[int]) -> str:
    """Return keys as PostgreSQL writes an array: for thousands much faster than a list."""
    return "{" + ",".join(map(str, keys)) + "}"


@lru_cache(maxsize=1000)
def _visible_keys(user_key: int, _today: date) -> str:
    """Return the question who may be seen, in SQL: every page asks it, in the same words all day.

    What is kept is the question and never an answer.
    """
    clients = Client.objects.own(User(pk=user_key))
    sql, params = clients.order_by().values("pk").query.sql_with_params()
    composed: str = connection.ops.compose_sql(sql, params)  # type: ignore[attr-defined]
    return composed


class Sight:
    def __init__(self, user: User) -> None:
        self.user = user

    @cached_property
    def clients(self) -> list[int] | None:
        """The keys of the clients this person may see; None: of every client there is."""
        if self.question is None:
            return None
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT ARRAY({self.question})")
            keys: list[int] = cursor.fetchone()[0]
        return keys

    @cached_property
    def question(self) -> str | None:
        """SQL for the keys of those clients; None for who sees every client there is."""
        if not self.user.is_active:
            return "SELECT NULL::bigint WHERE false"
        if self.user.may_see_all_clients:
            return None
        return _visible_keys(self.user.pk, timezone.localdate())

    def sees(self, client_id: int) -> bool:
        return self._keys is None or client_id in self._keys

    @cached_property
    def _keys(self) -> frozenset[int] | None:
        return None if self.clients is None else frozenset(self.clients)

    def clients_among(self, filters: Filters) -> list[int]:
        """Return the keys of the clients that are asked for and that this person may see."""
        clients = Client.objects.visible_to(self.user)
        if "mine" in filters.marks:
            clients = clients.mine(self.user)
        if filters.clients:
            clients = clients.filter(pk__in=filters.clients)
        if filters.client_words:
            clients = clients.filter(clients_named(filters.client_words))
        if filters.client_responsible:
            wanted = filters.client_responsible
            clients = clients.filter(responsible=None if wanted == NOBODY else int(wanted))
        if filters.teams:
            clients = clients.filter(team__in=filters.teams)
        return list(clients.values_list("pk", flat=True))
