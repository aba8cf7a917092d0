"""The rows of the list, rendered by Jinja: fifty of them are most of the page's work.

Django's own template language takes ten times as long for the same markup; see ADR 0018.
"""

from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from dialogs.inbox.rows import Row

register = template.Library()


@register.simple_tag(takes_context=True)
def rows(context: dict[str, Any], listed: list[Row]) -> SafeString:
    """The table rows of the dialogs."""
    return _rendered(context, "dialogs/rows.html", rows=listed)


@register.simple_tag(takes_context=True)
def who(context: dict[str, Any], row: Row) -> SafeString:
    """Who is responsible for a dialog: the cell of its row, to be swapped by itself."""
    return _rendered(context, "dialogs/who_alone.html", row=row, oob=context.get("oob", False))


def _rendered(context: dict[str, Any], name: str, **values: Any) -> SafeString:
    request = context["request"]
    values |= {"user_pk": context["user"].pk, "token": get_token(request)}  # one token for all rows
    html = render_to_string(name, values, request=request, using="jinja")
    return mark_safe(html)  # noqa: S308 (Jinja has escaped what it put in)
