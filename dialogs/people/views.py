"""«Ansatte»: who works here, what they may, and how they come in and go. Administrators only."""

import logging
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.views import StaffRequest, posted, status_of
from dialogs import live
from dialogs.home.hand_over import join
from dialogs.people.forms import InviteForm, LeaveForm, LinkForm, PersonForm, TeamForm
from dialogs.people.leaving import let_go
from staff import invitations, people
from staff.models import User
from staff.people import LastAdmin
from staff.recent import needs_recent_login
from staff.rules import check_may_register

log = logging.getLogger(__name__)

PAGE = "dialogs:people"


@require_safe
@never_cache
def everybody(request: StaffRequest) -> HttpResponse:
    """List those who work here, those who have not come in yet, and those who have left."""
    check_may_register(request.user)
    steps = Authenticator.objects.filter(user=OuterRef("pk"))
    users = User.objects.annotate(has_steps=Exists(steps)).prefetch_related("teams")
    listed = list(users.order_by("first_name", "last_name", "email"))
    context = {
        "working": [one for one in listed if one.is_active],
        "left": [one for one in listed if not one.is_active],
        "team_form": TeamForm(),
    }
    return render(request, "dialogs/people/everybody.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs_recent_login
def invite(request: StaffRequest) -> HttpResponse:
    """Invite somebody, with what they may from the first moment."""
    check_may_register(request.user)
    form = InviteForm(posted(request))
    if not form.is_valid():
        context = {"form": form}
        return render(request, "dialogs/people/invite.html", context, status=status_of(request))
    now, fields = timezone.now(), dict(form.cleaned_data)
    clients = fields.pop("clients")
    with transaction.atomic():
        user = people.add(**fields, actor=request.user, now=now)
        join(user, [one.pk for one in clients], actor=request.user, now=now)
        code = invitations.make(user, actor=request.user, now=now)
    return _handed(request, user, code)


def _handed(request: StaffRequest, user: User, code: str) -> HttpResponse:
    """Send the link, or show it this once: it is not kept."""
    is_sent = False
    if settings.EMAIL_HOST:
        try:
            invitations.send(user, code, actor=request.user)
            is_sent = True
        except OSError as exc:
            log.warning("An invitation was not sent: %s", exc)
    context = {
        "invited": user,
        "is_sent": is_sent,
        "was_tried": bool(settings.EMAIL_HOST),
        "link": "" if is_sent else invitations.address_of(code),
        "days": settings.INVITATION_DAYS,
    }
    return render(request, "dialogs/people/invited.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs_recent_login
def person(request: StaffRequest, pk: int) -> HttpResponse:
    """Show and change what somebody is called and may."""
    check_may_register(request.user)
    user = get_object_or_404(User, pk=pk)
    form = PersonForm(posted(request), user=user)
    if form.is_valid():
        now = timezone.now()
        try:
            with transaction.atomic():
                if people.change(user, **form.cleaned_data, actor=request.user, now=now):
                    live.tell_person(user.pk)
        except LastAdmin:
            form.add_error("role", _last_admin())
        else:
            messages.success(request, _("Endringene er lagret."))
            return redirect("dialogs:person", pk)
    context: dict[str, Any] = {"person": user, "form": form, "link_form": LinkForm()}
    return render(request, "dialogs/people/person.html", context, status=status_of(request))


def _last_admin() -> str:
    return _("Firmaet må ha minst én administrator. Gjør en annen til administrator først.")


@require_POST
@never_cache
@needs_recent_login
def link(request: StaffRequest, pk: int) -> HttpResponse:
    """Make a new link by which somebody chooses a password."""
    check_may_register(request.user)
    user = get_object_or_404(User, pk=pk, is_active=True)
    now = timezone.now()
    form = LinkForm(request.POST)
    with transaction.atomic():
        if form.is_valid() and form.cleaned_data["forget_steps"]:
            people.forget_steps(user, actor=request.user, now=now)
        code = invitations.make(user, actor=request.user, now=now)
    return _handed(request, user, code)


@require_POST
@never_cache
@needs_recent_login
def log_out(request: StaffRequest, pk: int) -> HttpResponse:
    """Log somebody out everywhere."""
    check_may_register(request.user)
    user = get_object_or_404(User, pk=pk)
    with transaction.atomic():
        people.log_out_everywhere(user, actor=request.user, now=timezone.now())
        live.tell_person(user.pk)
    if user == request.user:
        return redirect("account_login")
    messages.success(request, _("%(name)s er logget ut overalt.") % {"name": user.name})
    return redirect("dialogs:person", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs_recent_login
def leave(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask who takes over, and shut somebody out."""
    check_may_register(request.user)
    user = get_object_or_404(User, pk=pk, is_active=True)
    form = LeaveForm(posted(request), leaver=user)
    if user == request.user and request.method == "POST":
        form.add_error(
            None, _("Du kan ikke stenge deg selv ute. En annen administrator må gjøre det.")
        )
    elif form.is_valid() and _left(form, user, actor=request.user, now=timezone.now()):
        messages.success(request, _("%(name)s er stengt ute.") % {"name": user.name})
        if form.cleaned_data["receiver"]:
            return redirect(PAGE)
        return redirect("dialogs:hand-over-from", pk)
    context = {"person": user, "form": form}
    return render(request, "dialogs/people/leave.html", context, status=status_of(request))


def _left(form: LeaveForm, user: User, *, actor: User, now: datetime) -> bool:
    try:
        let_go(user, receiver=form.cleaned_data["receiver"], actor=actor, now=now)
    except LastAdmin:
        form.add_error(None, _last_admin())
        return False
    return True


@require_POST
@never_cache
@needs_recent_login
def come_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Let somebody who has left back in, by a new link."""
    check_may_register(request.user)
    user = get_object_or_404(User, pk=pk, is_active=False)
    now = timezone.now()
    with transaction.atomic():
        people.reactivate(user, actor=request.user, now=now)
        code = invitations.make(user, actor=request.user, now=now)
    return _handed(request, user, code)


@require_POST
@never_cache
@needs_recent_login
def team_new(request: StaffRequest) -> HttpResponse:
    """Add a team."""
    check_may_register(request.user)
    form = TeamForm(request.POST)
    if form.is_valid():
        team = people.add_team(form.cleaned_data["name"], actor=request.user, now=timezone.now())
        messages.success(request, _("Teamet %(name)s er lagt til.") % {"name": team.name})
    else:
        messages.error(request, _("Skriv et navn på teamet."))
    return redirect(PAGE)
