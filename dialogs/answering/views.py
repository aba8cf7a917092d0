"""Ask once more, and then do it: the two steps of everything done at a service owner.

The question shows what was opened last and asks Altinn of nothing. Only its button does, after
everything has been checked again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from altinn.errors import AltinnError
from clients.connect import NotConfigured
from dialogs.answering import turns
from dialogs.answering.asked import Request
from dialogs.answering.checking import Checked, NotSent, Stale, check
from dialogs.answering.doing import DoneAlready, begin, in_the_way, wants_a_second_person
from dialogs.answering.lines import lines_of, request_for
from dialogs.answering.offers import Offer, Way, offer_of, offers
from dialogs.content.opening import NobodyReads, kept
from dialogs.content.troubles import trouble_of
from dialogs.models import Dialog
from dialogs.views import StaffRequest
from staff.reading import work_only

CONFLICT = 409
WRONG = 422


@dataclass(frozen=True)
class Question:
    """What is asked about: an action as it was shown to the person."""

    dialog: Dialog
    offer: Offer
    revision: UUID  # what the person saw
    back: str = ""  # the form it was filled in with, if it was

    @property
    def word(self) -> str:
        """What has to be typed before something is deleted; nothing for everything else."""
        return _("slett") if self.offer.is_destructive else ""


@work_only
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def answer(request: StaffRequest, dialog_id: UUID, action_id: UUID) -> HttpResponse:
    """Ask about a press of a button; and do it when the question is answered."""
    dialog = dialog_or_404(request, dialog_id)
    if request.method == "POST":
        revision = revision_in(request)
        if first := in_the_way(dialog, action_id, revision):
            return redirect("dialogs:receipt", first.pk)
    question = question_of(request, dialog, action_id)
    if question is None:
        return redirect("dialogs:whole", dialog.pk)
    if question.offer.under_way:
        return redirect("dialogs:receipt", question.offer.under_way.pk)
    if question.offer.way == Way.FILL_IN:
        return redirect("dialogs:answer-form", dialog.pk, action_id)
    if request.method != "POST":
        return ask(request, question, request_for(question.offer))
    return _press(request, question)


def _press(request: StaffRequest, question: Question) -> HttpResponse:
    word = question.word
    if word and request.POST.get("ord", "").strip().casefold() != word.casefold():
        wrong = _("Skriv «%(word)s» for å bekrefte at det skal slettes.") % {"word": word}
        return ask(request, question, request_for(question.offer), wrong=wrong, status=WRONG)
    return do(request, question, request_for(question.offer))


def do(request: StaffRequest, question: Question, wanted: Request) -> HttpResponse:
    """Check everything again, do it, and go to the receipt. What stops it is said."""
    now, action_id = timezone.now(), question.offer.id
    if turns.take(action_id, request.user, over="overta" in request.POST):
        return ask(request, question, wanted, status=CONFLICT)
    try:
        revision = revision_in(request)
        checked = check(question.dialog, action_id, seen=revision, user=request.user, now=now)
        _hold_against(checked, wanted)
        done = begin(question.dialog, checked, wanted, user=request.user, now=now)
    except DoneAlready as exc:
        return redirect("dialogs:receipt", exc.action.pk)
    except Stale as exc:
        # What changed it may be the same press, sent twice.
        if first := in_the_way(question.dialog, action_id, revision):
            return redirect("dialogs:receipt", first.pk)
        return _ask_again(request, question, wanted, exc)
    except NotSent as exc:
        return ask(request, question, wanted, stopped=exc.reasons, status=CONFLICT)
    except (AltinnError, NotConfigured) as exc:
        trouble = trouble_of(exc, now=now)
        said = (trouble.title, *trouble.lines, _("Ingenting er sendt."))
        return ask(request, question, wanted, stopped=said, status=CONFLICT)
    finally:
        turns.leave(action_id, request.user)
    return redirect("dialogs:receipt", done.pk)


def _hold_against(checked: Checked, wanted: Request) -> None:
    """Refuse when the action leads elsewhere than what was shown, whatever its revision says."""
    offer = checked.offer
    if (offer.method, offer.url, offer.reference) != (wanted.method, wanted.url, wanted.reference):
        raise Stale(checked.details.revision, _("Handlingen fører et annet sted enn før."))


def _ask_again(
    request: StaffRequest, question: Question, wanted: Request, exc: Stale
) -> HttpResponse:
    """Show what has changed, and ask about the action as it is now, if it still is."""
    now_there = question_of(request, question.dialog, question.offer.id, revision=exc.revision)
    if now_there is None:
        gone = _("Handlingen finnes ikke lenger i dialogen.")
        return ask(request, question, wanted, stopped=(*exc.reasons, gone), status=CONFLICT)
    now_there = replace(now_there, back=question.back)
    again = request_for(now_there.offer, wanted.body, wanted.lines)
    return ask(request, now_there, again, changed=exc.reasons, status=CONFLICT)


def ask(
    request: StaffRequest,
    question: Question,
    wanted: Request,
    *,
    changed: Iterable[str] = (),
    stopped: Iterable[str] = (),
    wrong: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show what is sent, to whom and for whom, with the button that sends it."""
    over = "overta" in request.GET or "overta" in request.POST
    try:
        lines = lines_of(question.dialog, question.offer, wanted)
    except NobodyReads as exc:
        trouble = trouble_of(exc, now=timezone.now())
        lines, stopped, status = [], (trouble.title, *trouble.lines), CONFLICT
    context: dict[str, Any] = {
        "question": question,
        "dialog": question.dialog,
        "offer": question.offer,
        "lines": lines,
        "form_lines": wanted.lines,
        "sum": wanted.hash,
        "changed": list(changed),
        "stopped": list(stopped),
        "wrong": wrong,
        "in_turn": turns.take(question.offer.id, request.user, over=over),
        "second": wants_a_second_person(is_destructive=question.offer.is_destructive),
    }
    return render(request, "dialogs/answering/question.html", context, status=status)


def question_of(
    request: StaffRequest, dialog: Dialog, action_id: UUID, *, revision: UUID | None = None
) -> Question | None:
    """Return the action as it was opened last; nothing if it was not, or is not offered."""
    opened = kept(dialog)
    if opened is None or (revision and opened.revision != revision):
        return None
    offered = offers(dialog, opened.details, user=request.user, now=timezone.now())
    offer = offer_of(offered, action_id)
    return Question(dialog, offer, opened.revision) if offer else None


def dialog_or_404(request: StaffRequest, dialog_id: UUID) -> Dialog:
    """Return the dialog with all that is shown of it.

    Raises:
        Http404: there is no such dialog, or this person may not see it.
    """
    visible = Dialog.objects.visible_to(request.user).select_related(
        "client", "party", "service", "owner", "copy", "access__system_user"
    )
    return get_object_or_404(visible.defer("copy__received", "copy__search"), pk=dialog_id)


def revision_in(request: StaffRequest) -> UUID:
    """Return the revision the person saw.

    Raises:
        Http404: none was sent along; nobody's page does that.
    """
    try:
        return UUID(request.POST.get("revision", ""))
    except ValueError:
        raise Http404(_("Fant ikke handlingen")) from None
