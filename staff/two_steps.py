"""Log-in in two steps: who must, what counts, and where the secrets lie.

A session says for itself whether two steps were taken; no page asks the database.
"""

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from staff.models import User
from staff.sealing import seal, unseal

TAKEN = "two_steps"  # in the session
_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def must_take(user: User) -> bool:
    """Whether the policy asks this person for two steps."""
    return user.role in settings.TWO_STEP_ROLES


def remember(request: HttpRequest, user: User, *, at_provider: bool = False) -> None:
    """Write in the session whether two steps were taken in it."""
    records = get_authentication_records(request, user)
    request.session[TAKEN] = at_provider or any(one["method"] == "mfa" for one in records)


def added(sender: object, request: HttpRequest, authenticator: Authenticator, **_: Any) -> None:
    """Hear from allauth that somebody has proved a second step they have just set up."""
    if authenticator.type in _STEPS:
        request.session[TAKEN] = True


class TwoSteps:
    """Middleware: who must take two steps and has not, can only set them up or log out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        user = request.user
        if not isinstance(user, User) or not must_take(user) or request.session.get(TAKEN):
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not getattr(view, "login_required", True) or name.startswith(("mfa_", "account_")):
            return None
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": reverse("mfa_index")})
        return redirect("mfa_index")


class Step(AuthenticateStage):  # type: ignore[misc]
    """Ask for the second step, unless a provider we trust has asked."""

    def _should_handle(self, request: HttpRequest) -> bool:
        sociallogin = (self.login.signal_kwargs or {}).get("sociallogin")
        if sociallogin is not None and sociallogin.state.get("two_steps"):
            return False
        return bool(super()._should_handle(request))


class TwoStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("Koden stemmer ikke. Prøv den neste."),
        "cannot_delete_authenticator": _(
            "Firmaet krever totrinnspålogging. Legg til en annen måte før du fjerner denne."
        ),
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": settings.MFA_TOTP_ISSUER}

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        keys = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passnøkkel %(number)s") % {"number": keys + 1}

    def encrypt(self, text: str) -> str:
        return seal(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text.encode("ascii")).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Keep the last second step of somebody who must have one."""
        if authenticator.type not in _STEPS or not must_take(authenticator.user):
            return True
        steps = Authenticator.objects.filter(user=authenticator.user, type__in=_STEPS)
        return bool(steps.exclude(pk=authenticator.pk).exists())
