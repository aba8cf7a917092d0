"""The notices over HTTP."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dialogs.notes import bell
from dialogs.views import StaffRequest
from staff.reading import own_affair


@require_safe
@never_cache
def notices(request: StaffRequest) -> HttpResponse:
    """List what this person has been told, the newest first."""
    before = bell.Before.read(request.GET.get("etter", ""))
    context = {
        "page": bell.page_of(request.user, before=before, now=timezone.now()),
        "is_continued": before is not None,
        "unread": bell.unread_count(request.user),
    }
    return render(request, "dialogs/notes/notices.html", context)


@require_safe
@never_cache
def notice(request: StaffRequest, pk: int) -> HttpResponse:
    """Go where a notice leads; it has been read then."""
    notice = bell.told(request.user).filter(pk=pk).first()
    if notice is None:
        raise Http404(_("Fant ikke varselet"))
    if request.method == "GET":
        bell.read(notice, now=timezone.now())
    return redirect(bell.target_of(notice))


@own_affair
@require_POST
def read_all(request: StaffRequest) -> HttpResponse:
    """Have done with all of them."""
    bell.read_all(request.user, now=timezone.now())
    messages.success(request, _("Alle varslene er lest."))
    return redirect("dialogs:notices")
