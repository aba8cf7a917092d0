"""Accept-Language: each list of texts is cut down to the one language that suits best."""

import re
from typing import Any

import msgspec
from werkzeug.wrappers import Request

from sandbox.problems import refuse

_PIECE = re.compile(r"([a-zA-Z]{2,3}|\*)(?:-[a-zA-Z0-9]+)*(?:\s*;\s*q\s*=\s*([01](?:\.\d{0,3})?))?")


def wanted(request: Request) -> list[str]:
    """List the languages asked for, best first, then those fallen back to; empty: all."""
    header = request.headers.get("Accept-Language", "").strip()
    if not header:
        return []
    found: list[tuple[float, str]] = []
    for piece in header.split(","):
        match = _PIECE.fullmatch(piece.strip())
        if not match or match[1].lower() == "no":
            told = f"Invalid Accept-Language header: {header}"
            raise refuse(request, 400, {"acceptedLanguages": [told]})
        if match[1] != "*":
            found.append((-float(match[2] or 1), match[1].lower()[:2]))
    codes = [code for _, code in sorted(found, key=lambda pair: pair[0])]
    if not codes:
        return []
    rest = ["nb", "en"] if codes[0] in ("sv", "da") else ["en", "nb"]
    return codes + [code for code in rest if code not in codes]


def prune(value: Any, languages: list[str]) -> Any:
    """Keep the best language of every list of texts in a body."""
    if isinstance(value, dict):
        return {name: prune(member, languages) for name, member in value.items()}
    if not isinstance(value, list):
        return value
    if value and isinstance(value[0], dict) and set(value[0]) == {"value", "languageCode"}:
        for code in languages:
            best = [text for text in value if text["languageCode"] == code]
            if best:
                return best
        return value
    return [prune(member, languages) for member in value]


def pruned(body: bytes, languages: list[str]) -> bytes:
    if not languages:
        return body
    return msgspec.json.encode(prune(msgspec.json.decode(body), languages))


def pick(texts: dict[str, str] | None) -> str:
    """Give a text in Bokmål, or in what there is."""
    return (texts or {}).get("nb") or next(iter((texts or {}).values()), "")
