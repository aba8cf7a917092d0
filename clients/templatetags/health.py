"""What is wrong with the firm's access, for pages of other parts."""

from typing import Any

from django import template

from clients.health.shown import Line, by_weight, lines_of, open_alarms
from staff.rules import may_oversee

MOST = 3

register = template.Library()


@register.simple_tag(takes_context=True)
def unseen_alarms(context: dict[str, Any]) -> list[Line]:
    """Return the gravest alarms that nobody has seen to, for who answers for them; else none."""
    if not may_oversee(context["user"]):
        return []
    user = context["user"]
    return lines_of(by_weight(open_alarms().filter(seen_at=None))[:MOST], user=user)
