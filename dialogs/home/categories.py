"""Who may read each sensitive category at a client, and the dialogs of those who no longer may."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clients.keeping.categories import set_readers
from clients.keeping.forms import CategoriesForm
from clients.models import Category, Client
from dialogs.home import moving
from dialogs.home.moving import Move
from dialogs.models import Dialog
from dialogs.readers import Readers
from dialogs.views import StaffRequest
from staff.models import User
from staff.recent import needs_recent_login
from staff.rules import check_may_register


def change_readers(
    client: Client,
    wanted: Mapping[Category, Iterable[User] | None],
    *,
    actor: User,
    now: datetime,
) -> bool:
    """Say who may read each category; return whether anybody lost dialogs by it.

    What they were responsible for waits for one who may read it: else nobody would find it.
    """
    with transaction.atomic():
        if not set_readers(client, wanted, actor=actor, now=now):
            return False
        kept = Dialog.objects.filter(client=client, restriction__isnull=False)
        held = moving.hold(kept.filter(responsible__isnull=False), lock=True)
        readers = Readers(one.restriction_id for one in held)
        moves = [
            Move(one, None)
            for one in held
            if one.responsible_id and not readers.include(one.responsible_id, one.restriction_id)
        ]
        comment = _("Kan ikke lenger lese kategorien")
        done = moving.carry_out(moves, actor=actor, now=now, comment=comment)
        moving.tell_former(done, actor=actor, now=now)
    return bool(moves)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs_recent_login
def client_categories(request: StaffRequest, pk: int) -> HttpResponse:
    """Say who may read each sensitive category at a client."""
    check_may_register(request.user)
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    form = CategoriesForm(request.POST if request.method == "POST" else None, client=client)
    if form.is_valid():
        said = _("Endringene er lagret.")
        if change_readers(client, form.wanted, actor=request.user, now=timezone.now()):
            # Not how many: who says who may read need not be one of them.
            more = _("Dialoger hos noen som ikke lenger kan lese dem, er blitt ufordelt.")
            said = f"{said} {more}"
        messages.success(request, said)
        return redirect("dialogs:client-access", pk)
    status = 422 if request.method == "POST" else 200
    context = {"client": client, "form": form}
    return render(request, "clients/keeping/categories.html", context, status=status)
