"""Forget somebody who has left: «Tidligere ansatt 12». What they did stays, told by their key.

What belongs to the person goes, as it would with their account: read marks, notices, drafts, second
factors, connections. What is the firm's own history refers to the key, and stays.
"""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from dialogs.models import SavedSearch
from staff import audit
from staff.models import User

FORGOTTEN = "employee forgotten"


class StillHere(Exception):
    """They can still log in: the account is closed first."""


def forget(user: User, *, actor: User | None, now: datetime) -> bool:
    """Take away name, address and everything personal; return False if that was done before.

    Raises:
        StillHere: the account is not closed.
    """
    with transaction.atomic():
        user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        if user.forgotten_at:
            return False
        if user.is_active:
            raise StillHere
        _remove_what_is_theirs(user)
        user.first_name, user.last_name = _("Tidligere ansatt"), str(user.pk)
        user.email = f"tidligere-ansatt-{user.pk}@slettet.invalid"
        user.set_unusable_password()
        user.last_login = user.home_seen_at = user.home_seen_before_at = None
        user.forgotten_at = now
        user.save()
        user.teams.clear()
        user.clients.clear()
        audit.record(actor=actor, act=FORGOTTEN, about=f"user {user.pk}", now=now)
    return True


def _remove_what_is_theirs(user: User) -> None:
    """Remove the rows that would go with the account. Searches they share are their readers'."""
    for relation in User._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.on_delete != models.CASCADE:
            continue
        table: Any = relation.related_model
        rows = table._default_manager.filter(**{relation.field.name: user})
        if table is SavedSearch:
            rows = rows.filter(visibility=SavedSearch.Visibility.ME)
        rows.delete()
