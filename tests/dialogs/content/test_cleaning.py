"""The one way the text of others becomes HTML: what comes through, and what never does."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dialogs.content.cleaning import TAGS, Kind, clean, dress, is_address
from tests.naughty import naughty_strings

SAMPLES = Path(__file__).resolve().parents[3] / "sandbox" / "services"
ALLOWED = {"a": {"href", "title", "target", "rel"}, "span": {"class"}}
ALLOWED |= {tag: {"align"} for tag in ("th", "td")}

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '<iframe src="https://evil.example"></iframe>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\nscript:alert(1)">x</a>',
    '<a href=" &#14;javascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<a href="//evil.example">x</a>',
    '<a href="/innboks/">x</a>',
    '<a href="http://evil.example">x</a>',
    '<a href="https:evil.example">x</a>',
    '<a href="https:\\\\evil.example">x</a>',
    '<a href="https://altinn.no@evil.example">x</a>',
    '<a href="https://x" onclick="alert(1)" style="position:fixed" id="hele">x</a>',
    '<a href="https://x" class="ds-button" data-key="o" hx-get="/" hx-trigger="load">x</a>',
    "<style>*{display:none}</style>",
    '<p style="background:url(https://evil.example/p.png)">x</p>',
    '<link rel="stylesheet" href="https://evil.example/x.css">',
    '<base href="https://evil.example/">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<form action="https://evil.example"><input name="passord"><button>OK</button></form>',
    '<object data="https://evil.example"></object><embed src="https://evil.example">',
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src onerror=a()>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><img src=x onerror=alert(1)></template>",
    "<textarea></textarea><img src=x onerror=alert(1)>",
    "<title></title><img src=x onerror=alert(1)>",
    "<xmp></xmp><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<p title='\"><img src=x onerror=alert(1)>'>x</p>",
    '<span class="ds-sr-only">skjult</span>',
    "<h1 id=svar>x</h1>",
    "`<img src=x onerror=alert(1)>`",
    "[x](javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    '[x](https://evil.example "\' onmouseover=alert(1)")',
    "![x](https://evil.example/p.png)",
    "[a]: javascript:alert(1)\n\n[a]",
    '<https://evil.example/"onmouseover=alert(1)>',
    "<javascript:alert(1)>",
    "| a |\n|:-:|\n| <img src=x onerror=alert(1)> |",
    "> " * 3000 + "x",
    "[" * 5000,
    "*" * 20000,
]


class Reader(HTMLParser):
    """Reads HTML as tags and attributes, and complains of what may not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ALLOWED.get(tag, set()):
                self.wrong.append(f"{tag}[{name}]")
            if name == "href" and not re.match(r"(https://|mailto:|tel:)", value or ""):
                self.wrong.append(f"{tag}[{name}={value}]")
            if name == "class" and value not in {"ds-sr-only", "host"}:
                self.wrong.append(f"{tag}[{name}={value}]")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append(f"<!{decl}>")


