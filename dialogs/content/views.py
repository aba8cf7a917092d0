"""The dialog itself over HTTP. Only what a person presses asks Altinn of anything."""

import hashlib
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from altinn.details import Details, Transmission
from altinn.errors import AltinnError
from clients.connect import NotConfigured
from dialogs import live
from dialogs.actions import Touched
from dialogs.bulk import jobs, tasks
from dialogs.bulk.acts import Act
from dialogs.content import bodies, labels, opening
from dialogs.content.page import ContentPage
from dialogs.content.troubles import Trouble, moved_meanwhile, trouble_of
from dialogs.content.why import Why, why
from dialogs.views import StaffRequest, wants_part
from dialogs.work.changing import opened

NOT_DONE = 409
PAGE = "dialogs/content/page.html"
PARTS = "dialogs/content/parts.html"  # what a page that hears of a change asks for again


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def whole(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    """Show what was opened last, or the button that opens. Asks Altinn of nothing."""
    template = PARTS if wants_part(request) else PAGE
    return render(request, template, context_of(request, dialog_id))


@require_POST
@never_cache
def open_dialog(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    """Open the dialog; the client sees that. What stops it is said, and nothing is lost."""
    _page, row = opened(request, dialog_id)
    now = timezone.now()
    try:
        opening.open_dialog(row.dialog, user=request.user, now=now)
    except (AltinnError, NotConfigured) as exc:
        return show(request, dialog_id, trouble=trouble_of(exc, now=now))
    return back(request, dialog_id)


@require_POST
@never_cache
def fetch_body(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    """Fetch a transmission's own content, or the dialog's once more; the service owner is told."""
    _page, row = opened(request, dialog_id)
    asked = request.POST.get("forsendelse", "")
    now = timezone.now()
    try:
        details, token = opening.fresh(row.dialog, user=request.user, now=now)
    except (AltinnError, NotConfigured) as exc:
        return show(request, dialog_id, trouble=trouble_of(exc, now=now))
    renew = opening.renewal(row.dialog, user=request.user, now=now)
    if asked:
        sent = _transmission(details, asked)
        bodies.fetch_for(row.dialog, details, sent, token, renew=renew, user=request.user)
    else:
        bodies.fetch_main(row.dialog, details, token, renew=renew, user=request.user)
    opening.read_again(row.dialog, at=now)
    live.tell([Touched(row.dialog.pk, row.dialog.client_id)])
    return back(request, dialog_id, anchor=f"f-{asked}" if asked else "innhold")


def _transmission(details: Details, asked: str) -> Transmission:
    found = next((one for one in details.transmissions if str(one.id) == asked), None)
    if found is None:
        raise Http404(_("Fant ikke forsendelsen"))
    return found


@require_POST
@never_cache
def move(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    """Archive, bin, bring back or mark as unread in Altinn, where the client sees it too.

    What is sent says which labels the page showed. If they are others now, nothing is done, and
    the page asks again.
    """
    _page, row = opened(request, dialog_id)
    act = _act(request.POST.get("act", ""))
    now = timezone.now()
    seen = request.POST.get("etiketter", "")
    if seen != str(row.dialog.label_revision or ""):
        trouble = moved_meanwhile(labels.Labels(row.dialog, request.user, now=now).where)
        return show(request, dialog_id, trouble=trouble)
    sent = hashlib.sha256(request.POST.urlencode().encode()).hexdigest()
    try:
        job = labels.move(row.dialog, act, user=request.user, now=now, form=sent)
    except jobs.NothingToDo:
        return back(request, dialog_id, anchor="etiketter")
    tasks.ring_for(job)
    return back(request, dialog_id, anchor="etiketter")


def _act(text: str) -> Act:
    found = next((act for act in labels.OFFERED if act == text), None)
    if found is None:
        raise Http404(_("Fant ikke handlingen"))
    return found


@require_POST
@never_cache
def ask_why(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    """Ask Altinn why a part is refused; nothing is marked as seen by it."""
    _page, row = opened(request, dialog_id)
    now = timezone.now()
    try:
        found = why(row.dialog, attribute=request.POST.get("krav", "")[:200])
    except (AltinnError, NotConfigured) as exc:
        return show(request, dialog_id, trouble=trouble_of(exc, now=now))
    return show(request, dialog_id, why=found)


def show(
    request: StaffRequest,
    dialog_id: UUID,
    *,
    trouble: Trouble | None = None,
    why: Why | None = None,
) -> HttpResponse:
    """Render the page with what went wrong, or why something is refused, on top."""
    context = context_of(request, dialog_id) | {"trouble": trouble, "why": why}
    return render(request, PAGE, context, status=NOT_DONE if trouble else 200)


def context_of(request: StaffRequest, dialog_id: UUID) -> dict[str, Any]:
    """Return what the page needs.

    Raises:
        Http404: there is no such dialog, or this person may not see it.
    """
    page, row = opened(request, dialog_id)
    return {"page": page, "opened": row, "whole": ContentPage(row, request.user, now=page.now)}


def back(request: StaffRequest, dialog_id: UUID, *, anchor: str = "") -> HttpResponse:
    """Go to the page, with the list's filters."""
    query = request.META.get("QUERY_STRING", "")
    address = reverse("dialogs:whole", args=[dialog_id])
    return redirect(f"{address}{f'?{query}' if query else ''}{f'#{anchor}' if anchor else ''}")
