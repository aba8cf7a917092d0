"""The texts on screen in other languages: found in the code, kept in locale/, made ready to use.

`python -m portal.catalogs update` writes what is new into the catalogues and drops what is gone;
`check` names what is not translated; `compile` makes the files Django reads. Needs no GNU gettext.
Bokmål is the language of the code itself and has no catalogue.
"""

import ast
import re
import string
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LANGUAGES = ("nn", "en")
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
}
_CALL = re.compile(
    r"""\b(ngettext|gettext|_)\(\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""(?:\s*,\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))?"""
)
Text = str | tuple[str, str]


def texts() -> dict[Text, set[str]]:
    """Return every text of the portal, one or (one, many), and the files it stands in."""
    found: dict[Text, set[str]] = {}
    for folder in ("clients", "dialogs", "portal", "staff"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            _note(found, path, _in_python(path))
    for path in sorted((ROOT / "templates").rglob("*.*")):
        _note(found, path, _in_django(path))
    for path in sorted((ROOT / "jinja").rglob("*.*")):
        _note(found, path, _in_jinja(path))
    return found


def update() -> None:
    """Write what the code says now into each catalogue, and keep the translations."""
    wanted = texts()
    for language in LANGUAGES:
        old = read(language)
        new = _empty(language)
        for text in sorted(wanted, key=str):
            files = [(file, 0) for file in sorted(wanted[text])]
            known = old.get(text[0] if isinstance(text, tuple) else text)
            new.add(text, known.string if known else None, locations=files, flags=_flags(text))
        path(language).parent.mkdir(parents=True, exist_ok=True)
        with path(language).open("wb") as file:
            write_po(file, new, width=100, omit_header=False, include_lineno=False)


def missing(language: str) -> list[str]:
    """Return what is not translated, or not with the same values in it."""
    catalog = read(language)
    faults = []
    for text in texts():
        message = catalog.get(text[0] if isinstance(text, tuple) else text)
        if message is None or not _is_whole(message):
            faults.append(f"{language}: {text!r}")
    return faults


def compile_all() -> None:
    """Make the files that Django reads."""
    for language in LANGUAGES:
        with path(language).with_suffix(".mo").open("wb") as file:
            write_mo(file, read(language))


def path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    if not path(language).exists():
        return _empty(language)
    with path(language).open("rb") as file:
        return read_po(file, locale=language)


def _empty(language: str) -> Catalog:
    when = datetime(2026, 1, 1, tzinfo=UTC)  # fixed: an update shows only what has changed
    return Catalog(
        locale=language,
        project="Regnskapsportalen",
        version="1",
        msgid_bugs_address="-",
        last_translator="-",
        language_team="-",
        creation_date=when,
        revision_date=when,
        header_comment="",
        charset="utf-8",
        fuzzy=False,
    )


def _flags(text: Text) -> set[str]:
    one = text[0] if isinstance(text, tuple) else text
    return {"python-format"} if "%(" in one else set()


def _is_whole(message: Message) -> bool:
    said, asked = _forms(message.string), _forms(message.id)
    values = _values(asked[-1])
    return all(said) and all(_values(one) <= values for one in said) and _values(said[-1]) == values


def _forms(text: Any) -> list[str]:
    """Return the one text, or the one for each number."""
    return [text or ""] if isinstance(text, str | None) else [str(one or "") for one in text]


def _values(text: str) -> set[str]:
    named = set(re.findall(r"%\((\w+)\)", text))
    return named | {name for _, name, _, _ in _fields(text) if name}


def _fields(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(string.Formatter().parse(text))
    except ValueError:  # a brace that is no field
        return []


def _note(found: dict[Text, set[str]], file: Path, said: Iterator[Text]) -> None:
    for text in said:
        found.setdefault(text, set()).add(str(file.relative_to(ROOT)))


def _in_python(file: Path) -> Iterator[Text]:
    with file.open("rb") as source:
        for _line, text, _comments, _context in extract("python", source, KEYWORDS):
            yield text if isinstance(text, str) else (text[0], text[1])


def _in_django(file: Path) -> Iterator[Text]:
    for call in _CALL.finditer(templatize(file.read_text(), origin=file.name)):
        one = ast.literal_eval(call[2])
        yield (one, ast.literal_eval(call[3])) if call[1] == "ngettext" else one


def _in_jinja(file: Path) -> Iterator[Text]:
    tidy = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    with file.open("rb") as source:
        for _line, _name, text, _comments in babel_extract(source, list(KEYWORDS), [], tidy):
            if isinstance(text, str):
                yield text
            elif text and text[1] is None:  # with values by name, which are no texts
                yield str(text[0])
            elif text:
                yield (str(text[0]), str(text[1]))


def main(words: list[str]) -> int:
    match words:
        case ["update"]:
            update()
        case ["compile"]:
            compile_all()
        case ["check"]:
            faults = [fault for language in LANGUAGES for fault in missing(language)]
            sys.stdout.write("".join(f"{fault}\n" for fault in faults))
            return int(bool(faults))
        case _:
            sys.stderr.write(str(__doc__))
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
