"""Bulk changes over HTTP: count a selection, ask, do, show how far, undo, try again."""

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh, reswap, retarget, trigger_client_event

from dialogs.bulk import jobs, tasks, words
from dialogs.bulk.acts import ACTS, AT_ONCE, MOST, Act, asks_first
from dialogs.bulk.forms import WishForm, form_for
from dialogs.bulk.people import people
from dialogs.bulk.preview import preview
from dialogs.bulk.receipt import MOST_SHOWN, Receipt, lately
from dialogs.bulk.selection import Selection, TooMany, Total
from dialogs.models import BulkJob
from dialogs.views import StaffRequest, wants_part

MOST_JOBS = 50
IN_BAR = (Act.ASSIGN, Act.INTERNAL_DUE, Act.ARCHIVE, Act.INBOX)
IN_MENU = (Act.INTERNAL_DUE, Act.NOTE, Act.SNOOZE, Act.DONE, Act.UNREAD, Act.BIN)
NOT_DONE = 409
WISHES = {
    Act.ASSIGN: "dialogs/bulk/wish_assign.html",
    Act.INTERNAL_DUE: "dialogs/bulk/wish_internal_due.html",
    Act.SNOOZE: "dialogs/bulk/wish_snooze.html",
    Act.NOTE: "dialogs/bulk/wish_note.html",
}


@require_POST
@never_cache
def count(request: StaffRequest) -> HttpResponse:
    """Say how many dialogs are chosen, and offer what fits at least one of them."""
    now = timezone.now()
    selection = Selection.read(request.POST)
    total = selection.total(request.user, now=now)
    every = None if selection.is_all else selection.everything_counted(request.user, now=now)
    context = {
        "selection": selection,
        "total": total,
        "chosen": words.number(total.dialogs),
        "every": words.number(every) if every else "",
        "may_choose_all": not selection.is_all and (every is None or every > total.dialogs),
        "is_too_many": total.dialogs > MOST,
        "most": words.number(MOST),
        "bar": _offers(total, IN_BAR),
        "more": _offers(total, IN_MENU),
        "key": uuid.uuid4().hex,
    }
    return render(request, "dialogs/bulk/tools.html", context)


def _offers(total: Total, acts: Sequence[Act]) -> list[tuple[Act, str]]:
    if total.dialogs > MOST:
        return []
    return [
        (act, words.button(act, fitting=total.fitting[act], chosen=total.dialogs))
        for act in acts
        if total.fitting[act]
    ]


@require_POST
@never_cache
def bulk(request: StaffRequest) -> HttpResponse:
    """Do something to the chosen dialogs; ask first when there is more to say or much at stake."""
    now = timezone.now()
    selection = Selection.read(request.POST)
    act = _act(request.POST.get("act", ""))
    if act is None or not selection:
        return _nothing(request, selection, _("Ingen dialoger er valgt. Kryss av for minst én."))
    sent = _fingerprint(request.POST)
    if before := jobs.begun_by(sent, actor=request.user, now=now):
        return _begun(request, before)
    total = selection.total(request.user, now=now)
    if not total.fitting[act]:
        return _nothing(request, selection, _nothing_fits(total))
    is_answer = request.POST.get("steg") == "gjor"
    form = form_for(act)(request.POST if is_answer else None)
    is_asked = asks_first(act, total.fitting[act])
    if is_asked and not (is_answer and form.is_valid()):
        return _ask(request, act, selection, total, form)
    wish = form.wish() if is_asked else {}
    try:
        job = jobs.start(act, selection, wish, actor=request.user, now=now, form=sent)
    except (jobs.NothingToDo, TooMany):
        return _nothing(request, selection, _nothing_fits(total))
    return _begun(request, job)


def _act(text: str) -> Act | None:
    return Act(text) if text in ACTS else None


def _nothing_fits(total: Total) -> str:
    if not total.dialogs:
        return _("Ingen av dialogene finnes lenger, eller du ser ikke klienten. Velg på nytt.")
    if total.dialogs > MOST:
        text = _("Utvalget er på mer enn %(n)s dialoger. Snevr det inn med filtrene.")
        return text % {"n": words.number(MOST)}
    return _("Ingen av de valgte dialogene kan endres slik. Velg andre, eller noe annet.")


def _fingerprint(sent: QueryDict) -> str:
    """Return what is the same only when the same form is sent twice: it holds random keys."""
    return hashlib.sha256(sent.urlencode().encode()).hexdigest()


def _nothing(request: StaffRequest, selection: Selection, text: str) -> HttpResponse:
    """Say why nothing was done."""
    context = {"text": text, "query": selection.query}
    if not wants_part(request):
        return render(request, "dialogs/bulk/nothing.html", context, status=NOT_DONE)
    response = render(request, "dialogs/bulk/complaint.html", context)
    told = {"ny": True, "tekst": text}
    trigger_client_event(response, "bulk", told, after="swap")
    return _into(response, "#bulk-svar", "afterbegin")


