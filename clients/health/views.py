"""The coverage page and the lists behind its figures. For managers and administrators."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clients.coverage import Sight, sight_of_client
from clients.health import figures
from clients.health.alarms import Kind
from clients.health.alarms import see as note_seen
from clients.health.behind import behind, lacked_by
from clients.health.sentences import packages_said
from clients.health.shown import by_weight, lines_of, listed_alarms, open_alarms
from clients.masking import mask
from clients.models import Alarm, Client, SystemUser, VendorKey
from clients.setup.packages import label_of
from clients.views import StaffRequest
from staff.rules import check_may_oversee, may_register

PAGE_SIZE = 100
MOST_SHOWN = 20  # open alarms on the coverage page; the rest are in the list
MOST_LACKED = 10  # packages
MOST_SYSTEM_USERS = 20


@require_safe
@never_cache
def coverage(request: StaffRequest) -> HttpResponse:
    """Show how many clients are seen in full, partly and not at all, and what is wrong."""
    check_may_oversee(request.user)
    found = by_weight(open_alarms())
    lacked = figures.lacked()
    readable = Count("accesses", filter=Q(accesses__lost_at=None))
    system_users = SystemUser.objects.annotate(party_count=readable)
    context = {
        "grades": figures.grades(),
        "silent": sum(alarm.kind == Kind.SILENT for alarm in found),
        "alarms": lines_of(found[:MOST_SHOWN], user=request.user),
        "alarm_count": len(found),
        "lacked": [(one, label_of(one.package)) for one in lacked[:MOST_LACKED]],
        "lacked_count": len(lacked),
        "system_users": system_users.order_by(F("is_active").desc(), "kind", "name", "pk")[
            :MOST_SYSTEM_USERS
        ],
        "system_user_count": SystemUser.objects.count(),
        "keys": _keys(),
        "may_register": may_register(request.user),
        "now": timezone.now(),
    }
    return render(request, "clients/health/coverage.html", context)


def _keys() -> list[tuple[VendorKey, int | None]]:
    today = timezone.localdate()
    in_use = VendorKey.objects.exclude(state=VendorKey.State.RETIRED).order_by("state", "pk")
    return [(key, key.days_left(today)) for key in in_use]


@dataclass(frozen=True)
class Row:
    """A client behind a figure: how it is seen, and what it lacks."""

    client: Client
    sight: Sight
    lacks: str


@require_safe
@never_cache
def clients(request: StaffRequest) -> HttpResponse:
    """List the clients behind one of the figures."""
    check_may_oversee(request.user)
    heading, wanted = behind(request.GET)
    page = Paginator(wanted, PAGE_SIZE).get_page(request.GET.get("side"))
    listed = list(page)
    mask(listed, user=request.user)
    lacks = lacked_by(listed)
    now = timezone.now()
    rows = [
        Row(one, sight_of_client(one, now=now), packages_said(lacks.get(one.orgnr or "", [])))
        for one in listed
    ]
    context = {
        "heading": heading,
        "page": page,
        "rows": rows,
        "may_register": may_register(request.user),
    }
    return render(request, "clients/health/clients.html", context)


@require_safe
@never_cache
def alarms(request: StaffRequest) -> HttpResponse:
    """List every alarm there is or has been, the newest first."""
    check_may_oversee(request.user)
    is_history = request.GET.get("vis") == "alle"
    listed = listed_alarms(is_history=is_history)
    page = Paginator(listed, PAGE_SIZE).get_page(request.GET.get("side"))
    lines = lines_of(page, user=request.user)
    context = {"page": page, "lines": lines, "is_history": is_history}
    return render(request, "clients/health/alarms.html", context)


@require_POST
def see(request: StaffRequest, pk: int) -> HttpResponse:
    """Say that somebody sees to an alarm."""
    check_may_oversee(request.user)
    alarm = get_object_or_404(Alarm.objects.open(), pk=pk)
    note_seen(alarm, actor=request.user, now=timezone.now())
    back = {"liste": "clients:alarms", "hjem": "dialogs:home"}
    return redirect(back.get(request.POST.get("fra", ""), "clients:coverage"))
