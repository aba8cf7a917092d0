"""The clients one person may see, and what of them they may read, asked for once in a request."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.db import connection
from django.utils import timezone
from django.utils.functional import cached_property

from clients.models import Client, ClientQuerySet
from dialogs.inbox.filters import NOBODY, Filters
from dialogs.inbox.search import clients_named
from dialogs.models.counts import OPEN
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


class Known(NamedTuple):
    """The keys of clients that somebody may see, and of restrictions that they may read.

    None: of every one there is.
    """

    clients: list[int] | None
    readable: list[int] | None


class Sight:
    def __init__(self, user: User) -> None:
        self.user = user

    @cached_property
    def known(self) -> Known:
        """Both, by one statement; who counts for this person's page learns them with the counts."""
        clients = "NULL::bigint[]" if self.question is None else f"ARRAY({self.question})"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {clients}, ARRAY({self._readers}), EXISTS ("  # noqa: S608 (our own names)
                "SELECT FROM clients_categoryrestriction"
                f" WHERE id NOT IN ({self._readers}))"
            )
            seen, readable, is_kept_from = cursor.fetchone()
        return Known(seen, readable if is_kept_from else None)

    @property
    def clients(self) -> list[int] | None:
        """The keys of the clients this person may see; None: of every client there is."""
        return None if self.question is None else self.known.clients

    @property
    def readable(self) -> list[int] | None:
        """The restrictions whose dialogs this person may read; None: nothing is kept from them."""
        return self.known.readable

    def reads(self, column: str) -> str:
        """Return SQL for «and may read it» of a dialog's restriction; nothing where all may be.

        Asks nothing itself: while it is not known, the condition does.
        """
        return self._among(f"{column} IS NULL OR {column}")

    def may_count(self, column: str = "restriction_key") -> str:
        """Return the same of a counter's row."""
        return self._among(f"{column} = {OPEN} OR {column}")

    def _among(self, column: str) -> str:
        if "known" not in self.__dict__:
            return f"AND ({column} IN ({self._readers}))"
        if self.readable is None:
            return ""
        return f"AND ({column} = ANY('{as_array(self.readable)}'::bigint[]))"

    @property
    def _readers(self) -> str:
        return (
            "SELECT categoryrestriction_id FROM clients_categoryrestriction_readers"  # noqa: S608
            f" WHERE user_id = {self.user.pk:d}"
        )

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
        return list(clients_asked_for(self.user, filters).values_list("pk", flat=True))


def clients_asked_for(user: User, filters: Filters) -> ClientQuerySet:
    """Return the clients that are asked for and that this person may see."""
    clients = Client.objects.visible_to(user)
    if "mine" in filters.marks:
        clients = clients.mine(user)
    if filters.clients:
        clients = clients.filter(pk__in=filters.clients)
    if filters.client_words:
        clients = clients.filter(clients_named(filters.client_words))
    if filters.client_responsible:
        wanted = filters.client_responsible
        clients = clients.filter(responsible=None if wanted == NOBODY else int(wanted))
    if filters.teams:
        clients = clients.filter(team__in=filters.teams)
    if "utenteam" in filters.marks:
        clients = clients.filter(team=None)
    return clients
