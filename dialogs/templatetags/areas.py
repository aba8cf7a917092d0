"""The form for service areas, on the client's edit page: clients does not know of dialogs."""

from typing import Any

from django import template

from clients.models import Client
from dialogs.home.areas import areas_form

register = template.Library()


@register.inclusion_tag("dialogs/client/areas_form.html", takes_context=True)
def area_responsibles(context: dict[str, Any], client: Client) -> dict[str, Any]:
    """Who is responsible for each service area, to be changed."""
    return {
        "client": client,
        "form": areas_form(client, context["request"].user),
        "csrf_token": context["csrf_token"],
    }
