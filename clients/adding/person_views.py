"""Connect with ID-porten, and disconnect. Each administrator has a sign-in of their own.

The way back calls ID-porten while the browser waits: a code is good for a minute or two.
"""

import hmac
import logging
import time
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_POST, require_safe

from altinn import delegation
from altinn.errors import AltinnError
from altinn.idporten import Attempt
from clients import connect
from clients.adding import lists, person, tasks
from clients.models import AddingRun, PersonConnection
from clients.views import StaffRequest
from staff.rules import check_may_register

log = logging.getLogger(__name__)

ATTEMPT = "idporten_attempt"
ATTEMPT_SECONDS = 15 * 60
SCOPES = delegation.SCOPES


@require_safe
@never_cache
def status(request: StaffRequest) -> HttpResponse:
    """Show whether this person has signed in at ID-porten, what for, and how to end it."""
    check_may_register(request.user)
    context = {
        "connection": PersonConnection.objects.filter(user=request.user).first(),
        "next": _next(request.GET.get("neste", "")),
        "waiting": AddingRun.objects.filter(
            person=request.user, state=AddingRun.State.SIGN_IN
        ).select_related("system_user"),
    }
    return render(request, "clients/adding/person.html", context)


@require_safe
@never_cache
def begin(request: StaffRequest) -> HttpResponse:
    """Send the browser to ID-porten, and remember what to expect back."""
    check_may_register(request.user)
    try:
        with connect.id_porten() as idporten:
            attempt = idporten.begin(SCOPES, language=get_language() or "nb")
    except connect.NotConfigured as exc:
        messages.error(request, str(exc))
        return redirect("clients:idporten")
    except AltinnError as exc:
        messages.error(request, lists.said(exc))
        return redirect("clients:idporten")
    request.session[ATTEMPT] = asdict(attempt) | {
        "url": "",
        "began": time.time(),
        "next": _next(request.GET.get("neste", "")),
    }
    return redirect(attempt.url)


@require_safe
@never_cache
def back(request: StaffRequest) -> HttpResponse:
    """Take the code ID-porten gave, if it is the answer to what this very browser asked."""
    check_may_register(request.user)
    kept: dict[str, Any] | None = request.session.pop(ATTEMPT, None)
    if kept is None or time.time() - kept.pop("began") > ATTEMPT_SECONDS:
        messages.error(request, _("Innloggingen tok for lang tid, eller var brukt. Prøv igjen."))
        return redirect("clients:idporten")
    where = kept.pop("next") or reverse("clients:adding")
    attempt = Attempt(**kept)
    try:
        with connect.id_porten() as idporten:
            tokens = idporten.exchange_code(idporten.code_in(request.GET.dict(), attempt), attempt)
    except connect.NotConfigured as exc:
        messages.error(request, str(exc))
        return redirect("clients:idporten")
    except AltinnError as exc:
        log.warning("A sign-in at ID-porten came to nothing: %s", exc)
        messages.error(request, lists.said(exc))
        return redirect("clients:idporten")
    person.connect_person(request.user, tokens, now=timezone.now())
    for run in AddingRun.objects.filter(person=request.user, state=AddingRun.State.RUNNING):
        tasks.ring_for(run)
    tasks.read_soon(request.user)
    messages.success(request, _("Du er koblet til med ID-porten. Klientlistene leses nå."))
    return redirect(where)


@require_POST
@never_cache
def end(request: StaffRequest) -> HttpResponse:
    """Forget the sign-in here, and send the browser on to end it at ID-porten."""
    check_may_register(request.user)
    tokens = person.disconnect(request.user, actor=request.user, now=timezone.now())
    home = settings.PUBLIC_URL + reverse("clients:idporten")
    try:
        with connect.id_porten() as idporten:
            address = idporten.logout_url(tokens, home) if tokens else ""
    except (connect.NotConfigured, AltinnError) as exc:
        log.warning("ID-porten gave no address to log out at: %s", exc)
        address = ""
    messages.success(request, _("Du er koblet fra ID-porten."))
    if not address:
        return redirect("clients:idporten")
    # A form that was sent may lead nowhere else: the page leads on by itself.
    response = render(request, "clients/adding/person_ended.html", {"address": address})
    response["Refresh"] = f"0;url={address}"
    return response


@login_not_required
@xframe_options_exempt
@require_safe
@never_cache
def logged_out(request: HttpRequest) -> HttpResponseBase:
    """Hear from ID-porten, in a frame of its own page, that a session there has ended.

    Source: Digdir's documentation of ID-porten, front-channel logout; read 2026-07.
    """
    issuer = settings.ALTINN.idporten_issuer
    said = request.GET.get("iss", "").rstrip("/")
    if hmac.compare_digest(said.encode(), issuer.encode()):
        person.logged_out(request.GET.get("sid", ""), now=timezone.now())
    login = urlsplit(settings.ALTINN.idporten_login_url)
    framed = csp_update({"frame-ancestors": [f"{login.scheme}://{login.netloc}"]})
    return framed(lambda _request: HttpResponse())(request)


def _next(address: str) -> str:
    """Where to go afterwards: a page of ours, or nowhere."""
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if address.startswith("/") and is_ours else ""
