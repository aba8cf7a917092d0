"""The one way a change to a dialog goes: check, decide, and answer with what is there now.

Nobody's change is lost. Who comes second sees what the first did, with the own wish still there,
and chooses between the two.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from dialogs.actions import Decision, SomebodyWasFirst
from dialogs.forms import WorkForm
from dialogs.inbox.page import InboxPage
from dialogs.inbox.rows import Row
from dialogs.models import Dialog
from dialogs.views import PAGE, StaffRequest, page_of, parts_of, wants_part
from dialogs.work import conflict
from dialogs.work.answers import Answer, Box

Sent = dict[str, Any]  # what a form holds once it is checked
# Does it, and returns what to say.
Act = Callable[[Dialog, Sent, Decision], str]
# What the person wanted, to be read after «Du ville».
Wish = Callable[[Sent], str]
NOT_A_WISH = {"csrfmiddlewaretoken", "work_version", "shown_at", "vis"}


def opened(request: StaffRequest, dialog_id: UUID) -> tuple[InboxPage, Row]:
    """Return the dialog as it is now.

    Raises:
        Http404: there is no such dialog, or this person may not see it.
    """
    page = page_of(request)
    row = page.open(dialog_id)
    if row is None:
        raise Http404(_("Fant ikke dialogen"))
    return page, row


def change(
    request: StaffRequest,
    dialog_id: UUID,
    form_class: type[WorkForm],
    act: Act,
    *,
    wish: Wish,
    form_id: str = "",
) -> HttpResponse:
    """Check what was sent, do it, and show the dialog as it is afterwards.

    `form_id` is the popover that is opened again when something in it is wrong.
    """
    _before, row = opened(request, dialog_id)
    form = form_class(request.POST, dialog=row.dialog, today=timezone.localdate(row.now))
    if not form.is_valid():
        box = Box([form.complaint], color="danger")
        return show(request, dialog_id, Answer(box, wish_of(request), form_id, form.complaint))
    decision = Decision(request.user, row.now, form.cleaned_data["work_version"])
    try:
        said = act(row.dialog, form.cleaned_data, decision)
    except SomebodyWasFirst:
        return _ask_whose(request, dialog_id, form, wish(form.cleaned_data))
    return done(request, dialog_id, said)


def done(request: StaffRequest, dialog_id: UUID, said: str) -> HttpResponse:
    """Answer a change that was made: the parts that the page shows, or the page itself."""
    page, row = opened(request, dialog_id)
    if wants_part(request):
        return _shown_parts(request, {"page": page, "opened": row}, said=said)
    if request.POST.get("fra") == "rad":
        return redirect(reverse("dialogs:inbox") + page.query)
    return redirect(row.href)


def show(request: StaffRequest, dialog_id: UUID, answer: Answer) -> HttpResponse:
    """Answer a change that was not made: why, and what to do next."""
    page, row = opened(request, dialog_id)
    context = {"page": page, "opened": row, "answer": answer}
    if wants_part(request):
        said = " ".join(answer.box.lines) if answer.box else ""
        return _shown_parts(request, context, said=said, status=409)
    page.load(also=dialog_id)
    return render(request, PAGE, context, status=409)


def wish_of(request: StaffRequest) -> dict[str, str]:
    """Return what the person chose: to be filled in, and sent again."""
    sent = request.POST.items()
    return {name: str(value).strip() for name, value in sent if name not in NOT_A_WISH}


def _ask_whose(request: StaffRequest, dialog_id: UUID, form: WorkForm, wanted: str) -> HttpResponse:
    """Show what somebody did meanwhile, and let the person choose."""
    _page_now, row = opened(request, dialog_id)
    version, shown_at = form.cleaned_data["work_version"], form.cleaned_data["shown_at"]
    entries = conflict.entries_since(row.dialog, version, shown_at=shown_at)
    wish = wish_of(request)
    as_shown = {"work_version": row.work_version, "shown_at": row.now.isoformat()}
    not_saved = _("Du ville %(wish)s. Det er ikke lagret.")
    box = Box(
        [*conflict.told(entries, row.dialog, now=row.now), not_saved % {"wish": wanted}],
        address=request.get_full_path(),
        fields=list((wish | as_shown).items()),
        yes=_("Behold min"),
        no=conflict.use_theirs(entries),
    )
    return show(request, dialog_id, Answer(box, wish))


def _shown_parts(
    request: StaffRequest, context: dict[str, Any], *, said: str, status: int = 200
) -> HttpResponse:
    """Render those parts that the page shows. Without the panel, the list says what is wrong."""
    shown = set(request.POST.get("vis", "").split())
    parts = [part for part in ("ansvarlig", "panel") if part in shown]
    is_refused = status != 200
    if is_refused and "panel" not in shown:
        context = context | {"said": said}
    response = parts_of(request, [*parts, "melding"], context, status=status, aside=True)
    if is_refused and "panel" in shown and request.POST.get("fra") != "rad":
        return response  # focus goes to the box that says it
    return trigger_client_event(response, "si", {"tekst": said})
