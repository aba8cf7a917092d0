"""How a deadline is said: by calendar days in Norway, and never by colour alone."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from dialogs.working_days import SATURDAY, holidays_of

SOON_DAYS = 7
KEPT = 10_000
NBSP = "\u00a0"


@dataclass(frozen=True)
class Tag:
    text: str
    color: str  # of Designsystemet
    variant: str  # solid, tinted, outline or dashed

    @property
    def html(self) -> SafeString:
        """The tag as markup: there are a hundred on a page, and few that differ."""
        return _tag(self.text, self.color, self.variant)


@lru_cache(maxsize=1000)
def _tag(text: str, color: str, variant: str) -> SafeString:
    return format_html(
        '<span class="ds-tag" data-color="{}" data-variant="{}" data-size="sm">{}</span>',
        color,
        variant,
        text,
    )


@dataclass(frozen=True)
class Wording(Tag):
    below: str  # the other half: the date when the tag says the distance, and vice versa


def wording(deadline_at: datetime, *, now: datetime, settled: bool) -> Wording:
    """Say how far off a deadline is. A settled one no longer binds and is never red."""
    return _wording(deadline_at, timezone.localdate(now), settled, get_language())


# The same dialogs are listed all day: what is said of a moment is kept, by day and language.
@lru_cache(maxsize=KEPT)
def _wording(
    deadline_at: datetime,
    today: date,
    settled: bool,  # noqa: FBT001 (part of the key)
    _language: str | None,
) -> Wording:
    moment = timezone.localtime(deadline_at)
    day = moment.date()
    days = (day - today).days
    written = short_date(day, today=today) + _free_day(day)
    if settled:
        return Wording(written, "neutral", "outline", "")
    if days < 0:
        late = ngettext("%(n)s dag over frist", "%(n)s dager over frist", -days) % {"n": -days}
        return Wording(late, "danger", "solid", written)
    if days == 0:
        text = _("I dag") if _is_a_date(moment) else _("I dag %(at)s") % {"at": at_clock(moment)}
        return Wording(text, "danger", "tinted", written)
    if days == 1:
        return Wording(_("I morgen"), "danger", "tinted", written)
    distance = {"n": days}
    if days <= SOON_DAYS:
        return Wording(_("Om %(n)s dager") % distance, "warning", "tinted", written)
    return Wording(written, "neutral", "tinted", _("om %(n)s dager") % distance)


def at_clock(moment: datetime) -> str:
    """Return «kl. 09.41», which does not break over two lines."""
    return _("kl.") + f"{NBSP}{timezone.localtime(moment):%H.%M}"


def short_date(day: date, *, today: date) -> str:
    """Return «14. jan.», with the year when it is not this one."""
    text = f"{day.day}. {_short_months(get_language())[day.month - 1]}"
    return text if day.year == today.year else f"{text} {day.year}"


def long_moment(moment: datetime) -> str:
    """Return «22. oktober 2025 kl. 08.43», as Altinn writes it."""
    return _long_moment(moment, get_language())


@lru_cache(maxsize=KEPT)
def _long_moment(moment: datetime, _language: str | None) -> str:
    local = timezone.localtime(moment)
    return f"{_long_date(local)} {at_clock(local)}"


def long_deadline(moment: datetime) -> str:
    """Return the moment in full; only the date when authorities gave a date and no time."""
    local = timezone.localtime(moment)
    return _long_date(local) if _is_a_date(local) else long_moment(moment)


def _is_a_date(local: datetime) -> bool:
    """A date without a time is sent as the midnight it begins with."""
    return (local.hour, local.minute, local.second) == (0, 0, 0)


def _long_date(local: datetime) -> str:
    return f"{local.day}. {_long_months(get_language())[local.month - 1]} {local.year}"


def short_moment(moment: datetime, *, now: datetime) -> str:
    """Return «i dag kl. 08.43», «i går kl. 08.43» or a short date."""
    return _short_moment(moment, timezone.localdate(now), get_language())


@lru_cache(maxsize=KEPT)
def _short_moment(moment: datetime, today: date, _language: str | None) -> str:
    local = timezone.localtime(moment)
    days = (today - local.date()).days
    if days in {0, 1}:
        word = _("i går") if days else _("i dag")
        return f"{word} {at_clock(local)}"
    return short_date(local.date(), today=today)


@cache
def _short_months(_language: str | None) -> list[str]:
    return _("jan. feb. mars april mai juni juli aug. sep. okt. nov. des.").split()


@cache
def _long_months(_language: str | None) -> list[str]:
    return _(
        "januar februar mars april mai juni juli august september oktober november desember"
    ).split()


def _free_day(day: date) -> str:
    if day.weekday() >= SATURDAY:
        return " " + _("(helg)")
    return " " + _("(helligdag)") if day in holidays_of(day.year) else ""
