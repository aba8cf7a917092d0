"""Lists as files over HTTP: at once when they are short, else made by a worker and fetched."""

import uuid

from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from dialogs.exporting import jobs, kept, lists, tasks
from dialogs.exporting.acts import FETCHED, REFUSED
from dialogs.exporting.forms import ReceiptsForm
from dialogs.exporting.lists import TakenOut
from dialogs.exporting.sending import Passing, as_file, name_of, stream
from dialogs.exporting.shown import Shown
from dialogs.exporting.table import TooBroad
from dialogs.models import ExportJob
from dialogs.views import StaffRequest, wants_part
from staff.reading import own_affair
from staff.rules import check, may_export
from staff.tables import Kind

MOST_LISTED = 50
NOT_DONE = 409


@require_GET
@never_cache
def export(request: StaffRequest, listed: str, kind: str) -> HttpResponseBase:
    """Send a list as a file; of a long one, ask whether a worker is to make it."""
    wanted, form = _wanted(request, listed), _kind(kind)
    now, query = timezone.now(), lists.filters_in(request.GET.urlencode())
    table = wanted.make(request.user, query, now=now)
    try:
        count = table.count(jobs.AT_ONCE)
    except TooBroad:
        text = _("Søket er for bredt. Skriv flere ord, eller velg en klient eller mappe.")
        return _not_done(request, wanted, text)
    if count > jobs.AT_ONCE:
        context = {
            "wanted": wanted,
            "listed": listed,
            "kind": kind,
            "query": query.urlencode(),
            "key": uuid.uuid4().hex,
        }
        return render(request, "dialogs/exporting/ask.html", context)
    return stream(
        listed,
        str(wanted.title),
        table.headings,
        table.batches(),
        kind=form,
        query=query.urlencode(),
        user=request.user,
        now=now,
    )


@own_affair
@require_POST
def begin(request: StaffRequest, listed: str, kind: str) -> HttpResponse:
    """Have a worker make a file of a list, because a person pressed the button."""
    wanted, form = _wanted(request, listed), _kind(kind)
    key = request.POST.get("nokkel", "")[:64] or uuid.uuid4().hex
    query = request.POST.get("liste", "")
    try:
        job = jobs.ask(listed, query, form, user=request.user, now=timezone.now(), form=key)
    except jobs.TooMany:
        text = _("Du har allerede tre filer på vei. Vent til en av dem er klar.")
        return _not_done(request, wanted, text)
    tasks.ring_for(job)
    return redirect("dialogs:export-job", job.pk)


@require_safe
@never_cache
def exports(request: StaffRequest) -> HttpResponse:
    """List one's own files, and offer what has no list of its own on a page."""
    check(may_export(request.user))
    theirs = ExportJob.objects.filter(user=request.user).defer("keys").order_by("-asked_at", "-pk")
    now = timezone.now()
    context = {
        "files": [Shown(job, now=now) for job in theirs[:MOST_LISTED]],
        "receipts": ReceiptsForm(),
    }
    return render(request, "dialogs/exporting/exports.html", context)


@require_GET
@never_cache
def receipts(request: StaffRequest) -> HttpResponse:
    """Go on to the receipts' file in the kind that was pressed."""
    form = ReceiptsForm(request.GET)
    if not form.is_valid():
        context = {"files": [], "receipts": form}
        return render(request, "dialogs/exporting/exports.html", context, status=NOT_DONE)
    kind = Kind.read(request.GET.get("type", "")) or Kind.XLSX
    days = {name: str(day) for name, day in form.cleaned_data.items() if day}
    address = reverse("dialogs:export", args=["kvitteringer", kind.value], query=days)
    return HttpResponseRedirect(address)


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def job(request: StaffRequest, pk: int) -> HttpResponse:
    """Show how far one's own file has come, and where it is fetched."""
    shown = Shown(_mine(request, pk), now=timezone.now())
    if wants_part(request):
        return render(request, "dialogs/exporting/progress.html", {"file": shown})
    return render(request, "dialogs/exporting/job.html", {"file": shown})


@require_GET
@never_cache
def file(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Hand out a file to the one who asked for it, if they may still see all it tells of."""
    check(may_export(request.user))
    now, found = timezone.now(), _mine(request, pk)
    shown = Shown(found, now=now)
    if not shown.is_there:
        return render(request, "dialogs/exporting/job.html", {"file": shown}, status=NOT_DONE)
    if not jobs.sees_all_of(found):
        jobs.note(found, REFUSED, now=now, rows=found.rows)
        jobs.discard(found)
        text = _("Du ser ikke lenger alt som er i filen, så den er slettet. Lag den på nytt.")
        return _not_done(request, lists.LISTS[found.listed], text)
    return _handed_out(found)


def _handed_out(found: ExportJob) -> StreamingHttpResponse:
    def ended() -> None:
        jobs.note(found, FETCHED, now=timezone.now(), rows=found.rows)

    pieces, kind = kept.pieces_of(found.stored_as, found.sha256), Kind(found.kind)
    name = name_of(found.listed, kind, now=found.asked_at)
    return as_file(Passing(pieces, ended), name, kind.media_type)


def _wanted(request: StaffRequest, listed: str) -> TakenOut:
    """Return the list, if there is one and this person may take it.

    Raises:
        Http404: there is none.
        PermissionDenied: a 403 page.
    """
    check(may_export(request.user))
    wanted = lists.LISTS.get(listed)
    if wanted is None:
        raise Http404
    check(wanted.may(request.user))
    return wanted


def _kind(text: str) -> Kind:
    kind = Kind.read(text)
    if kind is None:
        raise Http404
    return kind


def _mine(request: StaffRequest, pk: int) -> ExportJob:
    return get_object_or_404(ExportJob.objects.select_related("user"), pk=pk, user=request.user)


def _not_done(request: StaffRequest, wanted: TakenOut, text: str) -> HttpResponse:
    context = {"wanted": wanted, "text": text}
    return render(request, "dialogs/exporting/not_done.html", context, status=NOT_DONE)
