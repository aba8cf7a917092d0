"""The calendar of deadlines: a month at a glance, a week with its dialogs."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dialogs.inbox import listed
from dialogs.inbox.filters import YEARS, Filters
from dialogs.inbox.frame import frame_of
from dialogs.inbox.rows import Row
from dialogs.reports.calendar import Day, listed_in, month_of, next_month, week_of
from dialogs.reports.scope import read
from dialogs.reports.views import about
from dialogs.views import StaffRequest


@require_safe
@never_cache
def deadlines(request: StaffRequest) -> HttpResponse:
    """Show when deadlines fall, in the month or the week that is asked for."""
    within = read(request.GET, request.user)
    context = {"tab": "deadlines", **about(request.user, within)}
    today = timezone.localdate()
    if "uke" in request.GET:
        return _week(request, within, day_asked(request.GET, "uke") or today, context)
    return _month(request, within, day_asked(request.GET, "maned") or today, context)


def _month(
    request: StaffRequest, within: Filters, day: date, context: dict[str, Any]
) -> HttpResponse:
    first = day.replace(day=1)
    weeks = month_of(request.user, within, first, now=timezone.now())
    context |= {
        "month": first,
        "weeks": weeks,
        "total": sum(day.total for week in weeks for day in week if not day.is_outside),
        "previous": f"{first - timedelta(days=1):%Y-%m}",
        "next": f"{next_month(first):%Y-%m}",
    }
    return render(request, "dialogs/reports/month.html", context)


def _week(
    request: StaffRequest, within: Filters, day: date, context: dict[str, Any]
) -> HttpResponse:
    now = timezone.now()
    monday = day - timedelta(days=day.weekday())
    days = week_of(request.user, within, monday, now=now)
    ids = listed_in(request.user, within, monday, now=now)
    found = listed.fetch(ids, sight=frame_of(request).sight, today=timezone.localdate(now))
    rows = [Row(found[pk], now) for pk in ids if pk in found]
    context |= {
        "monday": monday,
        "days": [(day, _on(rows, day)) for day in days],
        "total": sum(day.total for day in days),
        "previous": monday - timedelta(days=7),
        "next": monday + timedelta(days=7),
    }
    return render(request, "dialogs/reports/week.html", context)


def _on(rows: list[Row], day: Day) -> list[Row]:
    return [
        row
        for row in rows
        if row.listed.deadline_at and timezone.localdate(row.listed.deadline_at) == day.on
    ]


def day_asked(query: QueryDict, name: str) -> date | None:
    """Return the day an address asks for: 2026-12-24, or 2026-12 for the first of the month."""
    text = query.get(name, "")
    try:
        day = date.fromisoformat(f"{text}-01" if len(text) == len("2026-12") else text)
    except ValueError:
        return None
    # A month or a week to each side must be there too.
    return day if YEARS.start < day.year < YEARS.stop - 1 else None
