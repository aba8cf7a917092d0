"""Who may do what. One rule each: the button, the page and the POST ask the same one."""

from django.core.exceptions import PermissionDenied

from staff.models import User


def may_export(user: User) -> bool:
    """Whether this person may take lists out of the portal: what they see, and no more."""
    return user.is_active


def check(allowed: bool) -> None:  # noqa: FBT001 (the question is the call)
    """Refuse with a 403 page what a rule does not allow.

    Raises:
        PermissionDenied: it is not allowed.
    """
    if not allowed:
        raise PermissionDenied
