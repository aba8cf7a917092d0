"""Who may do what. One rule each: the button, the page, the POST and bulk ask the same one.

Which clients somebody sees is another question, asked of `visible_to`. Both must be answered yes.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from staff.models import User

Role = User.Role
LEADERS = {Role.ADMIN, Role.MANAGER}
CAN_WORK = Q(is_active=True) & ~Q(role=Role.AUDITOR)  # `may_work`, asked of the database


def may_work(user: User) -> bool:
    """Whether this person may change anything: everybody but auditors, who read.

    To open a dialog or fetch a file in Altinn is work: the client is shown that it was seen.
    """
    return user.is_active and user.role != Role.AUDITOR


def workers() -> QuerySet[User]:
    """Return everybody who may work: those who can be given something to do."""
    return User.objects.filter(CAN_WORK)


def may_register(user: User) -> bool:
    """Whether this person may add and change clients, parties and system users."""
    return user.is_active and user.role == Role.ADMIN


def may_oversee(user: User) -> bool:
    """Whether this person answers for the access to all clients: managers, administrators."""
    return user.is_active and user.role in LEADERS


def may_manage(user: User) -> bool:
    """Whether this person may change what holds for the whole firm: guides, areas, rules."""
    return user.is_active and user.role in LEADERS


def may_lead(user: User) -> bool:
    """Whether this person may act for colleagues: absences, handing over."""
    return user.is_active and user.role in LEADERS


def may_audit(user: User) -> bool:
    """Whether this person may read the log of what everybody did."""
    return user.is_active and user.role in {Role.ADMIN, Role.AUDITOR}


def sees_every_client() -> Q:
    """Return `User.may_see_all_clients`, asked of the database."""
    in_team = User.teams.through.objects.filter(team__sees_all_clients=True).values("user_id")
    return Q(sees_all_clients=True) | Q(role__in=LEADERS) | Q(pk__in=in_team)


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


def check_may_work(user: User) -> None:
    check(may_work(user))


def check_may_register(user: User) -> None:
    check(may_register(user))


def check_may_oversee(user: User) -> None:
    check(may_oversee(user))
