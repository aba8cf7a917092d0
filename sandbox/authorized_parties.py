"""Who a system user (or a person) may act for, with which packages and services.

Source: Altinn/altinn-authorization-tmp f7ff53bd, the end user's authorized parties; read 2026-08.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from sandbox import ids, rights
from sandbox.access import bearer, caller, claims_of, unauthorized
from sandbox.model import Json, Party, SystemUser
from sandbox.problems import Refused, json_response

if TYPE_CHECKING:
    from sandbox.state import Sandbox

SCOPE = "altinn:accessmanagement/authorizedparties"


def listed(box: "Sandbox", request: Request) -> Response:
    """List parties as a tree; a main unit that only leads to its sub-units says so."""
    claims = claims_of(box, bearer(request))
    if claims["iss"] != box.exchange_issuer:
        raise unauthorized()
    if SCOPE not in str(claims["scope"]).split():
        raise Refused(Response(status=403))
    if "urn:altinn:userid" in claims:
        return json_response({"links": {}, "data": _of_a_person(box, str(claims["pid"]))})
    user = caller(box, request, claims).user
    if user is None:
        return json_response({"links": {}, "data": []})
    with box.world.lock:
        return json_response({"links": {}, "data": _of_a_system_user(box, request, user)})


def _of_a_person(box: "Sandbox", pid: str) -> list[Json]:
    person = box.world.registers.people.get(pid)
    if person is None or not person.packages:
        return []
    return [_shown(box.world.parties[box.world.firm]) | {"authorizedAccessPackages":
                                                         person.packages}]  # fmt: skip


def _of_a_system_user(box: "Sandbox", request: Request, user: SystemUser) -> list[Json]:
    world, query = box.world, request.args
    wants_deleted = query.get("includeInactiveParties", "true").lower() != "false"
    wants_units = query.get("includeSubParties", "true").lower() != "false"
    only = {one.removeprefix(ids.ORGANIZATION) for one in query.getlist("partyFilter")}
    allowed = set() if user.is_deleted else user.parties
    found: list[Json] = []
    for urn, party in world.parties.items():
        if party.parent or (only and party.orgnr not in only and party.uuid not in only):
            continue
        if party.is_deleted and not wants_deleted:
            continue
        units = [unit for unit in world.sub_units.get(urn, []) if unit.urn in allowed]
        if urn not in allowed and not units:
            continue
        row = _row(box, request, user, party)
        row["onlyHierarchyElementWithNoAccess"] = urn not in allowed
        if wants_units:
            row["subunits"] = [_row(box, request, user, unit) for unit in units]
        found.append(row)
    return found


def _row(box: "Sandbox", request: Request, user: SystemUser, party: Party) -> Json:
    row = _shown(party)
    query = request.args
    main = box.world.parties[party.parent] if party.parent else party
    if party.urn not in user.parties:
        return row
    if query.get("includeAccessPackages", "false").lower() == "true":
        given = box.world.registers.given.get(main.orgnr, set())
        held = rights.held_for(box.world, user, main.orgnr) if user.system else given
        row["authorizedAccessPackages"] = sorted(held)
    if query.get("includeResources", "false").lower() == "true":
        row["authorizedResources"] = sorted(
            urn.rsplit(":", 1)[1]
            for urn in box.world.services
            if user.may_use(party.urn, urn)
        )  # fmt: skip
    return row


def _shown(party: Party) -> Json:
    return {
        "partyUuid": party.uuid,
        "name": party.name,
        "organizationNumber": party.orgnr or None,
        "parentId": None,
        "personId": None if party.orgnr else party.urn.removeprefix(ids.PERSON),
        "dateOfBirth": party.date_of_birth,
        "partyId": party.party_id,
        "emailId": None,
        "type": party.kind,
        "unitType": party.form or None,
        "isDeleted": party.is_deleted,
        "onlyHierarchyElementWithNoAccess": False,
        "authorizedAccessPackages": [],
        "authorizedResources": [],
        "authorizedRoles": [],
        "authorizedInstances": [],
        "subunits": [],
    }


ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", "/accessmanagement/api/v1/enduser/authorizedparties", "authorizedparties", listed),
]
