"""Reads a search's query and says what is wrong with it, in Dialogporten's words."""

import re
from urllib.parse import urlsplit

from werkzeug.wrappers import Request

from sandbox import ids
from sandbox.clock import read
from sandbox.problems import Errors, refuse

KEYS = ("createdat", "updatedat", "contentupdatedat", "dueat", "id")
CAPS = (("party", 100), ("serviceResource", 20), ("org", 20), ("extendedStatus", 20))


class Asked:
    """What one request asks for, read and checked. Errors gather until `done`."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.query = request.args
        self.errors: Errors = {}
        self.ranges: dict[str, tuple[int | None, int | None]] = {}

    def fail(self, key: str, text: str) -> None:
        self.errors.setdefault(key, []).append(text)

    def done(self) -> None:
        if self.errors:
            raise refuse(self.request, 400, self.errors)

    def time(self, name: str) -> int | None:
        text = self.query.get(name)
        if not text:
            return None
        try:
            return read(text)
        except ValueError:
            self.fail(name, f"Value [{text}] is not valid for a [DateTimeOffset] property!")
            return None

    def choice(self, name: str, among: tuple[str, ...]) -> set[str]:
        found = set()
        for text in self.query.getlist(name):
            match = next((value for value in among if value.lower() == text.lower()), None)
            if match:
                found.add(match)
            else:
                self.fail(name, f"Value [{text}] is not valid for a [{name}] property!")
        return found

    def flag(self, name: str) -> bool | None:
        text = self.query.get(name)
        if text is None:
            return None
        if text.lower() not in ("true", "false"):
            self.fail(name, f"Value [{text}] is not valid for a [Boolean] property!")
        return text.lower() == "true"

    def limit(self) -> int:
        text = self.query.get("limit", "100")
        if not text.isascii() or not text.isdigit():
            self.fail("limit", f"Value [{text}] is not valid for a [Int32] property!")
        elif not 1 <= int(text) <= 1000:
            self.fail("limit", "'Limit' must be between 1 and 1000.")
        else:
            return int(text)
        return 100


def check_sets(asked: Asked) -> None:
    query = asked.query
    for name, most in CAPS:
        if len(query.getlist(name)) > most:
            told = f"'Count' must be less than or equal to '{most}'."
            asked.fail(f"{name}.count", told)
    for position, party in enumerate(query.getlist("party")):
        if not ids.is_party(party.lower()):
            told = f"'Party' must be a valid party identifier, got '{party}'."
            asked.fail(f"party[{position}]", told)
    for resource in query.getlist("serviceResource"):
        if not resource.lower().startswith("urn:altinn:resource:"):
            told = "'Service Resource' must start with 'urn:altinn:resource:'."
            asked.fail("serviceResource", told)
    if not query.getlist("party") and not query.getlist("serviceResource"):
        asked.fail("", "Either ServiceResource or Party must be specified.")
    process = query.get("process")
    if process and (len(process) > 1023 or not urlsplit(process).scheme):
        asked.fail("process", "'Process' must be a valid URI of at most 1023 characters.")
    code = query.get("searchLanguageCode")
    if code and (not re.fullmatch(r"[a-zA-Z]{2}", code) or code.lower() == "no"):
        asked.fail("searchLanguageCode", f"'{code}' is not a valid language code.")
    text = query.get("search")
    if text is not None and len(text) < 3:
        asked.fail("search", "'Search' must be at least 3 characters.")
