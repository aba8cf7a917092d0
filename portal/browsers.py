"""What browsers are told and refused, beside what Django and django-csp see to."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# What no page of ours has a use for, so that nothing that gets into one has it either. Passkeys are
# for our own pages alone.
_FEATURES = (
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), "
    "geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), "
    "picture-in-picture=(), publickey-credentials-create=(self), "
    "publickey-credentials-get=(self), screen-wake-lock=(), usb=(), xr-spatial-tracking=()"
)
_HEADERS = {
    "Permissions-Policy": _FEATURES,
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    # Pages show clients' letters: no copy is left in the browser or on the way, logged in or not.
    "Cache-Control": "no-store",
}
_SAFE = {"GET", "HEAD", "OPTIONS"}


class Browsers:
    """Middleware, outermost but for Django's own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_foreign(request):
            response = HttpResponse("Forbidden", status=403, content_type="text/plain")
        else:
            response = self._get_response(request)
        for name, value in _HEADERS.items():
            if name != "Cache-Control" or "no-store" not in response.get(name, ""):
                response[name] = value
        return response


def is_foreign(request: HttpRequest) -> bool:
    """Whether another site's page makes the browser ask, other than by a link to us.

    Those who are no browser say nothing of it. A link, ID-porten's way back and its call to log out
    are navigations.

    Source: W3C, Fetch Metadata Request Headers, working draft; read 2026-11.
    """
    site = request.headers.get("Sec-Fetch-Site", "none")
    if site in {"same-origin", "none"}:
        return False
    is_navigation = request.headers.get("Sec-Fetch-Mode") == "navigate"
    is_embedded = request.headers.get("Sec-Fetch-Dest") in {"object", "embed"}
    return request.method not in _SAFE or not is_navigation or is_embedded
