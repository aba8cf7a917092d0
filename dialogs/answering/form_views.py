"""Fill in what a service owner asks for, read it through, and send it: Nav's income reports.

Nav is asked when a person presses for it. What is typed is kept at every step, so neither an error
nor a lost line loses it. What is sent is made of the draft, if that is what was read through.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from altinn.errors import AltinnError
from altinn.nav_errors import NavError
from altinn.nav_forms import RequestStatus, body_of
from clients.connect import NotConfigured
from dialogs.answering import drafts, nav, words
from dialogs.answering.asked import Request
from dialogs.answering.doing import in_the_way
from dialogs.answering.drafts import Draft, filled_in_from, form_of
from dialogs.answering.income_form import IncomeForm
from dialogs.answering.lines import request_for
from dialogs.answering.offers import Way
from dialogs.answering.views import (
    CONFLICT,
    WRONG,
    Question,
    ask,
    dialog_or_404,
    do,
    question_of,
    revision_in,
)
from dialogs.content.opening import reader_of
from dialogs.content.troubles import trouble_of
from dialogs.views import StaffRequest
from staff.reading import work_only

KEPT = 204
ADD, TAKE_AWAY = "legg-til-", "fjern-"


@work_only
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def fill_in(request: StaffRequest, dialog_id: UUID, action_id: UUID) -> HttpResponse:
    """Take one step of the form: fetch, fill in, read through, send."""
    dialog = dialog_or_404(request, dialog_id)
    step = request.POST.get("steg", "")
    if step == "send" and (first := in_the_way(dialog, action_id, revision_in(request))):
        return redirect("dialogs:receipt", first.pk)
    question = question_of(request, dialog, action_id)
    if question is None or question.offer.way != Way.FILL_IN:
        return redirect("dialogs:whole", dialog.pk)
    if question.offer.under_way:
        return redirect("dialogs:receipt", question.offer.under_way.pk)
    question = replace(question, back=request.path)
    draft = drafts.find(dialog, action_id, question.offer.kind, user=request.user)
    if step == "hent" or draft is None:
        return _fetch(request, question, draft) if step == "hent" else _begin(request, question)
    if request.method != "POST":
        return _show(request, question, draft)
    return _next(request, question, draft, step)


def _next(request: StaffRequest, question: Question, draft: Draft, step: str) -> HttpResponse:
    if step == "rett":
        return redirect("dialogs:answer-form", question.dialog.pk, question.offer.id)
    if step == "send":
        return _send(request, question, draft)
    filled_in = _with_rows(filled_in_from(request.POST.dict()), step)
    _keep(request, question, draft.asked, filled_in)
    if step == "lagre":
        return HttpResponse(status=KEPT)
    draft = Draft(draft.asked, filled_in, timezone.now())
    if step == "se":
        return _preview(request, question, draft)
    return _show(request, question, draft)


def _begin(
    request: StaffRequest, question: Question, said: list[str] | None = None
) -> HttpResponse:
    """Show the button that fetches what Nav asks for."""
    context = {"question": question, "dialog": question.dialog, "stopped": said or []}
    status = CONFLICT if said else 200
    return render(request, "dialogs/answering/form_begin.html", context, status=status)


def _fetch(request: StaffRequest, question: Question, draft: Draft | None) -> HttpResponse:
    """Ask Nav for its request. What was filled in for the same one is kept."""
    offer, dialog = question.offer, question.dialog
    try:
        with nav.opened(offer.kind, reader_of(dialog)) as api:
            asked = api.request(UUID(offer.reference))
    except NavError as exc:
        return _begin(request, question, words.reasons_of(exc.feilkode))
    except (AltinnError, NotConfigured) as exc:
        trouble = trouble_of(exc, now=timezone.now())
        return _begin(request, question, [trouble.title, *trouble.lines])
    if asked.status == RequestStatus.FORKASTET:
        return _begin(request, question, words.reasons_of("UGYLDIG_FORESPOERSEL"))
    is_same = draft and drafts.reference_of(draft.asked) == drafts.reference_of(asked)
    _keep(request, question, asked, draft.filled_in if draft and is_same else {})
    return redirect("dialogs:answer-form", dialog.pk, offer.id)


def _show(
    request: StaffRequest, question: Question, draft: Draft, form: IncomeForm | None = None
) -> HttpResponse:
    """Show the form as it was left. It complains only of what was sent to be read through."""
    if form is None:
        form = form_of(draft.asked, None, user=request.user)
        if draft.is_begun:
            form = form_of(draft.asked, draft.filled_in, user=request.user)
            form.quiet()
    context: dict[str, Any] = {
        "question": question,
        "dialog": question.dialog,
        "form": form,
        "asked": draft.asked,
        "draft": draft,
        "facts": form.asked_lines(),
    }
    status = WRONG if form.is_bound and form.errors else 200
    return render(request, "dialogs/answering/form.html", context, status=status)


def _preview(request: StaffRequest, question: Question, draft: Draft) -> HttpResponse:
    """Show what will be sent, or what has to be put right first."""
    form = form_of(draft.asked, draft.filled_in, user=request.user)
    if not form.is_valid():
        return _show(request, question, draft, form)
    return ask(request, question, _request(question, form))


def _send(request: StaffRequest, question: Question, draft: Draft) -> HttpResponse:
    """Send what was read through; if the draft is another now, it is shown to be read again."""
    form = form_of(draft.asked, draft.filled_in, user=request.user)
    if not form.is_valid():
        return _show(request, question, draft, form)
    wanted = _request(question, form)
    if drafts.reference_of(draft.asked) != question.offer.reference:
        newer = _("Nav har laget en nyere forespørsel. Hent den på nytt.")
        return ask(request, question, wanted, stopped=[newer], status=CONFLICT)
    if request.POST.get("sum") != wanted.hash:
        changed = _("Skjemaet er endret siden du så dette. Les gjennom på nytt.")
        return ask(request, question, wanted, changed=[changed], status=CONFLICT)
    offer, orgnr = question.offer, draft.asked.orgnr
    known = nav.known_before(offer.kind, wanted.reference, orgnr, question.dialog)
    return do(request, question, replace(wanted, known=known))


def _request(question: Question, form: IncomeForm) -> Request:
    return request_for(question.offer, body_of(form.report()).decode(), form.lines())


def _keep(
    request: StaffRequest, question: Question, asked: drafts.Asked, filled_in: dict[str, str]
) -> None:
    now, user = timezone.now(), request.user
    drafts.keep(question.dialog, question.offer.id, asked, filled_in, user=user, now=now)


def _with_rows(filled_in: dict[str, str], step: str) -> dict[str, str]:
    """Add an empty row to a group, or take one away, as its button says."""
    if step.startswith(ADD):
        group = step.removeprefix(ADD)[:20]
        taken = {name.split("-")[1] for name in filled_in if name.startswith(f"{group}-")}
        number = next(n for n in range(len(taken) + 1) if str(n) not in taken)
        return filled_in | {f"{group}-{number}-ny": ""}
    if step.startswith(TAKE_AWAY):
        row = f"{step.removeprefix(TAKE_AWAY)[:24]}-"
        return {name: value for name, value in filled_in.items() if not name.startswith(row)}
    return filled_in
