"""Stop a kind of mail from the mail itself: a signed address that needs no log-in.

Looking at the address changes nothing, as mail filters look at every one; a POST does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db import transaction
from django.urls import reverse

from dialogs.models import NoticeChoices
from dialogs.outgoing.events import LABELS, Channel
from staff import audit
from staff.models import User

SALT = "dialogs.outgoing.unsubscribing"
CHANGED = "notice choices changed"


@dataclass(frozen=True)
class Wish:
    """Whom and what an address speaks of."""

    user: User
    events: Sequence[str]

    @property
    def labels(self) -> list[str]:
        return [str(LABELS[event]) for event in self.events]


def address_for(user: User, events: Iterable[str]) -> str:
    code = signing.dumps([user.pk, sorted(set(events))], salt=SALT)
    return reverse("dialogs:notices-off", args=[code])


def read(code: str) -> Wish | None:
    """Return what a code says, or None when it is not ours or the person has left."""
    try:
        key, events = signing.loads(code, salt=SALT)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=key, is_active=True).first()
    return Wish(user, [one for one in events if one in LABELS]) if user else None


def stop(wish: Wish, *, now: datetime) -> None:
    """Send no more of these by mail. Once more changes nothing."""
    with transaction.atomic():
        NoticeChoices.objects.get_or_create(user=wish.user)
        choices = NoticeChoices.objects.select_for_update(no_key=True).get(user=wish.user)
        before = choices.events
        after = before | {
            event: before.get(event, {}) | {Channel.EMAIL.value: False} for event in wish.events
        }
        if after == before:
            return
        choices.events = after
        choices.save(update_fields=["events"])
        audit.record(
            actor=wish.user,
            act=CHANGED,
            about=f"user {wish.user.pk}",
            now=now,
            stopped=list(wish.events),
            by="mail",
        )
