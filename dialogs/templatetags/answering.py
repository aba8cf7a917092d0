"""Forms with rows, for the pages that fill in what a service owner asks for."""

from typing import Any, NamedTuple

from django import template

from dialogs.answering.fields import Group, Row, RowsForm

register = template.Library()


class Rows(NamedTuple):
    group: Group
    rows: list[Row]


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
