"""The checklist, the firm, and the system in Altinn's register. For administrators only.

These pages call the neighbours while somebody waits: each call is one that a person asked for.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.connect import NotConfigured
from clients.models import ONLY, Firm, SystemRegistration, VendorClient
from clients.setup import progress, registering
from clients.setup.firm import look_up, set_firm
from clients.setup.forms import FirmForm, FirmNameForm, SystemForm
from clients.setup.packages import FROM_ROLE
from clients.setup.steps import checklist
from clients.views import StaffRequest, posted, status_of
from staff.recent import changes_need_recent_login
from staff.rules import check_may_register


@require_safe
@never_cache
def overview(request: StaffRequest) -> HttpResponse:
    """Show how far the set-up has come, and what is next."""
    check_may_register(request.user)
    context = {
        "checklist": checklist(now=timezone.now()),
        "firm": Firm.get(),
        "coverage": reverse("clients:coverage"),
    }
    return render(request, "clients/setup/overview.html", context)


@require_POST
@never_cache
def step_done(request: StaffRequest, name: str) -> HttpResponse:
    """Take somebody's word that a step is done, or that it is not after all."""
    check_may_register(request.user)
    progress.mark(name, done="gjenstar" not in request.POST, actor=request.user, now=timezone.now())
    return redirect("clients:setup")


@require_POST
@never_cache
def card(request: StaffRequest) -> HttpResponse:
    """Put the card on Min dag away, or bring it back."""
    check_may_register(request.user)
    hide = "vis" not in request.POST
    progress.set_hidden(hidden=hide, actor=request.user, now=timezone.now())
    if hide:
        messages.success(request, _("Kortet er skjult. Oppsettet finner du i menyen."))
        return redirect("dialogs:home")
    return redirect("clients:setup")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def firm(request: StaffRequest) -> HttpResponse:
    """Look the firm's number up, show what the register says, and take it when it is right."""
    check_may_register(request.user)
    if request.method == "POST":
        return _take_firm(request)
    ours = Firm.get()
    asked = "orgnr" in request.GET
    form = FirmForm(request.GET if asked else None, initial={"orgnr": ours.orgnr})
    found = look_up(form.cleaned_data["orgnr"]) if asked and form.is_valid() else None
    context = {"form": form, "found": found, "firm": ours, "name_form": FirmNameForm()}
    return render(request, "clients/setup/firm.html", context)


def _take_firm(request: StaffRequest) -> HttpResponse:
    form = FirmNameForm(request.POST)
    found = look_up(form.cleaned_data["orgnr"]) if form.is_valid() else None
    if found and not found.trouble:
        if found.name or form.cleaned_data["name"]:
            now = timezone.now()
            ours = set_firm(found, name=form.cleaned_data["name"], actor=request.user, now=now)
            messages.success(request, _("%s er firmaet i denne portalen.") % ours.name)
            return redirect("clients:setup")
        form.add_error("name", _("Skriv navnet: registeret ga ikke noe."))
    context = {"form": form, "found": found, "firm": Firm.get(), "name_form": form}
    return render(request, "clients/setup/firm.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@changes_need_recent_login
def system(request: StaffRequest) -> HttpResponse:
    """Register the vendor's system in Altinn, or bring it in line."""
    check_may_register(request.user)
    client = VendorClient.objects.filter(pk=ONLY).first()
    ours = SystemRegistration.objects.filter(pk=ONLY).first()
    if client is None:
        return render(request, "clients/setup/system.html", {"client": None})
    form = SystemForm(posted(request), initial=_written_about(ours))
    if ours and ours.registered_at:
        form.fields["slug"].disabled = True
    if form.is_valid():
        wanted = form.cleaned_data
        try:
            registering.register(
                client,
                system_id=registering.system_id_of(client, wanted["slug"]),
                name=wanted["name"],
                packages=wanted["packages"],
                actor=request.user,
                now=timezone.now(),
            )
        except (registering.NotRegistered, NotConfigured) as exc:
            form.add_error(None, str(exc))
        else:
            messages.success(request, _("Systemet er registrert i Altinn."))
            return redirect("clients:setup")
    context = {
        "client": client,
        "ours": ours,
        "form": form,
        "redirect_urls": registering.redirect_urls(),
    }
    return render(request, "clients/setup/system.html", context, status=status_of(request))


def _written_about(ours: SystemRegistration | None) -> dict[str, object]:
    if ours is None:
        return {"name": _("Regnskapsportalen"), "slug": "portalen", "packages": FROM_ROLE}
    slug = ours.system_id.partition("_")[2]
    return {"name": ours.name, "slug": slug, "packages": ours.packages}


@login_not_required
@require_safe
@never_cache
def approved(request: HttpRequest) -> HttpResponse:
    """Receive whoever comes back from Altinn: often not one of ours, and nothing is believed."""
    number = request.GET.get("foresporsel", "")
    if request.user.is_authenticated and request.user.is_admin and number.isdecimal():
        return redirect("clients:setup-request", int(number[:18]))
    return render(request, "clients/setup/approved.html")
