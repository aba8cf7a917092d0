"""Show an organisation number the way people read it."""

from django import template

from altinn.identifiers import is_orgnr

register = template.Library()

THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"


@register.filter
def orgnr(number: str | None) -> str:
    """«987 654 321» with thin spaces; nothing at all when it is not an organisation number."""
    if not number or not is_orgnr(number):
        return ""
    return THIN_SPACE.join((number[:3], number[3:6], number[6:]))
