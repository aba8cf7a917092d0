"""Which dialogs a person has chosen: some of a list by name, or all that its filters let through.

Whatever is sent in, only dialogs of clients the person may see are ever chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Count
from django.db.models.expressions import RawSQL
from django.http import QueryDict

from dialogs.bulk.acts import ACTS, MOST, Act, fits
from dialogs.inbox.filters import Filters
from dialogs.inbox.listing import MOST_COUNTED, Query, Scope, run
from dialogs.inbox.sight import Sight
from dialogs.models import BulkJob, Dialog, DialogQuerySet
from staff.models import User

EVERY = 10**9  # a limit that limits nothing

_INSERT = """
INSERT INTO dialogs_bulkitem (job_id, dialog_id, outcome, reason, before, after)
SELECT %s, dialog, 'WAITING', '', '{{}}', '{{}}' FROM ({dialogs}) AS chosen (dialog)
"""


class TooMany(Exception):
    """More dialogs are chosen than one job takes. Nothing was written."""


@dataclass(frozen=True)
class Total:
    """How many dialogs are chosen, and how many of them each act can do something to."""

    dialogs: int
    clients: int
    fitting: Mapping[Act, int]


@dataclass(frozen=True)
class Selection:
    query: str  # the list's address, without «?»
    ids: tuple[UUID, ...] = ()
    is_all: bool = False

    @classmethod
    def read(cls, sent: QueryDict) -> Self:
        """Take what was ticked. What is not a dialog's key is left out."""
        words = [*sent.getlist("id"), *sent.get("ids", "").split(",")]
        keys = dict.fromkeys(key for key in map(_uuid, words) if key)
        is_all = sent.get("alle") == "ja"
        return cls(sent.get("liste", ""), () if is_all else tuple(keys), is_all)

    def __bool__(self) -> bool:
        return self.is_all or bool(self.ids)

    @property
    def filters(self) -> Filters:
        return replace(Filters.read(QueryDict(self.query)), after=None)

    def dialogs(self, user: User, *, now: datetime) -> DialogQuerySet:
        """Return the chosen dialogs that this person may see."""
        visible = Dialog.objects.visible_to(user)
        if not self.is_all:
            return visible.filter(pk__in=self.ids)
        filters = self.filters
        scope = Scope.of(Sight(user), filters, now=now)
        if scope.clients == []:
            return visible.none()
        if not filters.words:
            return scope.dialogs(visible).filter(
                scope.urgency_condition(), folder__in=filters.folders
            )
        sql, params = Query(scope).together(EVERY, None)
        found = f"dialogs_dialog.id = ANY(ARRAY(SELECT id FROM ({sql}) hits))"  # noqa: S608
        return visible.filter(RawSQL(found, params, BooleanField()))  # noqa: S611

    def total(self, user: User, *, now: datetime) -> Total:
        found = self.dialogs(user, now=now).aggregate(
            dialogs=Count("pk"),
            clients=Count("client", distinct=True),
            **{act.value: Count("pk", filter=fits(act)) for act in ACTS},
        )
        fitting = {act: found[act.value] for act in ACTS}
        return Total(found["dialogs"], found["clients"], fitting)

    def everything_counted(self, user: User, *, now: datetime) -> int | None:
        """Return how many dialogs the list has in all; None when that takes long to tell."""
        scope = Scope.of(Sight(user), self.filters, now=now)
        if scope.clients == []:
            return 0
        sql, params = Query(scope).capped_count()
        rows = run(sql, params, is_search=bool(self.filters.words))
        count = rows[0][2] if rows else MOST_COUNTED + 1
        return None if count > MOST_COUNTED else int(count)

    def as_fields(self) -> dict[str, str]:
        """Return the selection as a form sends it on."""
        if self.is_all:
            return {"liste": self.query, "alle": "ja"}
        return {"liste": self.query, "ids": ",".join(map(str, self.ids))}


def insert_items(job: BulkJob, dialogs: DialogQuerySet) -> int:
    """Freeze a selection into a job's items, by one statement; return how many there are.

    Raises:
        TooMany: there are more than one job takes.
    """
    sql, params = dialogs.order_by().values("pk")[: MOST + 1].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_INSERT.format(dialogs=sql), [job.pk, *params])
        count = int(cursor.rowcount)
    if count > MOST:
        raise TooMany
    return count


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
