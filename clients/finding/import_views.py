"""Bring a list of clients: upload or paste, look it over, import, fetch what was wrong.

For administrators only. No view calls the register: a worker does, and the page shows how far.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from clients.access import check_may_register
from clients.finding import faults, importing, tasks
from clients.finding.forms import ImportForm
from clients.finding.lists import AREA, Column
from clients.models import ClientImport, ImportLine, ServiceArea, SystemUser
from clients.views import PAGE_SIZE, StaffRequest, posted, status_of
from staff.tables import Kind, written

Outcome = ImportLine.Outcome
State = ClientImport.State
MOST_LISTED = 20
_SHOWN = {
    "alle": list(Outcome.values),
    "gode": [Outcome.GOOD, Outcome.IMPORTED],
    "feil": [Outcome.BAD],
}


@dataclass(frozen=True)
class Shown:
    """A line as it is shown: the cells in the columns' order, and what is wrong."""

    line: ImportLine
    cells: list[tuple[str, str]]  # with their headings
    notes: list[str]

    @property
    def color(self) -> str:
        if self.line.outcome == Outcome.BAD:
            return "danger"
        if self.line.outcome == Outcome.IMPORTED:
            return "success"
        return "warning" if self.notes else "neutral"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def bring(request: StaffRequest) -> HttpResponse:
    """Take a file or pasted numbers, and show what is in it."""
    check_may_register(request.user)
    form = ImportForm(posted(request), request.FILES or None)
    if form.is_valid():
        found, source = form.cleaned_data["found"], form.cleaned_data["source"]
        job = importing.begin(found, source=source, actor=request.user, now=timezone.now())
        if job.state != State.READY:
            tasks.ring(tasks.run_import, job.pk)
        return redirect("clients:import", job.pk)
    context = {
        "form": form,
        "areas": ServiceArea.objects.all(),
        "jobs": ClientImport.objects.select_related("actor").order_by("-created_at")[:MOST_LISTED],
    }
    return render(request, "clients/finding/bring.html", context, status=status_of(request))


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show an import: how far it has come, what is in it, and what is wrong."""
    check_may_register(request.user)
    job = get_object_or_404(ClientImport.objects.select_related("actor"), pk=pk)
    is_busy = job.state in {State.CHECKING, State.IMPORTING}
    counts = _counts(job)
    if "HX-Request" in request.headers:
        if not is_busy:
            return HttpResponseClientRefresh()
        return render(request, "clients/finding/progress.html", _progress(job, counts))
    total = sum(counts.values())
    shown = request.GET.get("vis", "")
    if shown not in _SHOWN:
        shown = "feil" if counts.get(Outcome.BAD) and not is_busy else "alle"
    lines = job.lines.filter(outcome__in=_SHOWN[shown]).select_related("client")
    kinds = _kinds(job)
    code = request.GET.get("feil", "")
    if code in dict.fromkeys(faults.Fault):
        lines = lines.filter(faults__contains=[{"code": code}])
    # Whom we have already needs nothing done: those last, however many they are.
    lines = lines.alias(is_here=Q(faults__contains=[{"code": faults.Fault.REGISTERED}]))
    page = Paginator(lines.order_by("is_here", "number"), PAGE_SIZE).get_page(
        request.GET.get("side")
    )
    named = headings(job)
    is_done = job.state == State.FINISHED
    agents = SystemUser.objects.usable().filter(kind=SystemUser.Kind.AGENT)
    context = {
        **_progress(job, counts),
        "job": job,
        "is_busy": is_busy,
        "tabs": [
            ("feil", _("Importeres ikke"), counts.get(Outcome.BAD, 0)),
            ("gode", _("Importert") if is_done else _("Kan importeres"), _good(counts)),
            ("alle", _("Alle linjer"), total),
        ],
        "shown": shown,
        "may_add": is_done and agents.exists(),
        "kinds": kinds,
        "code": code,
        "headings": named,
        "rows": [_shown(line, job, named) for line in page],
        "page": page,
        "good": counts.get(Outcome.GOOD, 0),
        "bad": counts.get(Outcome.BAD, 0),
        "imported": counts.get(Outcome.IMPORTED, 0),
        "sub_units": next((n for one, _text, n in kinds if one == faults.Fault.SUB_UNIT), 0),
    }
    return render(request, "clients/finding/import.html", context)


def _counts(job: ClientImport) -> dict[str, int]:
    return dict(job.lines.values_list("outcome").annotate(Count("pk")).order_by())


def _good(counts: dict[str, int]) -> int:
    return counts.get(Outcome.GOOD, 0) + counts.get(Outcome.IMPORTED, 0)


def _progress(job: ClientImport, counts: dict[str, int]) -> dict[str, Any]:
    if job.state == State.CHECKING:
        total, left = sum(counts.values()), counts.get(Outcome.UNCHECKED, 0)
        text = _("Slår opp i Enhetsregisteret: %(done)s av %(total)s linjer.")
    else:
        total, left = _good(counts), counts.get(Outcome.GOOD, 0)
        text = _("Importerer: %(done)s av %(total)s klienter.")
    return {
        "job": job,
        "href": reverse("clients:import", args=[job.pk]),
        "done": total - left,
        "total": total,
        "text": text % {"done": total - left, "total": total},
        "trouble": job.trouble,
    }


def _kinds(job: ClientImport) -> list[tuple[str, str, int]]:
    """Return the kinds of faults in a list with their numbers, the most frequent first."""
    numbers: dict[str, int] = {}
    for noted in job.lines.exclude(faults=[]).values_list("faults", flat=True):
        for code in {fault["code"] for fault in noted}:
            numbers[code] = numbers.get(code, 0) + 1
    found = [(code, faults.kind(code), number) for code, number in numbers.items()]
    return sorted(found, key=lambda one: (-one[2], one[1]))


def headings(job: ClientImport) -> list[str]:
    """Return the headings of the columns that were read, as our own lists have them."""
    return [heading_of(column) for column in job.columns]


def heading_of(column: str) -> str:
    """Return a column's heading: one that is understood when the list comes back."""
    if column.startswith(AREA):
        area = ServiceArea.objects.filter(pk=column.removeprefix(AREA)).first()
        return area.name if area else ""
    return {
        Column.ORGNR: "Organisasjonsnummer",
        Column.NAME: "Navn",
        Column.RESPONSIBLE: "Klientansvarlig",
        Column.TEAM: "Team",
    }[Column(column)]


