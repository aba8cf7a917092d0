"""What the list of attachments counts."""

from collections.abc import Iterable

from django import template

from dialogs.files.shown import Shown

register = template.Library()


@register.filter
def in_one_zip(attachments: Iterable[Shown]) -> int:
    """Return how many files «Last ned alle» would be about."""
    return sum(one.can_be_fetched and not one.is_all_in_one for one in attachments)
