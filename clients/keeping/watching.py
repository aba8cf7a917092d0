"""The services we want to hear of at every client, and those that are read by polling alone."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max

from clients.models import Subscription, SystemUser, WatchedService
from clients.subscribing import ASK_AGAIN, counts_of
from staff import audit
from staff.models import User

State = Subscription.State
ADDED = "service watched"
REMOVED = "service not watched"
ASKED_AGAIN = "subscriptions asked again"


@dataclass(frozen=True)
class Told:
    """How well Altinn tells one system user what happens."""

    system_user: SystemUser
    counts: dict[str, int]

    @property
    def working(self) -> int:
        return self.counts.get(State.VALIDATED, 0)

    @property
    def waiting(self) -> int:
        return self.counts.get(State.WANTED, 0) + self.counts.get(State.CREATED, 0)

    @property
    def refused(self) -> int:
        return self.counts.get(State.REFUSED, 0)

    @property
    def stopped(self) -> int:
        return self.counts.get(State.STOPPED, 0)

    @property
    def is_renewing(self) -> bool:
        return bool(self.counts["renewing"] or self.counts["old"])


@dataclass(frozen=True)
class PollOnly:
    """A service that lets nobody subscribe."""

    resource: str
    count: int
    refused_at: datetime

    @property
    def asked_again_at(self) -> datetime:
        return self.refused_at + ASK_AGAIN


def told() -> list[Told]:
    users = SystemUser.objects.usable().order_by("name", "pk")
    return [Told(one, counts_of(one.pk)) for one in users]


def poll_only() -> list[PollOnly]:
    refused = Subscription.objects.filter(state=State.REFUSED, refused_at__isnull=False)
    rows = refused.values_list("resource").annotate(n=Count("pk"), at=Max("refused_at"))
    return [PollOnly(*row) for row in rows.order_by("resource")]


def watch(resource: str, *, actor: User, now: datetime) -> None:
    """Want to hear of a service at every client. The subscriptions are made by a worker."""
    with transaction.atomic():
        one, is_new = WatchedService.objects.get_or_create(
            resource=resource, defaults={"added_by": actor, "added_at": now}
        )
        if is_new:
            audit.record(actor=actor, act=ADDED, about=f"service {one.resource}"[:100], now=now)


def stop_watching(service: WatchedService, *, actor: User, now: datetime) -> None:
    """Want it no more at clients to come; what is subscribed to stays, and does no harm."""
    with transaction.atomic():
        audit.record(actor=actor, act=REMOVED, about=f"service {service.resource}"[:100], now=now)
        service.delete()


def ask_again(resource: str, *, actor: User, now: datetime) -> int:
    """Ask Altinn once more about a service that refused; return at how many parties."""
    with transaction.atomic():
        refused = Subscription.objects.filter(state=State.REFUSED, resource=resource)
        count = refused.update(state=State.WANTED, wanted_at=now)
        if count:
            about = f"service {resource}"[:100]
            audit.record(actor=actor, act=ASKED_AGAIN, about=about, now=now, count=count)
    return count
