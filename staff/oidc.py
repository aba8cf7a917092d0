"""Log in with an OIDC provider: only who an administrator has invited, and nobody else.

allauth carries it out; here is what it leaves out: nonce, signature, issuer, whose address it is,
whether two steps were taken, and log-ins made anew. Links lead to the provider with GET, because a
form may lead nowhere else (Content-Security-Policy: form-action).

Source: OpenID Connect Core 1.0; django-allauth 65.21; read 2026-07.
"""

import hmac
import json
import logging
import secrets
import time
from typing import Any

import jwt
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from staff import audit, oidc_sessions
from staff.models import User

log = logging.getLogger(__name__)

ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"})
LEEWAY_SECONDS = 60  # between their clock and ours


class Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Talk to one provider."""

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        known = next(one for one in settings.OIDC_PROVIDERS if one.id == self.provider_id)
        if str(config.get("issuer", "")).rstrip("/") != known.issuer.rstrip("/"):
            raise OAuth2Error("The provider says it is another issuer")
        return config

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **given: Any) -> Any:
        raw = given["response"].get("id_token") or ""
        claims = self.claims_in(raw, required=("exp", "iat", "sub"))
        data = {"id_token": claims}
        if "userinfo_endpoint" in self.openid_config:
            data["userinfo"] = self._fetch_user_info(token.token)
            if data["userinfo"].get("sub") != claims["sub"]:
                raise OAuth2Error("What is said of the person is said of another")
        sociallogin = self.get_provider().sociallogin_from_response(request, data)
        request.oidc = {  # type: ignore[attr-defined]
            "id_token": oidc_sessions.sealed_token(raw),
            "end_session": self.openid_config.get("end_session_endpoint", ""),
        }
        return sociallogin

    def claims_in(self, token: str, *, required: tuple[str, ...]) -> dict[str, Any]:
        """Return what a token of the provider's says, if it is the provider's, and is to us.

        Raises:
            OAuth2Error: it is not.
        """
        config, client_id = self.openid_config, self.get_provider().app.client_id
        with SocialAccounts().get_requests_session() as http:
            answer = http.get(config["jwks_uri"])
            answer.raise_for_status()
        try:
            header = jwt.get_unverified_header(token)
            keys = jwt.PyJWKSet.from_dict(json.loads(answer.content)).keys
            key = next(one for one in keys if one.key_id == header.get("kid"))
            if header["alg"] not in ALGORITHMS:
                raise OAuth2Error("The token is signed in a way we do not take")
            claims: dict[str, Any] = jwt.decode(
                token,
                key=key.key,
                algorithms=[header["alg"]],
                audience=client_id,
                issuer=config["issuer"],
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "aud", *required]},
            )
        except (jwt.PyJWTError, KeyError, ValueError, StopIteration) as exc:
            raise OAuth2Error("The token is not the provider's, or not to us") from exc
        return claims


class Provider(OpenIDConnectProvider):  # type: ignore[misc]
    """A provider as the setting has it. What a link adds to its own address is not heard."""

    pkce_enabled_default = True
    oauth2_adapter_class = Adapter

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, **_: Any
    ) -> HttpResponse:
        nonce, is_again = secrets.token_urlsafe(32), getattr(request, "oidc_again", False)
        asked = self.get_auth_params() | {"nonce": nonce}
        if is_again:
            asked |= {"prompt": "login", "max_age": "0"}
        response: HttpResponse = super().redirect(
            request,
            "login",
            next_url,
            auth_params=asked,
            nonce=nonce,
            began_at=time.time() if is_again else 0,
        )
        return response


class SocialAccounts(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def get_requests_session(self) -> Any:
        """Return a way to the provider, and to nowhere it sends us."""
        session = super().get_requests_session()
        session.trust_env = False
        session.max_redirects = 0
        return session

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let in only who works here, with an answer to what this very browser asked."""
        claims, state = sociallogin.account.extra_data["id_token"], sociallogin.state
        said, asked = str(claims.get("nonce", "")), str(state.get("nonce", ""))
        if not asked or not hmac.compare_digest(said.encode(), asked.encode()):
            raise _refused(request, _("Svaret hører til en annen innlogging. Prøv igjen."))
        state |= request.oidc  # type: ignore[attr-defined]
        state["two_steps"] = _took_two_steps(sociallogin.account.provider, claims)
        if not sociallogin.is_existing:
            sociallogin.connect(request, _invited(request, sociallogin))
        if began_at := state["began_at"]:
            raise ImmediateHttpResponse(_again(request, sociallogin, began_at))

    def on_authentication_error(self, request: HttpRequest, provider: Any, **said: Any) -> None:
        log.warning("A log-in at %s came to nothing: %s", provider.sub_id, said.get("exception"))


def _took_two_steps(provider_id: str, claims: dict[str, Any]) -> bool:
    known = next(one for one in settings.OIDC_PROVIDERS if one.id == provider_id)
    amr = claims.get("amr") or []
    methods = {str(one) for one in amr} if isinstance(amr, list) else {str(amr)}
    acr = str(claims.get("acr", ""))
    return known.is_mfa_trusted or bool(methods & known.mfa_amr) or acr in known.mfa_acr


def _invited(request: HttpRequest, sociallogin: Any) -> User:
    """Return the person who works here with an address the provider says is theirs."""
    provider, subject = sociallogin.account.provider, sociallogin.account.uid
    addresses = [one.email for one in sociallogin.email_addresses if one.verified]
    for address in addresses:
        user = User.objects.filter(email__iexact=address, is_active=True).first()
        if user is None:
            continue
        if SocialAccount.objects.filter(user=user, provider=provider).exists():
            break  # somebody else has the address at the provider now
        audit.record(
            actor=user,
            act="oidc connected",
            about=f"user {user.pk}",
            now=timezone.now(),
            provider=provider,
            subject=subject,
        )
        return user
    raise _refused(
        request,
        _("Ingen som arbeider her, har denne e-postadressen. Spør en administrator i firmaet."),
    )


def _again(request: HttpRequest, sociallogin: Any, began_at: float) -> HttpResponse:
    """Note that the person logged in to has shown anew who they are, and let them go on."""
    claims, user = sociallogin.account.extra_data["id_token"], sociallogin.user
    if request.user != user:
        raise _refused(request, _("Du logget inn som en annen enn du er her."))
    if float(claims.get("auth_time", 0)) < began_at - LEEWAY_SECONDS:
        raise _refused(request, _("Leverandøren spurte ikke på nytt hvem du er."))
    record_authentication(
        request,
        user,
        "socialaccount",
        provider=sociallogin.account.provider,
        uid=sociallogin.account.uid,
        reauthenticated=True,
    )
    going_on = request.GET.copy()
    going_on["next"] = sociallogin.state.get("next") or ""
    request.GET = going_on  # type: ignore[assignment]
    response: HttpResponse | None = resume_request(request)
    return response or redirect(settings.LOGIN_REDIRECT_URL)


def _refused(request: HttpRequest, sentence: str) -> ImmediateHttpResponse:
    log.warning("A log-in through a provider was refused: %s", sentence)
    page = render(request, "socialaccount/refused.html", {"sentence": sentence}, status=403)
    return ImmediateHttpResponse(page)
