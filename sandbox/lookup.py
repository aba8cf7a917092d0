"""Parties, services, the way from other ids to dialogs, and what Dialogporten says of itself."""

from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from sandbox import language
from sandbox.access import end_user
from sandbox.model import LEVEL, Json, Party, Service, SystemUser, localized
from sandbox.problems import json_response, refuse

if TYPE_CHECKING:
    from sandbox.state import Sandbox

PACKAGE = "urn:altinn:accesspackage:regnskapsforer-med-signeringsrettighet"
REFS = ("urn:altinn:instance-id:", "urn:altinn:correspondence-id:", "urn:altinn:dialog-id:")
CATALOGUE_FROM = 1000  # parties; above this an unfiltered request gets the whole catalogue


def _check_accept(request: Request) -> None:
    accept = request.headers.get("Accept", "*/*")
    if not any(part in accept for part in ("*/*", "application/json", "application/*")):
        raise refuse(request, 406, detail="Send Accept: application/json.")


def _party(party: Party, *, only_below: bool = False) -> Json:
    found: Json = {
        "party": party.urn,
        "partyUuid": party.uuid,
        "partyId": party.party_id,
        "name": party.name,
    }
    if party.date_of_birth:
        found["dateOfBirth"] = party.date_of_birth
    return found | {
        "partyType": party.kind,
        "isDeleted": party.is_deleted,
        "hasKeyRole": False,
        "isCurrentEndUser": False,
        "isMainAdministrator": False,
        "isAccessManager": False,
        "hasOnlyAccessToSubParties": only_below,
    }


def parties(box: "Sandbox", request: Request) -> Response:
    _check_accept(request)
    user = end_user(box, request)
    world = box.world
    found: list[Json] = []
    with world.lock:
        allowed = set() if user.is_deleted else user.parties
        for urn, party in world.parties.items():
            if party.parent:
                continue
            below = [_party(unit) for unit in world.sub_units.get(urn, []) if unit.urn in allowed]
            if urn in allowed or below:
                entry = _party(party, only_below=urn not in allowed)
                found.append(entry | ({"subParties": below} if below else {}))
    return json_response({"authorizedParties": found})


def _links(kind: str, urn: str) -> Json:
    return {"metadata": f"https://platform.altinn.no/{kind}/{urn}"}


def _service(service: Service) -> Json:
    tail = service.urn.rsplit(":", 1)[1]
    return {
        "serviceResource": {
            "id": tail,
            "resourceType": service.kind,
            "status": "Completed",
            "isDelegable": True,
            "minimumAuthenticationLevel": service.minimum_level,
            "name": localized({"nb": service.name}),
            "links": _links("resourceregistry/api/v1/resource", tail),
        },
        "roles": [],
        "accessPackages": [
            {
                "urn": PACKAGE,
                "name": localized({"nb": "Regnskapsfører med signeringsrettighet"}),
                "links": _links("accessmanagement/api/v1/meta", PACKAGE),
            }
        ],
        "serviceOwner": _owner(service),
    }


def _owner(service: Service) -> Json:
    return {
        "orgNumber": service.owner_orgnr,
        "code": service.owner_code,
        "name": localized({"nb": service.owner_name}),
    }


def _may_use(user: SystemUser, service: Service, parties: set[str]) -> bool:
    return any(user.may_use(party, service.urn) for party in parties)


def service_resources(box: "Sandbox", request: Request) -> Response:
    """List the services the system user could see dialogs of, whether it has any or not."""
    user = end_user(box, request)
    languages = language.wanted(request)
    named = {value.lower() for value in request.args.getlist("party")}
    with box.world.lock:
        allowed = set() if user.is_deleted else user.parties
        body: Json = {}
        services = list(box.world.services.values())
        if not named and len(allowed) > CATALOGUE_FROM:
            body["isFullCatalogueFallback"] = True
        elif (named and not named & allowed) or not allowed:
            services = []
        else:
            asked = named & allowed or allowed
            services = [service for service in services if _may_use(user, service, asked)]
        body["items"] = [_service(service) for service in services]
    return json_response(language.prune(body, languages))


def metadata_services(box: "Sandbox", request: Request) -> Response:
    languages = language.wanted(request)
    body = {"items": [_service(service) for service in list(box.world.services.values())]}
    return json_response(language.prune(body, languages))


def limits(box: "Sandbox", request: Request) -> Response:
    _check_accept(request)
    return json_response(
        {
            "endUserSearch": {
                "maxPartyFilterValues": 100,
                "maxServiceResourceFilterValues": 20,
                "maxOrgFilterValues": 20,
                "maxExtendedStatusFilterValues": 20,
            },
            "serviceOwnerSearch": {
                "maxPartyFilterValues": 20,
                "maxServiceResourceFilterValues": 20,
                "maxExtendedStatusFilterValues": 20,
            },
        }
    )


def dialog_keys(box: "Sandbox", request: Request) -> Response:
    _check_accept(request)
    response = json_response(
        {"keys": [box.keys.dialog.public_jwk(), box.keys.next_dialog.public_jwk()]}
    )
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def issuer(box: "Sandbox", request: Request) -> Response:
    base = f"{box.base_url}/dialogporten/api/v1"
    return json_response({"issuer": base, "jwks_uri": f"{base}/.well-known/jwks.json"})


def dialog_lookup(box: "Sandbox", request: Request) -> Response:
    """Find the dialog of an app instance, a message or an id, without leaving a mark."""
    user = end_user(box, request)
    languages = language.wanted(request)
    ref = request.args.get("instanceRef", "").lower()
    if not ref.startswith(REFS):
        told = f"'instanceRef' must start with one of {', '.join(REFS)}."
        raise refuse(request, 400, {"instanceRef": [told]})
    with box.world.lock:
        key = box.world.by_ref.get(ref, ref.removeprefix("urn:altinn:dialog-id:"))
        dialog = box.world.dialogs.get(key)
        if dialog is None or dialog.deleted is not None:
            told = f"Entity 'DialogEntity' with the following key(s) was not found: ({ref})."
            raise refuse(request, 404, {"DialogEntity": [told]})
        if not box.world.may_list(user, dialog):
            raise refuse(request, 403, {"Forbidden": ["Forbidden"]})
        service = box.world.services[dialog.resource]
        body: Json = {
            "dialogId": dialog.id,
            "instanceRef": dialog.instance_ref or f"urn:altinn:dialog-id:{dialog.id}",
            "party": dialog.party,
            "serviceResource": {
                "id": service.urn.rsplit(":", 1)[1],
                "isDelegable": True,
                "minimumAuthenticationLevel": service.minimum_level,
                "name": localized({"nb": service.name}),
            },
            "serviceOwner": _owner(service),
            "title": localized(dialog.title or {}),
            "authorizationEvidence": {
                "currentAuthenticationLevel": LEVEL,
                "viaRole": False,
                "viaAccessPackage": True,
                "viaResourceDelegation": False,
                "viaInstanceDelegation": False,
                "evidence": [
                    {
                        "grantType": "AccessPackage",
                        "subject": PACKAGE,
                        "name": localized({"nb": "Regnskapsfører med signeringsrettighet"}),
                        "links": _links("accessmanagement/api/v1/meta", PACKAGE),
                    }
                ],
            },
        } | box.world.parts(dialog).lookup
    return json_response(language.prune(body, languages))
