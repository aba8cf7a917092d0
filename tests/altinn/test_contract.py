"""Our names against Dialogporten's published OpenAPI file, from each operation down.

The file comes with `npm ci` (`@digdir/dialogporten-schema`). Its schemas' names change from one
release to the next; the operations do not.
"""

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from altinn import details, dialogporten, searching, wire

FILE = Path(__file__).parents[2] / "node_modules/@digdir/dialogporten-schema/swagger.verified.json"
DIALOG = "/api/v1/enduser/dialogs/{dialogId}"

# Announced for authorization contexts, and not in the published file yet.
ANNOUNCED = {
    "excludedAttachments",
    "excludedNavigationalActions",
    "excludedTransmissions",
    "excludedGuiActions",
    "excludedApiActions",
    "isAuthorized",
}

# We read several answers with one struct: what the others lack.
ELSEWHERE = {
    # No list is not an empty one: we would lose every client.
    ("/api/v1/enduser/parties", "authorizedParties may be null"),
    (f"{DIALOG}", "deletedAt"),
    (f"{DIALOG}", "id"),  # of a navigational action: announced
    (f"{DIALOG}/transmissions", "isOpened"),
    (f"{DIALOG}/transmissions", "id"),
    (f"{DIALOG}/transmissions/{{transmissionId}}", "isOpened"),
    (f"{DIALOG}/transmissions/{{transmissionId}}", "id"),
    (f"{DIALOG}/activities", "performedBy"),
    ("/api/v1/enduser/dialoglookup", "resourceType"),
    ("/api/v1/enduser/dialoglookup", "status"),
    ("/api/v1/metadata/serviceresources", "isFullCatalogueFallback"),
}

ANSWERS: dict[str, Any] = {
    "/api/v1/enduser/parties": dialogporten._Parties,
    DIALOG: details.Details,
    f"{DIALOG}/transmissions": list[details.Transmission],
    f"{DIALOG}/transmissions/{{transmissionId}}": details.Transmission,
    f"{DIALOG}/activities": list[wire.Activity],
    f"{DIALOG}/activities/{{activityId}}": wire.Activity,
    f"{DIALOG}/seenlog": list[wire.SeenEntry],
    f"{DIALOG}/context/labellog": list[wire.LabelChange],
    "/api/v1/enduser/dialoglookup": details.Lookup,
    "/api/v1/enduser/serviceresources": details.Services,
    "/api/v1/metadata/serviceresources": details.Services,
    "/api/v1/metadata/limits": dialogporten._Limits,
}


class Contract:
    def __init__(self, openapi: dict[str, Any]) -> None:
        self.paths = openapi["paths"]
        self.schemas = openapi["components"]["schemas"]

    def answer(self, path: str) -> dict[str, Any]:
        """What a GET of `path` answers, as a schema."""
        found: dict[str, Any] = self.paths[path]["get"]["responses"]["200"]["content"]
        schema: dict[str, Any] = found["application/json"]["schema"]
        return schema

    def filters(self, path: str) -> set[str]:
        return {each["name"] for each in self.paths[path]["get"]["parameters"]} - {
            "Accept-Language",
            "accept-Language",
            "acceptLanguage",
        }

    def differences(self, ours: inspect.Type, theirs: dict[str, Any], where: str) -> Iterator[str]:
        """Our fields and values that are not Dialogporten's, and their values that we lack."""
        theirs = self._resolved(theirs)
        if isinstance(ours, inspect.Metadata):
            yield from self.differences(ours.type, theirs, where)
        elif isinstance(ours, inspect.UnionType):
            for each in ours.types:
                if not isinstance(each, inspect.NoneType):
                    yield from self.differences(each, theirs, where)
        elif isinstance(ours, inspect.ListType | inspect.VarTupleType):
            yield from self.differences(ours.item_type, theirs["items"], f"{where}[]")
        elif isinstance(ours, inspect.EnumType):
            values = {each.value for each in ours.cls} - {"UNKNOWN"}
            yield from (f"{where}: {value}" for value in values ^ set(theirs["enum"]))
        elif isinstance(ours, inspect.StructType):
            for field in ours.fields:
                name = field.encode_name
                if name not in theirs["properties"]:
                    yield f"{where}.{name}"
                elif (ours.cls, name) != (wire.AuthorizedParty, "subParties"):  # itself again
                    schema = theirs["properties"][name]
                    if field.required and schema.get("nullable"):
                        yield f"{where}.{name} may be null"
                    yield from self.differences(field.type, schema, f"{where}.{name}")

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        for several in ("oneOf", "allOf"):
            if several in schema:
                (schema,) = schema[several]
        if "$ref" in schema:
            return self._resolved(self.schemas[schema["$ref"].rpartition("/")[2]])
        return schema


@pytest.fixture(scope="module")
def contract() -> Contract:
    if not FILE.exists():
        pytest.skip("npm ci has not been run")
    return Contract(json.loads(FILE.read_text(encoding="utf-8-sig")))


@pytest.mark.parametrize("path", ANSWERS)
def test_every_field_is_dialogportens(path: str, contract: Contract) -> None:
    found = contract.differences(inspect.type_info(ANSWERS[path]), contract.answer(path), "$")

    assert [each for each in found if not _is_known(path, each)] == []


def test_every_field_of_a_list_is_dialogportens(contract: Contract) -> None:
    page = contract.answer("/api/v1/enduser/dialogs")
    theirs = contract._resolved(page)["properties"]

    ours = {each.encode_name for each in msgspec.structs.fields(searching._WirePage)}
    assert ours == set(theirs)
    found = contract.differences(
        inspect.type_info(wire.SearchItem), theirs["items"]["items"], "$.items[]"
    )
    assert [each for each in found if not _is_known("", each)] == []


def test_every_filter_is_dialogportens(contract: Contract) -> None:
    ours = {searching._camel(each.name) for each in fields(searching.Search)}

    assert ours == contract.filters("/api/v1/enduser/dialogs")


def test_a_name_misspelt_would_be_found(contract: Contract) -> None:
    class Item(msgspec.Struct, rename="camel"):
        updated_att: str

    page = contract._resolved(contract.answer("/api/v1/enduser/dialogs"))
    schema = page["properties"]["items"]["items"]

    assert list(contract.differences(inspect.type_info(Item), schema, "$")) == ["$.updatedAtt"]


def _is_known(path: str, difference: str) -> bool:
    name = difference.rpartition(".")[2]
    return name in ANNOUNCED or (path, name) in ELSEWHERE
