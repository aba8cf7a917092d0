"""Change what somebody wants to hear of. All of it is one's own, and noted in the log."""

from datetime import datetime
from typing import Any

from django.db import transaction

from clients.models import Client
from dialogs.models import ClientNoticeChoice, NoticeChoices
from dialogs.outgoing import chat
from dialogs.outgoing.events import WEEKLY, Channel, deviating, wants
from dialogs.outgoing.unsubscribing import CHANGED
from staff import audit
from staff.models import User

MOST_CLIENTS = 200  # exceptions of one person


def choices_of(user: User) -> NoticeChoices:
    """Return what somebody has chosen; not kept until they choose something."""
    return NoticeChoices.objects.filter(user=user).first() or NoticeChoices(user=user)


def save(choices: NoticeChoices, wanted: dict[str, Any], *, now: datetime) -> None:
    """Keep what was chosen of events and quiet hours."""
    for name, value in wanted.items():
        setattr(choices, name, value)
    with transaction.atomic():
        choices.save()
        changed = {name: _plain(value) for name, value in wanted.items()}
        _note(choices.user, now=now, **changed)


def gets_weekly(user: User) -> bool:
    """Whether the weekly report is mailed to them, if they lead."""
    return wants(choices_of(user).events, WEEKLY, Channel.EMAIL)


def get_weekly(user: User, *, now: datetime) -> None:
    """Have the weekly report mailed from now on."""
    choices = choices_of(user)
    wanted = {
        (event, channel): on
        for event, chosen in choices.events.items()
        for channel, on in chosen.items()
    }
    save(choices, {"events": deviating(wanted | {(WEEKLY, Channel.EMAIL): True})}, now=now)


def use_chat(choices: NoticeChoices, program: str, url: str, *, now: datetime) -> None:
    """Write to this chat from now on; with an empty address, to none."""
    chat.keep(choices, program, url)
    with transaction.atomic():
        choices.save()
        _note(choices.user, now=now, chat=program, host=choices.chat_host)


def set_rule(user: User, client: Client, rule: str, *, now: datetime) -> None:
    """Treat a client's notices otherwise; with an empty rule, as the others'."""
    with transaction.atomic():
        if rule:
            ClientNoticeChoice.objects.update_or_create(
                user=user, client=client, defaults={"rule": rule}
            )
        else:
            ClientNoticeChoice.objects.filter(user=user, client=client).delete()
        _note(user, now=now, client=client.pk, rule=rule)


def _note(user: User, *, now: datetime, **detail: Any) -> None:
    audit.record(actor=user, act=CHANGED, about=f"user {user.pk}", now=now, **detail)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
