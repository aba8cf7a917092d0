"""Show keys and access packages on the set-up's pages."""

import json
from typing import Any

from django import template
from django.forms import BoundField
from django.forms.boundfield import BoundWidget

from clients.setup.packages import FROM_ROLE

register = template.Library()


@register.filter
def as_json(value: Any) -> str:
    return json.dumps(value, indent=2)


@register.filter
def is_from_role(choice: BoundWidget) -> bool:
    """Whether the package comes with the accountant's role in Enhetsregisteret."""
    return choice.data["value"] in FROM_ROLE


@register.filter
def has_asked_for(field: BoundField) -> bool:
    """Whether any of the packages offered must be given by each client."""
    return any(not is_from_role(choice) for choice in field)
