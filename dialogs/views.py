"""The inbox over HTTP. Shows what search gave; no view calls Altinn."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import push_url
from django_htmx.middleware import HtmxDetails

from dialogs.inbox import listing
from dialogs.inbox.filterbar import MENUS, groups_of
from dialogs.inbox.filters import Filters, filters_of
from dialogs.inbox.frame import frame_of
from dialogs.inbox.listing import Scope
from dialogs.inbox.news import hits_among, read_ids
from dialogs.inbox.page import InboxPage
from staff.models import User
from staff.reading import own_affair

PAGE = "dialogs/inbox.html"
LISTED = ["liste", "overskrift", "menyvalg"]


class StaffRequest(HttpRequest):
    """A request past LoginRequiredMiddleware and HtmxMiddleware, for the type checker."""

    user: User
    htmx: HtmxDetails


def wants_part(request: StaffRequest) -> bool:
    """Tell an htmx swap from a page load; going «back» needs the whole page."""
    return bool(request.htmx) and not request.htmx.history_restore_request


@require_safe
@never_cache
@vary_on_headers("HX-Request", "HX-Target", "HX-History-Restore-Request")
def inbox(request: StaffRequest, dialog_id: UUID | None = None) -> HttpResponse:
    """List the dialogs this person may see, soonest deadline first, and show one beside it."""
    page = page_of(request)
    part = request.htmx.target if wants_part(request) else None
    if part == "panel" and dialog_id:
        return parts_of(request, ["panel"], _opened(page, dialog_id))
    page.load(size=_size(request), also=dialog_id)
    context = {"page": page}
    if part == "flere":
        return parts_of(request, ["flere"], context)
    if part:
        response = parts_of(request, LISTED, context)
        here = reverse("dialogs:inbox")
        return response if "antall" in request.GET else push_url(response, here + page.query)
    if dialog_id:
        context |= _opened(page, dialog_id)
    return render(request, PAGE, context)


@require_GET
@never_cache
def news(request: StaffRequest) -> JsonResponse:
    """Say whether anything changed, and which of some dialogs belong to the list."""
    page = page_of(request)
    ids = read_ids(request.GET.getlist("id"))
    hits = hits_among(ids, Scope.of(frame_of(request).sight, page.filters, now=page.now))
    return JsonResponse({"siden": frame_of(request).signature, "treff": [str(pk) for pk in hits]})


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def filters(request: StaffRequest) -> HttpResponse:
    """Offer the filters behind one button of the bar, or all of them on a page of their own."""
    page = page_of(request)
    asked = request.GET.get("valg", "")
    keys = [asked] if asked in MENUS else list(MENUS)
    groups = [group for key in keys for group in groups_of(key, request.user, page.filters)]
    template = "dialogs/filter_groups.html" if wants_part(request) else "dialogs/filter_page.html"
    return render(request, template, {"page": page, "groups": groups})


@own_affair
@require_POST
def density(request: StaffRequest) -> HttpResponse:
    """Show the list with one line a row, or with two; kept for this person."""
    request.user.is_compact = request.POST.get("tetthet") == "kompakt"
    request.user.save(update_fields=["is_compact"])
    query = Filters.read(QueryDict(request.POST.get("liste", "").lstrip("?"))).as_query()
    return redirect(reverse("dialogs:inbox") + (f"?{query}" if query else ""))


def page_of(request: StaffRequest) -> InboxPage:
    return InboxPage(request.user, filters_of(request), frame_of(request), now=timezone.now())


def _size(request: StaffRequest) -> int:
    """Return how many rows to show: a page that is refreshed keeps what it had."""
    asked = request.GET.get("antall", "")
    rows = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 0
    return min(max(rows, listing.PAGE_SIZE), listing.MOST_ROWS)


def _opened(page: InboxPage, dialog_id: UUID) -> dict[str, Any]:
    """Return what the panel shows.

    Raises:
        Http404: there is no such dialog, or this person may not see it.
    """
    row = page.open(dialog_id)
    if row is None:
        raise Http404(_("Fant ikke dialogen"))
    return {"page": page, "opened": row}


def parts_of(
    request: StaffRequest,
    names: list[str],
    context: dict[str, Any],
    *,
    status: int = 200,
    aside: bool = False,
) -> HttpResponse:
    """Render parts of the page. The first goes where htmx aims, unless all are set `aside`."""
    html = [
        render_to_string(f"{PAGE}#{name}", context | {"oob": aside or number > 0}, request)
        for number, name in enumerate(names)
    ]
    return HttpResponse("".join(html), status=status)
