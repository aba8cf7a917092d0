"""Who may read what is only for some: asked before a dialog is given to somebody, or told of."""

from collections import defaultdict
from collections.abc import Iterable

from clients.models import CategoryRestriction


class Readers:
    """The readers of some restrictions, fetched once; without any restriction nothing is asked."""

    def __init__(self, restrictions: Iterable[int | None]) -> None:
        self._readers: dict[int, set[int]] = defaultdict(set)
        if keys := {key for key in restrictions if key is not None}:
            rows = CategoryRestriction.readers.through.objects.filter(categoryrestriction__in=keys)
            for key, user in rows.values_list("categoryrestriction", "user"):
                self._readers[key].add(user)

    def include(self, user_id: int, restriction: int | None) -> bool:
        return restriction is None or user_id in self._readers[restriction]
