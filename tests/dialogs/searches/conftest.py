from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from dialogs.models import SavedSearch
from staff.models import Team, User

Save = Callable[..., SavedSearch]


@pytest.fixture
def save(now: datetime) -> Save:
    """Save a search for somebody; a team makes it the team's."""

    def make(
        owner: User, name: str = "Mine frister", query: str = "frist=over", **given: Any
    ) -> Any:
        given.setdefault("visibility", "TEAM" if given.get("team") else "ME")
        return SavedSearch.objects.create(
            owner=owner, name=name, query=query, created_at=now, **given
        )

    return make


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="Lønn")
