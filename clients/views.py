"""Register clients and system users. Everybody sees the clients they may; administrators change.

No view calls Altinn: a reading is queued, and happens every quarter of an hour in any case.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from clients import actions, tasks
from clients.coverage import Sight, sight_of, sight_of_client, unregistered_parties
from clients.forms import (
    AdoptForm,
    ClientForm,
    FindForm,
    NewClientForm,
    SystemUserForm,
)
from clients.listed import wanted_clients, with_parties
from clients.masking import mask
from clients.models import Client, Party, SystemUser
from staff.models import User
from staff.recent import changes_need_recent_login
from staff.rules import check_may_register, may_register

log = logging.getLogger(__name__)

PAGE_SIZE = 100


class StaffRequest(HttpRequest):
    """A request past LoginRequiredMiddleware, for the type checker."""

    user: User


@dataclass(frozen=True)
class Row:
    """A client or a party in a list, and who reads it."""

    thing: Client | Party
    sight: Sight


@require_safe
@never_cache
def client_list(request: StaffRequest) -> HttpResponse:
    """List the clients the user may see, by name."""
    form = FindForm(request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    clients = with_parties(wanted_clients(request.user, wanted))
    page = Paginator(clients, PAGE_SIZE).get_page(request.GET.get("side"))
    listed, now = list(page), timezone.now()
    mask(listed, user=request.user)
    context = {
        "form": form,
        "page": page,
        "rows": [Row(client, sight_of_client(client, now=now)) for client in listed],
        "is_filtered": any(wanted.values()),
        "may_register": may_register(request.user),
    }
    return render(request, "clients/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def client_new(request: StaffRequest) -> HttpResponse:
    """Register a client by its organisation number."""
    check_may_register(request.user)
    form = NewClientForm(posted(request))
    if form.is_valid():
        now, (facts, substitute) = timezone.now(), _facts_and_substitute(form)
        client = actions.register_client(**facts, actor=request.user, now=now)
        actions.set_substitute(client, substitute, actor=request.user, now=now)
        _read_soon()
        messages.success(request, _("%s er registrert.") % client.name)
        return redirect("clients:edit", client.pk)
    return render(request, "clients/new.html", {"form": form}, status=status_of(request))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@changes_need_recent_login
def client_edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a client and who reads its parties; administrators change what we say of it."""
    visible = Client.objects.visible_to(request.user).select_related("responsible", "team")
    client = get_object_or_404(with_parties(visible), pk=pk)
    if request.method == "POST":
        check_may_register(request.user)
    form = ClientForm(posted(request), client=client)
    if form.is_valid():
        now, (facts, substitute) = timezone.now(), _facts_and_substitute(form)
        actions.change_client(client, **facts, actor=request.user, now=now)
        actions.set_substitute(client, substitute, actor=request.user, now=now)
        messages.success(request, _("Endringene er lagret."))
        return redirect("clients:edit", client.pk)
    context = {
        "client": client,
        "form": form,
        "rows": [Row(p, _sight_of_party(p, now=timezone.now())) for p in client.parties.all()],
        "may_register": may_register(request.user),
    }
    return render(request, "clients/edit.html", context, status=status_of(request))


def _facts_and_substitute(form: ClientForm) -> tuple[dict[str, Any], User | None]:
    """Return what was filled in; the substitute is among the members, to see the client."""
    facts = dict(form.cleaned_data)
    substitute: User | None = facts.pop("substitute")
    if substitute:
        facts["members"] = {*facts["members"], substitute}
    return facts, substitute


def _sight_of_party(party: Party, *, now: datetime) -> Sight:
    return sight_of(party.accesses.all(), now=now)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unarchive(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask, then read a client again."""
    check_may_register(request.user)
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    if request.method != "POST":
        return render(request, "clients/unarchive.html", {"client": client})
    actions.unarchive_client(client, actor=request.user, now=timezone.now())
    messages.success(request, _("%s er hentet tilbake.") % client.name)
    return redirect("clients:edit", client.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def found(request: StaffRequest) -> HttpResponse:
    """Show the parties Altinn lists and nobody has registered, and register those picked."""
    check_may_register(request.user)
    parties = unregistered_parties()
    form = AdoptForm(posted(request), parties=parties)
    if form.is_valid():
        now = timezone.now()
        count = actions.adopt_parties(form.picked(), actor=request.user, now=now)
        _read_soon()
        said = ngettext("%d klient er registrert.", "%d klienter er registrert.", count)
        messages.success(request, said % count)
        return redirect("clients:found")
    context = {
        "form": form,
        "page": Paginator(parties.order_by(Lower("name"), "pk"), PAGE_SIZE).get_page(
            request.GET.get("side")
        ),
        "system_users": SystemUser.objects.usable().order_by("name", "pk"),
    }
    return render(request, "clients/found.html", context, status=status_of(request))


@require_POST
@never_cache
def read_again(request: StaffRequest) -> HttpResponse:
    """Have a worker read Altinn's lists now."""
    check_may_register(request.user)
    if _queue_reading():
        messages.success(request, _("Listen leses nå. Last siden på nytt om et øyeblikk."))
    else:
        messages.error(
            request,
            _("Køen svarer ikke, så listen ble ikke lest. Prøv igjen om litt."),
        )
    return redirect("clients:found")


def _read_soon() -> None:
    """Read the lists after the commit, so that sub-units follow. Without a queue, beat does it."""
    transaction.on_commit(_queue_reading)


def _queue_reading() -> bool:
    """Queue a reading of Altinn's lists; return whether the queue took it."""
    try:
        tasks.keep_parties_in_step.apply_async(retry=False, expires=600)
    except (OperationalError, RedisError, OSError) as exc:
        log.warning("The reading of the parties was not queued: %s", exc)
        return False
    return True


@require_safe
@never_cache
def system_users(request: StaffRequest) -> HttpResponse:
    """List the system users, when each was last read and what is wrong with it."""
    check_may_register(request.user)
    readable = Count("accesses", filter=Q(accesses__lost_at=None))
    listed = SystemUser.objects.annotate(party_count=readable)
    context = {"system_users": listed.order_by(F("is_active").desc(), "name", "pk")}
    return render(request, "clients/system_users.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@changes_need_recent_login
def system_user_new(request: StaffRequest) -> HttpResponse:
    """Register a system user."""
    check_may_register(request.user)
    form = SystemUserForm(posted(request))
    if form.is_valid():
        system_user = actions.add_system_user(
            **form.cleaned_data, actor=request.user, now=timezone.now()
        )
        _read_soon()
        messages.success(request, _("%s er registrert.") % system_user.name)
        return redirect("clients:system-users")
    return render(request, "clients/system_user.html", {"form": form}, status=status_of(request))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@changes_need_recent_login
def system_user_edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a system user, or stop using it."""
    check_may_register(request.user)
    system_user = get_object_or_404(SystemUser, pk=pk)
    form = SystemUserForm(posted(request), system_user=system_user)
    if form.is_valid():
        now = timezone.now()
        actions.change_system_user(system_user, **form.cleaned_data, actor=request.user, now=now)
        _read_soon()
        messages.success(request, _("Endringene er lagret."))
        return redirect("clients:system-users")
    context = {"form": form, "system_user": system_user}
    return render(request, "clients/system_user.html", context, status=status_of(request))


def posted(request: HttpRequest) -> QueryDict | None:
    """What was filled in; None when the form is only to be shown. A form may be sent empty."""
    return request.POST if request.method == "POST" else None


def status_of(request: HttpRequest) -> int:
    """A form shown again after a POST was not accepted: 422, so that nobody takes it for done."""
    return 422 if request.method == "POST" else 200
