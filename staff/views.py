"""Getting in: links from an administrator."""

from allauth.account.adapter import get_adapter as accounts
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from staff import invitations
from staff.forms import PasswordForm
from staff.reading import own_affair


@own_affair
@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, code: str) -> HttpResponse:
    """Let somebody who has a link choose a password, or log in with a provider, and come in."""
    now = timezone.now()
    found = invitations.find(code, now=now)
    if found is None:
        return render(request, "staff/invitation_gone.html", status=410)
    form = PasswordForm(request.POST or None, user=found.user)
    if request.method == "POST" and form.is_valid():
        user = invitations.accept(code, form.cleaned_data["password1"], now=now)
        if user is None:
            return render(request, "staff/invitation_gone.html", status=410)
        accounts(request).logout(request)
        response: HttpResponse = perform_login(request, Login(user=user))
        return response
    return render(request, "staff/invitation.html", {"form": form, "invited": found.user})


@login_not_required
@require_safe
def password_reset(request: HttpRequest) -> HttpResponse:
    """Say who gives a new password: nobody gets one by e-mail alone."""
    return render(request, "account/password_reset.html")
