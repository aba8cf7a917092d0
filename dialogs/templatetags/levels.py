"""Services that a system user may list and never open, for the coverage page."""

from typing import Any

from django import template
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from dialogs.health.reasons import OUR_LEVEL
from dialogs.models import Dialog, Service

MOST = 10

register = template.Library()


@register.inclusion_tag("dialogs/health/levels.html", takes_context=True)
def services_above_our_level(context: dict[str, Any]) -> dict[str, Any]:
    """Services of ours whose content wants a person logged in, with the most dialogs first.

    Each with as many as the list it leads to shows to who looks.
    """
    seen = Dialog.objects.visible_to(context["user"]).filter(service=OuterRef("pk"))
    number = seen.order_by().values("service").annotate(n=Count("pk")).values("n")
    high = Service.objects.filter(minimum_level__gt=OUR_LEVEL).select_related("owner")
    counted = high.annotate(dialogs=Coalesce(Subquery(number), 0))
    listed = counted.order_by("-dialogs", "name", "pk")[:MOST]
    return {"services": [service for service in listed if service.dialogs]}
