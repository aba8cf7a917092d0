"""The firm's service areas over HTTP."""

from typing import Any

from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from clients.models import ServiceArea
from dialogs.notes import services
from dialogs.notes.firm_forms import AreaForm
from dialogs.notes.forms import problem
from dialogs.views import StaffRequest
from staff.rules import check, may_manage


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def areas(request: StaffRequest) -> HttpResponse:
    """List the areas, or add one."""
    if request.method != "POST":
        return _page(request)
    check(may_manage(request.user))
    form = AreaForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, form=form)
    services.add_area(form.cleaned_data["name"], actor=request.user, now=timezone.now())
    return redirect(f"{reverse('dialogs:areas')}#id_name")


@require_POST
def area(request: StaffRequest, pk: int) -> HttpResponse:
    """Rename or move an area: one button each."""
    area = ServiceArea.objects.filter(pk=pk).first()
    if area is None:
        raise Http404(_("Fant ikke fagområdet"))
    check(may_manage(request.user))
    actor, now, act = request.user, timezone.now(), request.POST.get("gjor")
    anchor = f"omrade-{pk}"
    if act in {"opp", "ned"}:
        services.move_area(
            area, services.UP if act == "opp" else services.DOWN, actor=actor, now=now
        )
        anchor = f"{act}-{pk}"
    else:
        form = AreaForm(request.POST, area=area)
        if not form.is_valid():
            return _page(request, status=422, wrong_area=pk, wrong_said=problem(form))
        services.rename_area(area, form.cleaned_data["name"], actor=actor, now=now)
    return redirect(f"{reverse('dialogs:areas')}#{anchor}")


def _page(request: StaffRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    context = {"form": AreaForm()} | context
    context |= {
        "areas": ServiceArea.objects.annotate(service_count=Count("services")).order_by(
            "position", "name"
        ),
        "may_manage": may_manage(request.user),
    }
    return render(request, "dialogs/notes/areas.html", context, status=status)
