"""Hand over work, step by step: who and why, to whom, a preview, and what was done."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dialogs.home import hand_over as work
from dialogs.home.colleagues import colleague_or_404, may_act_for
from dialogs.home.forms import AWAY, ReceiversForm, WhoForm, read_plan
from dialogs.home.hand_over import Line, Plan
from dialogs.inbox.filters import Filters
from dialogs.models import ResponsibleCount
from dialogs.views import StaffRequest
from staff.models import AuditEntry, User
from staff.reading import work_only
from staff.rules import may_lead

MOST_ROWS = 300  # of the table in which clients are shared out; the others go to the first


@work_only
@require_safe
@never_cache
def begin(request: StaffRequest) -> HttpResponse:
    """Ask whose work it is and why, and lead on."""
    today = timezone.localdate()
    asked = request.GET if "hvorfor" in request.GET else None
    form = WhoForm(asked, user=request.user, today=today)
    if form.is_valid():
        pk = form.cleaned_data["hvem"].pk
        if form.cleaned_data["hvorfor"] == AWAY:
            return redirect(f"{reverse('dialogs:absence-new')}?hvem={pk}")
        return redirect("dialogs:hand-over-from", pk)
    context = {"form": form, "left_behind": _left_behind() if may_lead(request.user) else []}
    return render(request, "dialogs/home/hand_over.html", context)


def _left_behind() -> list[User]:
    """Return those who do not work here any more and still have dialogs in the inbox."""
    held = ResponsibleCount.objects.filter(total__gt=0).values("user")
    return list(User.objects.filter(is_active=False, pk__in=held).order_by("first_name"))


@dataclass(frozen=True)
class Row:
    """A client, or an area of it, to be given to one of several receivers."""

    line: Line
    name: str
    label: str
    says: str
    receiver: User
    is_area: bool = False


@work_only
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def leave(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what somebody has; with receivers chosen, who gets what; then do it."""
    leaver = colleague_or_404(request.user, pk)
    lines = work.lines_of(leaver, actor=request.user)
    form = ReceiversForm(
        request.GET if "til" in request.GET else None,
        leaver=leaver,
        asker=request.user,
        today=timezone.localdate(),
    )
    context: dict[str, Any] = {
        "leaver": leaver,
        "is_me": leaver == request.user,
        "lines": lines,
        "held": _held(leaver, lines),
        "unseen": work.left_unseen(leaver, actor=request.user),
        "form": form,
    }
    if not form.is_valid():
        return render(request, "dialogs/home/leaving.html", context)
    plan = read_plan(request.POST, lines, form.receivers)
    if request.method == "POST" and "overfor" in request.POST:
        entry = work.hand_over(leaver, plan, actor=request.user, now=timezone.now())
        messages.success(request, _("Overleveringen er utført."))
        return redirect("dialogs:hand-over-receipt", entry.pk)
    context |= {
        "plan": plan,
        "receivers": form.receivers,
        "shares": work.shares(lines, plan),
        "some_for_nobody": bool(work.for_nobody(leaver, lines, plan, actor=request.user)),
        "rows": _rows(lines, plan)[:MOST_ROWS] if len(form.receivers) > 1 else [],
        "most_rows": MOST_ROWS,
    }
    return render(request, "dialogs/home/sharing.html", context)


def _held(leaver: User, lines: list[Line]) -> dict[str, Any]:
    """Return the numbers, and the lists that show as many."""
    who = str(leaver.pk)
    return work.numbers(one for line in lines for one in line.dialogs) | {
        "clients": sum(line.is_responsible for line in lines),
        "areas": sum(len(line.areas) for line in lines),
        "inbox_list": Filters(responsible=who).as_query(),
        "snoozed_list": Filters(folder="utsatt", responsible=who).as_query(),
        "drafts_list": Filters(folder="utkast", responsible=who).as_query(),
    }


def _rows(lines: list[Line], plan: Plan) -> list[Row]:
    rows = []
    for line in lines:
        apart = [one for one in line.dialogs if one.area_id in line.areas]
        others = len(line.dialogs) - len(apart)
        if others or line.is_responsible:
            says = _("klientansvar") if line.is_responsible else ""
            name, receiver = f"klient-{line.client_id}", plan.of_client(line.client_id)
            rows.append(Row(line, name, line.name, _says(others, says), receiver))
        for area_id, area in line.areas.items():
            count = sum(one.area_id == area_id for one in apart)
            receiver = plan.of_area(line.client_id, area_id)
            name = f"omrade-{line.client_id}-{area_id}"
            says = _("fagansvar")
            rows.append(
                Row(line, name, f"{line.name}: {area.area}", _says(count, says), receiver, True)  # noqa: FBT003
            )
    return rows


def _says(dialogs: int, role: str) -> str:
    return ", ".join(filter(None, [work.dialogs_in_words(dialogs), role]))


@require_safe
@never_cache
def receipt(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what was handed over, to be printed. For those it concerns and those who lead."""
    entry = get_object_or_404(AuditEntry, pk=pk, act=work.HANDED_OVER)
    leaver = get_object_or_404(User, pk=entry.about.removeprefix("user "))
    if entry.actor != request.user and not may_act_for(request.user, leaver):
        raise Http404(_("Fant ikke overleveringen"))
    shares = entry.detail["shares"]
    people = User.objects.in_bulk([share["receiver"] for share in shares])
    context = {
        "entry": entry,
        "leaver": leaver,
        "shares": [share | {"user": people[share["receiver"]]} for share in shares],
    }
    return render(request, "dialogs/home/receipt.html", context)
