"""The one way the text of others becomes HTML on a page.

`clean` is strict and language-neutral, and is what is kept; `dress` adds what a reader needs: links
that say where they lead and that a new tab opens, headings below those of the page. The last word
always has nh3, whatever was built before it.

Source: what arbeidsflate 1.173.1 lets through, less styles and classes, read 2026-08.
"""

import re
from enum import Enum
from urllib.parse import urlsplit

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from dialogs.content.dressing import dressed

TAGS = {
    "p", "em", "strong", "ul", "ol", "li", "a", "code", "pre", "blockquote", "hr", "br", "span",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
WITH_CONTENT = {  # these go with all that is in them
    "script", "style", "iframe", "video", "audio", "object", "embed", "template", "noscript",
    "svg", "math", "title", "textarea", "select", "xmp", "noembed", "noframes", "plaintext",
}  # fmt: skip
ALIGN = {"left", "right", "center"}
REL = "noopener noreferrer nofollow"
SCHEMES = {"https", "mailto", "tel"}
_ADDRESS = re.compile(r"(?:https://[^\s\\/]|mailto:[^\s]|tel:[+\d])[^\x00-\x20\\]*", re.IGNORECASE)

# Control characters no text needs, and those that turn the order of writing round.
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")


class Kind(Enum):
    PLAIN = "text/plain"
    MARKDOWN = "text/markdown"
    HTML = "text/html"


def kind_of(media_type: str) -> Kind:
    """Return what a text in a dialog is; anything we do not know is shown as plain text."""
    name = media_type.lower().partition(";")[0].strip()
    return next((kind for kind in Kind if kind.value == name), Kind.PLAIN)


def clean(text: str, kind: Kind) -> str:
    """Return HTML that may be kept; empty when there is nothing to read in it."""
    text = _UNWANTED.sub("", text)
    if kind is Kind.MARKDOWN:
        text = _markdown(text)
    elif kind is Kind.PLAIN:
        text = _paragraphs(text)
    found = nh3.clean(
        text,
        tags=TAGS,
        clean_content_tags=WITH_CONTENT,
        attributes={"*": set(), "a": {"href", "title"}, "th": {"align"}, "td": {"align"}},
        attribute_filter=_attribute,
        url_schemes=SCHEMES,
        link_rel=None,
    )
    return found.strip() if _says_something(found) else ""


def dress(cleaned: str) -> SafeString:
    """Return cleaned HTML as it is placed in a page, in the reader's language."""
    found = nh3.clean(
        dressed(cleaned),
        tags=TAGS,
        clean_content_tags=WITH_CONTENT,
        attributes={
            "*": set(),
            "a": {"href", "title", "target"},
            "span": {"class"},
            "th": {"align"},
            "td": {"align"},
        },
        attribute_filter=_attribute,
        url_schemes=SCHEMES,
        link_rel=REL,
    )
    return mark_safe(found)  # noqa: S308 (nh3 has made it)


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Keep an attribute with a value that we know."""
    if name == "href":
        return value if is_address(value) else None
    allowed = {"align": ALIGN, "target": {"_blank"}, "class": {"ds-sr-only", "host"}}
    return value if name not in allowed or value in allowed[name] else None


def is_address(url: str) -> bool:
    """Tell whether a link may lead there: https, mail or telephone, and nothing hidden in it."""
    if not _ADDRESS.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        _host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.scheme != "https" or bool(parts.hostname and "@" not in parts.netloc)


def _markdown(text: str) -> str:
    tokens = _parser.parse(text)
    for token in tokens:
        _align_by_attribute(token)
    html: str = _parser.renderer.render(tokens, _parser.options, {})
    return html


_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


def _align_by_attribute(token: Token) -> None:
    """Say where a table's text stands without a style, which we allow none of."""
    style = token.attrs.pop("style", None)
    if isinstance(style, str):
        token.attrs["align"] = style.removeprefix("text-align:")


def _paragraphs(text: str) -> str:
    blocks = re.split(r"\n{2,}", text.replace("\r\n", "\n").strip())
    return "".join(
        f"<p>{escape(block).replace(chr(10), '<br>')}</p>" for block in blocks if block.strip()
    )


def _says_something(html: str) -> bool:
    return bool(re.sub(r"<[^>]*>|&nbsp;|\s", "", html)) or "<hr" in html
