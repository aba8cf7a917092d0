"""Which of a text's languages is shown, and what the page says its language is."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import get_language

from altinn.wire import ContentValue, Localization

ORDER = ("nb", "no", "nn", "en")
_CODE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


class Said(NamedTuple):
    text: str = ""
    language: str = ""  # empty: unknown, or not a language code

    @property
    def lang(self) -> str:
        """For the attribute: the language, when it is another than the page's."""
        return "" if self.language == get_language() else self.language

    def __bool__(self) -> bool:
        return bool(self.text)


def said(texts: Iterable[Localization]) -> Said:
    """Choose nb, else nn, else en, else the first that says anything."""
    found = [Said(one.value, _language(one.language_code)) for one in texts if one.value.strip()]
    for code in ORDER:
        for one in found:
            if one.language == code:
                return one._replace(language="nb") if code == "no" else one
    return found[0] if found else Said()


def said_in(value: ContentValue | None) -> Said:
    return said(value.value) if value else Said()


def _language(code: str) -> str:
    code = code.lower()
    return code if _CODE.fullmatch(code) else ""
