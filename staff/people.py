"""Change who works here and what they may: each change audited, none that locks all out."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from staff import audit
from staff.models import Invitation, Team, User
from staff.sessions import end_sessions

FIELDS = ("first_name", "last_name", "role", "sees_all_clients")


class LastAdmin(Exception):
    """Nobody would be left who may change this back."""


def add(email: str, *, teams: Iterable[Team], actor: User, now: datetime, **fields: Any) -> User:
    """Add somebody who cannot log in before they have used their invitation, or a provider."""
    with transaction.atomic():
        user = User.objects.create_user(email, **fields)
        user.teams.set(teams)
        audit.record(
            actor=actor, act="user added", about=f"user {user.pk}", now=now, role=user.role
        )
    return user


def change(
    user: User, *, teams: Iterable[Team], actor: User, now: datetime, **fields: Any
) -> dict[str, Any]:
    """Change somebody; return what was different, as [before, after].

    Raises:
        LastAdmin: no other administrator works here.
    """
    with transaction.atomic():
        user = _locked(user)
        changed = {
            name: [getattr(user, name), fields[name]]
            for name in FIELDS
            if getattr(user, name) != fields[name]
        }
        if "role" in changed and user.is_admin:
            _check_not_last(user)
        before = sorted(user.teams.values_list("name", flat=True))
        after = sorted(team.name for team in teams)
        if before != after:
            changed["teams"] = [before, after]
            user.teams.set(teams)
        if not changed:
            return {}
        for name in FIELDS:
            setattr(user, name, fields[name])
        user.save(update_fields=FIELDS)
        audit.record(
            actor=actor, act="user changed", about=f"user {user.pk}", now=now, changed=changed
        )
    return changed


def deactivate(user: User, *, actor: User, now: datetime) -> None:
    """Shut somebody out: from this moment, in every browser they sit in.

    Raises:
        LastAdmin: no other administrator works here.
    """
    with transaction.atomic():
        user = _locked(user)
        if user.is_admin:
            _check_not_last(user)
        user.is_active = False
        user.save(update_fields=["is_active"])
        Invitation.objects.filter(user=user, used_at=None).delete()
        ended = end_sessions(user)
        audit.record(
            actor=actor, act="user deactivated", about=f"user {user.pk}", now=now, sessions=ended
        )


def reactivate(user: User, *, actor: User, now: datetime) -> None:
    """Let somebody back. They need a new invitation: the password they had is gone."""
    with transaction.atomic():
        user = _locked(user)
        user.is_active = True
        user.set_unusable_password()
        user.save(update_fields=["is_active", "password"])
        audit.record(actor=actor, act="user reactivated", about=f"user {user.pk}", now=now)


def log_out_everywhere(user: User, *, actor: User, now: datetime) -> int:
    """End all of somebody's sessions; return how many there were."""
    with transaction.atomic():
        ended = end_sessions(user)
        audit.record(
            actor=actor, act="sessions ended", about=f"user {user.pk}", now=now, sessions=ended
        )
    return ended


def forget_steps(user: User, *, actor: User, now: datetime) -> None:
    """Take away somebody's second steps, when what they had is lost."""
    with transaction.atomic():
        gone, _ = Authenticator.objects.filter(user=user).delete()
        audit.record(
            actor=actor, act="two steps removed", about=f"user {user.pk}", now=now, removed=gone
        )


def add_team(name: str, *, actor: User, now: datetime) -> Team:
    with transaction.atomic():
        team, is_new = Team.objects.get_or_create(name=name)
        if is_new:
            audit.record(actor=actor, act="team added", about=f"team {team.pk}", now=now, name=name)
    return team


def _locked(user: User) -> User:
    """Lock every administrator too, so that two cannot shut each other out at once."""
    admins = User.objects.filter(role=User.Role.ADMIN).order_by("pk")
    list(admins.select_for_update(of=("self",)))
    return User.objects.select_for_update(of=("self",)).get(pk=user.pk)


def _check_not_last(user: User) -> None:
    others = User.objects.filter(role=User.Role.ADMIN, is_active=True).exclude(pk=user.pk)
    if user.is_active and not others.exists():
        raise LastAdmin
