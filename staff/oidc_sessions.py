"""Sessions that began at an OIDC provider: what ends them there, and what ends them here."""

import contextlib
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.urls import reverse

from staff.models import ProviderSession, User
from staff.sealing import Unreadable, seal, unseal

SESSION = "oidc"


def began(request: HttpRequest, user: User, sociallogin: Any) -> None:
    """Remember which session of the provider's a log-in came from."""
    state, claims = sociallogin.state, sociallogin.account.extra_data["id_token"]
    provider = sociallogin.account.provider
    request.session[SESSION] = {
        "provider": provider,
        "id_token": state["id_token"],
        "end_session": state["end_session"],
    }
    request.session.save()
    live = Session.objects.values("session_key")
    ProviderSession.objects.filter(user=user).exclude(session_key__in=live).delete()
    ProviderSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": user,
            "provider": provider,
            "subject": claims["sub"],
            "sid": str(claims.get("sid", "")),
        },
    )


def sealed_token(id_token: str) -> str:
    return seal(id_token.encode()).decode("ascii")


def logout_address(request: HttpRequest) -> str:
    """Return where the provider ends its own session, or nothing when there is no such place.

    Source: OpenID Connect RP-Initiated Logout 1.0; read 2026-07.
    """
    here = request.session.get(SESSION)
    if not here or not here["end_session"]:
        return ""
    client = next((one for one in settings.OIDC_PROVIDERS if one.id == here["provider"]), None)
    if client is None:
        return ""
    query = {
        "client_id": client.client_id,
        "post_logout_redirect_uri": settings.PUBLIC_URL + reverse("account_login"),
    }
    with contextlib.suppress(Unreadable):  # else the provider asks the person
        query["id_token_hint"] = unseal(here["id_token"].encode("ascii")).decode()
    return f"{here['end_session']}{'&' if '?' in here['end_session'] else '?'}{urlencode(query)}"
