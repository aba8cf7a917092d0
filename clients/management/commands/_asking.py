"""What the registration commands ask for, checked the same way, with English sentences."""

import re

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from altinn.identifiers import is_orgnr
from clients.forms import without_spaces
from clients.models import SystemUser
from staff.models import Team, User

_NATIONAL_ID = re.compile(r"[0-9]{11}")


def orgnr_in(text: str) -> str:
    """Return nine digits, spaces removed.

    Raises:
        CommandError: it is not an organisation number. A national id number is not quoted.
    """
    orgnr = without_spaces(text)
    if is_orgnr(orgnr):
        return orgnr
    shown = "That" if _NATIONAL_ID.fullmatch(orgnr) else f"“{text}”"
    msg = f"{shown} is not an organisation number: nine digits, the last one a check digit."
    raise CommandError(msg)


def staff_user(email: str) -> User:
    """Find somebody on the staff.

    Raises:
        CommandError: nobody has that e-mail address.
    """
    try:
        return User.objects.get(email__iexact=email)
    except User.DoesNotExist:
        msg = f"Nobody on the staff has the e-mail address {email}. Run add_staff first."
        raise CommandError(msg) from None


def team_named(name: str) -> Team:
    """Find a team, or make it."""
    return Team.objects.get_or_create(name=name)[0]


def system_users_named(name: str | None) -> list[SystemUser]:
    """Find the system users in use; with a name, those that have it.

    Raises:
        CommandError: there are none.
    """
    in_use = SystemUser.objects.usable().order_by("name", "pk")
    found = list(in_use.filter(name=name) if name else in_use)
    if not found:
        who = f"called “{name}”" if name else "at all"
        msg = f"There is no system user {who} in use. Run add_system_user first."
        raise CommandError(msg)
    return found


def refused(exc: ValidationError) -> CommandError:
    """Say in English what an action refused; its own words are the pages', in Norwegian."""
    if not hasattr(exc, "error_dict"):
        return CommandError(f"{exc.code or 'invalid'}: {' '.join(exc.messages)}")
    fields = ", ".join(sorted(exc.error_dict))
    return CommandError(f"Not accepted ({fields}): {' '.join(exc.messages)}")
