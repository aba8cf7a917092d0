"""Find out why a client is not seen: an administrator presses, and each rung is tried."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clients.models import Client
from dialogs.health import ladder
from dialogs.views import StaffRequest
from staff import audit
from staff.rules import check_may_register

DIAGNOSED = "client diagnosed"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def diagnosis(request: StaffRequest, pk: int) -> HttpResponse:
    """Say what will be tried; on POST, try it and show what came of it."""
    check_may_register(request.user)
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    context = {"client": client, "labels": ladder.LABELS.values(), "found": None}
    if request.method == "POST":
        found = ladder.diagnose(client, asker=request.user)
        now = timezone.now()
        about, where = f"client {client.pk}", found.where
        audit.record(actor=request.user, act=DIAGNOSED, about=about, now=now, where=where)
        context |= {"found": found, "at": now}
    return render(request, "dialogs/health/diagnosis.html", context)
