"""Colleagues named in a text: «@Kari Hansen»."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from dialogs.inbox.choices import readers_for
from dialogs.inbox.norwegian import sort_key
from staff.models import User


class Named(NamedTuple):
    """Who a text names: those who may see the client, and the names of those who may not."""

    welcome: list[User]
    strangers: list[str]


def named_in(text: str, *, client_id: int) -> Named:
    """Find the colleagues a text names by their full names."""
    named = Named([], [])
    if "@" not in text:
        return named
    by_name: dict[str, list[User]] = defaultdict(list)
    for person in User.objects.filter(is_active=True).order_by("pk"):
        by_name[person.name.casefold()].append(person)
        by_name[_in_full(person).casefold()].append(person)
    found = {match.casefold() for match in _pattern(by_name).findall(_plain(text))}
    if not found:
        return named
    may_see = set(readers_for(client_id).values_list("pk", flat=True))
    for name in sorted(found):
        people = by_name.get(name, [])
        welcome = [one for one in people if one.pk in may_see]
        named.welcome.extend(one for one in welcome if one not in named.welcome)
        if people and not welcome:
            named.strangers.append(people[0].name)
    return named


def offered(client_id: int, *, to: User) -> list[tuple[int, str]]:
    """Return whom this person may name, by what to write after «@»."""
    people = list(readers_for(client_id).exclude(pk=to.pk))
    times = Counter(one.name.casefold() for one in people)
    named = [
        (one.pk, one.name if times[one.name.casefold()] == 1 else _in_full(one)) for one in people
    ]
    return sorted(named, key=lambda pair: sort_key(pair[1]))


def marked(text: str, people: Iterable[User]) -> SafeString:
    """Return the text as markup, escaped, with the names of those mentioned standing out."""
    names = {name for one in people for name in (one.name, _in_full(one))}
    if not names or "@" not in text:
        return conditional_escape(text)
    pieces = _pattern(names).split(text)
    return mark_safe(  # noqa: S308 (every piece is escaped)
        "".join(
            format_html('<strong class="mention">@{}</strong>', piece)
            if number % 2
            else conditional_escape(piece)
            for number, piece in enumerate(pieces)
        )
    )


def _in_full(person: User) -> str:
    """The name told apart from another's who is called the same."""
    return f"{person.name} ({person.email})"


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    """The longest first: «Kari Hansen Moe» is not «Kari Hansen»."""
    longest_first = sorted(map(_plain, names), key=len, reverse=True)
    return re.compile(rf"(?<!\w)@({'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def _plain(text: str) -> str:
    """«é» is one character or two, depending on the keyboard."""
    return unicodedata.normalize("NFC", text)
