"""What the search field means: words, the beginning of a number, or a reference."""

import re
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from clients.models import Client, ClientQuerySet

CONFIG = "norwegian"
SHORTEST_PREFIX = 3
FEWEST_DIGITS = 3
LONGEST_TO_MARK = 500


@dataclass(frozen=True)
class Search:
    words: str

    @property
    def digits(self) -> str:
        """Return the number meant, when only digits and spaces were typed."""
        packed = re.sub(r"\s", "", self.words)
        return packed if packed.isascii() and packed.isdigit() else ""

    @property
    def text_query(self) -> SearchQuery:
        """Return the words as PostgreSQL reads them, the last one also as a beginning."""
        whole = SearchQuery(self.words, config=CONFIG, search_type="websearch")
        *before, last = self.words.rstrip("?!.,;:").split(" ")
        if len(last) < SHORTEST_PREFIX or not re.fullmatch(r"\w+", last):
            return whole
        begins = SearchQuery(f"{last}:*", config=CONFIG, search_type="raw")
        if before:
            rest = SearchQuery(" ".join(before), config=CONFIG, search_type="websearch")
            return whole | (rest & begins)
        return whole | begins

    @property
    def may_be_reference(self) -> bool:
        return " " not in self.words and any(letter.isdigit() for letter in self.words)

    def clients_among(self, clients: ClientQuerySet) -> ClientQuerySet:
        return clients.filter(clients_named(self.words))


def clients_named(words: str) -> Q:
    """Return «called so», or «whose organisation number begins so» when digits were typed."""
    number = Search(words).digits
    if len(number) >= FEWEST_DIGITS:
        return Q(orgnr__startswith=number) | Q(
            pk__in=Client.objects.filter(parties__orgnr__startswith=number).values("pk")
        )
    return Q(name__icontains=words)


def mark(text: str, words: str) -> SafeString:
    """Return the text, escaped, with the beginnings of words that were searched for marked."""
    if not words:
        return conditional_escape(text)
    wanted = [re.escape(word) for word in re.findall(r"\w{2,}", words)]
    if not wanted:
        return conditional_escape(text)
    parts = re.split(rf"(?i)\b({'|'.join(sorted(wanted, key=len, reverse=True))})", text)
    marked = (
        f"<mark>{conditional_escape(part)}</mark>" if number % 2 else str(conditional_escape(part))
        for number, part in enumerate(parts)
    )
    return mark_safe("".join(marked))  # noqa: S308 (every part is escaped above)
