"""Ask for system users, follow them, and get them approved."""

import logging
from datetime import timedelta
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib import messages
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from altinn.errors import AltinnError
from clients.advice import advice_for
from clients.connect import NotConfigured
from clients.models import ONLY, Firm, SystemRegistration, SystemUser, SystemUserRequest
from clients.setup import letters, requesting
from clients.setup.forms import MailForm, RequestForm
from clients.setup.packages import label_of
from clients.setup.states import explain
from clients.views import StaffRequest, posted, status_of
from staff.recent import changes_need_recent_login
from staff.rules import check_may_register

log = logging.getLogger(__name__)

Status = SystemUserRequest.Status
FRESH = timedelta(seconds=5)  # a page that looks again within it is answered from here


@require_safe
@never_cache
def requests(request: StaffRequest) -> HttpResponse:
    """List the firm's requests for system users, those that need something first."""
    check_may_register(request.user)
    now = timezone.now()
    firm = Firm.get()
    order = Case(
        When(status__in=[Status.ACCEPTED, Status.WITHDRAWN], revoked_at=None, then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    listed = SystemUserRequest.objects.filter(party_orgnr=firm.orgnr).order_by(order, "-pk")
    context = {
        "firm": firm,
        "registration": _registration(),
        "rows": [(one, explain(one, now=now)) for one in listed],
        "others": SystemUser.objects.usable().filter(requests=None).order_by("name"),
    }
    return render(request, "clients/setup/requests.html", context)


def _registration() -> SystemRegistration | None:
    return SystemRegistration.objects.filter(pk=ONLY, registered_at__isnull=False).first()


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@changes_need_recent_login
def request_new(request: StaffRequest) -> HttpResponse:
    """Write a request for an agent system user down, and send it to Altinn."""
    check_may_register(request.user)
    firm, registration = Firm.get(), _registration()
    if not firm.orgnr or registration is None:
        messages.error(request, _("Legg inn firmaet og registrer systemet i Altinn først."))
        return redirect("clients:setup")
    form = RequestForm(posted(request), packages=registration.packages, initial=_as_before(request))
    if form.is_valid():
        wish = requesting.write_down(
            kind=SystemUser.Kind.AGENT,
            party_orgnr=firm.orgnr,
            **form.cleaned_data,
            actor=request.user,
            now=timezone.now(),
        )
        _send(request, wish)
        return redirect("clients:setup-request", wish.pk)
    context = {"form": form, "firm": firm}
    return render(request, "clients/setup/request_new.html", context, status=status_of(request))


def _as_before(request: StaffRequest) -> dict[str, object]:
    """Fill in what an earlier request asked for, when this one is to replace it."""
    number = request.GET.get("som", "")
    former = number.isdecimal() and SystemUserRequest.objects.filter(pk=int(number[:18])).first()
    return {"area": former.area, "packages": former.packages} if former else {}


def _send(request: StaffRequest, wish: SystemUserRequest) -> None:
    try:
        requesting.send(wish, actor=request.user, now=timezone.now())
    except (requesting.NotAsked, NotConfigured) as exc:
        messages.error(request, str(exc))


@require_safe
@never_cache
def request_page(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one request: how it stands, why, and the next step."""
    check_may_register(request.user)
    wish = _looked_up(get_object_or_404(SystemUserRequest, pk=pk))
    letter = letters.letter_for(wish, sender=request.user)
    query = urlencode({"subject": letter.subject, "body": letter.body}, quote_via=quote)
    context = {
        **_standing(wish),
        "packages": [label_of(name) for name in wish.packages],
        "firm": Firm.get(),
        "mailto": f"mailto:?{query}",
        "mail_form": MailForm(initial={"address": wish.mailed_to}),
        "can_mail": bool(settings.EMAIL_HOST),
        "finding": reverse("clients:finding"),
    }
    return render(request, "clients/setup/request.html", context)


@require_safe
@never_cache
def request_state(request: StaffRequest, pk: int) -> HttpResponse:
    """The part of the page that says how the request stands; asked for while it waits."""
    check_may_register(request.user)
    wish = _looked_up(get_object_or_404(SystemUserRequest, pk=pk))
    response = render(request, "clients/setup/request_state.html", _standing(wish))
    if request.GET.get("var", "") not in ("", wish.status):
        response["HX-Refresh"] = "true"  # the buttons below are others now
    return response


def _standing(wish: SystemUserRequest) -> dict[str, object]:
    return {"wish": wish, "state": explain(wish, now=timezone.now())}


def _looked_up(wish: SystemUserRequest) -> SystemUserRequest:
    """Ask Altinn how a waiting request stands, unless somebody just did."""
    now = timezone.now()
    if wish.status != Status.NEW or (wish.checked_at and now - wish.checked_at < FRESH):
        return wish
    try:
        return requesting.check(wish, now=now)
    except (AltinnError, NotConfigured) as exc:
        log.warning("Request %s was not looked up: %s", wish.pk, exc)
        return wish


@require_POST
@never_cache
def request_check(request: StaffRequest, pk: int) -> HttpResponse:
    """Look a request, or the system user it became, up now, and say so when that fails."""
    check_may_register(request.user)
    wish = get_object_or_404(SystemUserRequest, pk=pk)
    try:
        requesting.check(wish, now=timezone.now())
    except NotConfigured as exc:
        messages.error(request, str(exc))
    except AltinnError as exc:
        advice = advice_for(exc)
        messages.error(request, f"{advice.text} {advice.next_step}")
    return redirect("clients:setup-request", pk)


@require_POST
@never_cache
@changes_need_recent_login
def request_send(request: StaffRequest, pk: int) -> HttpResponse:
    """Send a request that was not sent, or not taken."""
    check_may_register(request.user)
    _send(request, get_object_or_404(SystemUserRequest, pk=pk, status=Status.UNSENT))
    return redirect("clients:setup-request", pk)


@require_POST
@never_cache
@changes_need_recent_login
def request_again(request: StaffRequest, pk: int) -> HttpResponse:
    """Delete a request that ended without a system user, then ask the same again."""
    check_may_register(request.user)
    ended = [Status.REJECTED, Status.DENIED, Status.TIMEDOUT, Status.WITHDRAWN]
    wish = get_object_or_404(SystemUserRequest, pk=pk, status__in=ended)
    try:
        requesting.delete_and_ask_again(wish, actor=request.user, now=timezone.now())
    except (requesting.NotAsked, NotConfigured) as exc:
        messages.error(request, str(exc))
    else:
        messages.success(request, _("Forespørselen er sendt på nytt."))
    return redirect("clients:setup-request", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@changes_need_recent_login
def request_withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask, then take a waiting request back."""
    check_may_register(request.user)
    wish = get_object_or_404(SystemUserRequest, pk=pk, status=Status.NEW)
    if request.method != "POST":
        return render(request, "clients/setup/request_withdraw.html", {"wish": wish})
    try:
        requesting.withdraw(wish, actor=request.user, now=timezone.now())
    except (requesting.NotAsked, NotConfigured) as exc:
        messages.error(request, str(exc))
    else:
        messages.success(request, _("Forespørselen er trukket tilbake."))
    return redirect("clients:setup-request", pk)


@require_POST
@never_cache
def request_mail(request: StaffRequest, pk: int) -> HttpResponse:
    """Send the confirm address to the one who is to approve."""
    check_may_register(request.user)
    wish = get_object_or_404(SystemUserRequest, pk=pk, status=Status.NEW)
    form = MailForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Skriv en gyldig e-postadresse. Ingenting er sendt."))
        return redirect("clients:setup-request", pk)
    address = form.cleaned_data["address"]
    try:
        letters.mail_to(wish, address, actor=request.user, now=timezone.now())
    except OSError as exc:
        log.warning("The letter about request %s was not sent: %s", pk, exc)
        messages.error(
            request, _("E-posttjeneren tok ikke imot brevet. Åpne det i e-postprogrammet i stedet.")
        )
    else:
        messages.success(request, _("Sendt til %s.") % address)
    return redirect("clients:setup-request", pk)