def wrong_in(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.wrong


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("text", [*HOSTILE, *naughty_strings()], ids=lambda text: repr(text)[:40])
def test_nothing_that_acts_comes_through(text: str, kind: Kind) -> None:
    once = clean(text, kind)

    assert wrong_in(once) == []
    assert wrong_in(dress(once)) == []
    assert clean(once, Kind.HTML) == once  # what is cleaned stays as it is


def test_what_a_service_owner_may_say_comes_through() -> None:
    text = (
        "# Vedtak\n\n**Frist** *snart*\n\n- en\n- to\n\n1. tre\n\n> sitat\n\n`kode`\n\n---\n\n"
        "| Periode | Beløp |\n|---|--:|\n| Mars | 100 |\n"
    )

    html = dress(clean(text, Kind.MARKDOWN))

    for part in (
        "<h3>Vedtak</h3>", "<strong>Frist</strong>", "<em>snart</em>", "<li>en</li>", "<ol>",
        "<blockquote>", "<code>kode</code>", "<hr>", "<th>Periode</th>",
        '<td align="right">100</td>',
    ):  # fmt: skip
        assert part in html


def test_headings_lie_below_the_pages_own_and_none_is_left_out() -> None:
    assert dress("<h1>a</h1><h2>b</h2>") == "<h3>a</h3><h4>b</h4>"
    assert dress("<h3>a</h3><h6>b</h6>") == "<h3>a</h3><h6>b</h6>"
    assert dress("<h1>a</h1><h6>b</h6>") == "<h3>a</h3><h6>b</h6>"


def test_a_link_opens_a_tab_says_so_and_tells_nobody_where_one_came_from() -> None:
    html = dress(clean("[klage](https://www.skatteetaten.no/klage)", Kind.MARKDOWN))

    assert 'rel="noopener noreferrer nofollow"' in html
    assert 'target="_blank"' in html
    assert "(ny fane)" in html
    assert 'class="host"' not in html


@pytest.mark.parametrize(
    ("link", "host"),
    [
        ('<a href="https://evil.example/">www.skatteetaten.no</a>', "evil.example"),
        ('<a href="https://evil.example/">https://altinn.no/skjema</a>', "evil.example"),
        ('<a href="https://altinn.no.evil.example/">altinn.no</a>', "altinn.no.evil.example"),
        ('<a href="https://skаtteetaten.no/">Skatteetaten</a>', "xn--sktteetaten-zij.no"),
        ('<a href="https://evil.example/"><strong>altinn</strong>.no</a>', "evil.example"),
    ],
)
def test_a_link_that_looks_like_another_says_where_it_leads(link: str, host: str) -> None:
    assert f'<span class="host">({host})</span>' in dress(clean(link, Kind.HTML))


def test_a_link_that_says_its_own_host_says_it_once() -> None:
    html = dress(clean('<a href="https://www.altinn.no/">altinn.no</a>', Kind.HTML))

    assert 'class="host"' not in html


def test_a_link_to_nowhere_is_its_text() -> None:
    assert dress(clean('<a href="javascript:alert(1)">les her</a>', Kind.HTML)) == "les her"


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://altinn.no", True),
        ("HTTPS://altinn.no/x?y=1#z", True),
        ("mailto:post@altinn.no", True),
        ("tel:+4775006000", True),
        ("https://", False),
        ("https://[::1", False),
        ("https://a b.no", False),
        ("https://a.no\\@b.no", False),
        ("https://u:p@altinn.no", False),
        ("urn:dialogporten:unauthorized", False),
        ("", False),
    ],
)
def test_a_link_may_lead_to_the_web_to_mail_or_a_telephone(url: str, may: bool) -> None:  # noqa: FBT001
    assert is_address(url) is may


def test_the_order_of_writing_is_not_turned_round() -> None:
    assert "\u202e" not in clean("faktura\u202efdp.exe", Kind.PLAIN)


def test_plain_text_keeps_its_lines_and_nothing_else() -> None:
    assert clean("a & b\nc\n\n<b>d</b>", Kind.PLAIN) == (
        "<p>a &amp; b<br>c</p><p>&lt;b&gt;d&lt;/b&gt;</p>"
    )


def test_what_says_nothing_is_empty() -> None:
    assert clean("", Kind.MARKDOWN) == clean("<p> </p><script>x</script>", Kind.HTML) == ""


def test_the_malicious_sample_is_harmless() -> None:
    samples = json.loads((SAMPLES / "fce-samples.json").read_text("utf-8"))
    [text] = [one["response"]["body"] for one in samples if one["name"].startswith("malicious")]

    for kind in Kind:
        html = dress(clean(text, kind))
        assert wrong_in(html) == []
    kept = dress(clean(text, Kind.MARKDOWN))
    assert 'href="https://www.skatteetaten.no/"' in kept
    assert 'href="javascript' not in kept
