"""The inbox over HTTP. Shows what search gave; no view calls Altinn."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import push_url, trigger_client_event
from django_htmx.middleware import HtmxDetails

from dialogs import actions
from dialogs.forms import AssignForm
from dialogs.inbox import listing
from dialogs.inbox.deadlines import at_clock
from dialogs.inbox.filters import Filters
from dialogs.inbox.frame import frame_of
from dialogs.inbox.news import hits_among, read_ids
from dialogs.inbox.page import InboxPage
from dialogs.inbox.rows import Row
from staff.models import User

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
    page = _page(request)
    part = request.htmx.target if wants_part(request) else None
    if part == "panel" and dialog_id:
        return _parts(request, ["panel"], _opened(page, dialog_id))
    page.load(size=_size(request), also=dialog_id)
    context = {"page": page}
    if part == "flere":
        return _parts(request, ["flere"], context)
    if part:
        response = _parts(request, LISTED, context)
        here = reverse("dialogs:inbox")
        return response if "antall" in request.GET else push_url(response, here + page.query)
    if dialog_id:
        context |= _opened(page, dialog_id, with_list=True)
    return render(request, PAGE, context)


@require_POST
def assign(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    """Make oneself, a colleague or nobody responsible for a dialog."""
    page = _page(request)
    row = page.open(dialog_id)
    if row is None:
        raise Http404(_("Fant ikke dialogen"))
    form = AssignForm(request.POST, client_id=row.dialog.client_id)
    if not form.is_valid():
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return _assigned(request, dialog_id, said=said, status=409)
    responsible = form.cleaned_data["responsible"]
    try:
        decision = actions.Decision(request.user, page.now, form.cleaned_data["work_version"])
        actions.assign_dialog(row.dialog, responsible, decision)
    except actions.SomebodyWasFirst as exc:
        said = _who_was_first(exc, _page(request).open(dialog_id))
        return _assigned(request, dialog_id, said=said, status=409, wish=responsible)
    return _assigned(request, dialog_id)


@require_GET
@never_cache
def news(request: StaffRequest) -> JsonResponse:
    """Say whether anything changed, and which of some dialogs belong to the list."""
    page = _page(request)
    ids = read_ids(request.GET.getlist("id"))
    hits = hits_among(ids, user=request.user, filters=page.filters, now=page.now)
    return JsonResponse({"siden": frame_of(request).signature, "treff": [str(pk) for pk in hits]})


def _page(request: StaffRequest) -> InboxPage:
    return InboxPage(request.user, Filters.read(request.GET), frame_of(request), now=timezone.now())


def _size(request: StaffRequest) -> int:
    """Return how many rows to show: a page that is refreshed keeps what it had."""
    asked = request.GET.get("antall", "")
    rows = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 0
    return min(max(rows, listing.PAGE_SIZE), listing.MOST_ROWS)


def _opened(
    page: InboxPage, dialog_id: UUID, *, wish: User | None = None, with_list: bool = False
) -> dict[str, Any]:
    """Return what the panel shows.

    Raises:
        Http404: there is no such dialog, or this person may not see it.
    """
    row = page.open(dialog_id)
    if row is None:
        raise Http404(_("Fant ikke dialogen"))
    if with_list:
        _choices = page.choices  # the colleagues come with the filter bar's choices
    return {"page": page, "opened": row, "assign_options": page.assign_options(wish)}


def _assigned(
    request: StaffRequest,
    dialog_id: UUID,
    *,
    said: str = "",
    status: int = 200,
    wish: User | None = None,
) -> HttpResponse:
    """Answer with what is there now: the parts that the page shows, or the page itself."""
    page = _page(request)
    if not wants_part(request) and not said:
        if request.POST.get("fra") == "rad":
            return redirect(reverse("dialogs:inbox") + page.query)
        return redirect(reverse("dialogs:dialog", args=[dialog_id]) + page.query)
    if not wants_part(request):
        page.load(also=dialog_id)
    context = _opened(page, dialog_id, wish=wish) | {"said": said}
    if not wants_part(request):
        return render(request, PAGE, context, status=status)
    shown = set(request.POST.get("vis", "").split())
    parts = [part for part in ("ansvarlig", "panel") if part in shown]
    response = _parts(request, [*parts, "melding"], context, status=status, aside=True)
    responsible = context["opened"].dialog.responsible
    text = _("Ansvarlig er %(name)s.") % {"name": responsible} if responsible else _("Ufordelt.")
    return trigger_client_event(response, "si", {"tekst": said or text})


def _who_was_first(exc: actions.SomebodyWasFirst, row: Row | None) -> str:
    now = row.dialog.responsible if row else None
    entry = exc.entry
    who = str(entry.actor) if entry and entry.actor else _("Noen")
    when = f" {at_clock(entry.at)}" if entry else ""
    is_now = _("Nå er %(name)s ansvarlig.") % {"name": now} if now else _("Nå er den ufordelt.")
    first = _("%(who)s endret ansvarlig%(when)s.") % {"who": who, "when": when}
    return f"{first} {is_now} " + _("Valget ditt står; lagre på nytt hvis det skal gjelde.")


def _parts(
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