def _shown(line: ImportLine, job: ClientImport, named: list[str]) -> Shown:
    cells = [line.cells.get(column, "") for column in job.columns]
    if line.name and Column.NAME in job.columns and line.outcome != Outcome.BAD:
        cells[job.columns.index(Column.NAME)] = line.name
    notes = [faults.sentence(fault) for fault in line.faults]
    return Shown(line, list(zip(named, cells, strict=True)), notes)


@require_POST
@never_cache
def accept(request: StaffRequest, pk: int) -> HttpResponse:
    """Import the lines that are good. The same again does nothing more."""
    check_may_register(request.user)
    job = get_object_or_404(ClientImport, pk=pk)
    if importing.accept(job, actor=request.user, now=timezone.now()):
        tasks.ring(tasks.run_import, job.pk)
    return redirect("clients:import", job.pk)


@require_POST
@never_cache
def main_units(request: StaffRequest, pk: int) -> HttpResponse:
    """Use the main unit in the place of a sub-unit: on one line, or on all."""
    check_may_register(request.user)
    job = get_object_or_404(ClientImport, pk=pk)
    number = request.POST.get("linje", "")
    count = importing.use_main_units(job, [int(number)] if number.isdigit() else None)
    if count:
        said = ngettext(
            "%d linje bruker nå hovedenheten.", "%d linjer bruker nå hovedenheten.", count
        )
        messages.success(request, said % count)
        tasks.ring(tasks.run_import, job.pk)
    return redirect("clients:import", job.pk)


@require_safe
@never_cache
def wrong(request: StaffRequest, pk: int, kind: str) -> HttpResponse:
    """Download the lines that are not imported, and why; corrected, they can be imported again."""
    check_may_register(request.user)
    job = get_object_or_404(ClientImport, pk=pk)
    lines = job.lines.filter(outcome=Outcome.BAD).order_by("number")
    rows = [
        [
            *(line.cells.get(column, "") for column in job.columns),
            str(line.number),
            " ".join(faults.sentence(fault) for fault in line.faults),
        ]
        for line in lines
    ]
    return download(
        f"feil-{job.pk}", _("Feil"), [*headings(job), _("Linje"), _("Feil")], rows, kind
    )


@require_safe
@never_cache
def model(request: StaffRequest, kind: str) -> HttpResponse:
    """Download an empty list with all the columns that are understood."""
    check_may_register(request.user)
    columns = [*Column, *(f"{AREA}{area.pk}" for area in ServiceArea.objects.all())]
    return download("klienter", _("Klienter"), [heading_of(one) for one in columns], [], kind)


def download(
    name: str, title: str, columns: list[str], rows: list[list[str]], kind: str
) -> HttpResponse:
    """Answer with a table as a file."""
    known = Kind.read(kind)
    if known is None:
        raise Http404
    content = b"".join(written(known, title, columns, rows))
    response = HttpResponse(content, content_type=known.media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response
