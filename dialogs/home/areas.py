"""Who is responsible for a service area at a client, and the open dialogs that may follow along."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clients.actions import set_area_responsibles
from clients.forms import AreasForm
from clients.models import Client, ServiceArea
from dialogs.home import moving
from dialogs.home.moving import Move
from dialogs.models import Dialog
from dialogs.views import StaffRequest
from staff.models import User
from staff.rules import check_may_register


def areas_form(client: Client, user: User, data: object = None) -> AreasForm:
    """Return the form, which says how many open dialogs each area has, of those one may read."""
    held = moving.hold(Dialog.objects.readable_by(user).filter(client=client))
    return AreasForm(data, client=client, open_dialogs=Counter(one.area_id for one in held))


def change_areas(
    client: Client,
    wanted: Mapping[ServiceArea, User | None],
    moving_too: set[int],
    *,
    actor: User,
    now: datetime,
) -> int:
    """Change who gets new dialogs of each area; return how many open ones went along.

    Those of an area that nobody is left responsible for go to the client's responsible. What the
    one who decides or the one who would get it may not read stays where it is.
    """
    with transaction.atomic():
        client = set_area_responsibles(client, wanted, actor=actor, now=now)
        receivers = {
            area.pk: user or client.responsible
            for area, user in wanted.items()
            if area.pk in moving_too
        }
        readable = Dialog.objects.readable_by(actor)
        theirs = readable.filter(client=client, service__area__in=list(receivers))
        held = moving.hold(Dialog.objects.filter(pk__in=theirs.values("pk")), lock=True)
        moves = [Move(one, receivers[one.area_id]) for one in held if one.area_id in receivers]
        done = moving.carry_out(moving.readable(moves), actor=actor, now=now)
        comment = _("Fagansvar hos %(client)s") % {"client": client.name}
        for receiver, dialogs in done.items():
            if receiver:
                moving.tell_receiver(receiver, dialogs, actor=actor, now=now, comment=comment)
        moving.tell_former(done, actor=actor, now=now)
    return sum(map(len, done.values()))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def client_areas(request: StaffRequest, pk: int) -> HttpResponse:
    """Say who is responsible for each service area at a client."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    check_may_register(request.user)
    form = areas_form(client, request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        moved = change_areas(
            client, form.wanted, form.moving_too, actor=request.user, now=timezone.now()
        )
        said = _("Endringene er lagret.")
        if moved:
            count = ngettext("%(n)s dialog er flyttet.", "%(n)s dialoger er flyttet.", moved)
            said = f"{said} {count % {'n': moved}}"
        messages.success(request, said)
        return redirect("clients:edit", pk)
    status = 422 if request.method == "POST" else 200
    context = {"client": client, "form": form}
    return render(request, "dialogs/client/areas.html", context, status=status)
