"""Where somebody begins: Min dag, or the list they have chosen instead."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clients.setup.steps import card_for
from dialogs.home.day import Day
from dialogs.home.visits import new_since, note_visit
from dialogs.inbox import listed
from dialogs.inbox.filters import Filters
from dialogs.inbox.frame import frame_of
from dialogs.inbox.rows import Row
from dialogs.models import SavedSearch, StartSearch
from dialogs.views import StaffRequest


@require_safe
@never_cache
def start(request: StaffRequest) -> HttpResponse:
    """Send somebody who logs in to the list they want to begin with, else to Min dag."""
    chosen = StartSearch.objects.filter(user=request.user).values("search")
    search = SavedSearch.objects.offered_to(request.user).filter(pk__in=chosen).first()
    if search is None:
        return redirect("dialogs:home")
    filters = replace(Filters.read(QueryDict(search.query)), search=search.pk)
    return redirect(f"{reverse('dialogs:inbox')}?{filters.as_query()}")


@require_safe
@never_cache
def home(request: StaffRequest) -> HttpResponse:
    """Show what presses today and what is new."""
    now = timezone.now()
    if request.method == "GET":
        note_visit(request.user, now=now)
    sight = frame_of(request).learned_sight
    day = Day(sight, since=new_since(request.user, now=now), now=now)
    wanted = {*day.next, *day.back, *day.internal}
    found = listed.fetch(wanted, sight=sight, today=day.today)

    def rows(ids: list[UUID]) -> list[Row]:
        return [Row(found[pk], now) for pk in ids if pk in found]

    context = {
        "day": day,
        "next": sorted(rows(day.next), key=lambda row: (row.listed.deadline_at, row.pk)),
        "back": rows(day.back),
        "internal": rows(day.internal),
        "next_on": _written(day.next_on, today=day.today) if day.next_on else "",
        "since": _written(day.since, today=day.today),
        "setup": card_for(request.user, now=now),
    }
    return render(request, "dialogs/home/day.html", context)


def _written(day: date, *, today: date) -> str:
    """Return «25. oktober», with the year when it is not this one."""
    return date_format(day, "j. F" if day.year == today.year else "j. F Y")
