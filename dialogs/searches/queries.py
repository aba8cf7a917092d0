"""What a saved search keeps of a list: its filters, order and grouping, written in one way."""

import re
from dataclasses import replace
from functools import cache, lru_cache

from django.http import QueryDict
from django.urls import reverse

from dialogs.inbox.filters import Filters

# Eleven digits, or six and five as people write them. Nine are an organisation number.
_PERSONS_NUMBER = re.compile(r"(?<!\d)\d{6}\s?\d{5}(?!\d)")


@lru_cache(maxsize=1000)
def read(query: str) -> Filters:
    """Return what is saved of a list; every page asks for those in its menu."""
    return Filters.read(QueryDict(query))


def kept(filters: Filters) -> str:
    """Return what is saved of a list: not where one was in it, nor what it began with."""
    return replace(filters, search=None, after=None).as_query()


def same(one: Filters, other: Filters) -> bool:
    """Tell whether two lists are the same, whatever order their values were chosen in."""
    return _unordered(one) == _unordered(other)


def names_a_person(text: str) -> bool:
    """Tell whether a text holds what may be somebody's national id number."""
    return _PERSONS_NUMBER.search(text) is not None


def is_personal(filters: Filters) -> bool:
    """Tell whether a list is found by somebody's national id number: that is never kept."""
    return names_a_person(filters.words) or names_a_person(filters.client_words)


@lru_cache(maxsize=1000)
def address(filters: Filters) -> str:
    query = filters.as_query()
    return f"{_inbox()}?{query}" if query else _inbox()


@cache
def _inbox() -> str:
    return reverse("dialogs:inbox")


@lru_cache(maxsize=1000)
def _unordered(filters: Filters) -> list[tuple[str, str]]:
    return sorted(replace(filters, search=None).pairs())
