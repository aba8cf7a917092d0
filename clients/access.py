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


def may_oversee(user: User) -> bool:
    """Whether this person answers for the access to all clients: managers, administrators."""
    return user.is_active and user.role in {User.Role.ADMIN, User.Role.MANAGER}


def check_may_oversee(user: User) -> None:
    """Refuse everybody but managers and administrators.

    Raises:
        PermissionDenied: a 403 page.
    """
    if not may_oversee(user):
        raise PermissionDenied
