"""The season: what came to each client in each term, of one service."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dialogs.inbox.choices import Choice, service_choices
from dialogs.inbox.filters import Filters
from dialogs.reports.scope import read
from dialogs.reports.season import KINDS, Line, Term, lines_of, terms_of
from dialogs.reports.views import about
from dialogs.views import StaffRequest
from staff.models import User

LINES_ON_A_PAGE = 100


@dataclass(frozen=True)
class Season:
    """A service's terms, what came in them, and which of the clients are shown."""

    services: list[Choice]
    service: str
    kind: str
    terms: list[Term]
    lines: list[Line]
    only_silent: bool

    @property
    def silent(self) -> list[Line]:
        return [line for line in self.lines if line.is_silent]

    @property
    def shown(self) -> list[Line]:
        return self.silent if self.only_silent else self.lines


def season_of(user: User, query: QueryDict, *, now: datetime) -> Season:
    """Return the season that an address asks for."""
    services = service_choices()
    service = _service(query, services)
    kind = query.get("periode", "")
    kind = kind if kind in KINDS else "termin"
    terms = terms_of(kind, today=timezone.localdate(now))
    lines = lines_of(user, read(query, user), int(service), terms, now=now) if service else []
    return Season(services, service, kind, terms, lines, query.get("vis") == "stille")


@require_safe
@never_cache
def season(request: StaffRequest) -> HttpResponse:
    """Show a service's dialogs by client and term, and where there are none."""
    found = season_of(request.user, request.GET, now=timezone.now())
    page = Paginator(found.shown, LINES_ON_A_PAGE).get_page(request.GET.get("side"))
    context = {
        "tab": "season",
        **about(request.user, read(request.GET, request.user)),
        "services": found.services,
        "service": found.service,
        "kinds": [(key, label) for key, (_months, label) in KINDS.items()],
        "kind": found.kind,
        "terms": found.terms,
        "over": next((term for term in reversed(found.terms) if term.is_over), None),
        "page": page,
        "silent": len(found.silent),
        "total": len(found.lines),
        "only_silent": found.only_silent,
    }
    return render(request, "dialogs/reports/season.html", context)


def _service(query: QueryDict, offered: list[Choice]) -> str:
    """Return the service that is asked for; else the first there is."""
    keys = [one.value for one in offered]
    asked = next(iter(Filters.read(query).services), None)
    return str(asked) if str(asked) in keys else next(iter(keys), "")
