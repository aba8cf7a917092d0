"""Free text, simplified: words are OR-ed unless quoted, joined with AND, or taken away with -."""

import re
from collections.abc import Callable, Iterator

from sandbox.model import Dialog, Json
from sandbox.world import World

_TERM = re.compile(r'(-?)(?:"([^"]+)"|(\S+))')


def _texts(content: Json) -> Iterator[str]:
    for value in content.values():
        for text in value["value"]:
            yield text["value"]


def indexed(world: World, dialog: Dialog) -> str:
    """Give all the text of a dialog that search looks in, kept until it changes."""
    if dialog.words is None:
        parts = world.parts(dialog)
        found = [
            text
            for texts in (dialog.title, dialog.summary, dialog.sender, dialog.label)
            if texts
            for text in texts.values()
        ]
        for sent in parts.transmissions:
            found += _texts({k: v for k, v in sent["content"].items() if k != "contentReference"})
        for activity in parts.activities:
            found += [text["value"] for text in activity.get("description", [])]
        for attachment in parts.attachments:
            found += [text["value"] for text in attachment["displayName"]]
        dialog.words = " " + " ".join(re.findall(r"\w+", " ".join(found).casefold())) + " "
    return dialog.words


def matcher(world: World, text: str) -> Callable[[Dialog], bool]:
    """Make a test of the query: any group matches, in a group every word does."""
    groups: list[list[str]] = []
    without: list[str] = []
    joined = False
    for minus, quoted, plain in _TERM.findall(text):
        if plain in ("AND", "OR"):
            joined = plain == "AND"
            continue
        term = " " + " ".join(re.findall(r"\w+", (quoted or plain).casefold()))
        term += " " if quoted else ""
        if minus:
            without.append(term)
        elif joined and groups:
            groups[-1].append(term)
        else:
            groups.append([term])
        joined = False

    def test(dialog: Dialog) -> bool:
        words = indexed(world, dialog)
        if any(term in words for term in without):
            return False
        return not groups or any(all(term in words for term in group) for group in groups)

    return test
