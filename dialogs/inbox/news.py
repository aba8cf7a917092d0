"""Whether changed dialogs belong to the list somebody is looking at."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from dialogs.inbox.filters import Filters
from dialogs.inbox.listing import Scope
from dialogs.inbox.search import Search
from dialogs.models import Dialog
from staff.models import User

MOST_IDS = 100


def read_ids(texts: Iterable[str]) -> list[UUID]:
    """Return the ids among the texts; what is none is passed over."""
    ids = []
    for text in list(texts)[:MOST_IDS]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids


def hits_among(ids: list[UUID], *, user: User, filters: Filters, now: datetime) -> list[UUID]:
    """Keep those of a few dialogs that the filters let through."""
    if not ids:
        return []
    dialogs = Dialog.objects.visible_to(user).filter(
        filters.condition(user, today=timezone.localdate(now)),
        pk__in=ids,
        folder__in=filters.folders,
    )
    if filters.by_client:
        dialogs = dialogs.filter(client__in=Scope.of(user, filters).clients or [])
    if filters.words:
        dialogs = dialogs.filter(copy__search=Search(filters.words).text_query)
    return list(dialogs.values_list("pk", flat=True))
