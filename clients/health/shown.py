"""Open alarms with their sentences, in the order they are read."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from clients.health.alarms import Kind
from clients.health.sentences import Said, say
from clients.masking import mask
from clients.models import Alarm
from staff.models import User

# The most pressing first: what stops everything, then what stops one client.
_ORDER = [kind.value for kind in Kind]


@dataclass(frozen=True)
class Line:
    """An alarm and what it says."""

    alarm: Alarm
    said: Said


def lines_of(alarms: Iterable[Alarm], *, user: User) -> list[Line]:
    """Put alarms in words, with the names of clients as this person is shown them."""
    alarms = list(alarms)
    mask((alarm.client for alarm in alarms if alarm.client), user=user)
    return [Line(alarm, say(alarm)) for alarm in alarms]


def open_alarms() -> QuerySet[Alarm, Alarm]:
    return Alarm.objects.open().select_related("client", "system_user", "seen_by")


def listed_alarms(*, is_history: bool) -> QuerySet[Alarm, Alarm]:
    """Return those that are open, or every one there has been, the newest first."""
    listed = Alarm.objects.all() if is_history else Alarm.objects.open()
    return listed.select_related("client", "system_user", "seen_by").order_by("-raised_at", "-pk")


def by_weight(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Order alarms: unseen before seen, the gravest kind first, then the newest."""

    def weight(one: Alarm) -> tuple[bool, int, float]:
        return one.seen_at is not None, _ORDER.index(one.kind), -one.raised_at.timestamp()

    return sorted(alarms, key=weight)
