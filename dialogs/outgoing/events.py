"""What people can hear of, where, and what holds for those who have chosen nothing."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dialogs.models import Notice

Kind = Notice.Kind
DAILY, WEEKLY = "DAILY", "WEEKLY"


class Channel(models.TextChoices):
    BELL = "BELL", _("Portalen")
    EMAIL = "EMAIL", _("E-post")
    CHAT = "CHAT", _("Chat")


# Choices as they are kept: {"ASSIGNED": {"EMAIL": false}}.
Choices = Mapping[str, Mapping[str, bool]]

LABELS: dict[str, str | Promise] = {
    **{kind.value: kind.label for kind in Kind},
    DAILY: _("Daglig oppsummering kl. 07.00"),
    WEEKLY: _("Ukerapport mandag kl. 07.30"),
}
# Mailed from the start: what somebody waits for an answer to, or that is now one's own.
_MAILED = {
    Kind.ASSIGNED,
    Kind.MENTIONED,
    Kind.REOPENED,
    Kind.HANDED_OVER,
    Kind.STANDS_IN,
    Kind.APPROVAL,
    DAILY,
    WEEKLY,
}
_CHATTED = {Kind.ASSIGNED, Kind.MENTIONED, Kind.APPROVAL}  # once an address is given


def channels_of(event: str) -> tuple[Channel, ...]:
    """Where an event can be heard of. Summaries have no line behind the bell."""
    return (Channel.EMAIL,) if event in {DAILY, WEEKLY} else tuple(Channel)


def default_of(event: str, channel: str) -> bool:
    if channel == Channel.BELL:
        return event not in {DAILY, WEEKLY}
    return event in (_MAILED if channel == Channel.EMAIL else _CHATTED)


def is_chosen(choices: Choices, event: str, channel: str) -> bool:
    """Tell whether somebody has decided this themselves."""
    return channel in choices.get(event, {})


def wants(choices: Choices, event: str, channel: str) -> bool:
    return bool(choices.get(event, {}).get(channel, default_of(event, channel)))


def deviating(wanted: Mapping[tuple[str, str], bool]) -> dict[str, Any]:
    """Return what is to be kept: the choices that differ from the defaults."""
    kept: dict[str, dict[str, bool]] = {}
    for (event, channel), on in wanted.items():
        if on != default_of(event, channel):
            kept.setdefault(event, {})[channel] = on
    return kept
