"""The panel's contents. Showing them to a person is reading them."""

from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from dialogs import actions
from dialogs.inbox.rows import Row
from dialogs.work.colleagues import Offer
from dialogs.work.panel import Panel
from dialogs.work.views import RECENT

register = template.Library()


@register.simple_tag
def options(offers: list[Offer]) -> SafeString:
    """The colleagues in a select: there may be hundreds, and a loop in a template is slow."""
    return format_html_join(
        "",
        '<option value="{}"{}>{} ({})</option>',
        (
            (one.value, mark_safe(" selected") if one.is_chosen else "", one.name, one.about)
            for one in offers
        ),
    )


@register.simple_tag(takes_context=True)
def panel_of(context: dict[str, Any], opened: Row) -> Panel:
    """Return what the panel shows of a dialog; note that this person has looked at it."""
    request = context["request"]
    panel = Panel(
        opened,
        request.user,
        now=opened.now,
        answer=context.get("answer"),
        recent=request.session.get(RECENT, []),
    )
    _read_before = panel.facts.read_at
    if request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        actions.look_at(panel.dialog, user=request.user, now=opened.now)
    return panel
