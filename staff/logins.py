"""Who logged in and out, and who tried to: told by allauth and Django, whatever way they came."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.signals import user_logged_in, user_logged_out
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from staff import audit
from staff.models import User

LOGGED_IN = "user logged in"
LOGGED_OUT = "user logged out"
FAILED = "log-in failed"


def address_of(request: HttpRequest | None) -> dict[str, str]:
    """Return where a request came from, as the proxy we trust says it."""
    if request is None:
        return {}
    try:
        return {"address": str(get_adapter(request).get_client_ip(request))[:45]}
    except PermissionDenied:  # nobody in front of us says where
        return {}


@receiver(user_logged_in)
def note_log_in(request: HttpRequest | None, user: User, **_: Any) -> None:
    detail = address_of(request)
    audit.record(actor=user, act=LOGGED_IN, about=f"user {user.pk}", now=timezone.now(), **detail)


@receiver(user_logged_out)
def note_log_out(request: HttpRequest | None, user: User | None, **_: Any) -> None:
    if user is not None:
        audit.record(actor=user, act=LOGGED_OUT, about=f"user {user.pk}", now=timezone.now())


@receiver(user_login_failed)
def note_failure(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Write down whose account was tried. An address that is nobody's here is not kept."""
    tried = credentials.get("email") or credentials.get("username") or ""
    user = User.objects.filter(email__iexact=str(tried)).first() if tried else None
    about = f"user {user.pk}" if user else "log-in"
    audit.record(actor=None, act=FAILED, about=about, now=timezone.now(), **address_of(request))
