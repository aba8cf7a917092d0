"""The Maskinporten client and its keys. The private part goes in and never comes out."""

import json

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.connect import NotConfigured
from clients.models import ONLY, Firm, VendorClient, VendorKey
from clients.setup import keys
from clients.setup.forms import ClientIdForm, KeyForm, TestForm
from clients.views import StaffRequest, posted, status_of
from staff.recent import needs_recent_login
from staff.rules import check_may_register

PAGE = "clients:setup-maskinporten"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs_recent_login
def maskinporten(request: StaffRequest) -> HttpResponse:
    """Show the client and its keys, and take the client's id."""
    check_may_register(request.user)
    client = VendorClient.objects.filter(pk=ONLY).first()
    initial = {
        "client_id": client.client_id if client else "",
        "vendor_orgnr": client.vendor_orgnr if client else Firm.get().orgnr,
    }
    form = ClientIdForm(posted(request), initial=initial)
    if form.is_valid():
        keys.set_client(**form.cleaned_data, actor=request.user, now=timezone.now())
        messages.success(request, _("Klienten er lagret."))
        return redirect(PAGE)
    return _page(request, client, form)


def _page(request: StaffRequest, client: VendorClient | None, form: ClientIdForm) -> HttpResponse:
    now = timezone.now()
    held = list(client.keys.order_by("-made_at")) if client else []
    current = next((key for key in held if key.state == VendorKey.State.CURRENT), None)
    following = next((key for key in held if key.state == VendorKey.State.NEXT), None)
    today = timezone.localdate(now)
    context = {
        "client": client,
        "form": form,
        "current": current,
        "days_left": current.days_left(today) if current else None,
        "next": following,
        "retired": [key for key in held if key.state == VendorKey.State.RETIRED],
        "test_form": TestForm(initial={"registered_on": today}),
        "expiring": keys.keys_expiring(now),
        "scopes": keys.SCOPES,
        "by_settings": current is None and keys.by_settings(),
    }
    return render(request, "clients/setup/maskinporten.html", context, status=status_of(request))


@require_POST
@never_cache
@needs_recent_login
def key_make(request: StaffRequest) -> HttpResponse:
    """Make a key in the portal."""
    check_may_register(request.user)
    client = get_object_or_404(VendorClient, pk=ONLY)
    try:
        keys.make_key(client, actor=request.user, now=timezone.now())
    except ValidationError as exc:
        messages.error(request, " ".join(exc.messages))
    else:
        messages.success(request, _("Nøkkelen er laget. Registrer den offentlige delen."))
    return redirect(PAGE)


@sensitive_variables("form")
@sensitive_post_parameters("jwk")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs_recent_login
def key_upload(request: StaffRequest) -> HttpResponse:
    """Take in a key that was made elsewhere."""
    check_may_register(request.user)
    client = get_object_or_404(VendorClient, pk=ONLY)
    form = KeyForm(posted(request), request.FILES or None)
    if form.is_valid():
        try:
            keys.take_key(client, form.cleaned_data["jwk"], actor=request.user, now=timezone.now())
        except ValidationError as exc:
            form.add_error("jwk", exc)
        else:
            messages.success(request, _("Nøkkelen er lagret kryptert. Prøv den."))
            return redirect(PAGE)
    status = status_of(request)
    return render(request, "clients/setup/key_upload.html", {"form": form}, status=status)


@require_safe
@never_cache
def key_public(request: StaffRequest, pk: int) -> HttpResponse:
    """Download the public part, to be registered at Maskinporten."""
    check_may_register(request.user)
    key = get_object_or_404(VendorKey, pk=pk)
    response = HttpResponse(json.dumps(key.public_jwk, indent=2), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="offentlig-nokkel-{key.pk}.json"'
    return response


@require_POST
@never_cache
@needs_recent_login
def key_test(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask Maskinporten for tokens with a key; the first one that works is taken into use."""
    check_may_register(request.user)
    key = get_object_or_404(VendorKey.objects.exclude(state=VendorKey.State.RETIRED), pk=pk)
    form = TestForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Skriv datoen nøkkelen ble registrert. Den er ikke prøvd."))
        return redirect(PAGE)
    try:
        tried = keys.try_key(
            key,
            registered_on=form.cleaned_data["registered_on"],
            actor=request.user,
            now=timezone.now(),
        )
    except NotConfigured as exc:
        messages.error(request, str(exc))
        return redirect(PAGE)
    if not tried.works:
        messages.error(request, tried.trouble)
    elif tried.missing:
        said = _(
            "Nøkkelen virker, men klienten mangler %(scopes)s. Legg det til i Digdirs "
            "selvbetjening, og prøv igjen."
        )
        messages.warning(request, said % {"scopes": ", ".join(tried.missing)})
    else:
        messages.success(request, _("Nøkkelen virker, og klienten har alle scopene."))
    return redirect(PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs_recent_login
def key_switch(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask, then sign with the next key from now on."""
    check_may_register(request.user)
    key = get_object_or_404(VendorKey, pk=pk, state=VendorKey.State.NEXT)
    if request.method != "POST":
        return render(request, "clients/setup/key_switch.html", {"key": key})
    try:
        keys.switch(key, actor=request.user, now=timezone.now())
    except ValidationError as exc:
        messages.error(request, " ".join(exc.messages))
    else:
        messages.success(request, _("Den nye nøkkelen er i bruk. Slett den gamle hos Digdir."))
    return redirect(PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs_recent_login
def key_discard(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask, then give up a key that was never used."""
    check_may_register(request.user)
    key = get_object_or_404(VendorKey, pk=pk, state=VendorKey.State.NEXT)
    if request.method != "POST":
        return render(request, "clients/setup/key_discard.html", {"key": key})
    try:
        keys.discard(key, actor=request.user, now=timezone.now())
    except ValidationError as exc:
        messages.error(request, " ".join(exc.messages))
    else:
        messages.success(request, _("Nøkkelen er forkastet, og den private delen er slettet."))
    return redirect(PAGE)
