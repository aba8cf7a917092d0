"""The weekly report for those who lead: where the work stands, and where help is needed."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialogs.inbox.deadlines import short_date
from dialogs.models import Delivery
from dialogs.outgoing.events import WEEKLY
from dialogs.outgoing.letters import Letter, Line, Section, whole
from dialogs.outgoing.summaries import LEADING
from dialogs.outgoing.telling import reason_of
from dialogs.reports.standing import By, Standing, standing
from staff.models import User

MOST_LINES = 30  # of each part; more than that is not read in a mail


def letter_for(user: User, delivery: Delivery, *, now: datetime) -> Letter | None:
    """Return the report, or None when nothing is open or the person leads no more."""
    if user.role not in LEADING:
        return None
    [firm] = standing(user, by=By.FIRM, now=now)
    if not firm.open:
        return None
    today = timezone.localdate(now)
    week = today.isocalendar().week
    subject = _("Uke %(week)s: %(overdue)s over frist, %(open)s åpne")
    numbers = {"week": week, "overdue": firm.overdue, "open": firm.open}
    sections = [Section(_("Firmaet"), [_line(firm, now=now)])]
    for heading, by in ((_("Team"), By.TEAM), (_("Ansvarlige, alfabetisk"), By.RESPONSIBLE)):
        rows = [row for row in standing(user, by=by, now=now) if row.open]
        if len(rows) > 1:
            sections.append(_section(heading, rows, now=now))
    return Letter(
        subject % numbers,
        sections,
        why=[_("Tallene viser hvor det trengs hjelp. De rangerer ingen."), reason_of(delivery)],
        events=[WEEKLY],
    )


def _section(heading: str, rows: list[Standing], *, now: datetime) -> Section:
    """List the rows as they come: none first, then by name."""
    lines = [_line(row, now=now) for row in rows[:MOST_LINES]]
    if (left := len(rows) - MOST_LINES) > 0:
        lines.append(Line(_("og %(n)s til") % {"n": left}))
    return Section(heading, lines)


def _line(row: Standing, *, now: datetime) -> Line:
    numbers = {"label": row.label, "n": row.open}
    text = ngettext("%(label)s: %(n)s åpen", "%(label)s: %(n)s åpne", row.open) % numbers
    parts = [
        _("%(n)s over frist") % {"n": row.overdue},
        _("%(n)s med frist de neste sju dagene") % {"n": row.due_in_7_days},
    ]
    if row.oldest_on:
        day = short_date(row.oldest_on, today=timezone.localdate(now))
        parts.append(_("eldste frist %(day)s") % {"day": day})
    return Line(text, whole(row.href), ", ".join(parts))
