"""How right the list is: when Altinn last answered, and what is wrong if it does not."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection

from clients.models import SystemUser

# In the model's own order, as its maker takes them.
_SHOWN = ("id", "name", "polled_at", "trouble", "trouble_since_at")


@dataclass(frozen=True)
class Freshness:
    """`updated_at` is the oldest last answer of those that read for us; null: never yet."""

    updated_at: datetime | None
    troubled: tuple[SystemUser, ...]
    has_system_users: bool

    @property
    def trouble_since_at(self) -> datetime | None:
        return min(
            (one.trouble_since_at for one in self.troubled if one.trouble_since_at), default=None
        )


def freshness() -> Freshness:
    sql, params = _question()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    system_users = [SystemUser.from_db("default", _SHOWN, row) for row in rows]
    answers = [one.polled_at for one in system_users]
    return Freshness(
        updated_at=min((at for at in answers if at), default=None),
        troubled=tuple(one for one in system_users if one.trouble_since_at),
        has_system_users=bool(system_users),
    )


@cache
def _question() -> tuple[str, tuple[Any, ...]]:
    """Return the question in SQL: every page asks it, in the same words."""
    return SystemUser.objects.usable().values_list(*_SHOWN).query.sql_with_params()
