"""What the list's save button needs to know: whether the list is saved already."""

from typing import Any

from django import template

from dialogs.searches.menu import Searches, searches_of

register = template.Library()


@register.simple_tag(takes_context=True)
def saved_searches(context: dict[str, Any]) -> Searches:
    return searches_of(context["request"])
