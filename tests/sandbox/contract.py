"""Dialogporten's published contract, and the check of an answer against it.

The schemas forbid unknown names but require none, so what must be there is listed here, from the
samples. Null properties are never sent, so `nullable` is not given way to.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator

FILE = Path(__file__).parents[2] / "node_modules/@digdir/dialogporten-schema/swagger.verified.json"
ALWAYS_IN_ITEMS = {
    "id", "org", "serviceResource", "serviceResourceType", "party", "createdAt", "updatedAt",
    "contentUpdatedAt", "status", "hasUnopenedContent", "systemLabel", "isApiOnly",
    "fromServiceOwnerTransmissionsCount", "fromPartyTransmissionsCount", "isContentSeen",
    "endUserContext", "seenSinceLastUpdate", "seenSinceLastContentUpdate",
}  # fmt: skip
ALWAYS_IN_DETAILS = ALWAYS_IN_ITEMS | {
    "revision", "content", "attachments", "transmissions", "guiActions", "apiActions",
    "activities",
}  # fmt: skip
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z")


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8-sig"))
    return found


@cache
def _paths() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    paths = sorted(document()["paths"].items(), key=lambda pair: pair[0].count("{"))
    return [
        (re.compile("/dialogporten" + re.sub(r"\{\w+\}", "[^/]+", path)), methods)
        for path, methods in paths
    ]


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "components": document()["components"]})


def _operation(response: httpx.Response) -> dict[str, Any] | None:
    path = response.request.url.path
    for pattern, methods in _paths():
        operation: dict[str, Any] | None = methods.get(response.request.method.lower())
        if pattern.fullmatch(path) and operation:
            return operation
    return None


def _stamps(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [v for k, v in value.items() if k.endswith("At") and isinstance(v, str)]
        return own + [stamp for member in value.values() for stamp in _stamps(member)]
    if isinstance(value, list):
        return [stamp for member in value for stamp in _stamps(member)]
    return []


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_null(member) for member in value.values())
    if isinstance(value, list):
        return any(_has_null(member) for member in value)
    return value is None


def check(response: httpx.Response) -> None:
    """Check one answer of Dialogporten's against the contract."""
    response.read()
    assert response.headers["X-Sandbox"] == "1"
    operation = _operation(response)
    assert operation is not None, response.request.url
    if not response.content:
        return
    declared = operation["responses"].get(str(response.status_code), {}).get("content")
    if response.status_code >= 400:
        if response.headers["Content-Type"] != "application/problem+json":
            return
        schema: dict[str, Any] = {"$ref": "#/components/schemas/ProblemDetails"}
    else:
        schema = next(iter(declared.values()))["schema"]
    body = response.json()
    _validator(json.dumps(schema)).validate(body)
    assert not _has_null(body)
    assert all(TIME.fullmatch(stamp) for stamp in _stamps(body)), _stamps(body)
    if "orderBy" in body:
        for item in body["items"]:
            assert set(item) >= ALWAYS_IN_ITEMS
    elif "revision" in body:
        assert set(body) >= ALWAYS_IN_DETAILS
