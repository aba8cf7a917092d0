"""Changes to what people keep."""

from typing import Any

from django.db import IntegrityError, transaction

from dialogs.models import SavedSearch, StartSearch
from staff.models import User

_FIELDS = ("name", "visibility", "team_id", "query", "in_menu", "shows_count")


def set_start(user: User, search: SavedSearch | None) -> None:
    """Let somebody begin with a search, or with Min dag again."""
    if search is None:
        StartSearch.objects.filter(user=user).delete()
    else:
        StartSearch.objects.update_or_create(user=user, defaults={"search": search})


def delete_search(search: SavedSearch) -> dict[str, Any]:
    """Delete a search; return what it takes to have it back, as JSON."""
    with transaction.atomic():
        starters = StartSearch.objects.filter(search=search).values_list("user", flat=True)
        kept = {name: getattr(search, name) for name in _FIELDS}
        kept |= {"pk": search.pk, "created_at": search.created_at.isoformat()}
        kept["starters"] = list(starters)
        search.delete()
    return kept


def restore_search(kept: dict[str, Any], *, owner: User) -> SavedSearch | None:
    """Bring a deleted search back under its old key; None if that cannot be done any more."""
    values = {name: value for name, value in kept.items() if name != "starters"}
    try:
        with transaction.atomic():
            search = SavedSearch.objects.create(owner=owner, **values)
    except IntegrityError:
        return None
    starts = [StartSearch(user_id=pk, search=search) for pk in kept["starters"]]
    StartSearch.objects.bulk_create(starts, ignore_conflicts=True)
    return search
