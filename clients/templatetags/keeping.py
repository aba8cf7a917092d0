"""Find what is known of somebody on a page."""

from django import template

from clients.keeping.absent import Away
from staff.models import User

register = template.Library()


@register.filter
def of(away: dict[int, Away], who: User | None) -> Away | None:
    """Return until when somebody is away, if they are."""
    return away.get(who.pk) if away and who else None
