"""Send what is written down, each once, and write down what came of it.

A message is claimed before it is sent. When nobody knows what came of one – the worker was killed,
or the server fell silent – it is not sent again: better none than two, as the bell has it anyway.
"""

import logging
import time
import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import translation

from dialogs.models import Delivery, NoticeChoices
from dialogs.outgoing import chat, daily, mail, weekly
from dialogs.outgoing.events import DAILY, WEEKLY, Channel
from dialogs.outgoing.letters import Letter, message_to
from dialogs.outgoing.outcomes import Outcome
from dialogs.outgoing.telling import LEFT, NOT_WANTED, NOTHING, letter_about, sort_out
from dialogs.outgoing.wishes import Wishes
from staff.models import User

log = logging.getLogger(__name__)

State = Delivery.State
SUMMARIES = {DAILY, WEEKLY}
AT_ONCE = 200  # notices in one message
MOST_TRIES = 6
FIRST_WAIT = timedelta(minutes=2)  # doubled each time: the last is an hour after the one before
LOST_AFTER = timedelta(minutes=5)  # longer than a worker may work on one
SECONDS = 60  # of one turn


def deliver_due(*, now: datetime) -> int:
    """Send what is due, for a minute at most; return how many messages went."""
    give_up(now=now)
    until, count = time.monotonic() + SECONDS, 0
    while time.monotonic() < until and (claimed := _claim(now=now)):
        _deliver(claimed, now=now)
        count += 1
    return count


def give_up(*, now: datetime) -> None:
    """Settle what a worker was sending when it was killed: it may have arrived."""
    lost = Delivery.objects.filter(state=State.SENDING, sent_at__lt=now - LOST_AFTER)
    if count := lost.update(state=State.UNKNOWN, settled_at=now, trouble="broken off"):
        log.warning("%s notices were broken off while they were sent", count)


def _claim(*, now: datetime) -> list[Delivery]:
    """Take what is due for one person in one place, and write down that it is being sent."""
    due = Delivery.objects.filter(state=State.WAITING, due_at__lte=now).order_by("due_at", "pk")
    keys: list[int] = []
    while not keys:
        if (first := due.first()) is None:
            return []
        with transaction.atomic():
            # Whoever takes for the same person waits here, and then finds them taken.
            User.objects.select_for_update(no_key=True).get(pk=first.user_id)
            mine = due.filter(user=first.user_id, channel=first.channel)
            is_summary = first.event in SUMMARIES
            mine = mine.filter(pk=first.pk) if is_summary else mine.exclude(event__in=SUMMARIES)
            keys = list(mine.values_list("pk", flat=True)[:AT_ONCE])
            Delivery.objects.filter(pk__in=keys).update(
                state=State.SENDING, sent_at=now, message=uuid.uuid4(), tries=F("tries") + 1
            )
    claimed = Delivery.objects.filter(pk__in=keys).select_related("user", "notice__actor")
    return list(claimed.order_by("pk"))


def _deliver(claimed: Sequence[Delivery], *, now: datetime) -> None:
    """Make up one message, send it, and settle what it was about."""
    user = claimed[0].user
    with translation.override(user.language):
        letter, told = _letter_of(claimed, user, now=now)
        if letter is None:
            return
        outcome, address = _send(letter, told[0], user)
    for one in told:
        _settle(one, outcome, address=address, now=now)


def _letter_of(
    claimed: Sequence[Delivery], user: User, *, now: datetime
) -> tuple[Letter | None, Sequence[Delivery]]:
    """Return what is to be said and of which deliveries; the others are settled as left out."""
    if not user.is_active:
        _leave_out(claimed, LEFT, now=now)
        return None, ()
    wanted = _still_wanted(claimed, user, now=now)
    if not wanted:
        return None, ()
    first = wanted[0]
    if first.event in SUMMARIES:
        compose = daily.letter_for if first.event == DAILY else weekly.letter_for
        letter = compose(user, first, now=now)
        if letter is None:
            _leave_out(wanted, NOTHING, now=now)
        return letter, wanted
    told, left_out = sort_out(wanted, user)
    for one, why in left_out.items():
        _leave_out([one], why, now=now)
    letter = letter_about(told, now=now) if told else None
    return letter, [one for one, _subject in told]


def _still_wanted(claimed: Sequence[Delivery], user: User, *, now: datetime) -> Sequence[Delivery]:
    """Leave out what the person has said no to since it was written down."""
    wishes = Wishes(NoticeChoices.objects.filter(user=user).first())
    wanted = [one for one in claimed if wishes.is_reached(one.event, Channel(one.channel))]
    if unwanted := [one for one in claimed if one not in wanted]:
        _leave_out(unwanted, NOT_WANTED, now=now)
    return wanted


def _send(letter: Letter, first: Delivery, user: User) -> tuple[Outcome, str]:
    assert first.message is not None  # noqa: S101 (given when it was claimed)
    if first.channel == Delivery.Channel.CHAT:
        choices = NoticeChoices.objects.get(user=user)
        return chat.post(choices, letter), choices.chat_host
    return mail.post(message_to(user, letter, message_id=first.message)), user.email


def _settle(delivery: Delivery, outcome: Outcome, *, address: str, now: datetime) -> None:
    if outcome.state != State.SENT:
        log.warning("Delivery %s: %s %s", delivery.pk, outcome.state, outcome.trouble)
    fields = {"state": outcome.state, "trouble": outcome.trouble[:200], "address": address[:255]}
    if outcome.state == State.WAITING and delivery.tries < MOST_TRIES:
        wait = FIRST_WAIT * 2 ** (delivery.tries - 1)
        _update([delivery], **fields, message=None, sent_at=None, due_at=now + wait)
        return
    if outcome.state == State.WAITING:
        fields["state"] = State.REFUSED
    _update([delivery], **fields, settled_at=now)


def _leave_out(deliveries: Collection[Delivery], why: str, *, now: datetime) -> None:
    _update(deliveries, state=State.LEFT_OUT, trouble=why, settled_at=now, sent_at=None)


def _update(deliveries: Collection[Delivery], **fields: object) -> None:
    """Move on what is still ours; what was given up meanwhile stays as it is."""
    mine = Delivery.objects.filter(pk__in=[one.pk for one in deliveries], state=State.SENDING)
    mine.update(**fields)
