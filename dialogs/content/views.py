"""The dialog itself over HTTP. Only what a person presses asks Altinn of anything."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from altinn.errors import AltinnError
from clients.connect import NotConfigured
from dialogs.content import opening
from dialogs.content.page import ContentPage
from dialogs.content.troubles import Trouble, trouble_of
from dialogs.views import StaffRequest
from dialogs.work.changing import opened

NOT_DONE = 409


@require_safe
@never_cache
def whole(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    """Show what was opened last, or the button that opens. Asks Altinn of nothing."""
    return show(request, dialog_id)


@require_POST
@never_cache
def open_dialog(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    """Open the dialog; the client sees that. What stops it is said, and nothing is lost."""
    _page, row = opened(request, dialog_id)
    now = timezone.now()
    try:
        opening.open_dialog(row.dialog, user=request.user, now=now)
    except (AltinnError, NotConfigured) as exc:
        return show(request, dialog_id, trouble_of(exc, now=now))
    return back(request, dialog_id)


def show(request: StaffRequest, dialog_id: UUID, trouble: Trouble | None = None) -> HttpResponse:
    """Render the page, with what went wrong on top if something did."""
    page, row = opened(request, dialog_id)
    whole = ContentPage(row, request.user, now=timezone.now())
    context: dict[str, Any] = {"page": page, "opened": row, "whole": whole, "trouble": trouble}
    status = NOT_DONE if trouble else 200
    return render(request, "dialogs/content/page.html", context, status=status)


def back(request: StaffRequest, dialog_id: UUID, *, anchor: str = "") -> HttpResponse:
    """Go to the page, with the list's filters."""
    query = request.META.get("QUERY_STRING", "")
    address = reverse("dialogs:whole", args=[dialog_id])
    return redirect(f"{address}{f'?{query}' if query else ''}{f'#{anchor}' if anchor else ''}")
