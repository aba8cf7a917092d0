"""Days on which somebody is away. What they have stays theirs; the substitute sees it meanwhile."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client
from dialogs import notices
from dialogs.home import hand_over, moving
from dialogs.inbox.deadlines import short_date
from dialogs.inbox.filters import Filters
from dialogs.models import Dialog, Notice, ResponsibleCount
from staff import audit
from staff.models import Absence, User
from staff.rules import may_lead

ADDED = "absence added"
ENDED = "absence ended"


def listed_for(user: User, *, everybody: bool) -> QuerySet[Absence]:
    """Return one's own absences; who leads sees those of their teams, or of everybody."""
    absences = Absence.objects.select_related("user", "substitute").order_by("from_on", "pk")
    if not may_lead(user):
        return absences.filter(user=user)
    teams = teams_of(user)
    if everybody or not teams:
        return absences
    colleagues = User.teams.through.objects.filter(team__in=teams).values("user_id")
    return absences.filter(Q(user=user) | Q(user__in=colleagues))


def teams_of(user: User) -> list[int]:
    return list(user.teams.values_list("pk", flat=True))


def overlapping(user: User, from_on: date, to_on: date) -> Absence | None:
    """Return an absence of somebody's that has a day in common with these."""
    return user.absences.filter(from_on__lte=to_on, to_on__gte=from_on).order_by("from_on").first()


def unseen_clients(user: User, substitute: User) -> set[int]:
    """Return the clients with open dialogs of somebody's that the substitute would not see.

    A substitute sees those the other is responsible for.
    """
    theirs = Dialog.objects.filter(responsible=user, folder__in=moving.OPEN)
    others = theirs.exclude(client__in=Client.objects.filter(responsible=user))
    wanted = set(others.values_list("client_id", flat=True).distinct())
    return hand_over.unseen_by(substitute, wanted)


def add_absence(
    user: User,
    *,
    from_on: date,
    to_on: date,
    substitute: User | None,
    joins: bool,
    actor: User,
    now: datetime,
) -> Absence:
    """Note that somebody is away, and tell the substitute, who may be made a member to see it all.

    Raises:
        AlreadyAway: they are away already on one of the days.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if other := overlapping(user, from_on, to_on):
            raise AlreadyAway(other)
        absence = Absence.objects.create(
            user=user, from_on=from_on, to_on=to_on, substitute=substitute
        )
        if substitute and joins:
            clients = unseen_clients(user, substitute)
            hand_over.join(substitute, clients, actor=actor, now=now)
        _record(absence, ADDED, actor=actor, now=now)
        if substitute:
            _tell(absence, substitute, actor=actor, now=now)
    return absence


class AlreadyAway(Exception):
    """Somebody is away already on one of the days. Nothing was written."""

    def __init__(self, absence: Absence) -> None:
        super().__init__(str(absence))
        self.absence = absence


def end_absence(absence: Absence, *, actor: User, now: datetime, today: date) -> None:
    """Let somebody be back from today on; take away an absence that has not begun."""
    with transaction.atomic():
        absence = Absence.objects.select_for_update().get(pk=absence.pk)
        if absence.to_on < today:
            return
        _record(absence, ENDED, actor=actor, now=now)
        if absence.from_on >= today:
            absence.delete()
        else:
            absence.to_on = today - timedelta(days=1)
            absence.save(update_fields=["to_on"])


def _record(absence: Absence, act: str, *, actor: User, now: datetime) -> None:
    audit.record(
        actor=actor,
        act=act,
        about=f"user {absence.user_id}",
        now=now,
        from_on=absence.from_on.isoformat(),
        to_on=absence.to_on.isoformat(),
        substitute=absence.substitute_id,
    )


def _tell(absence: Absence, substitute: User, *, actor: User, now: datetime) -> None:
    days = {
        "name": absence.user.name,
        "from": short_date(absence.from_on, today=timezone.localdate(now)),
        "to": short_date(absence.to_on, today=timezone.localdate(now)),
    }
    counts = ResponsibleCount.objects.filter(user=absence.user).values_list("total", flat=True)
    notices.notify(
        [substitute],
        Notice.Kind.STANDS_IN,
        now=now,
        actor=actor,
        query=Filters(responsible=str(absence.user_id)).as_query(),
        count=sum(counts),
        comment=_("Du er stedfortreder for %(name)s fra %(from)s til %(to)s") % days,
    )
