"""Whether changed dialogs belong to the list somebody is looking at."""

from collections.abc import Iterable
from uuid import UUID

from dialogs.inbox.listing import Scope
from dialogs.inbox.search import Search
from dialogs.models import Dialog

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


def hits_among(ids: list[UUID], scope: Scope) -> list[UUID]:
    """Keep those of a few dialogs that the filters let through."""
    if not ids or scope.clients == []:
        return []
    filters = scope.filters
    dialogs = scope.dialogs(Dialog.objects.filter(pk__in=ids, folder__in=filters.folders))
    if filters.words:
        dialogs = dialogs.filter(copy__search=Search(filters.words).text_query)
    return list(dialogs.values_list("pk", flat=True))
