"""Find the firm's clients: what each lacks, who can do something about it, and an e-mail to them.

For administrators only. A worker searches; the pages show what it has found.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from clients.finding import discovery, importing, tasks, words
from clients.finding.forms import FindForm, TakeForm
from clients.finding.import_views import download
from clients.finding.letters import Letter, Sender, letter_to
from clients.forms import without_spaces
from clients.models import Candidate, Client, ClientImport, Discovery, SystemUser
from clients.views import PAGE_SIZE, StaffRequest, posted
from staff.models import User
from staff.rules import check_may_register

AT_ONCE = 20  # made clients of while somebody waits
SAID_ONCE_FROM = 3  # rows with the same sentence
State = Candidate.State


@dataclass(frozen=True)
class Row:
    """A candidate in the list: its state, and the sentence about it."""

    candidate: Candidate
    client: Client | None
    text: str
    color: str
    has_letter: bool
    heading: str = ""  # the sentence of this row and those below, said once above them

    @property
    def may_be_taken(self) -> bool:
        return self.client is None and self.candidate.state != State.ENDED


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def overview(request: StaffRequest) -> HttpResponse:
    """List what was found, by state; while a search is under way, show how far it has come."""
    check_may_register(request.user)
    latest = discovery.latest()
    is_busy = latest is not None and latest.finished_at is None
    if "HX-Request" in request.headers:
        if not is_busy:
            return HttpResponseClientRefresh()
        return render(request, "clients/finding/search_progress.html", _steps(latest))
    return _overview(request, TakeForm(candidates=Candidate.objects.none()), latest)


def _overview(
    request: StaffRequest, take: TakeForm, latest: Discovery | None, *, status: int = 200
) -> HttpResponse:
    form, matching = _found(request)
    counts = dict(matching.values_list("state").annotate(Count("pk")).order_by())
    candidates = _of_state(matching, form)
    state = form.cleaned_data.get("tilstand", "")
    order = ("reason", "detail") if state else ()  # those of one state stand by what they lack
    ordered = candidates.order_by(*order, Lower("name"), "pk")
    page = Paginator(ordered, PAGE_SIZE).get_page(request.GET.get("side"))
    rows = _rows(list(page))
    free = _free(candidates)
    context = {
        **_steps(latest),
        "latest": latest,
        "form": form,
        "take": take,
        "states": [
            (state, State(state).label, counts.get(state, 0), words.COLORS[State(state)])
            for state in State.values
        ],
        "total": sum(counts.values()),
        "state": state,
        "is_filtered": any(form.cleaned_data.values()),
        "page": page,
        "rows": list(_said_once(rows)) if state else rows,
        "free": free.count(),
        "has_firm": bool(discovery.firm_orgnr()),
        "has_agents": _agents().exists(),
        "unlisted": words.listed(one.name for one in _agents().filter(delegation_reading=None)),
        "has_candidates": Candidate.objects.exists(),
    }
    return render(request, "clients/finding/overview.html", context, status=status)


def _found(request: StaffRequest) -> tuple[FindForm, QuerySet[Candidate]]:
    """Return what is looked for, and what fits it in any state."""
    form = FindForm(request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    matching = Candidate.objects.exclude(state="")
    if text := wanted.get("q"):
        digits = without_spaces(text)
        by_number = Q(orgnr__startswith=digits) if digits.isdigit() else Q()
        matching = matching.filter(Q(name__icontains=text) | by_number)
    ours = Client.objects.filter(orgnr=OuterRef("orgnr"))
    if wanted.get("vis") == "nye":
        matching = matching.filter(~Exists(ours))
    elif wanted.get("vis") == "klienter":
        matching = matching.filter(Exists(ours))
    return form, matching


def _of_state(matching: QuerySet[Candidate], form: FindForm) -> QuerySet[Candidate]:
    state = form.cleaned_data.get("tilstand")
    return matching.filter(state=state) if state else matching


def _free(candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """Keep those that can be made clients."""
    ours = Client.objects.filter(orgnr=OuterRef("orgnr"))
    return candidates.filter(~Exists(ours)).exclude(state=State.ENDED)


def _rows(candidates: list[Candidate]) -> list[Row]:
    clients = {
        client.orgnr: client
        for client in Client.objects.filter(orgnr__in=[one.orgnr for one in candidates])
    }
    firm = discovery.firm_name()
    return [
        Row(
            candidate=one,
            client=clients.get(one.orgnr),
            text=words.sentence(one, firm=firm),
            color=words.COLORS[State(one.state)],
            has_letter=words.asks_client(one),
        )
        for one in candidates
    ]


def _said_once(rows: list[Row]) -> Iterator[Row]:
    """Move a sentence that several rows share to a heading above them."""
    for text, same in groupby(rows, key=lambda row: row.text):
        group = list(same)
        if len(group) < SAID_ONCE_FROM:
            yield from group
            continue
        yield replace(group[0], text="", heading=text)
        yield from (replace(row, text="") for row in group[1:])


def _agents() -> QuerySet[SystemUser]:
    """Return the agents in use; those without a `delegation_reading` no person has read for."""
    return SystemUser.objects.usable().filter(kind=SystemUser.Kind.AGENT).order_by("name")


def _steps(latest: Discovery | None) -> dict[str, object]:
    """Return how far a search has come: its steps, and the candidates looked up."""
    if latest is None:
        return {"is_busy": False}
    steps = list(Discovery.Step)[:-1]  # without the last: finished
    now_at = Discovery.Step(latest.step)
    found = latest.candidates.count() if latest.finished_at is None else 0
    looked_up = (
        latest.candidates.filter(looked_up_at__gte=latest.started_at).count() if found else 0
    )
    place = steps.index(now_at) if now_at in steps else len(steps)
    return {
        "is_busy": latest.finished_at is None,
        "discovery": latest,
        "steps": [
            (step.label, "done" if n < place else "now" if n == place else "later")
            for n, step in enumerate(steps)
        ],
        "place": place,
        "count": len(steps),
        "found": found,
        "looked_up": looked_up,
    }


@require_POST
@never_cache
def search(request: StaffRequest) -> HttpResponse:
    """Begin a search, or show the one that is under way."""
    check_may_register(request.user)
    try:
        begun = discovery.start(actor=request.user, now=timezone.now())
    except discovery.NoFirm:
        messages.error(request, _("Legg inn firmaets organisasjonsnummer først."))
        return redirect("clients:finding")
    tasks.ring(tasks.run_discovery, begun.pk)
    return redirect("clients:finding")


@require_POST
@never_cache
def take(request: StaffRequest) -> HttpResponse:
    """Make clients of those picked: at once when they are few, else in the background."""
    check_may_register(request.user)
    form, matching = _found(request)
    candidates = _free(_of_state(matching, form))
    wish = TakeForm(posted(request), candidates=candidates)
    if not wish.is_valid():
        return _overview(request, wish, discovery.latest(), status=422)
    now = timezone.now()
    job = importing.begin_with(
        wish.picked(),
        responsible=wish.cleaned_data["responsible"],
        team=wish.cleaned_data["team"],
        actor=request.user,
        now=now,
    )
    return _begun(request, job, now=now)


def _begun(request: StaffRequest, job: ClientImport, *, now: datetime) -> HttpResponse:
    if job.lines.count() > AT_ONCE:
        tasks.ring(tasks.run_import, job.pk)
        return redirect("clients:import", job.pk)
    importing.run(job.pk, now=now)
    tasks.read_parties_soon()
    count = job.lines.exclude(client=None).count()
    said = ngettext("%d klient er registrert.", "%d klienter er registrert.", count)
    messages.success(request, said % count)
    return redirect("clients:finding")


@require_http_methods(["GET", "HEAD"])
@never_cache
def candidate(request: StaffRequest, orgnr: str) -> HttpResponse:
    """Show what is known of one candidate, what it lacks, and the e-mail to it."""
    check_may_register(request.user)
    one = get_object_or_404(Candidate.objects.exclude(state=""), orgnr=orgnr)
    context = {
        "row": _rows([one])[0],
        "letter": letter_to(one, sender_of(request.user)),
        "sights": _sights(one),
        "roles": words.listed(map(words.role_name, one.roles)).capitalize(),
    }
    return render(request, "clients/finding/candidate.html", context)


def _sights(one: Candidate) -> list[tuple[SystemUser, str]]:
    """Return what each system user sees of the candidate, in words."""
    agents = Q(kind=SystemUser.Kind.AGENT) | Q(owner_orgnr=one.orgnr)
    return [
        (system_user, words.sight(one.sights.get(str(system_user.pk))))
        for system_user in SystemUser.objects.usable().filter(agents).order_by("name")
    ]


def sender_of(user: User) -> Sender:
    return Sender(discovery.firm_name(), discovery.firm_orgnr(), user.name)


@require_safe
@never_cache
def export(request: StaffRequest, kind: str) -> HttpResponse:
    """Download what the list shows, with the e-mails: for a mail merge, or to hand out."""
    check_may_register(request.user)
    form, matching = _found(request)
    sender = sender_of(request.user)
    rows = [
        _exported(row, letter_to(row.candidate, sender))
        for row in _rows(list(_of_state(matching, form).order_by(Lower("name"), "pk")))
    ]
    columns = [
        "Organisasjonsnummer",
        "Navn",
        _("Tilstand"),
        _("Hva som mangler"),
        _("Registrert hos oss"),
        _("E-post til"),
        _("Emne"),
        _("Tekst"),
    ]
    return download("klientsok", _("Klienter"), columns, rows, kind)


def _exported(row: Row, letter: Letter | None) -> list[str]:
    one = row.candidate
    return [
        one.orgnr,
        one.name,
        str(State(one.state).label),
        row.text,
        _("Ja") if row.client else _("Nei"),
        letter.to if letter else "",
        letter.subject if letter else "",
        letter.body if letter else "",
    ]
