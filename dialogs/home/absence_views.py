"""Say that somebody is away and who stands in for them, and end it early."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dialogs.home import absences as work
from dialogs.home import hand_over
from dialogs.home.colleagues import colleague_or_404, may_act_for
from dialogs.home.forms import AbsenceForm
from dialogs.inbox.deadlines import short_date
from dialogs.views import StaffRequest
from staff.models import Absence, User
from staff.reading import work_only
from staff.rules import may_lead

MOST_PAST = 20


@work_only
@require_safe
@never_cache
def absences(request: StaffRequest) -> HttpResponse:
    """List absences, those of today and the coming ones first."""
    today = timezone.localdate()
    everybody = request.GET.get("vis") == "alle"
    listed = work.listed_for(request.user, everybody=everybody)
    context = {
        "today": today,
        "current": listed.filter(to_on__gte=today),
        "past": listed.filter(to_on__lt=today).order_by("-to_on", "-pk")[:MOST_PAST],
        "leads": may_lead(request.user),
        "may_widen": may_lead(request.user) and not everybody and bool(work.teams_of(request.user)),
    }
    return render(request, "dialogs/home/absences.html", context)


@work_only
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def absence_new(request: StaffRequest) -> HttpResponse:
    """Note that somebody is away: oneself, unless one leads."""
    user = _who(request)
    posted = request.POST if request.method == "POST" else None
    form = AbsenceForm(posted, user=user, asker=request.user, today=timezone.localdate())
    if form.is_valid() and _added(request, form, user):
        return redirect("dialogs:absences")
    lines = hand_over.lines_of(user, actor=request.user)
    context: dict[str, Any] = {
        "form": form,
        "away": user,
        "is_me": user == request.user,
        "numbers": hand_over.numbers(one for line in lines for one in line.dialogs),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "dialogs/home/absence.html", context, status=status)


def _who(request: StaffRequest) -> User:
    asked = request.GET.get("hvem", "")
    if not asked:
        return request.user
    if not (asked.isascii() and asked.isdigit() and len(asked) < 18):
        raise Http404(_("Fant ikke kollegaen"))
    return colleague_or_404(request.user, int(asked))


def _added(request: StaffRequest, form: AbsenceForm, user: User) -> bool:
    """Write the absence down; say on the form when there is one already."""
    wanted = form.cleaned_data
    try:
        work.add_absence(
            user,
            from_on=wanted["fra"],
            to_on=wanted["til"],
            substitute=wanted["stedfortreder"],
            joins=wanted["medlem"],
            actor=request.user,
            now=timezone.now(),
        )
    except work.AlreadyAway as exc:
        days = {
            "from": short_date(exc.absence.from_on, today=form.today),
            "to": short_date(exc.absence.to_on, today=form.today),
        }
        said = _("Det er allerede lagt inn fravær %(from)s–%(to)s. Avslutt det først.")
        form.add_error("fra", ValidationError(said, params=days))
        return False
    messages.success(request, _("Fraværet er lagret."))
    return True


@require_POST
def absence_end(request: StaffRequest, pk: int) -> HttpResponse:
    """Let somebody be back from today on, or not go away at all."""
    absence = get_object_or_404(Absence.objects.select_related("user"), pk=pk)
    if not may_act_for(request.user, absence.user):
        raise Http404(_("Fant ikke fraværet"))
    now = timezone.now()
    work.end_absence(absence, actor=request.user, now=now, today=timezone.localdate(now))
    messages.success(request, _("%(name)s er tilbake fra i dag.") % {"name": absence.user.name})
    return redirect("dialogs:absences")
