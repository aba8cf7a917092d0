"""Who may register clients and system users. The button and the POST ask the same question."""

from django.core.exceptions import PermissionDenied

from staff.models import User


def may_register(user: User) -> bool:
    """Whether this person may add and change clients, parties and system users."""
    return user.is_active and user.is_admin


def check_may_register(user: User) -> None:
    """Refuse everybody but administrators.

    Raises:
        PermissionDenied: a 403 page.
    """
    if not may_register(user):
        raise PermissionDenied
