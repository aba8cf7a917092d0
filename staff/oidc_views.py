"""To an OIDC provider and back, and log-outs begun here and there."""

import logging
from typing import Any

from allauth.account.adapter import get_adapter as accounts
from allauth.account.views import logout as leave
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from requests import RequestException

from staff import oidc_sessions, sessions
from staff.oidc import Adapter
from staff.reading import own_affair

log = logging.getLogger(__name__)

_LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
_REMEMBERED_SECONDS = 600  # a log-out token is good for minutes, and once


@login_not_required
@require_safe
@never_cache
def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Send the browser to the provider."""
    return _run(OAuth2LoginView, request, provider_id)


@require_safe
@never_cache
def again(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Send the browser to the provider, which is to ask anew who it is."""
    request.oidc_again = True  # type: ignore[attr-defined]
    return _run(OAuth2LoginView, request, provider_id)


@login_not_required
@require_safe
@never_cache
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Take the code the provider gave, if it answers what this very browser asked."""
    return _run(OAuth2CallbackView, request, provider_id)


def _run(view: Any, request: HttpRequest, provider_id: str) -> HttpResponseBase:
    try:
        response: HttpResponseBase = view.adapter_view(Adapter(request, provider_id))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except (OAuth2Error, RequestException) as exc:
        log.warning("The provider %s cannot be reached: %s", provider_id, exc)
        return render(request, "socialaccount/authentication_error.html", status=502)
    return response


@own_affair
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def logout(request: HttpRequest) -> HttpResponseBase:
    """Log out here, and lead on to the provider one came by, to log out there too."""
    address = oidc_sessions.logout_address(request) if request.method == "POST" else ""
    if not address:
        left: HttpResponseBase = leave(request)
        return left
    accounts(request).logout(request)
    # A form that was sent may lead nowhere else: the page leads on by itself.
    response = render(request, "socialaccount/logged_out.html", {"address": address})
    response["Refresh"] = f"0;url={address}"
    return response


@own_affair
@login_not_required
@csrf_exempt
@require_POST
@never_cache
def ended_there(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Hear from the provider, without a browser, that somebody has logged out there.

    Source: OpenID Connect Back-Channel Logout 1.0; read 2026-07.
    """
    adapter = Adapter(request, provider_id)
    try:
        claims = adapter.claims_in(
            request.POST.get("logout_token", ""), required=("iat", "jti", "events")
        )
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except RequestException as exc:
        log.warning("The provider %s cannot be reached: %s", provider_id, exc)
        return HttpResponse(status=503)
    except OAuth2Error as exc:
        log.warning("A log-out from %s was refused: %s", provider_id, exc)
        return HttpResponse(status=400)
    events, sid, subject = claims["events"], claims.get("sid"), claims.get("sub")
    is_fresh = abs(timezone.now().timestamp() - float(claims["iat"])) < _REMEMBERED_SECONDS
    is_one = isinstance(events, dict) and _LOGOUT in events and "nonce" not in claims
    if not is_fresh or not is_one or not (sid or subject):
        return HttpResponse(status=400)
    if not cache.add(f"logout:{provider_id}:{claims['jti']}", 1, _REMEMBERED_SECONDS * 2):
        return HttpResponse(status=400)  # heard before
    sessions.end_of_provider(
        provider_id, sid=str(sid or ""), subject=str(subject or ""), now=timezone.now()
    )
    return HttpResponse()
