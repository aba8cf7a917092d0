"""The rows of the list, rendered by Jinja: fifty of them are most of the page's work.

Django's own template language takes ten times as long for the same markup; see ADR 0018. The
same lists are looked at all day, so rows that look the same are made once.
"""

from functools import cache
from typing import Any

from django import template
from django.template import engines
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from jinja2.utils import LRUCache

from dialogs.inbox.page import InboxPage
from dialogs.inbox.rows import Row

KEPT_ROWS = 2000  # some seven megabytes in each process
KEPT_PARTS = 200

register = template.Library()


@register.simple_tag(name="jinja")
def by_jinja(name: str, **values: Any) -> SafeString:
    """A part of the page that is too much for Django's own templates."""
    return _rendered(name, **values)


@register.simple_tag
def by_filters(name: str, page: InboxPage) -> SafeString:
    """A part that the list's filters decide, and whether there are buttons: rendered once each."""
    return _by_filters(name, page)


@register.simple_tag
def unchanging(name: str) -> SafeString:
    """A part that is the same on every page: rendered once for each language."""
    return _unchanging(name, get_language())


@register.simple_tag
def rows(listed: list[Row], *, may_work: bool = True) -> SafeString:
    """The table rows of the dialogs, with buttons for those who may work."""
    html = "".join(_row(row, may_work=may_work) for row in listed)
    return mark_safe(html)  # noqa: S308 (Jinja has escaped what it put in)


@register.simple_tag(takes_context=True)
def who(context: dict[str, Any], row: Row) -> SafeString:
    """Who is responsible for a dialog: the cell of its row, to be swapped by itself."""
    may_work = context["frame"].may_work
    return _rendered(
        "dialogs/who_alone.html", row=row, oob=context.get("oob", False), may_work=may_work
    )


_rows = LRUCache(KEPT_ROWS)
_parts = LRUCache(KEPT_PARTS)


def _row(row: Row, *, may_work: bool) -> str:
    key = (row.key, may_work)
    html: str | None = _rows.get(key)
    if html is None:
        html = _rendered("dialogs/row.html", row=row, may_work=may_work)
        _rows[key] = html
    return html


def _by_filters(name: str, page: InboxPage) -> SafeString:
    key = (name, page.filters, page.may_work, get_language())
    html: SafeString | None = _parts.get(key)
    if html is None:
        html = _rendered(name, page=page)
        _parts[key] = html
    return html


@cache
def _unchanging(name: str, _language: str | None) -> SafeString:
    return render_to_string(name)


def _rendered(name: str, **values: Any) -> SafeString:
    html: str = _template(name).render(values)
    return mark_safe(html)  # noqa: S308 (Jinja has escaped what it put in)


@cache
def _template(name: str) -> Any:
    return engines["jinja"].get_template(name)
