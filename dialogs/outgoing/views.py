"""Choosing notices, seeing what was sent, and stopping mail, over HTTP."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.forms import StyledForm
from clients.models import Client
from dialogs.models import ClientNoticeChoice, Delivery, NoticeChoices
from dialogs.outgoing import chat, choosing, log, unsubscribing
from dialogs.outgoing.forms import ChatForm, ClientChoiceForm, EventsForm, QuietForm
from dialogs.views import StaffRequest
from staff.models import User
from staff.reading import own_affair
from staff.rules import check_may_oversee

PAGE_SIZE = 50
UNPROCESSABLE = 422


@own_affair
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def choices(request: StaffRequest) -> HttpResponse:
    """Show what somebody hears of, where and when; POST keeps the events and the quiet hours."""
    kept = choosing.choices_of(request.user)
    posted = request.POST if request.method == "POST" else None
    events = EventsForm(posted, user=request.user, choices=kept)
    quiet = QuietForm(posted, choices=kept)
    if posted is not None and events.is_valid() and quiet.is_valid():
        wanted = {"events": events.events} | quiet.cleaned_data
        choosing.save(kept, wanted, now=timezone.now())
        messages.success(request, _("Valgene er lagret."))
        return redirect("dialogs:notice-choices")
    return _show(request, kept, events=events, quiet=quiet)


@own_affair
@require_POST
@never_cache
def weekly(request: StaffRequest) -> HttpResponse:
    """Have the weekly report mailed to oneself, because one pressed the button on the overview."""
    check_may_oversee(request.user)
    choosing.get_weekly(request.user, now=timezone.now())
    messages.success(request, _("Du får ukerapporten på e-post hver mandag."))
    return redirect("dialogs:overview")


@own_affair
@require_POST
@never_cache
def chat_choice(request: StaffRequest) -> HttpResponse:
    """Write to a chat from now on, or no more."""
    kept = choosing.choices_of(request.user)
    if "fjern" in request.POST:
        choosing.use_chat(kept, "", "", now=timezone.now())
        messages.success(request, _("Det sendes ikke lenger noe til chatten."))
        return redirect("dialogs:notice-choices")
    if not chat.is_open():
        raise PermissionDenied
    form = ChatForm(request.POST, choices=kept)
    if not form.is_valid():
        return _show(request, kept, chatting=form)
    wanted = form.cleaned_data
    choosing.use_chat(kept, wanted["chat"], wanted["url"], now=timezone.now())
    messages.success(request, _("Chatten er lagt til. Velg hva som skal dit."))
    return redirect("dialogs:notice-choices")


@own_affair
@require_POST
@never_cache
def client_choice(request: StaffRequest) -> HttpResponse:
    """Treat the notices of one client otherwise."""
    form = ClientChoiceForm(request.POST, user=request.user)
    if not form.is_valid():
        return _show(request, choosing.choices_of(request.user), by_client=form)
    client, rule = form.cleaned_data["client"], form.cleaned_data["rule"]
    if request.user.client_notice_choices.count() >= choosing.MOST_CLIENTS:
        messages.error(request, _("Du har unntak for så mange klienter som det går an å ha."))
    else:
        choosing.set_rule(request.user, client, rule, now=timezone.now())
        messages.success(request, _("Unntaket for %(client)s er lagret.") % {"client": client})
    return redirect("dialogs:notice-choices")


@own_affair
@require_POST
def client_choice_end(request: StaffRequest, pk: int) -> HttpResponse:
    """Treat a client's notices as the others' again."""
    one = get_object_or_404(ClientNoticeChoice.objects.filter(user=request.user), pk=pk)
    choosing.set_rule(request.user, one.client, "", now=timezone.now())
    messages.success(request, _("Unntaket er fjernet."))
    return redirect("dialogs:notice-choices")


def _show(request: StaffRequest, kept: NoticeChoices, **given: StyledForm) -> HttpResponse:
    """Show the page; forms that are given were wrong."""
    exceptions = request.user.client_notice_choices.select_related("client")
    visible = Client.objects.visible_to(request.user).values("pk")
    context: dict[str, Any] = {
        "events": EventsForm(user=request.user, choices=kept),
        "quiet": QuietForm(choices=kept),
        "chatting": ChatForm(choices=kept),
        "by_client": ClientChoiceForm(user=request.user),
    }
    context |= given | {
        "choices": kept,
        "exceptions": exceptions.filter(client__in=visible).order_by("client__name"),
        "can_mail": bool(settings.EMAIL_HOST),
        "can_chat": chat.is_open(),
    }
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "dialogs/outgoing/choices.html", context, status=status)


@require_safe
@never_cache
def sent(request: StaffRequest) -> HttpResponse:
    """List what was sent to oneself; an administrator may look at a colleague's."""
    whose = _whose(request)
    deliveries = Delivery.objects.filter(user=whose).select_related("notice__actor", "user")
    page = Paginator(deliveries.order_by("-created_at", "-pk"), PAGE_SIZE).get_page(
        request.GET.get("side")
    )
    context = {
        "page": page,
        "lines": log.lines_of(page.object_list, request.user),
        "whose": whose,
        "is_own": whose == request.user,
        "people": User.objects.order_by("first_name", "last_name", "email")
        if request.user.is_admin
        else (),
    }
    return render(request, "dialogs/outgoing/sent.html", context)


def _whose(request: StaffRequest) -> User:
    """Return whom the list is about.

    Raises:
        PermissionDenied: a colleague, asked for by somebody who is no administrator.
        Http404: there is nobody with that key.
    """
    key = request.GET.get("person", "")
    if not key or key == str(request.user.pk):
        return request.user
    if not request.user.is_admin:
        raise PermissionDenied
    if not (key.isascii() and key.isdigit() and len(key) < 18):
        raise Http404(_("Fant ikke kollegaen"))
    return get_object_or_404(User, pk=int(key))


@own_affair
@csrf_exempt  # a mail program has no cookie of ours; the signature says what may be done
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def off(request: HttpRequest, code: str) -> HttpResponse:
    """Ask whether to stop a kind of mail; a POST stops it. Source: RFC 8058."""
    wish = unsubscribing.read(code)
    if wish is None:
        raise Http404(_("Adressen gjelder ikke lenger."))
    with override(wish.user.language):
        if request.method == "POST":
            unsubscribing.stop(wish, now=timezone.now())
        context = {"wish": wish, "is_done": request.method == "POST"}
        return render(request, "dialogs/outgoing/off.html", context)
