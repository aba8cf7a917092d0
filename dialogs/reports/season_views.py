"""The season: what came to each client in each term, of one service."""

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dialogs.inbox.choices import Choice, service_choices
from dialogs.inbox.filters import Filters
from dialogs.reports.scope import read
from dialogs.reports.season import KINDS, lines_of, terms_of
from dialogs.reports.views import about
from dialogs.views import StaffRequest

LINES_ON_A_PAGE = 100


@require_safe
@never_cache
def season(request: StaffRequest) -> HttpResponse:
    """Show a service's dialogs by client and term, and where there are none."""
    within = read(request.GET, request.user)
    services = service_choices()
    service = _service(request.GET, services)
    kind = request.GET.get("periode", "")
    kind = kind if kind in KINDS else "termin"
    terms = terms_of(kind, today=timezone.localdate())
    lines = []
    if service:
        lines = lines_of(request.user, within, int(service), terms, now=timezone.now())
    silent = [line for line in lines if line.is_silent]
    only_silent = request.GET.get("vis") == "stille"
    page = Paginator(silent if only_silent else lines, LINES_ON_A_PAGE).get_page(
        request.GET.get("side")
    )
    context = {
        "tab": "season",
        **about(request.user, within),
        "services": services,
        "service": service,
        "kinds": [(key, label) for key, (_months, label) in KINDS.items()],
        "kind": kind,
        "terms": terms,
        "over": next((term for term in reversed(terms) if term.is_over), None),
        "page": page,
        "silent": len(silent),
        "total": len(lines),
        "only_silent": only_silent,
    }
    return render(request, "dialogs/reports/season.html", context)


def _service(query: QueryDict, offered: list[Choice]) -> str:
    """Return the service that is asked for; else the first there is."""
    keys = [one.value for one in offered]
    asked = next(iter(Filters.read(query).services), None)
    return str(asked) if str(asked) in keys else next(iter(keys), "")
