"""What can be done and was done with a dialog, and forms with rows."""

from typing import Any, NamedTuple

from django import template

from dialogs.answering.fields import Group, Row, RowsForm
from dialogs.answering.offers import Offer, offers
from dialogs.answering.receipts import Receipt, of_dialog
from dialogs.content.page import ContentPage

register = template.Library()


class Rows(NamedTuple):
    group: Group
    rows: list[Row]


@register.simple_tag
def offers_of(whole: ContentPage) -> list[Offer]:
    """Return what can be done with the dialog of a page; nothing while it is not opened."""
    if whole.details is None:
        return []
    return offers(whole.dialog, whole.details, user=whole.user, now=whole.now)


@register.simple_tag
def receipts_of(whole: ContentPage) -> list[Receipt]:
    """Return the receipts of what was done with the dialog of a page."""
    return of_dialog(whole.dialog)


@register.filter
def rows(form: RowsForm, name: str) -> Rows:
    """Return a group of a form and its rows."""
    group = next(one for one in form.groups if one.name == name)
    return Rows(group, form.shown(name))


@register.filter
def complaints(form: RowsForm) -> list[tuple[Any, str]]:
    """Return each field that something is wrong with, and what, in the page's order."""
    wrong = [(form[name], errors) for name, errors in form.errors.items() if name in form.fields]
    order = list(form.fields)
    wrong.sort(key=lambda one: order.index(one[0].name))
    return [(bound, " ".join(str(error) for error in errors)) for bound, errors in wrong]
