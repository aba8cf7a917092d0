"""A receipt: to read, to print, to keep; and to find out how something ended."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from altinn.errors import AltinnError
from clients.connect import NotConfigured
from dialogs.answering import looking
from dialogs.answering.asked import unsealed
from dialogs.answering.checking import NotSent, check
from dialogs.answering.doing import DoneAlready, approve, withdraw
from dialogs.answering.receipts import RELATED, Receipt
from dialogs.content.troubles import trouble_of
from dialogs.models import ServiceAction
from dialogs.views import StaffRequest

CONFLICT = 409


@require_safe
@never_cache
def receipt(request: StaffRequest, pk: int) -> HttpResponse:
    return _show(request, _action(request, pk))


@require_safe
@never_cache
def receipt_pdf(request: StaffRequest, pk: int) -> HttpResponse:
    """Give the receipt as a file, to keep where the client's papers are."""
    from dialogs.answering import paper  # eighteen megabytes, for this page alone

    action = _action(request, pk)
    response = HttpResponse(paper.pdf(Receipt(action)), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="kvittering-{action.pk}.pdf"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@never_cache
def look(request: StaffRequest, pk: int) -> HttpResponse:
    """Look for how it ended, because a person pressed «Sjekk nå»."""
    action = _action(request, pk)
    now = timezone.now()
    if action.state in ServiceAction.UNSETTLED:
        try:
            looking.look(action, user=request.user, now=now)
        except (AltinnError, NotConfigured) as exc:
            trouble = trouble_of(exc, now=now)
            return _show(request, action, stopped=[trouble.title, *trouble.lines])
        looking.give_up_waiting(action, now=now)
    return redirect("dialogs:receipt", pk)


@require_POST
def decide(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down what a person has found out: it was done, or it was not."""
    action = _action(request, pk)
    found = request.POST.get("utfall")
    if Receipt(action).may_decide and found in {"utfort", "ikke-utfort"}:
        was_done = found == "utfort"
        looking.settle_by_hand(action, was_done=was_done, user=request.user, now=timezone.now())
    return redirect("dialogs:receipt", pk)


@require_POST
@never_cache
def approve_action(request: StaffRequest, pk: int) -> HttpResponse:
    """Have done what a colleague has asked for, after everything is checked again."""
    action, now = _action(request, pk), timezone.now()
    if action.state != ServiceAction.State.WAITING:
        return redirect("dialogs:receipt", pk)
    if request.user == action.actor:
        own = _("Den som ba om det, kan ikke godkjenne det selv.")
        return _show(request, action, stopped=[own])
    try:
        checked = check(
            action.dialog, action.action_id, seen=action.revision, user=request.user, now=now
        )
        wanted, offer = unsealed(action.request), checked.offer
        if (offer.method, offer.url) != (wanted.method, wanted.url):
            raise NotSent(_("Handlingen fører et annet sted enn før."))
        approve(action, checked, user=request.user, now=now)
    except DoneAlready:
        return redirect("dialogs:receipt", pk)
    except NotSent as exc:
        return _show(request, action, stopped=list(exc.reasons))
    except (AltinnError, NotConfigured) as exc:
        trouble = trouble_of(exc, now=now)
        return _show(request, action, stopped=[trouble.title, *trouble.lines])
    return redirect("dialogs:receipt", pk)


@require_POST
def withdraw_action(request: StaffRequest, pk: int) -> HttpResponse:
    """Take back one's own wish, or decline a colleague's."""
    withdraw(_action(request, pk), user=request.user, now=timezone.now())
    return redirect("dialogs:receipt", pk)


def _action(request: StaffRequest, pk: int) -> ServiceAction:
    """Return an action on a dialog that this person may see.

    Raises:
        Http404: there is none such.
    """
    visible = ServiceAction.objects.visible_to(request.user).select_related(*RELATED)
    return get_object_or_404(visible.defer("dialog__copy__received", "dialog__copy__search"), pk=pk)


def _show(
    request: StaffRequest, action: ServiceAction, stopped: list[str] | None = None
) -> HttpResponse:
    shown = Receipt(action)
    context = {
        "receipt": shown,
        "action": action,
        "dialog": action.dialog,
        "stopped": stopped or [],
        "may_approve": shown.may_approve(request.user),
        "is_mine": request.user.pk == action.actor_id,
    }
    status = CONFLICT if stopped else 200
    return render(request, "dialogs/answering/receipt.html", context, status=status)
