"""What each person wants of a notice, and writing down what is to be sent."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from dialogs.models import ClientNoticeChoice, Delivery, Notice, NoticeChoices
from dialogs.outgoing.events import Channel, is_chosen, wants
from dialogs.outgoing.quiet import Quiet

Rule = ClientNoticeChoice.Rule

# What comes within this is sent as one message.
GATHER = timedelta(seconds=60)


@dataclass(frozen=True)
class Wishes:
    """What somebody has chosen of notices."""

    choices: NoticeChoices | None = None
    clients: dict[int, str] = field(default_factory=dict)  # client's key: rule

    def in_bell(self, kind: str, client_id: int | None) -> bool:
        return self._wants(kind, Channel.BELL) and self._rule(client_id) != Rule.MUTED

    def outside(self, kind: str, client_id: int | None) -> list[Channel]:
        """Return where else it is to go."""
        is_only = Rule.ONLY in self.clients.values() and client_id is not None
        rule = self._rule(client_id)
        if rule in {Rule.MUTED, Rule.BELL} or (is_only and rule != Rule.ONLY):
            return []
        return [one for one in self._reached if self._wants(kind, one)]

    def is_reached(self, event: str, channel: Channel) -> bool:
        """Whether something is to go this way at all."""
        return channel in self._reached and self._wants(event, channel)

    @property
    def _reached(self) -> list[Channel]:
        """Where this person can be reached at all."""
        reached = [Channel.EMAIL] if settings.EMAIL_HOST else []
        return [*reached, Channel.CHAT] if self.choices and self.choices.chat_url else reached

    def _rule(self, client_id: int | None) -> str:
        return self.clients.get(client_id, "") if client_id is not None else ""

    def _wants(self, kind: str, channel: Channel) -> bool:
        return wants(self.choices.events if self.choices else {}, kind, channel)

    def is_chosen(self, kind: str, channel: Channel) -> bool:
        return is_chosen(self.choices.events if self.choices else {}, kind, channel)


def wishes_of(users: Iterable[int]) -> dict[int, Wishes]:
    """Return what people have chosen, by their keys. Two statements, however many they are."""
    users = list(users)
    if not users:
        return {}
    choices = NoticeChoices.objects.in_bulk(users)
    clients: dict[int, dict[int, str]] = defaultdict(dict)
    rules = ClientNoticeChoice.objects.filter(user__in=users)
    for user, client, rule in rules.values_list("user", "client", "rule"):
        clients[user][client] = rule
    return {pk: Wishes(choices.get(pk), dict(clients[pk])) for pk in users}


def write_down(
    notices: Iterable[Notice],
    wishes: dict[int, Wishes],
    *,
    client_id: int | None,
    now: datetime,
) -> None:
    """Write down what is to be sent of notices, with the notices themselves."""
    Delivery.objects.bulk_create(
        [
            delivery(
                notice.user_id,
                channel,
                notice.kind,
                key=f"notice {notice.pk}",
                notice=notice,
                wishes=wishes[notice.user_id],
                now=now,
                wait=GATHER,
            )
            for notice in notices
            for channel in wishes[notice.user_id].outside(notice.kind, client_id)
        ]
    )


def delivery(
    user_id: int,
    channel: Channel,
    event: str,
    *,
    key: str,
    wishes: Wishes,
    now: datetime,
    notice: Notice | None = None,
    wait: timedelta = timedelta(),
) -> Delivery:
    """Return what is to be sent to one person, not before their quiet hours are over."""
    wanted_at = now + wait
    due_at = Quiet.of(wishes.choices).until(wanted_at)
    return Delivery(
        user_id=user_id,
        channel=channel.value,
        event=event,
        notice=notice,
        key=key,
        is_chosen=wishes.is_chosen(event, channel),
        created_at=now,
        due_at=due_at,
        is_held=due_at > wanted_at,
    )
