"""The Jinja environment, for the few templates where Django's own takes too long."""

from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from jinja2 import Environment, StrictUndefined


def environment(**options: Any) -> Environment:
    """Return an environment that escapes, translates, and refuses names that are not there."""
    ours = {"extensions": ["jinja2.ext.i18n"], "undefined": StrictUndefined}
    tidy = {"trim_blocks": True, "lstrip_blocks": True}
    made = Environment(**(options | ours | tidy))  # noqa: S701 (Django's options autoescape)
    made.globals["url"] = _address
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    return made


@cache
def _address(name: str) -> str:
    """Return a page's address; the same on every page, so it is looked up once."""
    return reverse(name)
