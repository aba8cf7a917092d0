"""HTML comes from templates that escape, and from the few places named here that escape."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = ("portal", "staff", "clients", "dialogs")
# Where a text is said to be HTML, and why it may be: each has been read.
TRUSTED = {
    "dialogs/templatetags/work.py:options",  # the word « selected», written there
    "dialogs/templatetags/rows.py:rows",  # rows that Jinja has escaped
    "dialogs/templatetags/rows.py:_rendered",  # a template that Jinja has escaped
    "dialogs/inbox/search.py:mark",  # every piece is escaped beside it
    "dialogs/notes/naming.py:marked",  # every piece is escaped beside it
    "dialogs/content/cleaning.py:dress",  # what nh3 has made of it
}
# Wordings that are not written where they are used, but are ours all the same.
WORDINGS = {"dialogs/content/told.py"}
UNESCAPED = re.compile(r"\|\s*safe(seq)?\b|autoescape\s+(off|false)|\{%-?\s*raw\b|Markup\(", re.I)
EVENTS = "click|load|error|submit|change|input|key|mouse|focus|blur|toggle|pointer|before|animation"
DATA = '<script type="application/json"'  # runs nothing: a script of allauth's reads it
INLINE = re.compile(
    rf"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle=|\son({EVENTS})\w*=|[\"']javascript:|hx-on\b",
    re.I,
)


def templates() -> Iterator[Path]:
    for folder in ("templates", "jinja"):
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file())


def places(tree: ast.AST, place: str) -> Iterator[tuple[ast.Call, str]]:
    """Every call in the code, with the function that it is in."""
    for node in ast.iter_child_nodes(tree):
        inside = place
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = f"{place.partition(':')[0]}:{node.name}"
        if isinstance(node, ast.Call):
            yield node, inside
        yield from places(node, inside)


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    for folder in CODE:
        for path in (ROOT / folder).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            for call, place in places(ast.parse(path.read_text("utf-8")), name):
                called = call.func
                name_of = called.attr if isinstance(called, ast.Attribute) else ""
                yield name_of or str(getattr(called, "id", "")), call, place


def test_no_template_leaves_anything_unescaped() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in templates()
        for match in UNESCAPED.finditer(path.read_text("utf-8"))
    ]

    assert found == []


def test_no_template_has_a_script_or_a_style_in_it() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in templates()
        for match in INLINE.finditer(path.read_text("utf-8"))
        if not match[0].startswith(DATA)
    ]

    assert found == []


def test_a_text_is_said_to_be_html_only_where_it_was_looked_at() -> None:
    found = {place for name, _, place in calls() if name in {"mark_safe", "SafeString", "Markup"}}

    assert found <= TRUSTED, found - TRUSTED
    assert found == TRUSTED, "named here, and gone"


def test_wordings_with_values_in_them_are_written_where_they_are_used() -> None:
    """`format_html` escapes the values and not the wording."""
    strange = []
    for name, call, place in calls():
        if name not in {"format_html", "format_html_join"}:
            continue
        wording = call.args[1 if name == "format_html_join" else 0]
        is_written = isinstance(wording, ast.Constant) or (
            isinstance(wording, ast.Call) and getattr(wording.func, "id", "") in {"_", "gettext"}
        )
        if not is_written and place.partition(":")[0] not in WORDINGS:
            strange.append(f"{place}: {ast.unparse(wording)}")

    assert strange == []


def test_nothing_makes_itself_out_to_be_html() -> None:
    found = [
        f"{path.relative_to(ROOT)}"
        for folder in CODE
        for path in (ROOT / folder).rglob("*.py")
        if "__html__" in path.read_text("utf-8")
    ]

    assert found == []
