"""See what each agent system user has and lacks, and run the queue that adds the rest.

Nothing here calls Altinn. The lists are read, and clients are added, by a worker.
"""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from clients.adding import diff, runs, tasks
from clients.adding.forms import ChoiceForm, PaceForm
from clients.forms import without_spaces
from clients.models import AddingItem, AddingRun, PersonConnection, SystemUser
from clients.views import StaffRequest
from staff.rules import check_may_register

PAGE_SIZE = 100
MOST_SHOWN = 50
State = AddingRun.State


@require_safe
@never_cache
def overview(request: StaffRequest) -> HttpResponse:
    """List the agents: how many clients each has, could be given, and what is under way."""
    check_may_register(request.user)
    snapshots = "delegation_snapshots"
    agents = (
        SystemUser.objects.usable()
        .filter(kind=SystemUser.Kind.AGENT)
        .select_related("delegation_reading")
        .annotate(
            added=Count(snapshots, filter=Q(delegation_snapshots__is_added=True)),
            ready=Count(snapshots, filter=Q(delegation_snapshots__is_added=False)),
        )
        .order_by("name", "pk")
    )
    open_runs = {run.system_user_id: run for run in AddingRun.objects.open()}
    connection = _connection(request)
    unread = [agent for agent in agents if not hasattr(agent, "delegation_reading")]
    context = {
        "rows": [(agent, open_runs.get(agent.pk)) for agent in agents],
        "connection": connection,
        "is_reading": bool(unread) and connection is not None and not connection.trouble,
        "finished": AddingRun.objects.filter(state=State.FINISHED)
        .select_related("system_user", "person")
        .order_by("-finished_at")[:10],
    }
    return render(request, "clients/adding/overview.html", context)


def _connection(request: StaffRequest) -> PersonConnection | None:
    return PersonConnection.objects.filter(user=request.user).first()


@require_POST
@never_cache
def read_again(request: StaffRequest) -> HttpResponse:
    """Have a worker read the lists now, as this person."""
    check_may_register(request.user)
    if _connection(request) is None:
        messages.error(request, _("Koble til med ID-porten først. Bare en person får se listene."))
        return redirect("clients:idporten")
    if tasks.read_soon(request.user):
        messages.success(request, _("Listene leses nå. Last siden på nytt om et øyeblikk."))
    else:
        messages.error(
            request, _("Køen svarer ikke, så listene ble ikke lest. Prøv igjen om litt.")
        )
    return redirect("clients:adding")


@require_safe
@never_cache
def system_user(request: StaffRequest, pk: int) -> HttpResponse:
    """What one agent has, set against what it could be given: tick, and go on."""
    check_may_register(request.user)
    agent = _agent(pk)
    return _show(request, agent, ChoiceForm(system_user=agent))


def _agent(pk: int) -> SystemUser:
    agents = SystemUser.objects.filter(kind=SystemUser.Kind.AGENT)
    return get_object_or_404(agents.select_related("delegation_reading"), pk=pk)


def _show(
    request: StaffRequest, agent: SystemUser, form: ChoiceForm, status: int = 200
) -> HttpResponse:
    counts = diff.counts(agent)
    name = request.GET.get("vis", "")
    name = name if name in diff.VIEWS else diff.READY
    rows = diff.view(agent, name)
    words = request.GET.get("q", "").strip()[:100]
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(orgnr__startswith=without_spaces(words)))
    order = ("-is_ours", Lower("name"), "orgnr") if name == diff.READY else (Lower("name"), "orgnr")
    context = {
        "agent": agent,
        "form": form,
        "views": [(key, label, counts.of[key]) for key, label in diff.VIEWS.items()],
        "view": name,
        "is_removal": name != diff.READY,
        "q": words,
        "counts": counts,
        "page": Paginator(rows.order_by(*order), PAGE_SIZE).get_page(request.GET.get("side")),
        "formers": diff.formers(agent) if name == diff.READY and not words else [],
        "run": agent.adding_runs.open().first(),
        "connection": _connection(request),
    }
    return render(request, "clients/adding/system_user.html", context, status=status)


@require_safe
@never_cache
def unable(request: StaffRequest, pk: int, other: int) -> HttpResponse:
    """List the clients of another agent that this one cannot be given."""
    check_may_register(request.user)
    agent, former = _agent(pk), _agent(other)
    rows = diff.unable(agent, former).order_by(Lower("name"), "orgnr")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("side"))
    context = {"agent": agent, "former": former, "page": page}
    return render(request, "clients/adding/unable.html", context)


