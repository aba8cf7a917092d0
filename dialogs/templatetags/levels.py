"""Services that a system user may list and never open, for the coverage page."""

from typing import Any

from django import template
from django.db.models import Count

from dialogs.health.reasons import OUR_LEVEL
from dialogs.models import Service

MOST = 10

register = template.Library()


@register.inclusion_tag("dialogs/health/levels.html")
def services_above_our_level() -> dict[str, Any]:
    """Services of ours whose content wants a person logged in, with the most dialogs first."""
    high = Service.objects.filter(minimum_level__gt=OUR_LEVEL).select_related("owner")
    counted = high.annotate(dialogs=Count("dialog")).filter(dialogs__gt=0)
    return {"services": counted.order_by("-dialogs", "name", "pk")[:MOST]}
