"""What is kept of clients and colleagues who have left, for how long, and how it is erased."""

from dataclasses import dataclass
from datetime import date

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models.functions import Lower
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.forms import StyledForm
from clients.masking import mask
from clients.models import Client, ClientHold, ErasedClient
from dialogs.privacy import erasing, forgetting, taking_out
from dialogs.views import StaffRequest
from staff import audit
from staff.models import User
from staff.recent import needs_recent_login
from staff.rules import check_may_register

PAGE_SIZE = 100
EXPORTED = "client exported"


class HoldForm(StyledForm):
    why = forms.CharField(label=gettext_lazy("Hvorfor skal det ikke slettes?"), max_length=200)


class SureForm(StyledForm):
    """What cannot be undone is asked about."""

    sikker = forms.BooleanField(
        label=gettext_lazy("Jeg forstår at det ikke kan angres"),
        error_messages={"required": gettext_lazy("Kryss av for at du forstår det.")},
    )


@dataclass(frozen=True)
class Row:
    """A client that has left."""

    client: Client
    erase_on: date | None
    is_held: bool
    is_erased: bool


@require_safe
@never_cache
def privacy(request: StaffRequest) -> HttpResponse:
    """List who has left, and say how long what is kept."""
    check_may_register(request.user)
    left = Client.objects.visible_to(request.user).filter(archived_at__isnull=False)
    left = left.select_related("hold", "erased").order_by("archived_at", Lower("name"), "pk")
    page = Paginator(left, PAGE_SIZE).get_page(request.GET.get("side"))
    listed = list(page)
    mask(listed, user=request.user)
    people = User.objects.filter(is_active=False)
    context = {
        "page": page,
        "rows": [_row(one) for one in listed],
        "people": people.order_by("forgotten_at", "first_name", "last_name", "pk"),
        "client_years": settings.CLIENT_KEEP_YEARS,
        "file_years": settings.ARCHIVE_KEEP_YEARS,
        "audit_years": settings.AUDIT_KEEP_YEARS,
        "event_days": settings.EVENT_RETENTION_DAYS,
    }
    return render(request, "dialogs/privacy/overview.html", context)


def _row(client: Client) -> Row:
    erased = getattr(client, "erased", None)
    return Row(
        client,
        erasing.erase_on(client),
        getattr(client, "hold", None) is not None,
        bool(erased and erased.at),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs_recent_login
def client(request: StaffRequest, pk: int) -> HttpResponse:
    """Take out, hold or erase what there is of one client."""
    check_may_register(request.user)
    one = _client(request, pk)
    hold_form, sure_form = HoldForm(), SureForm()
    if request.method == "POST":
        now, wish = timezone.now(), request.POST.get("gjor")
        if wish == "stans" and (hold_form := HoldForm(request.POST)).is_valid():
            erasing.hold(one, hold_form.cleaned_data["why"], actor=request.user, now=now)
            messages.success(request, _("Ingenting slettes før stansen oppheves."))
            return redirect("dialogs:privacy-client", pk)
        if wish == "opphev":
            erasing.release(one, actor=request.user, now=now)
            messages.success(request, _("Stansen er opphevet."))
            return redirect("dialogs:privacy-client", pk)
        if wish == "slett" and (sure_form := SureForm(request.POST)).is_valid():
            return _erase(request, one)
    context = {
        "client": one,
        "erase_on": erasing.erase_on(one),
        "why_kept": erasing.why_kept(one),
        "held": ClientHold.objects.filter(client=one).select_related("by").first(),
        "erased": ErasedClient.objects.filter(client=one, at__isnull=False).first(),
        "hold_form": hold_form,
        "sure_form": sure_form,
        "file_years": settings.ARCHIVE_KEEP_YEARS,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "dialogs/privacy/client.html", context, status=status)


def _client(request: StaffRequest, pk: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user), pk=pk)


def _erase(request: StaffRequest, one: Client) -> HttpResponse:
    try:
        erasing.erase(one, actor=request.user, now=timezone.now())
    except erasing.Kept as exc:
        messages.error(request, str(exc))
    else:
        messages.success(request, _("Klienten er slettet."))
    return redirect("dialogs:privacy-client", one.pk)


@require_POST
@never_cache
@needs_recent_login
def client_file(request: StaffRequest, pk: int) -> StreamingHttpResponse:
    """Give everything the portal has of a client, as a zip. The audit log tells who took it."""
    check_may_register(request.user)
    one, now = _client(request, pk), timezone.now()
    audit.record(actor=request.user, act=EXPORTED, about=f"client {one.pk}", now=now)
    pieces = taking_out.written(one, user=request.user, now=now)
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    name = f"klient-{one.pk}-{timezone.localdate(now).isoformat()}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs_recent_login
def employee(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask, then forget somebody who has left."""
    check_may_register(request.user)
    user = get_object_or_404(User, pk=pk, is_active=False, forgotten_at=None)
    form = SureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        forgetting.forget(user, actor=request.user, now=timezone.now())
        messages.success(request, _("Navn og adresse er slettet."))
        return redirect("dialogs:privacy")
    status = 422 if request.method == "POST" else 200
    context = {"employee": user, "form": form}
    return render(request, "dialogs/privacy/employee.html", context, status=status)
