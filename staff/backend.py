"""Fetch who is logged in, with what every page asks about them, in one statement."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Exists, OuterRef

from staff.models import User


class Backend(AuthenticationBackend):  # type: ignore[misc]
    def get_user(self, user_id: Any) -> User | None:
        """Return somebody who works here; None for who no longer does."""
        teams = User.teams.through.objects.filter(user=OuterRef("pk"))
        sees_all = Exists(teams.filter(team__sees_all_clients=True))
        people = User.objects.annotate(team_sees_all_clients=sees_all)
        return people.filter(pk=user_id, is_active=True).first()
