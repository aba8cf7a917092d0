"""How well Altinn tells us what happens.

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

from clients.keeping import watching
from clients.keeping.forms import WatchForm
from clients.models import WatchedService
from clients.views import StaffRequest, posted, status_of
from staff.rules import check_may_register


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
