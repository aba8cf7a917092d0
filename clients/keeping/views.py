"""Who may read sensitive mail of a client, and how well Altinn tells us what happens.

For administrators. No view calls Altinn: workers do what is decided here.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from clients.access import check_may_register
from clients.keeping import watching
from clients.keeping.categories import set_readers
from clients.keeping.forms import CategoriesForm, WatchForm
from clients.models import Client, WatchedService
from clients.views import StaffRequest, posted, status_of
from staff.recent import needs_recent_login


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs_recent_login
def client_categories(request: StaffRequest, pk: int) -> HttpResponse:
    """Say who may read each sensitive category at a client."""
    check_may_register(request.user)
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    form = CategoriesForm(posted(request), client=client)
    if form.is_valid():
        set_readers(client, form.wanted, actor=request.user, now=timezone.now())
        messages.success(request, _("Endringene er lagret."))
        return redirect("dialogs:client-access", pk)
    context = {"client": client, "form": form}
    return render(request, "clients/keeping/categories.html", context, status=status_of(request))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def subscriptions(request: StaffRequest) -> HttpResponse:
    """Show how many services Altinn tells us about, and those we want to hear of everywhere."""
    check_may_register(request.user)
    form = WatchForm(posted(request))
    if form.is_valid():
        watching.watch(form.cleaned_data["tjeneste"], actor=request.user, now=timezone.now())
        said = _("Tjenesten er lagt til. Abonnementene opprettes litt etter litt.")
        messages.success(request, said)
        return redirect("clients:subscriptions")
    context = {
        "form": form,
        "told": watching.told(),
        "watched": WatchedService.objects.order_by("resource"),
        "poll_only": watching.poll_only(),
    }
    return render(request, "clients/keeping/subscriptions.html", context, status=status_of(request))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def watched_remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask, then take a service off the list."""
    check_may_register(request.user)
    service = get_object_or_404(WatchedService, pk=pk)
    if request.method != "POST":
        return render(request, "clients/keeping/watched_remove.html", {"service": service})
    watching.stop_watching(service, actor=request.user, now=timezone.now())
    messages.success(request, _("Tjenesten er tatt av listen."))
    return redirect("clients:subscriptions")


@require_POST
@never_cache
def ask_again(request: StaffRequest) -> HttpResponse:
    """Have Altinn asked once more about a service that refused."""
    check_may_register(request.user)
    resource = request.POST.get("tjeneste", "")
    count = watching.ask_again(resource, actor=request.user, now=timezone.now())
    said = ngettext("Spørres igjen for %d enhet.", "Spørres igjen for %d enheter.", count)
    messages.success(request, said % count)
    return redirect("clients:subscriptions")