def _ask(
    request: StaffRequest, act: Act, selection: Selection, total: Total, form: WishForm
) -> HttpResponse:
    """Show what will be done and to what, and ask for what is missing."""
    now = timezone.now()
    today, is_part = timezone.localdate(now), wants_part(request)
    context = {
        "preview": preview(act, selection, total, request.user, now=now),
        "shows_titles": act == Act.BIN or total.fitting[act] > AT_ONCE,
        "fields": selection.as_fields(),
        "query": selection.query,
        "form": form,
        "people": people(me=request.user, today=today) if act == Act.ASSIGN else [],
        "body": WISHES.get(act, ""),
        "key": uuid.uuid4().hex,
        "today": today,
        "is_page": not is_part,
    }
    if not is_part:
        status = NOT_DONE if form.is_bound else 200
        return render(request, "dialogs/bulk/ask.html", context, status=status)
    response = render(request, "dialogs/bulk/question.html", context)
    return _into(response, "#bulk-boks-innhold", "innerHTML")


def _begun(request: StaffRequest, job: BulkJob, *, before: int = 0) -> HttpResponse:
    """Ring for a worker if there is more to do, and show what has come of the job so far.

    `before` is the job whose line on the page it takes the place of.
    """
    tasks.ring_for(job)
    job = BulkJob.objects.select_related("undoes").get(pk=job.pk)
    if not wants_part(request):
        return redirect("dialogs:bulk-job", job.pk)
    told = {"ny": True, "for": before}
    return _into(_line(request, job, told), "#bulk-svar", "afterbegin")


def _line(
    request: StaffRequest, job: BulkJob, told: dict[str, Any], *, is_page: bool = False
) -> HttpResponse:
    """Render the job as a line; above a list, the list is renewed once the job is finished."""
    receipt = Receipt(job, now=timezone.now())
    context = {"receipt": receipt, "key": uuid.uuid4().hex, "is_page": is_page}
    response = render(request, "dialogs/bulk/receipt.html", context)
    told = told | {"ferdig": receipt.is_done}
    if receipt.is_done or "ny" in told:
        told["tekst"] = receipt.text  # progress is not said every two seconds
    return trigger_client_event(response, "bulk", told, after="swap")


def _into(response: HttpResponse, target: str, how: Any) -> HttpResponse:
    return reswap(retarget(response, target), how)


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def job(request: StaffRequest, pk: int) -> HttpResponse:
    """Show how far one's own job has come, what failed and why."""
    found = _mine(request, pk)
    if wants_part(request):
        is_page = request.htmx.current_url_abs_path == request.path
        if is_page and found.state == BulkJob.State.FINISHED:
            return HttpResponseClientRefresh()
        return _line(request, found, {}, is_page=is_page)
    receipt = Receipt(found, now=timezone.now())
    failures = receipt.failures(request.user) if receipt.failed else []
    context = {
        "receipt": receipt,
        "failures": failures,
        "reasons": receipt.reasons() if receipt.failed else [],
        "is_cut": receipt.failed > MOST_SHOWN,
        "most": MOST_SHOWN,
        "is_page": True,
        "key": uuid.uuid4().hex,
    }
    return render(request, "dialogs/bulk/job.html", context)


@require_safe
@never_cache
def my_jobs(request: StaffRequest) -> HttpResponse:
    """List one's own latest jobs."""
    receipts = lately(request.user, now=timezone.now(), most=MOST_JOBS)
    return render(request, "dialogs/bulk/jobs.html", {"receipts": receipts})


@require_POST
@never_cache
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    """Put back what a job of one's own changed."""
    found = _mine(request, pk)
    try:
        begun = jobs.undo(found, actor=request.user, now=timezone.now())
    except jobs.NothingToDo:
        text = _("Det er ikke lenger noe å angre.")
        return _nothing(request, Selection(found.wish.get("list", "")), text)
    return _begun(request, begun, before=found.pk)


@require_POST
@never_cache
def retry(request: StaffRequest, pk: int) -> HttpResponse:
    """Try again with what failed in a job of one's own."""
    found = _mine(request, pk)
    try:
        form = _fingerprint(request.POST)
        begun = jobs.retry(found, actor=request.user, now=timezone.now(), form=form)
    except jobs.NothingToDo:
        text = _("Ingen av dialogene kan endres slik lenger. Se hvor de ligger nå.")
        return _nothing(request, Selection(found.wish.get("list", "")), text)
    return _begun(request, begun, before=found.pk)


def _mine(request: StaffRequest, pk: int) -> BulkJob:
    return get_object_or_404(BulkJob.objects.select_related("undoes"), pk=pk, actor=request.user)
