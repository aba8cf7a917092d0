"""Ways to log in, for the pages that offer them."""

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode

from staff import two_steps

register = template.Library()


@register.simple_tag
def oidc_providers(following: str = "") -> list[dict[str, str]]:
    """Return name and address of each provider one may log in with."""
    query = "?" + urlencode({"next": following}) if following else ""
    return [
        {"name": one.name, "url": reverse("openid_connect_login", args=[one.id]) + query}
        for one in settings.OIDC_PROVIDERS
    ]


@register.simple_tag(takes_context=True)
def two_steps_missing(context: dict[str, Any]) -> bool:
    """Whether the one who looks is kept here until a second step is set up."""
    request = context["request"]
    return two_steps.must_take(request.user) and not request.session.get(two_steps.TAKEN)
