"""Days to choose by one key, and which days a dialog can be put aside to or be due on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialogs.inbox.deadlines import at_clock, short_moment
from dialogs.models import Dialog
from dialogs.working_days import next_working_day, working_days_before

WORKING_DAYS = (1, 3, 5)


@dataclass(frozen=True)
class Preset:
    """A day to choose by pressing a digit."""

    digit: int
    label: str
    day: date
    written: str  # «torsdag 3. desember»
    is_possible: bool

    @property
    def value(self) -> str:
        return self.day.isoformat()


def in_words(day: date, *, today: date) -> str:
    """Return «3. desember», with the year when it is not this one. May end a sentence."""
    return date_format(day, "j.\u00a0F" if day.year == today.year else "j.\u00a0F Y")


def with_weekday(day: date, *, today: date) -> str:
    """Return «torsdag 3. desember»."""
    return f"{date_format(day, 'l')} {in_words(day, today=today)}"


def moment_in_words(at: datetime, *, now: datetime) -> str:
    """Return «i dag kl. 08.43», «i går kl. 08.43» or «3. desember kl. 08.43»."""
    today, day = timezone.localdate(now), timezone.localdate(at)
    if (today - day).days in {0, 1}:
        return short_moment(at, now=now)
    return f"{in_words(day, today=today)} {at_clock(at)}"


def last_snooze_day(dialog: Dialog) -> date | None:
    """Return the day of the deadline: a dialog has to be back by then."""
    return timezone.localdate(dialog.deadline_at) if dialog.deadline_at else None


def outer_deadline(dialog: Dialog) -> date | None:
    """Return the day the internal deadline has to keep: the authority's, else the estimated."""
    if dialog.binding_at:
        return timezone.localdate(dialog.binding_at)
    return dialog.estimated_due_on


def snooze_presets(dialog: Dialog, *, today: date) -> list[Preset]:
    latest = last_snooze_day(dialog)
    named = {
        _("I morgen"): today + timedelta(days=1),
        _("Neste mandag"): today + timedelta(days=7 - today.weekday()),
        _("Om en uke"): today + timedelta(days=7),
    }
    return [
        _preset(digit, label, day, today, is_possible=latest is None or day <= latest)
        for digit, (label, day) in enumerate(named.items(), start=1)
    ]


def internal_presets(dialog: Dialog, *, today: date) -> list[Preset]:
    """Offer some working days before the deadline; without one, some working days from now."""
    outer = outer_deadline(dialog)
    presets = []
    for digit, count in enumerate(WORKING_DAYS, start=1):
        if outer and outer > today:
            day = working_days_before(outer, count)
            label = ngettext("%(n)s virkedag før fristen", "%(n)s virkedager før fristen", count)
        else:
            day = _working_days_after(today, count)
            label = ngettext("%(n)s virkedag fra nå", "%(n)s virkedager fra nå", count)
        label %= {"n": count}
        presets.append(_preset(digit, label, day, today, is_possible=day >= today))
    return presets


def _preset(digit: int, label: str, day: date, today: date, *, is_possible: bool) -> Preset:
    return Preset(digit, label, day, with_weekday(day, today=today), is_possible)


def _working_days_after(day: date, count: int) -> date:
    for _each in range(count):
        day = next_working_day(day)
    return day


def refuse_snooze(day: date, *, latest: date | None, today: date) -> str:
    """Say why a dialog cannot be put aside until a day; nothing if it can."""
    if day <= today:
        return _("Velg en dag etter i dag.")
    if latest is None or day <= latest:
        return ""
    said = {"day": in_words(latest, today=today)}
    if latest <= today:
        return _("Fristen er %(day)s, så dialogen kan ikke utsettes.") % said
    return _("Fristen er %(day)s. Velg senest den dagen.") % said


def refuse_internal_due(day: date, *, outer: date | None, today: date) -> str:
    """Say why a day cannot be the internal deadline; nothing if it can."""
    if day < today:
        return _("Velg i dag eller en senere dag.")
    if outer and today <= outer < day:
        said = {"day": in_words(outer, today=today)}
        return _("Fristen er %(day)s. Velg senest den dagen.") % said
    return ""
