"""How people get in: an administrator invites them. Nobody signs up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from staff import oidc_sessions, recent, two_steps
from staff.models import User

_WAYS = {
    "reauthenticate": gettext_lazy("Skriv passordet"),
    "mfa_reauthenticate": gettext_lazy("Bruk kodeappen eller en reservekode"),
    "mfa_reauthenticate:webauthn": gettext_lazy("Bruk en passnøkkel"),
}


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": gettext_lazy("E-postadressen eller passordet stemmer ikke."),
        "enter_current_password": gettext_lazy("Skriv passordet du har nå."),
        "incorrect_password": gettext_lazy("Passordet stemmer ikke."),
        "too_many_login_attempts": gettext_lazy(
            "For mange forsøk som ikke lyktes. Vent noen minutter og prøv igjen."
        ),
        "rate_limited": gettext_lazy("For mange forsøk. Vent litt og prøv igjen."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return ["staff.two_steps.Step"]

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        sociallogin = (options["signal_kwargs"] or {}).get("sociallogin")
        state = sociallogin.state if sociallogin is not None else {}
        response: HttpResponse = super().post_login(request, user, **options)
        two_steps.remember(request, user, at_provider=bool(state.get("two_steps")))
        if sociallogin is not None:
            oidc_sessions.began(request, user, sociallogin)
        return response

    def reauthenticate(self, user: User, password: str) -> bool:
        found = self.authenticate(context.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def is_reauthentication_required(self, *, app: str) -> bool:
        return not recent.is_recent(context.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return the ways to show anew who one is: here first, then at the provider one came by.

        Not every provider says when it last asked.
        """
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        here = context.request.session.get(oidc_sessions.SESSION, {})
        for one in settings.OIDC_PROVIDERS:
            if one.id == here.get("provider"):
                address = reverse("openid_connect_again", args=[one.id])
                said = _("Logg inn med %(name)s igjen") % {"name": one.name}
                methods.append({"id": "oidc", "url": address, "description": said})
        return [one | {"description": _WAYS.get(one["id"], one["description"])} for one in methods]
