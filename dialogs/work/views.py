"""What people do with the one dialog in the panel, over HTTP. No view calls Altinn."""

import re
from datetime import date
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from dialogs import actions
from dialogs.actions import Decision
from dialogs.forms import AssignForm, EstimatedDueForm, InternalDueForm, SnoozeForm, WorkForm
from dialogs.models import ChecklistStep, Dialog
from dialogs.notes.actions import add_note
from dialogs.notes.naming import named_in
from dialogs.notes.place import Place
from dialogs.views import StaffRequest
from dialogs.work import checklist, days, presence
from dialogs.work.answers import Answer, Box
from dialogs.work.changing import Sent, change, done, opened, show, wish_of
from staff.models import User
from staff.reading import own_affair

MOST_RECENT = 5
RECENT = "sist_tildelt"  # in the session: whom this person gave dialogs to


@require_POST
def assign(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    """Make somebody or nobody responsible; with it goes what is to be done, and by when."""

    def act(dialog: Dialog, sent: Sent, decision: Decision) -> str:
        with transaction.atomic():
            said = _assign(dialog, sent, decision)
        _remember(request, sent["responsible"])
        return said

    return change(request, dialog_id, AssignForm, act, wish=_to_assign, form_id="tildel-boks")


def _assign(dialog: Dialog, sent: Sent, decision: Decision) -> str:
    responsible, comment = sent["responsible"], sent["comment"]
    due_on, until_on = sent["internal_due_on"], sent["snoozed_until_on"]
    if actions.assign_dialog(dialog, responsible, decision, comment=comment):
        decision = _next(decision)
    if due_on and due_on != dialog.internal_due_on:
        actions.set_internal_due(dialog, due_on, decision)
        decision = _next(decision)
    if until_on and until_on != dialog.snoozed_until_on:
        actions.snooze(dialog, until_on, decision)
    if comment:
        named = named_in(comment, client_id=dialog.client_id).welcome
        place = Place(dialog.client, dialog)
        add_note(place, comment, author=decision.actor, now=decision.now, mentioned=named)
    if responsible is None:
        return _("Ufordelt.")
    return _("Ansvarlig er %(name)s.") % {"name": responsible}


def _to_assign(sent: Sent) -> str:
    to = sent["responsible"]
    wishes = [_("gi ansvaret til %(name)s") % {"name": to} if to else _("gjøre den ufordelt")]
    if sent["internal_due_on"]:
        wishes.append(_to_set_internal_due({"day": sent["internal_due_on"]}))
    if sent["snoozed_until_on"]:
        wishes.append(_to_snooze({"day": sent["snoozed_until_on"]}))
    if sent["comment"]:
        wishes.append(_("skrive «%(text)s»") % {"text": sent["comment"]})
    return ", ".join(wishes)


def _next(decision: Decision) -> Decision:
    """The same person's next change, in the same transaction."""
    return decision._replace(work_version=decision.work_version + 1)


def _remember(request: StaffRequest, responsible: User | None) -> None:
    if responsible and responsible != request.user:
        before = [key for key in request.session.get(RECENT, []) if key != responsible.pk]
        request.session[RECENT] = [responsible.pk, *before][:MOST_RECENT]


@require_POST
def snooze(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    def act(dialog: Dialog, sent: Sent, decision: Decision) -> str:
        if dialog.snoozed_until_on != sent["day"]:
            actions.snooze(dialog, sent["day"], decision)
        return _("Utsatt til %(day)s.") % {"day": _written(sent["day"])}

    return change(request, dialog_id, SnoozeForm, act, wish=_to_snooze, form_id="utsett-boks")


def _to_snooze(sent: Sent) -> str:
    return _("utsette den til %(day)s") % {"day": _written(sent["day"])}


@require_POST
def wake(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    def act(dialog: Dialog, _sent: Sent, decision: Decision) -> str:
        if dialog.snoozed_until_on:
            actions.wake(dialog, decision)
        return _("Dialogen er tilbake i innboksen.")

    return change(request, dialog_id, WorkForm, act, wish=lambda _sent: _("hente den tilbake"))


@require_POST
def set_internal_due(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    def act(dialog: Dialog, sent: Sent, decision: Decision) -> str:
        day = sent.get("day")
        if dialog.internal_due_on != day:
            actions.set_internal_due(dialog, day, decision)
        if day is None:
            return _("Den interne fristen er fjernet.")
        return _("Intern frist er %(day)s.") % {"day": _written(day)}

    form = WorkForm if "fjern" in request.POST else InternalDueForm
    box = "intern-frist-boks"
    return change(request, dialog_id, form, act, wish=_to_set_internal_due, form_id=box)


def _to_set_internal_due(sent: Sent) -> str:
    if day := sent.get("day"):
        return _("sette intern frist %(day)s") % {"day": _written(day)}
    return _("fjerne den interne fristen")


@require_POST
def set_estimated_due(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    def act(dialog: Dialog, sent: Sent, decision: Decision) -> str:
        day = sent.get("day")
        if dialog.estimated_due_on != day:
            actions.set_estimated_due(dialog, day, decision)
        if day is None:
            return _("Den anslåtte fristen er fjernet.")
        return _("Anslått frist er %(day)s.") % {"day": _written(day)}

    form = WorkForm if "fjern" in request.POST else EstimatedDueForm
    box = "anslatt-frist-boks"
    return change(request, dialog_id, form, act, wish=_to_set_estimated_due, form_id=box)


def _to_set_estimated_due(sent: Sent) -> str:
    if day := sent.get("day"):
        return _("sette anslått frist %(day)s") % {"day": _written(day)}
    return _("fjerne den anslåtte fristen")


@require_POST
def finish(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    """Be done with the dialog. Asks first when steps of the checklist are open."""
    _page, row = opened(request, dialog_id)
    left = [] if "likevel" in request.POST else checklist.open_steps(row.dialog)
    if left and not row.dialog.done_at:
        return show(request, dialog_id, Answer(_ask_about(left, request)))

    def act(dialog: Dialog, _sent: Sent, decision: Decision) -> str:
        if not dialog.done_at:
            actions.finish(dialog, decision)
        return _("Merket som ferdig.")

    return change(request, dialog_id, WorkForm, act, wish=lambda _sent: _("merke den som ferdig"))


def _ask_about(left: list[ChecklistStep], request: StaffRequest) -> Box:
    said = ngettext(
        "%(n)s punkt i sjekklisten står igjen: %(steps)s.",
        "%(n)s punkter i sjekklisten står igjen: %(steps)s.",
        len(left),
    )
    steps = ", ".join(step.text for step in left)
    version = {name: request.POST.get(name, "") for name in ("work_version", "shown_at")}
    return Box(
        [said % {"n": len(left), "steps": steps}],
        address=request.get_full_path(),
        fields=[*(wish_of(request) | version).items(), ("likevel", "ja")],
        yes=_("Merk som ferdig likevel"),
        no=_("Avbryt"),
    )


@require_POST
def resume(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    def act(dialog: Dialog, _sent: Sent, decision: Decision) -> str:
        if dialog.done_at:
            actions.resume(dialog, decision)
        return _("Dialogen er tilbake i innboksen.")

    return change(request, dialog_id, WorkForm, act, wish=lambda _sent: _("ta den opp igjen"))


@require_POST
def see_reopening(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    def act(dialog: Dialog, _sent: Sent, decision: Decision) -> str:
        if dialog.reopened_at:
            actions.see_reopening(dialog, decision)
        return _("Endringene er sett.")

    return change(
        request, dialog_id, WorkForm, act, wish=lambda _sent: _("merke endringene som sett")
    )


@require_POST
def unpin(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    def act(dialog: Dialog, _sent: Sent, decision: Decision) -> str:
        if dialog.pin_id:
            actions.unpin(dialog, decision)
        return _("Fjernet fra haster.")

    return change(request, dialog_id, WorkForm, act, wish=lambda _sent: _("fjerne den fra haster"))


@require_POST
def follow(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    _page, row = opened(request, dialog_id)
    if request.POST.get("folg") == "ja":
        actions.follow(row.dialog, user=request.user, now=row.now)
        return done(request, dialog_id, _("Du følger dialogen."))
    actions.unfollow(row.dialog, user=request.user)
    return done(request, dialog_id, _("Du følger ikke lenger dialogen."))


@require_POST
def tick(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    _page, row = opened(request, dialog_id)
    key = request.POST.get("punkt", "")
    if not re.fullmatch(r"[0-9]{1,9}", key):
        raise Http404(_("Fant ikke punktet"))
    step = get_object_or_404(ChecklistStep, pk=key, service=row.dialog.service_id)
    if request.POST.get("gjort") == "ja":
        checklist.tick(row.dialog, step, by=request.user, now=row.now)
        return done(request, dialog_id, _("Punktet er gjort: %(text)s") % {"text": step.text})
    checklist.untick(row.dialog, step)
    return done(request, dialog_id, _("Punktet er ikke gjort: %(text)s") % {"text": step.text})


@require_POST
@never_cache
def open_in_altinn(request: StaffRequest, dialog_id: UUID) -> HttpResponse:
    """Note who went on to Altinn, and send them there.

    By «Refresh», not by a redirect: our security policy lets a form lead to this site alone.
    """
    _page, row = opened(request, dialog_id)
    actions.note_opening(row.dialog, user=request.user, now=row.now)
    response = render(request, "dialogs/panel/opening.html", {"opened": row})
    response.headers["Refresh"] = f"0; url={row.altinn_url}"
    return response


@own_affair
@require_POST
@never_cache
def be_present(request: StaffRequest, dialog_id: UUID) -> JsonResponse:
    """Hear that a page shows the dialog, or no longer does; say who else looks at it."""
    get_object_or_404(Dialog.objects.visible_to(request.user).only("pk"), pk=dialog_id)
    page = request.POST.get("side", "")[:20]
    if "borte" in request.POST:
        presence.leave(dialog_id, request.user, page=page)
        return JsonResponse({})
    now = timezone.now()
    presence.stay(dialog_id, request.user, page=page, now=now)
    others = presence.who_looks([dialog_id], now=now, but=request.user).get(dialog_id, [])
    return JsonResponse({"her": presence.in_words(others)})


def _written(day: date) -> str:
    return days.in_words(day, today=timezone.localdate())