@require_POST
@never_cache
def choose(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down what was chosen, for a last look before anything is sent."""
    check_may_register(request.user)
    agent = _agent(pk)
    form = ChoiceForm(request.POST, system_user=agent)
    if not form.is_valid():
        return _show(request, agent, form, status=422)
    try:
        run = runs.draft(
            agent, form.chosen(), wish=form.wish, actor=request.user, now=timezone.now()
        )
    except ValueError:
        messages.error(request, _("En kø for denne systembrukeren er ikke ferdig ennå."))
        return redirect("clients:adding-run", agent.adding_runs.open().get().pk)
    return redirect("clients:adding-run", run.pk)


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def run(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a run: the last look before it begins, how far it is, and what was refused."""
    check_may_register(request.user)
    found = _run(pk)
    troubled = found.items.filter(
        state__in=[AddingItem.State.REFUSED, AddingItem.State.UNKNOWN]
    ).order_by("pk")
    context = {
        "run": found,
        "progress": diff.progress(found),
        "is_removal": found.items.filter(wish=AddingItem.Wish.REMOVE).exists(),
        "connection": _connection(request),
        "troubled": troubled[:MOST_SHOWN],
        "most_shown": MOST_SHOWN,
        "pace": PaceForm(initial={"per_minute": found.per_minute}),
        "may_change": found.state not in (State.FINISHED, State.DRAFT),
    }
    if getattr(request, "htmx", False):
        response = render(request, "clients/adding/_progress.html", context)
        if request.GET.get("var", "") not in ("", found.state):
            response["HX-Refresh"] = "true"  # the buttons below are others now
        return response
    context["page"] = Paginator(found.items.order_by("pk"), PAGE_SIZE).get_page(
        request.GET.get("side")
    )
    return render(request, "clients/adding/run.html", context)


def _run(pk: int) -> AddingRun:
    related = AddingRun.objects.select_related("system_user", "started_by", "person")
    return get_object_or_404(related, pk=pk)


@require_POST
@never_cache
def begin(request: StaffRequest, pk: int) -> HttpResponse:
    """Set a draft going, at the chosen pace."""
    check_may_register(request.user)
    found = _run(pk)
    if _connection(request) is None:
        messages.error(request, _("Koble til med ID-porten først. Bare en person får gjøre dette."))
        return redirect("clients:adding-run", pk)
    form = PaceForm(request.POST)
    per_minute = form.cleaned_data["per_minute"] if form.is_valid() else found.per_minute
    if runs.begin(found, per_minute=per_minute, actor=request.user, now=timezone.now()):
        tasks.ring_for(found)
    return redirect("clients:adding-run", pk)


@require_POST
@never_cache
def pause(request: StaffRequest, pk: int) -> HttpResponse:
    check_may_register(request.user)
    runs.pause(_run(pk), actor=request.user, now=timezone.now())
    return redirect("clients:adding-run", pk)


@require_POST
@never_cache
def resume(request: StaffRequest, pk: int) -> HttpResponse:
    """Go on where it stood, under this person's own sign-in."""
    check_may_register(request.user)
    found = _run(pk)
    if _connection(request) is None:
        messages.error(request, _("Koble til med ID-porten først. Bare en person får gjøre dette."))
        return redirect("clients:adding-run", pk)
    if runs.resume(found, actor=request.user, now=timezone.now()):
        tasks.ring_for(found)
    return redirect("clients:adding-run", pk)


@require_POST
@never_cache
def pace(request: StaffRequest, pk: int) -> HttpResponse:
    """Go faster or slower from the next client on."""
    check_may_register(request.user)
    form = PaceForm(request.POST)
    if not form.is_valid():
        raise Http404
    runs.change_pace(
        _run(pk), form.cleaned_data["per_minute"], actor=request.user, now=timezone.now()
    )
    return redirect("clients:adding-run", pk)


@require_POST
@never_cache
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Give up what is left. What is done stays done."""
    check_may_register(request.user)
    found = _run(pk)
    runs.cancel(found, actor=request.user, now=timezone.now())
    if AddingRun.objects.filter(pk=pk).exists():
        messages.success(request, _("Resten er avbrutt. Det som er gjort, står."))
        return redirect("clients:adding-run", pk)
    messages.success(request, _("Ingenting er endret."))
    return redirect("clients:adding-system-user", found.system_user_id)


@require_POST
@never_cache
def again(request: StaffRequest, pk: int) -> HttpResponse:
    """Try those that were refused once more: something may have been done about it."""
    check_may_register(request.user)
    found = _run(pk)
    try:
        new = runs.retry_refused(found, actor=request.user, now=timezone.now())
    except ValueError:
        new = found.system_user.adding_runs.open().get()
    return redirect("clients:adding-run", (new or found).pk)
