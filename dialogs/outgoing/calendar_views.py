"""Calendars over HTTP: making and revoking them, and reading one by its secret address."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dialogs.outgoing import calendars
from dialogs.outgoing.forms import CalendarForm
from dialogs.outgoing.letters import whole
from dialogs.views import StaffRequest
from staff.reading import own_affair


@own_affair
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def calendar_list(request: StaffRequest) -> HttpResponse:
    """List one's own calendars; a POST makes one, and shows its address this once."""
    posted = request.POST if request.method == "POST" else None
    form = CalendarForm(posted, user=request.user)
    mine = request.user.calendar_feeds.filter(revoked_at=None)
    address = ""
    if posted is not None and mine.count() >= calendars.MOST_FEEDS:
        messages.error(request, _("Du har så mange kalendere som det går an å ha. Fjern en først."))
        return redirect("dialogs:calendars")
    if posted is not None and form.is_valid():
        _feed, code = calendars.make(request.user, now=timezone.now(), **form.cleaned_data)
        address = whole(reverse("dialogs:calendar", args=[code]))
        form = CalendarForm(user=request.user)
    shown = mine.select_related("team", "client", "owner").order_by("-created_at")
    context = {
        "form": form,
        "address": address,
        "lines": [(one, calendars.name_of(one)) for one in shown],
    }
    status = 422 if posted is not None and not address else 200
    return render(request, "dialogs/outgoing/calendars.html", context, status=status)


@own_affair
@require_POST
def calendar_revoke(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Let an address lead nowhere from now on."""
    feed = get_object_or_404(request.user.calendar_feeds.filter(revoked_at=None), pk=pk)
    calendars.revoke(feed, actor=request.user, now=timezone.now())
    messages.success(request, _("Kalenderen er fjernet. Adressen virker ikke lenger."))
    return redirect("dialogs:calendars")


@login_not_required
@require_safe
@never_cache
def calendar(request: HttpRequest, code: str) -> HttpResponse:
    """Give a calendar program what it asks for. Whoever has the address may read."""
    feed = calendars.feed_behind(code)
    if feed is None:
        raise Http404(_("Det er ingen kalender på denne adressen."))
    now = timezone.now()
    if request.method == "GET":
        calendars.note_reading(feed, now=now)
    with override(feed.owner.language):
        content = calendars.as_ics(feed, now=now)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="frister.ics"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
