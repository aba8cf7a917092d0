"""What the firm knows of each service, over HTTP. Everybody reads; managers change."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dialogs.models import ChecklistStep, Service
from dialogs.notes import actions, services
from dialogs.notes.answers import saved
from dialogs.notes.firm_forms import AreaChoiceForm, FindForm, StepForm
from dialogs.notes.forms import GuideForm, problem
from dialogs.notes.place import service_for
from dialogs.notes.shown import Shown
from dialogs.views import StaffRequest, wants_part
from staff.rules import check, may_manage

PAGE_SIZE = 50


@require_safe
@never_cache
def service_list(request: StaffRequest) -> HttpResponse:
    """List the services by name."""
    form = FindForm(request.GET)
    form.is_valid()
    words, area = form.cleaned_data.get("q", ""), form.cleaned_data.get("omrade", "")
    found = services.services(words, area)
    context = {
        "form": form,
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("side")),
        "is_filtered": bool(words or area),
        "may_manage": may_manage(request.user),
    }
    return render(request, "dialogs/notes/services.html", context)


@require_safe
@never_cache
def service(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a service's area, guide and checklist; managers get the forms as well."""
    return _page(request, service_for(pk))


@require_POST
def set_area(request: StaffRequest, pk: int) -> HttpResponse:
    service = service_for(pk)
    check(may_manage(request.user))
    form = AreaChoiceForm(request.POST)
    if not form.is_valid():
        return _page(request, service, status=422, area_form=form)
    area = form.cleaned_data["area"]
    services.set_area(service, area, actor=request.user, now=timezone.now())
    messages.success(request, _("Fagområdet er lagret."))
    return redirect("dialogs:service", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def guide(request: StaffRequest, pk: int) -> HttpResponse:
    """Write the service's guide. A failed or colliding save loses nothing of what was written."""
    service = service_for(pk)
    check(may_manage(request.user))
    if request.method != "POST":
        return _guide_form(request, service, guide=actions.guide_of(service))
    form = GuideForm(request.POST)
    sent = {"text": request.POST.get("text", ""), "version": request.POST.get("version", "")}
    if not form.is_valid():
        return _guide_form(request, service, status=422, note_said=problem(form), **sent)
    text, now = form.cleaned_data["text"], timezone.now()
    try:
        actions.write_guide(service, text, seen=sent["version"], actor=request.user, now=now)
    except actions.EditedMeanwhile as exc:
        theirs = Shown(exc.note, request.user, now) if exc.note else None
        sent |= {"version": actions.version_of(exc.note)}
        return _guide_form(request, service, status=409, theirs=theirs, is_changed=True, **sent)
    messages.success(request, _("Veiledningen er lagret.") if text else _("Veiledningen er tom."))
    here = reverse("dialogs:service", args=[pk])
    if not wants_part(request):
        return redirect(here)
    return saved(HttpResponse(headers={"HX-Redirect": here}))


@require_POST
def add_step(request: StaffRequest, pk: int) -> HttpResponse:
    service = service_for(pk)
    check(may_manage(request.user))
    form = StepForm(request.POST)
    if not form.is_valid():
        return _page(request, service, status=422, step_form=form)
    services.add_step(service, form.cleaned_data["text"], actor=request.user, now=timezone.now())
    return redirect(f"{reverse('dialogs:service', args=[pk])}#id_text")


@require_POST
def step(request: StaffRequest, pk: int) -> HttpResponse:
    """Reword, move, retire or restore a step: one button each."""
    step = ChecklistStep.objects.select_related("service__owner").filter(pk=pk).first()
    if step is None:
        raise Http404(_("Fant ikke punktet"))
    check(may_manage(request.user))
    actor, now, act = request.user, timezone.now(), request.POST.get("gjor")
    anchor = f"punkt-{pk}"
    if act in {"opp", "ned"}:
        services.move_step(
            step, services.UP if act == "opp" else services.DOWN, actor=actor, now=now
        )
        anchor = f"{act}-{pk}"
    elif act == "fjern":
        services.retire_step(step, actor=actor, now=now)
        anchor = "fjernede"
    elif act == "hent":
        services.restore_step(step, actor=actor, now=now)
    else:
        form = StepForm(request.POST)
        if not form.is_valid():
            wrong = {"wrong_step": step.pk, "wrong_said": problem(form)}
            return _page(request, step.service, status=422, **wrong)
        services.reword_step(step, form.cleaned_data["text"], actor=actor, now=now)
    return redirect(f"{reverse('dialogs:service', args=[step.service_id])}#{anchor}")


def _page(
    request: StaffRequest, service: Service, *, status: int = 200, **context: Any
) -> HttpResponse:
    guide = actions.guide_of(service)
    steps = list(service.checklist.all())
    context = {
        "area_form": AreaChoiceForm(initial={"area": service.area_id}),
        "step_form": StepForm(),
    } | context
    context |= {
        "service": service,
        "guide": Shown(guide, request.user, timezone.now()) if guide else None,
        "steps": [one for one in steps if one.retired_at is None],
        "retired": [one for one in steps if one.retired_at],
        "may_manage": may_manage(request.user),
    }
    return render(request, "dialogs/notes/service.html", context, status=status)


def _guide_form(
    request: StaffRequest, service: Service, *, status: int = 200, **context: Any
) -> HttpResponse:
    guide = context.pop("guide", None)
    context = {
        "service": service,
        "text": guide.text if guide else "",
        "version": actions.version_of(guide),
        "is_posted": "text" in context,
    } | context
    part = wants_part(request)
    template = "dialogs/notes/guide_form.html" if part else "dialogs/notes/guide.html"
    return render(request, template, context, status=status)
