"""What is added to cleaned HTML so that a reader is not led astray.

Works on what nh3 has written, and is cleaned by nh3 again afterwards: nothing here has to be safe.
"""

import re
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

FIRST, LAST = 3, 6  # headings: the page has h1 and h2 of its own

_HEADING = re.compile(r"<h([1-6])>")
# «skatteetaten.no», also with letters that only look like those.
_HOST = re.compile(r"(?<![@\w.-])(?:[\w-]+\.)+[^\W\d_]{2,}(?![\w@-])")


def dressed(html: str) -> str:
    """Write out what nh3 has written, with what is added. An `h1` becomes an `h3`."""
    highest = min(map(int, _HEADING.findall(html)), default=1)
    writer = _Writer(down=FIRST - highest)
    writer.feed(html)
    writer.close()
    return "".join(writer.written)


def real_host(url: str, text: str) -> str:
    """Return the host to show beside a link: when its text looks like another, or it imitates."""
    host = (urlsplit(url).hostname or "").lower()
    try:
        plain = host.encode("idna").decode()
    except UnicodeError:
        plain = host.encode("ascii", "backslashreplace").decode()
    if plain != host or "xn--" in host:
        return plain
    looks_like = {found.lower().removeprefix("www.") for found in _HOST.findall(text)}
    mine = host.removeprefix("www.")
    return host if any(one != mine for one in looks_like) else ""


class _Writer(HTMLParser):
    def __init__(self, *, down: int) -> None:
        super().__init__(convert_charrefs=True)
        self._down = down
        self.written: list[str] = []
        self._href = ""  # of the link that is open
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._href, self._text = given.get("href", ""), []
            if not self._href:
                return  # a link to nowhere is its text
            if self._is_page:
                given["target"] = "_blank"
        said = "".join(f' {name}="{escape(value)}"' for name, value in given.items())
        self.written.append(f"<{self._lower(tag)}{said}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            if not self._href:
                return
            self._say_where()
            self._href = ""
        self.written.append(f"</{self._lower(tag)}>")

    def handle_data(self, data: str) -> None:
        if self._href:
            self._text.append(data)
        self.written.append(escape(data, quote=False))

    @property
    def _is_page(self) -> bool:
        return self._href.lower().startswith("https:")

    def _say_where(self) -> None:
        if not self._is_page:
            return
        text = "".join(self._text)
        if host := real_host(self._href, text):
            self.written.append(f' <span class="host">({escape(host)})</span>')
        if not text.strip():
            self.written.append(escape(urlsplit(self._href).hostname or ""))
        new_tab = escape(_("ny fane"))
        self.written.append(f'<span class="ds-sr-only"> ({new_tab})</span>')

    def _lower(self, tag: str) -> str:
        """Return the tag; a heading as one further down, with no level left out above it."""
        if not _HEADING.fullmatch(f"<{tag}>"):
            return tag
        return f"h{min(int(tag[1]) + self._down, LAST)}"
